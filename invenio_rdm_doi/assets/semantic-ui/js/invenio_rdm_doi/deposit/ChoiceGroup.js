/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React from "react";
import { EXTERNAL, MANAGED, NONE } from "./choice";

const label = (choice) =>
  ({
    [MANAGED]: i18next.t("Get a new DOI"),
    [EXTERNAL]: i18next.t("I already have a DOI"),
    [NONE]: i18next.t("No DOI needed"),
  }[choice]);

const QUESTION = "invenio-rdm-doi-question";
const ASKED = { flexBasis: "100%", margin: 0 };
const ROW = {
  display: "flex",
  flexWrap: "wrap",
  gap: "0.5em 2em",
  margin: "0.5em 0 1em",
};

/** The choices as native radio buttons, which browsers and screen readers support. */
export const ChoiceGroup = (props) => {
  const { choices, allowed, chosen, onChoose, disabled, hint, required } = props;
  return (
    <div
      className="field"
      style={ROW}
      role="radiogroup"
      aria-labelledby={QUESTION}
      aria-required={required}
    >
      <p id={QUESTION} style={ASKED}>
        {i18next.t("Do you already have a DOI for this upload?")}
      </p>
      {choices.map((choice) => {
        const id = `invenio-rdm-doi-choice-${choice}`;
        return (
          <div className="ui radio checkbox" key={choice}>
            <input
              type="radio"
              id={id}
              name="invenio-rdm-doi-choice"
              value={choice}
              checked={choice === chosen}
              disabled={disabled || !allowed.includes(choice)}
              aria-describedby={hint}
              onChange={() => onChoose(choice)}
            />
            <label htmlFor={id}>{label(choice)}</label>
          </div>
        );
      })}
    </div>
  );
};
ChoiceGroup.propTypes = {
  choices: PropTypes.arrayOf(PropTypes.string).isRequired,
  allowed: PropTypes.arrayOf(PropTypes.string).isRequired,
  chosen: PropTypes.string.isRequired,
  onChoose: PropTypes.func.isRequired,
  disabled: PropTypes.bool,
  hint: PropTypes.string,
  required: PropTypes.bool,
};
ChoiceGroup.defaultProps = { disabled: false, hint: undefined, required: false };
