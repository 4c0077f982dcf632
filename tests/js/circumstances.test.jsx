/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/* The numbers are those of defects of InvenioRDM's own field. */

import { NotConfigured } from "@js/invenio_rdm_doi/deposit/NotConfigured";
import { keepTyped } from "@js/invenio_rdm_doi/deposit/reserve";
import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { render, screen, waitFor } from "@testing-library/react";
import React from "react";
import { afterEach, expect, test } from "vitest";
import {
  button,
  choice,
  draft,
  EXISTING,
  NEW,
  NEW_UPLOAD,
  PAGE,
  renderForm,
  RESERVED,
  saveButton,
} from "./form";
import { Server } from "./server";

const NEW_DOI = { ...PAGE, default: "managed" };
const upload = (access) => ({ ...NEW_UPLOAD, pids: {}, access });

afterEach(() => i18next.changeLanguage("en"));

test("26: a restricted record, and one that is not any more", () => {
  renderForm({
    page: NEW_DOI,
    record: upload({ record: "restricted", files: "restricted" }),
  });
  expect(
    screen.getByText(/The DOI is only reserved: it does not resolve/)
  ).toBeVisible();
  expect(screen.queryByText(/will get/)).toBeNull();
});

test("a restricted record has one story: reserved when published, registered later", () => {
  const access = { record: "restricted", files: "restricted" };
  renderForm({ page: NEW_DOI, record: draft({}, { access }) });
  expect(screen.getByText(/will be reserved for the record/)).toBeVisible();
  expect(screen.getByText(/registered when you make the record public/)).toBeVisible();
});

test("under the policy of placeholders, the DOI of a restricted record is registered", () => {
  const access = { record: "restricted", files: "restricted" };
  renderForm({
    page: { ...NEW_DOI, restricted_policy: "placeholder" },
    record: upload(access),
  });
  expect(screen.getByText(/registered without any metadata/)).toBeVisible();
  expect(screen.queryByText(/only reserved/)).toBeNull();
});

test("who waits for a curator reads that", async () => {
  const server = new Server();
  server.state = () => ({ reviewed: true });
  renderForm({
    page: { ...NEW_DOI, state: server.stateOf(draft({})) },
    server,
    record: draft({}),
  });
  expect(await screen.findByText(/when it is accepted and published/)).toBeVisible();
  expect(screen.queryByText(/when you publish/)).toBeNull();
});

test("26: a reserved DOI of a restricted record does not promise to become active", () => {
  const access = { record: "restricted", files: "restricted" };
  renderForm({ record: draft({ doi: RESERVED }, { access }) });
  expect(screen.getByText("This DOI is reserved for your upload.")).toBeVisible();
  expect(screen.queryByText(/resolves as soon as you publish/)).toBeNull();
});

test.each([true, false])("26: what was public may stay: %s", (published) => {
  const access = { record: "restricted", files: "restricted" };
  renderForm({
    record: draft({ doi: RESERVED }, { access, is_published: published }),
  });
  const note = screen.queryByText(/may stay in DataCite's history/);
  expect(note !== null).toBe(published);
});

test("26: nothing of it about an external DOI", async () => {
  const record = upload({ record: "restricted", files: "restricted" });
  const { user } = renderForm({
    page: { ...NEW_DOI, test_mode: true },
    record,
  });
  await user.click(choice(EXISTING));
  expect(screen.queryByText(/restricted/)).toBeNull();
  expect(screen.queryByText(/test mode/)).toBeNull();
});

test("26: an embargo, with its end in the page's language", () => {
  document.documentElement.lang = "de";
  renderForm({
    page: NEW_DOI,
    record: upload({
      record: "restricted",
      files: "restricted",
      embargo: { active: true, until: "2030-03-01" },
    }),
  });
  expect(screen.getByText(/1\. März 2030/)).toBeVisible();
  document.documentElement.lang = "en";
});

test("26: test mode", () => {
  renderForm({ page: { ...NEW_DOI, test_mode: true }, record: upload({}) });
  expect(screen.getByText(/in test mode: please do not cite its DOIs/)).toBeVisible();
});

test("DataCite is away: publishing works", () => {
  renderForm({
    page: { ...NEW_DOI, state: { delayed: true, choices: choices() } },
    record: draft({}),
  });
  expect(screen.getByText(/You can publish; the DOI will follow/)).toBeVisible();
});

test("the DOI that the record will have is shown as soon as it is known", async () => {
  const { user } = renderForm({
    page: NEW_DOI,
    record: { ...NEW_UPLOAD, pids: {} },
    server: new Server(),
  });
  expect(screen.queryByTestId("doi")).toBeNull();
  expect(screen.getByText(/will get a DOI when you publish/)).toBeVisible();
  await user.click(saveButton());
  expect(await screen.findByTestId("doi")).toHaveTextContent("10.1234/draft-1");
  expect(screen.getByText(/will get this DOI when you publish/)).toBeVisible();
});

test("a reserved DOI can be copied", async () => {
  const { user } = renderForm({ record: draft({ doi: RESERVED }) });
  await user.click(button("Copy the DOI 10.1234/draft-1"));
  expect(await window.navigator.clipboard.readText()).toBe("10.1234/draft-1");
  const statuses = screen.getAllByRole("status").map((one) => one.textContent);
  expect(statuses).toContain("Copied");
  expect(button("Copy the DOI 10.1234/draft-1")).toHaveFocus();
});

test("what the server knows is asked again after a save, and only then", async () => {
  const { user, server } = renderForm({
    page: {
      ...NEW_DOI,
      state: { choices: choices(), will_be: "10.1234/draft-1" },
    },
    record: draft({}),
  });
  const states = () => server.sent("GET", /draft\/doi$/).length;
  expect(states()).toBe(0);
  await user.click(saveButton());
  await waitFor(() => expect(states()).toBe(1));
  await user.click(choice(EXISTING));
  await user.click(choice(NEW));
  expect(states()).toBe(1);
});

test.each([true, false])(
  "a foreseen DOI may change with the community: %s",
  (change) => {
    const state = {
      choices: choices(),
      will_be: "10.1234/draft-1",
      may_change: change,
    };
    renderForm({ page: { ...NEW_DOI, state }, record: draft({}) });
    expect(screen.getByTestId("doi")).toHaveTextContent("10.1234/draft-1");
    const said = screen.queryByText(/may still change if you choose another community/);
    expect(Boolean(said)).toBe(change);
  }
);

test.each([true, false])("no DOIs here; who may change it: %s", (mayConfigure) => {
  render(<NotConfigured mayConfigure={mayConfigure} />);
  expect(screen.getByText(/does not register DOIs at present/)).toBeVisible();
  const setting = screen.queryByText(/RDM_RECORDS_DOI_DATACITE_ENABLED/);
  expect(Boolean(setting)).toBe(mayConfigure);
});

test("what was typed since wins over what was saved, and only that", () => {
  const sent = {
    metadata: { title: "A", dates: [1] },
    pids: {},
    access: { a: 1 },
  };
  const saved = {
    ...structuredClone(sent),
    id: "x",
    metadata: { title: "A!" },
  };
  expect(keepTyped(saved, sent, structuredClone(sent))).toEqual(saved);
  const now = { metadata: { title: "AB", dates: [1], version: "2" }, pids: {} };
  expect(keepTyped(saved, sent, now)).toEqual({
    id: "x",
    metadata: { title: "AB", version: "2" },
    pids: {},
  });
});

test("the field is German on a German page", async () => {
  await i18next.changeLanguage("de");
  renderForm({
    page: NEW_DOI,
    record: upload({ record: "public", files: "public" }),
  });
  expect(screen.getByRole("radio", { name: "Neue DOI erhalten" })).toBeChecked();
});

function choices() {
  return { allowed: ["managed", "external"], locked: false, message: null };
}

const VERSION = {
  field: "metadata.title",
  message: "DataCite can hold no emoji in it.",
};

test("what DataCite gets in another form is shown at its field, as information", () => {
  const elsewhere = {
    field: "metadata.locations.features.0",
    message: "It holds no lines.",
  };
  const state = { choices: choices(), notes: [VERSION, elsewhere] };
  const { container } = renderForm({
    page: { ...NEW_DOI, state },
    record: draft({}),
  });
  return waitFor(() => {
    const field = screen.getByLabelText(/Title/).closest(".field");
    expect(field).toHaveTextContent("For the DOI: DataCite can hold no emoji in it.");
    // The form has no such field: it is shown at the DOI.
    expect(container.querySelector("fieldset")).toHaveTextContent("It holds no lines.");
    expect(container.querySelector(".ui.message.negative, .error.message")).toBeNull();
  });
});

test("notes go away with their reason, and with the choice of a new DOI", async () => {
  const state = { choices: choices(), notes: [VERSION] };
  const { user } = renderForm({
    page: { ...NEW_DOI, state },
    record: draft({ doi: { provider: "datacite", identifier: "" } }),
  });
  await screen.findByText(/no emoji/);
  await user.click(choice(EXISTING));
  await waitFor(() => expect(screen.queryByText(/no emoji/)).toBeNull());
  await user.click(choice(NEW));
  await screen.findByText(/no emoji/);
});
