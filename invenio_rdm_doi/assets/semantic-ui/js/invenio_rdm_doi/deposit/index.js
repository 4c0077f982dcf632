/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { FormFeedback } from "@js/invenio_rdm_records";
import React from "react";
import { overrideStore } from "react-overridable";
import { DOIFieldContainer } from "./DOIFieldContainer";
import { readConfig } from "./config";
import { ErrorLinks } from "./ErrorLinks";
import { RefusalLinks } from "./Refusal";

const page = readConfig();

const FeedbackWithLinks = (props) => (
  <>
    <FormFeedback {...props} />
    <RefusalLinks problem={page.state?.problem} />
    <ErrorLinks />
  </>
);

// A site's own overrides are added later and take precedence.
overrideStore.add("InvenioAppRdm.Deposit.PIDField.container", DOIFieldContainer);
if (page.enabled) {
  overrideStore.add("InvenioAppRdm.Deposit.FormFeedback.container", FeedbackWithLinks);
}
