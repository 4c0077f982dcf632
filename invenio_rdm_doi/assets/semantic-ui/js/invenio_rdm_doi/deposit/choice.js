/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/** A new DOI of this repository, one that exists already, or none. */
export const MANAGED = "managed";
export const EXTERNAL = "external";
export const NONE = "none";

/** PID providers, as InvenioRDM names them in `pids.doi.provider`. */
const EXTERNAL_PROVIDER = "external";
const DATACITE_PROVIDER = "datacite";

/**
 * Return the choice that a form value represents.
 *
 * The choice is stored only in the value, so that the shown and the saved choice cannot
 * differ.
 *
 * @param {{identifier, provider}|undefined} value of `pids.doi`.
 * @param {string[]} allowed choices.
 */
export function choiceOf(value, allowed) {
  if (value?.provider === EXTERNAL_PROVIDER) {
    return EXTERNAL;
  }
  if (value?.provider) {
    return MANAGED;
  }
  return allowed.includes(NONE) ? NONE : MANAGED;
}

/**
 * Return the form value of a choice.
 *
 * A new DOI that is not reserved has an empty identifier: thus the choice is saved with
 * the draft, and publishing creates the DOI.
 *
 * @param {{typed: string, reserved: object|undefined}} kept earlier values.
 */
export function valueOf(choice, { typed = "", reserved = undefined } = {}) {
  switch (choice) {
    case EXTERNAL:
      return { provider: EXTERNAL_PROVIDER, identifier: typed };
    case MANAGED:
      return reserved || { provider: DATACITE_PROVIDER, identifier: "" };
    default:
      return undefined;
  }
}

/** Return whether a DOI is managed here, but not by this package. */
export function isForeign(value) {
  return (
    Boolean(value?.provider) &&
    ![EXTERNAL_PROVIDER, DATACITE_PROVIDER].includes(value.provider)
  );
}

/** Return this repository's DOI in a form value, or an empty string. */
export function managedDOI(value) {
  return value?.provider && value.provider !== EXTERNAL_PROVIDER
    ? value.identifier || ""
    : "";
}
