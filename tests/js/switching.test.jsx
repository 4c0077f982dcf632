/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/* The numbers are those of defects of InvenioRDM's own field. */

import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import {
  button,
  choice,
  draft,
  EXISTING,
  input,
  NEW,
  NEW_UPLOAD,
  NONE,
  OPTIONAL,
  PAGE,
  renderForm,
  RESERVED,
  saveButton,
} from "./form";
import { Server } from "./server";

const MARKER = { provider: "datacite", identifier: "" };

test("1: what was typed is there again after a look at another choice", async () => {
  const { user, doi } = renderForm({ page: OPTIONAL });
  await user.type(input(), "10.4321/mine");
  await user.click(choice(NEW));
  expect(screen.queryByRole("textbox", { name: /Your DOI/ })).toBeNull();
  await user.click(choice(NONE));
  await user.click(choice(EXISTING));
  expect(input()).toHaveValue("10.4321/mine");
  expect(doi()).toEqual({ provider: "external", identifier: "10.4321/mine" });
});

test("2: what is chosen last counts, however fast", async () => {
  const { user, doi } = renderForm();
  await user.type(input(), "10.4321/mine");
  await user.click(choice(NEW));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(choice(NEW)).toBeChecked();
  expect(doi()).toEqual(MARKER);
});

test("3: what was typed the moment before is saved", async () => {
  const { user, server } = renderForm();
  await user.type(input(), "10.4321/mine");
  await user.click(saveButton());
  await waitFor(() => expect(server.sent("POST")).toHaveLength(1));
  expect(server.sent("POST")[0].data.pids.doi.identifier).toBe("10.4321/mine");
});

test("3: what is typed while the draft is saved stays", async () => {
  const server = new Server();
  const answers = server.hold("POST", /records$/);
  const { user, doi } = renderForm({ server });
  await user.type(input(), "10.4321/mi");
  await user.click(saveButton());
  await waitFor(() => expect(answers).toHaveLength(1));
  await user.type(input(), "ne");
  answers[0]();
  await screen.findByText("Record successfully saved.");
  await waitFor(() => expect(input()).toHaveValue("10.4321/mine"));
  expect(doi().identifier).toBe("10.4321/mine");
  await user.click(saveButton());
  await waitFor(() => expect(server.sent("PUT")).toHaveLength(1));
  expect(server.sent("PUT")[0].data.pids.doi.identifier).toBe("10.4321/mine");
});

test("3: a choice made while the draft is saved stays", async () => {
  const server = new Server();
  const answers = server.hold("POST", /records$/);
  const { user, doi } = renderForm({ server });
  await user.click(saveButton());
  await waitFor(() => expect(answers).toHaveLength(1));
  await user.click(choice(NEW));
  answers[0]();
  await screen.findByText("Record successfully saved.");
  await waitFor(() => expect(choice(NEW)).toBeChecked());
  expect(doi()).toEqual(MARKER);
});

test.each([PAGE, OPTIONAL])("4: the choice of a new DOI is saved", async (page) => {
  const { user, server } = renderForm({ page });
  await user.click(choice(NEW));
  await user.click(saveButton());
  await waitFor(() => expect(server.sent("POST")).toHaveLength(1));
  expect(server.sent("POST")[0].data.pids).toEqual({ doi: MARKER });
  await screen.findByText("Record successfully saved.");
  expect(choice(NEW)).toBeChecked();
});

test.each([
  [PAGE, {}, NEW],
  [PAGE, { doi: MARKER }, NEW],
  [PAGE, { doi: { provider: "external", identifier: "" } }, EXISTING],
  [OPTIONAL, { doi: MARKER }, NEW],
  [OPTIONAL, { doi: RESERVED }, NEW],
  [OPTIONAL, {}, NONE],
  [OPTIONAL, { doi: { provider: "external", identifier: "10.4321/a" } }, EXISTING],
])(
  "4: after a reload the choice is what was saved (%#)",
  async (page, pids, chosen) => {
    const { doi } = renderForm({ page, record: draft(pids) });
    expect(choice(chosen)).toBeChecked();
    // Nothing said means a new one, where every record has a DOI.
    expect(doi()).toEqual(chosen === NEW ? pids.doi || MARKER : pids.doi);
  }
);

test.each([
  [{ ...PAGE, default: "managed" }, NEW],
  [{ ...OPTIONAL, default: "managed" }, NEW],
  [{ ...OPTIONAL, default: "none" }, NONE],
])("5: what is shown of a new upload is what is saved (%#)", async (page, chosen) => {
  const { user, server } = renderForm({ page, record: { ...NEW_UPLOAD, pids: {} } });
  expect(choice(chosen)).toBeChecked();
  await user.click(saveButton());
  await waitFor(() => expect(server.sent("POST")).toHaveLength(1));
  expect(server.sent("POST")[0].data.pids).toEqual(
    chosen === NONE ? {} : { doi: MARKER }
  );
});

test("6: typing locks no choice while a published record is edited", async () => {
  const record = draft({}, { is_published: true, status: "published" });
  const { user } = renderForm({ record });
  await user.click(choice(EXISTING));
  await user.type(input(), "1");
  expect(choice(NEW)).toBeEnabled();
  expect(choice(EXISTING)).toBeEnabled();
});

test("7: other identifiers are not touched", async () => {
  const oai = { identifier: "oai:x:1", provider: "oai" };
  const record = draft({ oai, doi: { provider: "external", identifier: "" } });
  const { user, values, server } = renderForm({ page: OPTIONAL, record });
  for (const name of [NEW, NONE, EXISTING, NEW]) {
    await user.click(choice(name));
    expect(values().pids.oai).toEqual(oai);
  }
  await user.click(saveButton());
  await waitFor(() => expect(server.sent("PUT")).toHaveLength(1));
  expect(server.sent("PUT")[0].data.pids).toEqual({ oai, doi: MARKER });
});

test("8: a reserved DOI locks no choice, and what becomes of it is said", async () => {
  const { user, doi } = renderForm({
    page: OPTIONAL,
    record: draft({ doi: RESERVED }),
  });
  for (const name of [EXISTING, NONE]) {
    await user.click(choice(name));
    expect(
      screen.getByText(/reserved DOI 10\.1234\/draft-1 is discarded when you save/)
    ).toBeVisible();
  }
  await user.click(choice(NEW));
  expect(doi()).toEqual(RESERVED);
  expect(screen.queryByText(/is discarded when you save/)).toBeNull();
});

test("8, 9: what a new version may not have is disabled, and it is said why", async () => {
  const message = "A previous version used a DOI registered from here.";
  const choices = { allowed: ["managed"], locked: false, message };
  const page = { ...OPTIONAL, state: { choices, will_be: "10.1234/draft-1" } };
  const { doi } = renderForm({
    page,
    record: draft({}, { status: "new_version_draft_with_review" }),
  });
  expect(choice(EXISTING)).toBeDisabled();
  expect(choice(NONE)).toBeDisabled();
  expect(choice(NEW)).toBeChecked();
  expect(choice(EXISTING)).toHaveAccessibleDescription(message);
  // And what is shown is what is saved.
  expect(doi()).toEqual(MARKER);
});

test("a published DOI is shown and stays", async () => {
  const doi = { ...RESERVED, client: "datacite" };
  const choices = { allowed: ["managed"], locked: true, message: null };
  const { doi: value } = renderForm({
    page: { ...PAGE, state: { choices } },
    record: draft({ doi }, { is_published: true, status: "published" }),
  });
  expect(screen.queryByRole("radio")).toBeNull();
  expect(screen.getByTestId("doi")).toHaveTextContent("10.1234/draft-1");
  expect(screen.getByText(/belongs to the published record/)).toBeVisible();
  expect(screen.queryByRole("button", { name: /Discard/ })).toBeNull();
  expect(value()).toEqual(doi);
  expect(button("Copy the DOI 10.1234/draft-1")).toBeEnabled();
});

test("a DOI of another service is not given back here", async () => {
  const doi = { provider: "crossref", identifier: "10.777/a" };
  const { doi: value } = renderForm({ record: draft({ doi }) });
  expect(screen.getByTestId("doi")).toHaveTextContent("10.777/a");
  expect(screen.queryByRole("button", { name: /Discard|Reserve/ })).toBeNull();
  expect(screen.queryByText(/reserved/)).toBeNull();
  expect(value()).toEqual(doi);
});
