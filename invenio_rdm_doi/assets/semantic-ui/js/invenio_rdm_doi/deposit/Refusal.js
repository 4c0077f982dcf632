/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/*
 * DataCite's complaints about a published record, shown in the form in which they are
 * corrected: beside the fields concerned, until these are changed.
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { getIn, useFormikContext } from "formik";
import _isEqual from "lodash/isEqual";
import PropTypes from "prop-types";
import React, { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { Note } from "../parts";
import { FIELD } from "./errors";
import { elementOf, FieldLink, labelOf } from "./ErrorLinks";
import { placeBehind, removePlaces } from "./places";

const MARK = "invenio-rdm-doi-refusal";

/** Fields that form one property at DataCite. */
const TOGETHER = {
  "metadata.description": ["metadata.additional_descriptions"],
  "metadata.title": ["metadata.additional_titles"],
};

/** Return the value of a field, with those of the fields that are sent with it. */
function saidBy(values, field) {
  return field && [field, ...(TOGETHER[field] || [])].map((one) => getIn(values, one));
}

/** Return the complaints about fields that still have the refused value. */
function useOpen(complaints) {
  const { values } = useFormikContext();
  // The values of the fields when the complaints arrived.
  const [arrived, setArrived] = useState({ complaints, values });
  if (arrived.complaints !== complaints) {
    setArrived({ complaints, values });
  }
  const before = arrived.complaints === complaints ? arrived.values : values;
  return complaints.filter(
    ({ field }) => !field || _isEqual(saidBy(values, field), saidBy(before, field))
  );
}

const NONE = [];

function sentence({ corrected }, complaints, open) {
  const refused = i18next.t(
    "DataCite did not accept the published version of this record."
  );
  let advice = i18next.t(
    "Correct it and publish; the DOI is then sent again automatically."
  );
  if (complaints.length === 0 && !corrected) {
    advice = i18next.t(
      "This problem cannot be solved by editing the record. Please contact the administrators of this repository."
    );
  } else if (open.length === 0) {
    advice = i18next.t("Publish to send the DOI again.");
  }
  return `${refused} ${advice}`;
}

/**
 * @param {{code, complaints: {field, label, title}[]}|null} problem of the published
 *   record's DOI, as the server reports it.
 */
export const Refusal = ({ problem }) => {
  const complaints = problem?.complaints || NONE;
  const open = useOpen(complaints);
  const [places, setPlaces] = useState({});

  useEffect(() => {
    // The fields have to be rendered first.
    const timer = setTimeout(() =>
      setPlaces(
        Object.fromEntries(
          complaints
            // The DOI's own field shows the summary.
            .filter(({ field }) => field !== FIELD)
            .map(({ field }) => [field, placeBehind(field, MARK)])
        )
      )
    );
    return () => {
      clearTimeout(timer);
      removePlaces(MARK);
    };
  }, [complaints]);

  if (!problem) {
    return null;
  }
  return (
    <>
      <Note kind="warning">{sentence(problem, complaints, open)}</Note>
      {open.map(
        ({ field, title }) =>
          places[field] &&
          createPortal(
            <Note kind="warning">
              {i18next.t("DataCite says:")} {title}
            </Note>,
            places[field],
            `${field} ${title}`
          )
      )}
    </>
  );
};
Refusal.propTypes = { problem: PropTypes.object };
Refusal.defaultProps = { problem: null };

/** The same note at the top of the form, with links to the fields. */
export const RefusalLinks = ({ problem }) => {
  const complaints = problem?.complaints || NONE;
  const open = useOpen(complaints);
  const [labels, setLabels] = useState({});

  useEffect(() => {
    // The fields have to be rendered before their labels can be read.
    const timer = setTimeout(() =>
      setLabels(
        Object.fromEntries(
          complaints
            .filter(({ field }) => field && elementOf(field))
            .map(({ field }) => [field, labelOf(field)])
        )
      )
    );
    return () => clearTimeout(timer);
  }, [complaints]);

  if (!problem) {
    return null;
  }
  return (
    <nav
      className="ui container rel-pt-1"
      aria-label={i18next.t("What DataCite did not accept")}
      id="invenio-rdm-doi-refusal"
    >
      <Note kind="warning">
        {sentence(problem, complaints, open)}
        {open.length > 0 && (
          <ul>
            {open.map(({ field, label, title }) => (
              <li key={`${field} ${title}`}>
                {labels[field] ? (
                  <FieldLink path={field} label={labels[field]} />
                ) : (
                  label
                )}
                {(labels[field] || label) && ": "}
                {title}
              </li>
            ))}
          </ul>
        )}
      </Note>
    </nav>
  );
};
RefusalLinks.propTypes = { problem: PropTypes.object };
RefusalLinks.defaultProps = { problem: null };
