/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/* The numbers are those of defects of InvenioRDM's own field. */

import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { choice, draft, input, NEW, renderForm, EXISTING } from "./form";
import { Server } from "./server";

const MALFORMED = /This is not a valid DOI/;
const problem = () => screen.queryByRole("alert");
const asked = (server) =>
  server.requests
    .filter(({ params }) => params?.typed)
    .map(({ params }) => params.typed);

test.each(["https://doi.org/10.4321/mine", "DOI: 10.4321/mine", " 10.4321/mine "])(
  "25: %j is cleaned visibly, and saved clean",
  async (typed) => {
    const { user, doi } = renderForm();
    await user.type(input(), typed);
    await user.tab();
    expect(input()).toHaveValue("10.4321/mine");
    expect(doi()).toEqual({ provider: "external", identifier: "10.4321/mine" });
    expect(problem()).toBeNull();
  }
);

test("25: text that cannot become a DOI is reported while it is typed", async () => {
  const { user } = renderForm();
  await user.type(input(), "10.43");
  expect(problem()).toBeNull();
  await user.type(input(), "x");
  expect(problem()).toHaveTextContent(MALFORMED);
  expect(input()).toHaveAttribute("aria-invalid", "true");
  expect(input()).toHaveAccessibleDescription(MALFORMED);
  await user.type(input(), "{Backspace}21/a");
  expect(problem()).toBeNull();
});

test("25: an unfinished one is reported after leaving the field", async () => {
  const { user, server } = renderForm();
  await user.type(input(), "10.4321/");
  expect(problem()).toBeNull();
  await user.tab();
  expect(problem()).toHaveTextContent(MALFORMED);
  expect(asked(server)).toEqual([]);
});

test("21: only the whole prefix is this repository's", async () => {
  const { user, server } = renderForm();
  await user.type(input(), "10.1234/x");
  await user.tab();
  expect(problem()).toHaveTextContent(
    /registers DOIs that begin with 10\.1234\/ itself/
  );
  expect(problem()).toHaveTextContent(/Choose "Get a new DOI"/);
  await user.clear(input());
  await user.type(input(), "10.12345/x");
  await user.tab();
  await waitFor(() => expect(asked(server)).toEqual(["10.12345/x"]));
  expect(problem()).toBeNull();
});

test("another record has it: said, with a link if it may be seen", async () => {
  const server = new Server();
  server.typed = (doi) => ({ doi, code: "used", message: "…", record: "abcde-12345" });
  const { user } = renderForm({ server });
  await user.type(input(), "10.4321/theirs");
  await user.tab();
  expect(await screen.findByText(/Another record of this repository/)).toBeVisible();
  expect(screen.getByRole("link", { name: /Open that record/ })).toHaveAttribute(
    "href",
    "/records/abcde-12345"
  );
  server.typed = (doi) => ({ doi, code: "used", message: "…", record: null });
  await user.type(input(), "2");
  expect(problem()).toBeNull();
  await user.tab();
  expect(await screen.findByText(/Another record of this repository/)).toBeVisible();
  expect(screen.queryByRole("link", { name: /Open that record/ })).toBeNull();
});

test("an answer about another text than the one that is there now is not shown", async () => {
  const server = new Server();
  const answers = {};
  server.on(
    "GET",
    /draft\/doi$/,
    ({ params }) =>
      new Promise((resolve) => {
        answers[params.typed] = (code) =>
          resolve({ body: { typed: { doi: params.typed, code, record: null } } });
      })
  );
  const { user } = renderForm({ server });
  await user.type(input(), "10.4321/first");
  await user.tab();
  await waitFor(() => expect(answers["10.4321/first"]).toBeDefined());
  await user.clear(input());
  await user.type(input(), "10.4321/second");
  await user.tab();
  await waitFor(() => expect(answers["10.4321/second"]).toBeDefined());
  answers["10.4321/second"](null);
  answers["10.4321/first"]("used");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(problem()).toBeNull();
});

test("the form works while the check does not", async () => {
  const server = new Server();
  server.on("GET", /draft\/doi$/, () => "no answer");
  const { user, doi } = renderForm({ server });
  await user.type(input(), "10.4321/mine");
  await user.tab();
  await waitFor(() => expect(document.querySelector(".loading.input")).toBeNull());
  expect(problem()).toBeNull();
  expect(doi().identifier).toBe("10.4321/mine");
});

test("a saved draft is asked about as that draft", async () => {
  const pids = { doi: { provider: "external", identifier: "10.4321/mine" } };
  const { server } = renderForm({ record: draft(pids) });
  await waitFor(() => expect(asked(server)).toEqual(["10.4321/mine"]));
  const [request] = server.requests.filter(({ params }) => params?.typed);
  expect(request.url).toBe("/api/records/draft-1/draft/doi");
});

test("Enter checks the DOI and clicks no button of the form", async () => {
  const { user, server } = renderForm();
  await user.type(input(), "doi:10.4321/mine{Enter}");
  expect(input()).toHaveValue("10.4321/mine");
  expect(server.sent("POST")).toEqual([]);
});

test("27: every control has a name, and the choices are one group", async () => {
  const { user, container } = renderForm();
  const group = screen.getByRole("group", { name: /Digital Object Identifier/ });
  expect(group).toContainElement(choice(NEW));
  expect(group).toContainElement(choice(EXISTING));
  expect(input()).toHaveAttribute("name", "pids.doi");
  expect(input()).toHaveAttribute("id");
  for (const label of container.querySelectorAll("fieldset label[for]")) {
    expect(document.getElementById(label.htmlFor)).not.toBeNull();
  }
  choice(EXISTING).focus();
  await user.keyboard("{ArrowUp}");
  await waitFor(() => expect(choice(NEW)).toBeChecked());
});

test("28: that a DOI is needed is shown", () => {
  renderForm();
  const field = screen.getByRole("group", { name: /\(DOI\)/ });
  expect(field.querySelector("legend .negative.asterisk.icon")).not.toBeNull();
  expect(field.querySelector("[role=radiogroup]")).toHaveAttribute(
    "aria-required",
    "true"
  );
});

test("text is shown as text", async () => {
  const server = new Server();
  server.errors = () => [
    { field: "pids.doi", messages: ["<img src=x onerror=alert(1)>"] },
  ];
  const { user, container } = renderForm({ server });
  await user.click(screen.getByRole("button", { name: /Save draft/ }));
  await screen.findAllByText("<img src=x onerror=alert(1)>", { exact: false });
  expect(container.querySelector("fieldset img")).toBeNull();
  fireEvent.blur(input());
});

test("a DOI with an unusual end is asked about, and the shorter one is a click away", async () => {
  const { user, doi } = renderForm();
  await user.type(input(), "10.4321/abc.");
  await user.tab();
  expect(await screen.findByText(/The end of this DOI looks unusual/)).toBeVisible();
  expect(input()).toHaveAttribute("aria-invalid", "false");
  await user.click(screen.getByRole("button", { name: "Use 10.4321/abc" }));
  expect(input()).toHaveValue("10.4321/abc");
  expect(doi().identifier).toBe("10.4321/abc");
  expect(screen.queryByText(/looks unusual/)).toBeNull();
  expect(input()).toHaveFocus();
});

test.each([
  ["https://example.org/papers/17", /address of a web page/],
  ["10/abc", /short DOI/],
  ["10.4321/a b", /no spaces/],
  [`10.4321/${"x".repeat(250)}`, /too long/],
])("%s is explained with the reason that is true", async (typed, reason) => {
  const { user } = renderForm();
  await user.click(input());
  await user.paste(typed);
  await user.tab();
  expect(problem()).toHaveTextContent(reason);
  expect(input()).toHaveValue(typed);
});

test("the address of a publisher's page offers its DOI", async () => {
  const { user } = renderForm();
  await user.click(input());
  await user.paste("https://onlinelibrary.wiley.com/doi/full/10.1002/joc.1234");
  await user.tab();
  await user.click(screen.getByRole("button", { name: "Use 10.1002/joc.1234" }));
  expect(input()).toHaveValue("10.1002/joc.1234");
  expect(problem()).toBeNull();
});
