/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React, { useEffect, useRef } from "react";
import { Button } from "semantic-ui-react";
import { readDOI } from "../doi";
import { Help, Note } from "../parts";
import { FIELD } from "./errors";
import { useTypedCheck } from "./useTypedCheck";

const INPUT = "invenio-rdm-doi-existing";
const HELP = "invenio-rdm-doi-help";
const PROBLEM = "invenio-rdm-doi-problem";

/** The panel of an existing DOI. */
export const ExistingDOI = (props) => {
  const { typed, onType, draftId, prefixes, hasError, describedBy, required } = props;
  const { problem, checking, whileTyping, afterwards } = useTypedCheck(
    draftId,
    prefixes
  );
  const input = useRef();

  useEffect(() => {
    // The draft was saved with a DOI, or the depositor returned to this choice.
    if (typed) {
      afterwards(typed);
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const finish = () => {
    const { doi } = readDOI(typed);
    if (doi !== typed) {
      onType(doi);
    }
    afterwards(typed);
  };
  const take = (doi) => {
    onType(doi);
    afterwards(doi);
    input.current.focus();
  };

  // The server's message from saving the draft is shown already; it does not offer
  // another DOI.
  const shown = hasError && !problem?.suggestion ? null : problem;
  const isWrong = Boolean(hasError || (shown && !shown.isQuestion));
  return (
    <>
      <div className={`required field ${isWrong ? "error" : ""}`}>
        <label htmlFor={INPUT}>{i18next.t("Your DOI")}</label>
        <div className={`ui fluid input ${checking ? "loading icon" : ""}`}>
          <input
            id={INPUT}
            name={FIELD}
            type="text"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
            placeholder="10.1234/abc"
            required={required}
            value={typed}
            aria-describedby={`${shown ? PROBLEM : describedBy} ${HELP}`}
            aria-invalid={isWrong}
            ref={input}
            onChange={({ target }) => {
              onType(target.value);
              whileTyping(target.value);
            }}
            onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === "Enter") {
                // Enter would click the form's first button.
                event.preventDefault();
                finish();
              }
            }}
          />
          {checking && <i className="icon" aria-hidden="true" />}
        </div>
      </div>
      {shown && (
        <Note kind={shown.isQuestion ? "warning" : "error"} id={PROBLEM}>
          {!hasError && shown.message}{" "}
          {shown.record && (
            <a href={`/records/${shown.record}`} target="_blank" rel="noreferrer">
              {i18next.t("Open that record (new tab)")}
            </a>
          )}
          {shown.suggestion && (
            <Button
              type="button"
              size="mini"
              basic
              compact
              content={i18next.t("Use {{doi}}", { doi: shown.suggestion })}
              onClick={() => take(shown.suggestion)}
            />
          )}
        </Note>
      )}
      <Help id={HELP}>
        {i18next.t(
          "Enter the DOI assigned by the publisher, for example if this is a published article. This repository does not change it."
        )}
      </Help>
    </>
  );
};
ExistingDOI.propTypes = {
  typed: PropTypes.string.isRequired,
  onType: PropTypes.func.isRequired,
  draftId: PropTypes.string,
  prefixes: PropTypes.arrayOf(PropTypes.string).isRequired,
  hasError: PropTypes.bool,
  describedBy: PropTypes.string,
  required: PropTypes.bool,
};
ExistingDOI.defaultProps = {
  draftId: undefined,
  hasError: false,
  describedBy: "",
  required: false,
};
