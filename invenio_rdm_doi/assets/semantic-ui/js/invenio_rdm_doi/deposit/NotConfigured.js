/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React from "react";
import { Note } from "../parts";

/** A note that there are no DOIs here; it names the settings to administrators. */
export const NotConfigured = ({ mayConfigure }) => (
  <Note kind="info">
    {i18next.t("This repository does not register DOIs at present.")}{" "}
    {mayConfigure
      ? i18next.t(
          'Set RDM_RECORDS_DOI_DATACITE_ENABLED in invenio.cfg to True to register them, or to False to hide this; "invenio doi check" tells what else is missing.'
        )
      : i18next.t("You can publish without one.")}
  </Note>
);
NotConfigured.propTypes = { mayConfigure: PropTypes.bool };
NotConfigured.defaultProps = { mayConfigure: false };
