/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/* The numbers are those of defects of InvenioRDM's own field. */

import { messagesOf, withoutField } from "@js/invenio_rdm_doi/deposit/errors";
import { errorsByField } from "@js/invenio_rdm_doi/deposit/ErrorLinks";
import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import {
  button,
  choice,
  draft,
  EXISTING,
  input,
  NEW,
  OPTIONAL,
  renderForm,
  RESERVED,
  saveButton,
} from "./form";
import { Server } from "./server";

const OWN = "DOIs that begin with 10.1234/ are ours.";

const messages = (text) => screen.queryAllByText(text, { selector: ".message" });

/** Saved with an error of the DOI, as the server returns it. */
async function savedWith(error, { record, choose, others = [] } = {}) {
  const server = new Server();
  server.errors = () => [{ field: "pids.doi", ...error }, ...others];
  const form = renderForm({ server, record, page: OPTIONAL });
  if (choose) {
    await form.user.click(choice(choose));
  }
  await form.user.click(saveButton());
  await screen.findByText(/validation feedback/);
  server.errors = () => [];
  return form;
}

test.each(["10.4321/other", ""])(
  "12: an error goes away when its cause does, before the next save",
  async (next) => {
    const { user } = await savedWith({ messages: [OWN] });
    expect(messages(OWN)).toHaveLength(1);
    await user.type(input(), next || "x");
    expect(messages(OWN)).toHaveLength(0);
    expect(screen.queryByText(/Error\(s\)/)).toBeNull();
  }
);

test("12: an error goes away with another choice, and others stay", async () => {
  const others = [{ field: "metadata.title", messages: ["No title."] }];
  const { user } = await savedWith({ messages: [OWN] }, { others });
  await user.click(choice(NEW));
  expect(messages(OWN)).toHaveLength(0);
  await user.click(choice(EXISTING));
  expect(messages(OWN)).toHaveLength(0);
  expect(screen.getAllByText(/No title\./).length).toBeGreaterThan(0);
  expect(screen.getByText(/validation feedback/)).toBeVisible();
});

test("13: the error of a reserved DOI is shown", async () => {
  await savedWith(
    { messages: ["Cannot discard."] },
    { record: draft({ doi: RESERVED }) }
  );
  expect(messages("Cannot discard.")).toHaveLength(1);
});

test.each([
  ["error", "alert"],
  ["warning", null],
  ["info", null],
])("14: errors with severity %s are shown, once", async (severity, role) => {
  for (const choose of [NEW, EXISTING]) {
    const error = { messages: ["So it is."], severity, description: "Rule 7" };
    await savedWith(error, { choose });
    const [shown, ...more] = messages(/So it is\./);
    expect(more).toEqual([]);
    expect(shown).toHaveTextContent("Rule 7");
    expect(shown.getAttribute("role")).toBe(role);
    document.body.innerHTML = "";
  }
});

test("23: all that is said of the DOI is shown", () => {
  const messages = (entry) => messagesOf(entry).map(({ message }) => message);
  expect(messages("One.")).toEqual(["One."]);
  expect(messages(["One.", "Two.", "One."])).toEqual(["One.", "Two."]);
  expect(messages({ identifier: "One.", provider: ["Two."] })).toEqual([
    "One.",
    "Two.",
  ]);
  expect(messages({ message: "One.", severity: "info" })).toEqual(["One."]);
  expect(messages(undefined)).toEqual([]);
  expect(messages({ message: "One.", severity: "info" })[0]).toBe("One.");
});

test("other errors are not touched when those of the DOI go", () => {
  const errors = { metadata: { title: "x" }, pids: { doi: "y", oai: "z" } };
  expect(withoutField(errors)).toEqual({
    metadata: { title: "x" },
    pids: { oai: "z" },
  });
  expect(withoutField({ pids: { doi: "y" } })).toEqual({});
});

test("22: every field with an error is linked, wherever it is in the form", async () => {
  const others = [
    { field: "metadata.publisher", messages: ["Enter a publisher."] },
    { field: "metadata.title", messages: ["No title."] },
  ];
  const { user } = await savedWith({ messages: [OWN] }, { others });
  const nav = await screen.findByRole("navigation", { name: "Fields with messages" });
  const links = within(nav).getAllByRole("link");
  expect(links.map((link) => link.textContent)).toEqual([
    "Digital Object Identifier (DOI)",
    "Title",
    "Publisher",
  ]);
  expect(nav).toHaveTextContent("Enter a publisher.");

  const section = document.getElementById("recommended-information-section");
  expect(section.querySelector(".title")).not.toHaveClass("active");
  await user.click(links[2]);
  await waitFor(() =>
    expect(document.activeElement).toHaveAttribute("name", "metadata.publisher")
  );
  expect(section.querySelector(".title")).toHaveClass("active");

  await user.click(links[0]);
  await waitFor(() => expect(document.activeElement).toHaveAttribute("id", "pids.doi"));
});

test("errors that belong to no field are left to the banner", () => {
  expect(
    errorsByField({
      message: "The server is away.",
      _schema: "?",
      metadata: { creators: [undefined, { person_or_org: { name: "Empty." } }] },
      pids: { doi: { message: "No.", severity: "error", description: "" } },
    })
  ).toEqual([
    {
      path: "metadata.creators.1.person_or_org.name",
      message: "Empty.",
      severity: "error",
    },
    { path: "pids.doi", message: "No.", severity: "error" },
  ]);
});

test("15: reserving keeps values and errors of other fields", async () => {
  const server = new Server();
  server.errors = () => [{ field: "metadata.title", messages: ["Too short."] }];
  const { user, values, doi } = renderForm({ server });
  await user.type(screen.getByRole("textbox", { name: "Title" }), "A");
  await user.click(choice(NEW));
  await user.click(button("Reserve a DOI now"));
  await screen.findByTestId("doi");
  expect(doi()).toEqual(RESERVED);
  expect(values().metadata.title).toBe("A");
  expect(screen.getByRole("textbox", { name: "Title" })).toHaveValue("A");
  expect(screen.getAllByText(/Too short\./).length).toBeGreaterThan(0);
});

test("15: what is typed while a DOI is reserved stays", async () => {
  const server = new Server();
  const answers = server.hold("POST", /pids\/doi$/);
  const { user, values } = renderForm({ server });
  await user.click(choice(NEW));
  await user.click(button("Reserve a DOI now"));
  await waitFor(() => expect(answers).toHaveLength(1));
  await user.type(screen.getByRole("textbox", { name: "Title" }), "Late");
  await act(async () => answers[0]());
  await screen.findByTestId("doi");
  await waitFor(() => expect(values().metadata.title).toBe("Late"));
});

const FAILURES = {
  "a message": { status: 409, body: { status: 409, message: "It is locked." } },
  "a field's message": {
    status: 400,
    body: { errors: [{ field: "pids.doi", messages: ["Exists already."] }] },
  },
  "a server error": { status: 500, body: { status: 500, message: "Traceback" } },
  "a proxy's page": { status: 502, body: "<html>Bad gateway</html>" },
  "no answer": "no answer",
};

test.each(Object.entries(FAILURES))(
  "16, 18: reserving fails with %s: said at the field, no second draft",
  async (name, failure) => {
    const server = new Server();
    server.on("POST", /pids\/doi$/, () => failure, 2);
    const { user, values } = renderForm({ server });
    await user.click(choice(NEW));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await user.click(button("Reserve a DOI now"));
      const [message, ...more] = await screen.findAllByText(
        /The DOI could not be reserved/,
        { selector: "fieldset .message" }
      );
      expect(more).toEqual([]);
      expect(message).toHaveAttribute("role", "alert");
      expect(message.textContent).not.toMatch(/Traceback|<|html|undefined|\[object/);
      if (name === "a message") {
        expect(message).toHaveTextContent("It is locked.");
      } else if (name === "a field's message") {
        expect(message).toHaveTextContent("Exists already.");
      }
      // The form's banner is red, not blue.
      expect(document.getElementById("negative-feedback-div")).toBeVisible();
    }
    expect(values().id).toBe("draft-1");
    await user.click(button("Reserve a DOI now"));
    await screen.findByTestId("doi");
    expect(server.sent("POST", /records$/)).toHaveLength(1);
    expect(Object.keys(server.drafts)).toEqual(["draft-1"]);
    expect(screen.queryByText(/could not be reserved/)).toBeNull();
  }
);

test.each(Object.entries(FAILURES))(
  "18: saving fails with %s before a DOI is reserved: nothing is lost",
  async (name, failure) => {
    const server = new Server();
    server.on("POST", /records$/, () => failure, 1);
    const { user, values } = renderForm({ server });
    await user.type(screen.getByRole("textbox", { name: "Title" }), "Kept");
    await user.click(choice(NEW));
    await user.click(button("Reserve a DOI now"));
    await screen.findByText(/could not be reserved/, { selector: "fieldset .message" });
    expect(values().metadata.title).toBe("Kept");
    expect(button("Reserve a DOI now")).toBeEnabled();
    await user.click(button("Reserve a DOI now"));
    await screen.findByTestId("doi");
    expect(values().metadata.title).toBe("Kept");
  }
);

test("17: success is shown and announced", async () => {
  const { user } = renderForm();
  await user.click(choice(NEW));
  await user.click(button("Reserve a DOI now"));
  const text = "The DOI 10.1234/draft-1 is reserved for this upload.";
  await screen.findByText(text, { selector: ".positive.message" });
  const statuses = screen.getAllByRole("status").map((one) => one.textContent);
  expect(statuses).toContain(text);
});

test("a DOI is given back after a question only", async () => {
  const { user, server, doi } = renderForm({ record: draft({ doi: RESERVED }) });
  const discard = "Discard the DOI 10.1234/draft-1";
  await user.click(button(discard));
  expect(button("Keep it")).toHaveFocus();
  await user.click(button("Keep it"));
  await waitFor(() => expect(button(discard)).toHaveFocus());
  await user.click(button(discard));
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("alertdialog")).toBeNull();
  expect(server.sent("PUT")).toHaveLength(0);
  await user.click(button(discard));
  await user.click(button("Discard the DOI"));
  await screen.findByText("The DOI was discarded.", { selector: ".message" });
  expect(server.sent("PUT")[0].data.pids.doi).toEqual({
    provider: "datacite",
    identifier: "",
  });
  expect(choice(NEW)).toBeChecked();
  expect(doi()).toEqual({ provider: "datacite", identifier: "" });
  expect(button("Reserve a DOI now")).toBeEnabled();
});

test("a DOI that cannot be given back stays", async () => {
  const server = new Server();
  server.on("PUT", /draft$/, () => ({ status: 503, body: "" }), 1);
  const { user, doi } = renderForm({ server, record: draft({ doi: RESERVED }) });
  await user.click(button("Discard the DOI 10.1234/draft-1"));
  await user.click(button("Discard the DOI"));
  await screen.findByText(/could not be discarded; it is still reserved/, {
    selector: "fieldset .message",
  });
  expect(doi()).toEqual(RESERVED);
});

test("two requests at once would make two drafts: each waits for the other", async () => {
  const server = new Server();
  const answers = server.hold("POST", /records$/);
  const { user } = renderForm({ server });
  await user.click(choice(NEW));
  await user.click(button("Reserve a DOI now"));
  await waitFor(() => expect(answers).toHaveLength(1));
  expect(saveButton()).toBeDisabled();
  await act(async () => answers[0]());
  await screen.findByTestId("doi");
  await waitFor(() => expect(saveButton()).toBeEnabled());
  expect(server.sent("POST", /records$/)).toHaveLength(1);
});

test("reserving waits while the draft is saved", async () => {
  const server = new Server();
  const answers = server.hold("POST", /records$/);
  const { user } = renderForm({ server });
  await user.click(choice(NEW));
  await user.click(saveButton());
  await waitFor(() => expect(answers).toHaveLength(1));
  expect(button("Reserve a DOI now")).toHaveAttribute("aria-disabled", "true");
  button("Reserve a DOI now").focus();
  await user.keyboard("{Enter}");
  answers[0]();
  await screen.findByText("Record successfully saved.");
  expect(server.sent("POST")).toHaveLength(1);
});

test("the focus stays in the field", async () => {
  const { user } = renderForm();
  const field = screen.getByRole("group", { name: /\(DOI\)/ });
  await user.click(choice(NEW));
  button("Reserve a DOI now").focus();
  await user.keyboard("{Enter}");
  await screen.findByTestId("doi");
  await waitFor(() => expect(button("Copy the DOI 10.1234/draft-1")).toHaveFocus());
  button("Discard the DOI 10.1234/draft-1").focus();
  await user.keyboard("{Enter}");
  await user.tab();
  await user.keyboard("{Enter}");
  await screen.findByText("The DOI was discarded.", { selector: ".message" });
  await waitFor(() => expect(field).toContainElement(document.activeElement));
});

test("a proxy's page in the place of an answer is no list of errors", async () => {
  const server = new Server();
  const body = "<html>Bad gateway</html>";
  server.on("POST", /records$/, () => ({ status: 502, body }));
  const { user } = renderForm({ server });
  await user.click(saveButton());
  await screen.findByText(/draft was not saved/);
  expect(screen.queryByRole("navigation", { name: "Fields with messages" })).toBeNull();
});

test("what the server says of the DOI describes the input", async () => {
  await savedWith({ messages: [OWN] });
  expect(input()).toHaveAccessibleDescription(new RegExp(OWN));
  expect(input()).toBeInvalid();
});

const LOGIN = [
  [
    "a session that expired",
    { status: 401, body: { status: 401, message: "Unauthorized" } },
    403,
    /Your session has expired/,
  ],
  [
    "a session that expired, as the host has it",
    { status: 403, body: { status: 403, message: "Permission denied." } },
    403,
    /Your session has expired/,
  ],
  [
    "a permission that was taken away",
    { status: 403, body: { status: 403, message: "Permission denied." } },
    200,
    /no longer have permission to edit this upload/,
  ],
  [
    "a token that was lost",
    { status: 400, body: { status: 400, message: "CSRF cookie not set." } },
    200,
    /lost the connection to your session/,
  ],
];

test.each(LOGIN)(
  "%s has its own advice, and the same click works after it",
  async (_name, refused, attention, advice) => {
    const server = new Server();
    server.on("POST", /records$/, () => refused, 1);
    server.on("GET", /user\/records\/doi/, () => ({ status: attention, body: {} }), 1);
    const { user } = renderForm({ server });
    await user.click(choice(NEW));
    await user.click(button("Reserve a DOI now"));
    const message = await screen.findByText(advice, { selector: "fieldset .message" });
    expect(message).not.toHaveTextContent(/publish without reserving/);
    await user.click(button("Reserve a DOI now"));
    expect(await screen.findByTestId("doi")).toBeVisible();
  }
);

test("the section's label goes with the last error of the DOI", async () => {
  const server = new Server();
  server.errors = () => [{ field: "pids.doi", messages: ["Enter your DOI."] }];
  const { user, container } = renderForm({ server });
  const label = () => container.querySelector(".accordion-label");
  await user.click(saveButton());
  await waitFor(() => expect(label()).not.toBeNull());
  // The form checks itself, and forgets what the server said.
  await user.type(screen.getByRole("textbox", { name: "Title" }), "T");
  await user.click(choice(NEW));
  await waitFor(() => expect(label()).toBeNull());
});

test("success is said once to those who listen", async () => {
  const { user } = renderForm();
  await user.click(choice(NEW));
  await user.click(button("Reserve a DOI now"));
  expect(await screen.findAllByText(/is reserved for this upload/)).toHaveLength(1);
});
