/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

const ID = "invenio-rdm-doi-form";

/**
 * What the page says about DOIs.
 *
 * @returns {object} `enabled`; if so, `default` (the choice of a new upload), `allowed`
 *   (the choices), `prefixes`, `test_mode` and `state` (of a saved draft, else null);
 *   if not, `may_configure`. Without the element: not enabled, and nothing to say.
 */
export function readConfig() {
  const element = document.getElementById(ID);
  return element ? JSON.parse(element.textContent) : { enabled: false, absent: true };
}
