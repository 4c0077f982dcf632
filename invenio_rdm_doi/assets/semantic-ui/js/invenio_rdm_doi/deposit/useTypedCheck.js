/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { useCallback, useRef, useState } from "react";
import { lookAt } from "../api";
import { clean, isDOI, mayBecomeDOI, prefixOf } from "../doi";

const malformed = () => ({
  code: "malformed",
  message: i18next.t(
    "This is no DOI. A DOI begins with 10., then digits, a slash and more, such as 10.1234/abc."
  ),
});

const ownPrefix = (prefix) => ({
  code: "own_prefix",
  message: i18next.t(
    'This repository registers DOIs that begin with {{prefix}}/ itself. Choose "{{choice}}", or enter the DOI that another publisher gave.',
    { prefix, choice: i18next.t("Get a new DOI") }
  ),
});

const used = (record) => ({
  code: "used",
  message: i18next.t(
    "Another record of this repository has this DOI already. Check it; every record needs a DOI of its own."
  ),
  record,
});

/** What the server says, in the language of the page. */
function inWords({ doi, code, message, record }) {
  switch (code) {
    case null:
      return null;
    case "malformed":
      return malformed();
    case "own_prefix":
      return ownPrefix(prefixOf(doi));
    case "used":
      return used(record);
    default:
      return { code, message };
  }
}

/**
 * Checks a DOI that is typed.
 *
 * @param {string|undefined} draftId
 * @param {string[]} prefixes of this repository.
 * @returns {{problem, checking, whileTyping, afterwards}} `problem` is null, or has
 *   `code`, `message` and perhaps `record`.
 */
export function useTypedCheck(draftId, prefixes) {
  const [state, setState] = useState({ problem: null, checking: false });
  // Answers may come in another order than they were asked for.
  const latest = useRef();

  const whileTyping = useCallback((typed) => {
    latest.current = undefined;
    setState({ problem: mayBecomeDOI(typed) ? null : malformed(), checking: false });
  }, []);

  const afterwards = useCallback(
    async (typed) => {
      const doi = clean(typed);
      latest.current = doi;
      const show = (problem) => setState({ problem, checking: false });
      if (doi === "") {
        show(null);
      } else if (!isDOI(doi)) {
        show(malformed());
      } else if (prefixes.includes(prefixOf(doi))) {
        show(ownPrefix(prefixOf(doi)));
      } else {
        setState({ problem: null, checking: true });
        let problem = null;
        try {
          problem = inWords(await lookAt(draftId, doi));
        } catch (error) {
          // Saving and publishing check it again.
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
