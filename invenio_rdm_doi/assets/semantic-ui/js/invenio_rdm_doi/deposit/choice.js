/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/** A new DOI of this repository, one that exists already, or none. */
export const NEW = "new";
export const EXISTING = "existing";
export const NONE = "none";

export const EXTERNAL = "external";
export const MANAGED = "datacite";

/**
 * The choice that a form value stands for.
 *
 * The value is the only place where the choice is kept, so that what is shown and what
 * is saved cannot differ.
 *
 * @param {{identifier, provider}|undefined} value of `pids.doi`.
 * @param {string[]} allowed choices.
 */
export function choiceOf(value, allowed) {
  if (value?.provider === EXTERNAL) {
    return EXISTING;
  }
  if (value?.provider) {
    return NEW;
  }
  return allowed.includes(NONE) ? NONE : NEW;
}

/**
 * The form value of a choice.
 *
 * A new DOI that is not reserved has an empty identifier: so the choice is saved with
 * the draft, and publishing makes the DOI.
 *
 * @param {{typed: string, reserved: object|undefined}} kept what was there before.
 */
export function valueOf(choice, { typed = "", reserved = undefined } = {}) {
  switch (choice) {
    case EXISTING:
      return { provider: EXTERNAL, identifier: typed };
    case NEW:
      return reserved || { provider: MANAGED, identifier: "" };
    default:
      return undefined;
  }
}

/** Whether a DOI is managed here, but not by this package. */
export function isForeign(value) {
  return Boolean(value?.provider) && ![EXTERNAL, MANAGED].includes(value.provider);
}

/** The DOI of this repository in a form value, if there is one. */
export function managedDOI(value) {
  return value?.provider && value.provider !== EXTERNAL ? value.identifier || "" : "";
}
