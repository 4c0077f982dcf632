/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React from "react";
import { Icon } from "semantic-ui-react";
import { Help, Note } from "../parts";
import { MANAGED } from "./choice";

/** When an embargo ends, in the words of the page's language. */
function inWords(date) {
  const [year, month, day] = date.split("-").map(Number);
  if (!year || !month || !day) {
    return date;
  }
  return new Date(year, month - 1, day).toLocaleDateString(
    document.documentElement.lang || undefined,
    { year: "numeric", month: "long", day: "numeric" }
  );
}

function restriction({ access, isPublished }) {
  if (access?.record !== "restricted") {
    return null;
  }
  if (access.embargo?.active && access.embargo.until) {
    return i18next.t(
      "Until {{date}} the record is under embargo: the DOI stays reserved, and DataCite gets no metadata. It becomes active when the embargo ends.",
      { date: inWords(access.embargo.until) }
    );
  }
  return isPublished
    ? i18next.t(
        "No DOI is registered while the record is restricted, and DataCite gets no metadata; this one stays reserved. It becomes active when you make the record public."
      )
    : i18next.t(
        "No DOI is registered while the record is restricted; this one stays reserved. It becomes active when you make the record public."
      );
}

/** What else is to be known about a new DOI. */
export const Circumstances = ({ chosen, access, isPublished, delayed, testMode }) => {
  if (chosen !== MANAGED) {
    return null;
  }
  const restricted = restriction({ access, isPublished });
  return (
    <>
      {testMode && (
        <Help>
          <span className="ui basic tiny label">
            <Icon name="flask" aria-hidden="true" />
            {i18next.t("Test")}
          </span>{" "}
          {i18next.t("This repository is in test mode: these DOIs do not resolve.")}
        </Help>
      )}
      {restricted && <Note kind="info">{restricted}</Note>}
      {restricted && isPublished && (
        <Note kind="warning">
          {i18next.t(
            "What was public before may stay in DataCite's history, which nobody can clear."
          )}
        </Note>
      )}
      {delayed && !restricted && (
        <Note kind="info">
          {i18next.t(
            "DOIs are registered with a delay at the moment. You can publish; the DOI will follow by itself."
          )}
        </Note>
      )}
    </>
  );
};
Circumstances.propTypes = {
  chosen: PropTypes.string.isRequired,
  access: PropTypes.object,
  isPublished: PropTypes.bool,
  delayed: PropTypes.bool,
  testMode: PropTypes.bool,
};
Circumstances.defaultProps = {
  access: undefined,
  isPublished: false,
  delayed: false,
  testMode: false,
};
