/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { useCallback, useRef, useState } from "react";
import { lookAt } from "../api";
import { explainLogin } from "../login";
import { MAX_LENGTH, mayBecomeDOI, prefixOf, readDOI } from "../doi";

const EXPLANATIONS = {
  malformed: () =>
    i18next.t(
      "This is not a valid DOI. A DOI begins with 10., followed by digits, a slash and more characters, such as 10.1234/abc."
    ),
  too_long: () =>
    i18next.t("This DOI is too long: a DOI has at most {{most}} characters.", {
      most: MAX_LENGTH,
    }),
  address: () =>
    i18next.t(
      "This is the address of a web page, not a DOI. Enter the DOI itself; it begins with 10."
    ),
  short: () => i18next.t("This is a short DOI. Enter the full DOI instead."),
  spaces: () => i18next.t("A DOI has no spaces. Enter one DOI, without spaces."),
};

/** Return why the typed text is not a DOI; null if it is one. */
function notADOI({ reason, suggestion }) {
  return reason && { code: reason, message: EXPLANATIONS[reason](), suggestion };
}

/** Return a question about a DOI whose end may not belong to it. */
function question({ suggestion }) {
  return (
    suggestion && {
      code: "ending",
      isQuestion: true,
      message: i18next.t(
        "The end of this DOI looks unusual. If it does not belong to the DOI, use the shorter one."
      ),
      suggestion,
    }
  );
}

const ownPrefix = (prefix) => ({
  code: "own_prefix",
  message: i18next.t(
    'This repository registers DOIs that begin with {{prefix}}/ itself. Choose "{{choice}}", or enter the DOI assigned by another publisher.',
    { prefix, choice: i18next.t("Get a new DOI") }
  ),
});

const used = (record) => ({
  code: "used",
  message: i18next.t(
    "Another record of this repository has this DOI already. Check the DOI; every record needs its own DOI."
  ),
  record,
});

/** Return the server's problem in the language of the page. */
function inWords({ doi, code, message, record, suggestion }) {
  if (code in EXPLANATIONS) {
    return notADOI({ reason: code, suggestion });
  }
  switch (code) {
    case null:
      return null;
    case "own_prefix":
      return ownPrefix(prefixOf(doi));
    case "used":
      return used(record);
    default:
      return { code, message };
  }
}

/**
 * Check a typed DOI, during typing and afterwards.
 *
 * @param {string|undefined} draftId
 * @param {string[]} prefixes of this repository.
 * @returns {{problem, checking, whileTyping, afterwards}} `problem` is null, or has
 *   `code`, `message` and perhaps `record`, `suggestion` (another DOI that may be meant)
 *   and `isQuestion` (nothing is wrong).
 */
export function useTypedCheck(draftId, prefixes) {
  const [state, setState] = useState({ problem: null, checking: false });
  // Answers may arrive in a different order from the requests.
  const latest = useRef();

  const whileTyping = useCallback((typed) => {
    latest.current = undefined;
    const problem = mayBecomeDOI(typed) ? null : notADOI(readDOI(typed));
    setState({ problem, checking: false });
  }, []);

  const afterwards = useCallback(
    async (typed) => {
      const found = readDOI(typed);
      const { doi } = found;
      latest.current = doi;
      const show = (problem) => setState({ problem, checking: false });
      if (doi === "") {
        show(null);
      } else if (found.reason) {
        show(notADOI(found));
      } else if (prefixes.includes(prefixOf(doi))) {
        show(ownPrefix(prefixOf(doi)));
      } else {
        setState({ problem: null, checking: true });
        let problem = question(found);
        try {
          problem = inWords(await lookAt(draftId, doi)) || problem;
        } catch (error) {
          // Saving and publishing check it again.
          const message = await explainLogin(error);
          problem = message ? { code: "login", isQuestion: true, message } : problem;
          console.warn("The DOI could not be checked now", error);
        }
        if (latest.current === doi) {
          show(problem);
        }
      }
    },
    [draftId, prefixes]
  );

  return { ...state, whileTyping, afterwards };
}
