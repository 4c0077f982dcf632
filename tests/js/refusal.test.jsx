/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/* Editing a record whose DOI DataCite refused. */

import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { draft, PAGE, renderForm, RESERVED, saveButton } from "./form";
import { Server } from "./server";

const COMPLAINTS = [
  { field: "metadata.title", label: "Title", title: "Title is too odd." },
  { field: "metadata.publisher", label: "Publisher", title: "Nobody knows it." },
];

function open(complaints = COMPLAINTS, code = "datacite.refused", corrected = false) {
  const server = new Server();
  const record = draft(
    { doi: RESERVED },
    { is_published: true, metadata: { title: "Odd", publisher: "Nobody" } }
  );
  server.state = () => ({
    problem: { code, complaints, corrected },
    choices: { allowed: ["managed"], locked: true, message: null },
  });
  const page = { ...PAGE, state: server.stateOf(record) };
  return renderForm({ record, page, server });
}

const links = () => screen.getByRole("navigation", { name: /did not accept/ });
const field = (name) => screen.getByRole("textbox", { name }).closest(".field");

test("editing a failed record says what DataCite refused, at each field", async () => {
  open();
  await waitFor(() => expect(field("Title")).toHaveTextContent("Title is too odd."));
  expect(document.getElementById("pids.doi")).toHaveTextContent(
    /did not accept the published version.*is then sent again automatically/
  );
});

test("the fields are linked under the banner", async () => {
  const { user } = open();
  await user.click(await screen.findByRole("link", { name: "Title" }));
  await waitFor(() =>
    expect(screen.getByRole("textbox", { name: "Title" })).toHaveFocus()
  );
  expect(links()).toHaveTextContent("Title: Title is too odd.");
});

test("a complaint goes when its field changes, and others stay", async () => {
  const { user } = open();
  await waitFor(() => expect(field("Title")).toHaveTextContent("Title is too odd."));
  await user.type(screen.getByRole("textbox", { name: "Title" }), "er");
  expect(screen.queryByText(/Title is too odd/)).toBeNull();
  expect(links()).toHaveTextContent("Nobody knows it.");
});

test("when all is corrected, only publishing is left", async () => {
  const { user } = open([COMPLAINTS[0]]);
  await user.type(screen.getByRole("textbox", { name: "Title" }), "er");
  expect(document.getElementById("pids.doi")).toHaveTextContent(
    /Publish to send the DOI again\./
  );
  await user.click(saveButton());
  expect(screen.queryByText(/Title is too odd/)).toBeNull();
});

test("what was corrected and saved only waits to be published", () => {
  open([], "datacite.refused", true);
  expect(document.getElementById("pids.doi")).toHaveTextContent(
    /Publish to send the DOI again\./
  );
});

test("what nobody can correct in the form is not asked for", () => {
  open([], "datacite.prefix_not_allowed");
  expect(document.getElementById("pids.doi")).toHaveTextContent(
    /cannot be solved by editing the record/
  );
});
