/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { DOIField } from "@js/invenio_rdm_doi/deposit/DOIField";
import { ErrorLinks } from "@js/invenio_rdm_doi/deposit/ErrorLinks";
import { RefusalLinks } from "@js/invenio_rdm_doi/deposit/Refusal";
import { DepositFormApp } from "@js/invenio_rdm_records/src/deposit/api/DepositFormApp";
import { SaveButton } from "@js/invenio_rdm_records/src/deposit/controls/SaveButton";
import { FormFeedback } from "@js/invenio_rdm_records/src/deposit/errors";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useFormikContext } from "formik";
import React from "react";
import { AccordionField, TextField } from "react-invenio-forms";
import { Server } from "./server";

export const PAGE = {
  enabled: true,
  default: "external",
  allowed: ["managed", "external"],
  prefixes: ["10.1234"],
  test_mode: false,
  state: null,
};

/** The same where depositors may do without a DOI. */
export const OPTIONAL = { ...PAGE, allowed: ["managed", "external", "none"] };

/** A new upload, as the host's page has it if depositors have DOIs by default. */
export const NEW_UPLOAD = {
  status: "draft",
  access: { record: "public", files: "public" },
  pids: { doi: { provider: "external", identifier: "" } },
  metadata: {},
  files: { enabled: false },
};

export const RESERVED = { provider: "datacite", identifier: "10.1234/draft-1" };

/** A draft that was saved before. */
export const draft = (pids, more = {}) => ({
  ...NEW_UPLOAD,
  id: "draft-1",
  revision_id: 1,
  is_published: false,
  links: {
    self: "/api/records/draft-1/draft",
    self_html: "/uploads/draft-1",
    reserve_doi: "/api/records/draft-1/draft/pids/doi",
  },
  pids,
  ...more,
});

const SECTIONS = {
  "basic-information-section": ["pids.doi", "metadata.title"],
  "recommended-information-section": ["metadata.publisher"],
};

/**
 * The deposit form with InvenioRDM's own parts around the field.
 *
 * @param {object} options `record` and `page`: what the page came with; `server`.
 * @returns {object} what tests need: `user`, `server`, `values()` of the form.
 */
export function renderForm({
  record = NEW_UPLOAD,
  page = PAGE,
  server = new Server(),
} = {}) {
  if (record.id) {
    server.drafts[record.id] = structuredClone(record);
  }
  let formik;
  const Spy = () => {
    formik = useFormikContext();
    return null;
  };
  const config = {
    createUrl: "/api/records",
    default_locale: "en",
    custom_fields: { vocabularies: [], error_labels: {} },
    is_doi_required: !page.allowed.includes("none"),
    pids: [{ scheme: "doi" }],
  };
  const { container } = render(
    <DepositFormApp config={config} record={record} errors={record.errors}>
      <FormFeedback sectionsConfig={SECTIONS} labels={{}} />
      <RefusalLinks problem={page.state?.problem} />
      <ErrorLinks />
      <AccordionField
        id="basic-information-section"
        label="Basic"
        includesPaths={SECTIONS["basic-information-section"]}
        active
      >
        <DOIField config={page} />
        <TextField fieldPath="metadata.title" label="Title" />
      </AccordionField>
      <AccordionField
        id="recommended-information-section"
        label="Recommended"
        includesPaths={SECTIONS["recommended-information-section"]}
        active={false}
      >
        <TextField fieldPath="metadata.publisher" label="Publisher" />
      </AccordionField>
      <SaveButton />
      <Spy />
    </DepositFormApp>
  );
  return {
    user: userEvent.setup(),
    server,
    container,
    values: () => formik.values,
    doi: () => formik.values.pids?.doi,
  };
}

export const choice = (name) => screen.getByRole("radio", { name });
export const NEW = "Get a new DOI";
export const EXISTING = "I already have a DOI";
export const NONE = "No DOI needed";
export const input = () => screen.getByRole("textbox", { name: /Your DOI/ });
export const saveButton = () => screen.getByRole("button", { name: /Save draft/ });
export const button = (name) => screen.getByRole("button", { name });
