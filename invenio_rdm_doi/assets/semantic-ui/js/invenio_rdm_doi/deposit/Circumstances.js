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

/** Format the end of an embargo in the page's language. */
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

/** Return the consequences for the DOI of a record that is not public. */
function restriction(access, policy) {
  if (access?.record !== "restricted") {
    return null;
  }
  const end =
    access.embargo?.active && access.embargo.until && inWords(access.embargo.until);
  if (policy === "placeholder") {
    return end
      ? i18next.t(
          "The record is under embargo until {{date}}. Until then, its DOI is registered without any metadata. The metadata follow when the embargo ends.",
          { date: end }
        )
      : i18next.t(
          "The record is restricted. Its DOI is registered without any metadata. The metadata follow when you make the record public."
        );
  }
  return end
    ? i18next.t(
        "The record is under embargo until {{date}}. Until then, the DOI is only reserved: it does not resolve, and DataCite gets no metadata. It is registered when the embargo ends.",
        { date: end }
      )
    : i18next.t(
        "The record is restricted. The DOI is only reserved: it does not resolve, and DataCite gets no metadata. It is registered when you make the record public."
      );
}

/** Further information about a new DOI. */
export const Circumstances = (props) => {
  const { chosen, access, policy, isPublished, delayed, testMode } = props;
  if (chosen !== MANAGED) {
    return null;
  }
  const restricted = restriction(access, policy);
  return (
    <>
      {testMode && (
        <Help>
          <span className="ui basic tiny label">
            <Icon name="flask" aria-hidden="true" />
            {i18next.t("Test")}
          </span>{" "}
          {i18next.t("This repository is in test mode: please do not cite its DOIs.")}
        </Help>
      )}
      {restricted && <Note kind="info">{restricted}</Note>}
      {restricted && isPublished && (
        <Note kind="warning">
          {i18next.t(
            "If the record was public before, its earlier metadata may stay in DataCite's history and cannot be removed from it."
          )}
        </Note>
      )}
      {delayed && !restricted && (
        <Note kind="info">
          {i18next.t(
            "DOIs are registered with a delay at the moment. You can publish; the DOI will follow automatically."
          )}
        </Note>
      )}
    </>
  );
};
Circumstances.propTypes = {
  chosen: PropTypes.string.isRequired,
  access: PropTypes.object,
  policy: PropTypes.string,
  isPublished: PropTypes.bool,
  delayed: PropTypes.bool,
  testMode: PropTypes.bool,
};
Circumstances.defaultProps = {
  access: undefined,
  policy: "withhold",
  isPublished: false,
  delayed: false,
  testMode: false,
};
