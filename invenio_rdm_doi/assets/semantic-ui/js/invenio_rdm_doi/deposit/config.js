/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

const ID = "invenio-rdm-doi-form";

/**
 * Return the page's configuration of DOIs.
 *
 * @returns {object} `enabled`; if so, `default` (the choice of a new upload), `allowed`
 *   (the choices), `prefixes`, `test_mode` and `state` (of a saved draft, else null);
 *   if not, `may_configure`. Without the element: not enabled, and `absent`.
 */
export function readConfig() {
  const element = document.getElementById(ID);
  return element ? JSON.parse(element.textContent) : { enabled: false, absent: true };
}
