/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { isLoggedIn } from "./api";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
/** Invenio-REST's messages about a token that is missing, wrong or too old. */
const CSRF = /^(?:CSRF|Referer checking)/;

const sessionExpired = () =>
  i18next.t(
    "Your session has expired. Log in again in another tab, then click here again: your entries are still here."
  );

/**
 * Return advice about a request that was refused because of its sender.
 *
 * @param {*} error of axios, or of the form's own client (`errors` has the answer's
 *   body).
 * @returns {Promise<string>} empty if it was refused for another reason.
 */
export async function explainLogin(error) {
  const body = error?.response?.data || error?.errors || {};
  const status = error?.response?.status || body.status;
  if (CSRF.test(body.message || "")) {
    return i18next.t(
      "Your browser lost the connection to your session. Click again; if that does not help, log in again in another tab."
    );
  }
  if (status === UNAUTHORIZED) {
    return sessionExpired();
  }
  if (status === FORBIDDEN) {
    return (await isLoggedIn())
      ? i18next.t(
          "You no longer have permission to edit this upload. Ask the person who shared it with you, or the administrators of this repository."
        )
      : sessionExpired();
  }
  return "";
}
