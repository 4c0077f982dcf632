/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { browser, openForm } from "@js/invenio_rdm_doi/record/edit";
import { watch } from "@js/invenio_rdm_doi/record/watch";
import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Server } from "./server";

const ID = "abcde-fgh12";
const STATE = new RegExp(`^/api/records/${ID}/doi$`);
const PART = new RegExp(`^/records/${ID}/doi$`);
const MINUTE = 60 * 1000;

const PENDING = { status: "pending", active: false };
const FINDABLE = { status: "findable", active: true };
const FAILED = { status: "failed", active: false };

const doi = (version, concept = version) => ({ ...version, concept });

/** As the server writes it. */
const html = (known, words, more = "") => `
  <div id="record-doi-status" data-record-id="${ID}"
       data-status="${known.split(/[: ]/)[0]}" data-known="${known}"
       data-address="/records/${ID}/doi">
    <p data-say="10.1234/x: ${words}">${words}</p>${more}
  </div>`;

const BEFORE = html("pending pending", "Being registered", "<a href='#x'>More</a>");
const AFTER = html("findable:active findable:active", "Registered");

let server;
let hidden;
let end;

function open({ page = BEFORE, states = [doi(PENDING)], part = AFTER } = {}) {
  document.body.innerHTML = page;
  server = new Server();
  const left = [...states];
  server.on("GET", STATE, () => {
    const next = left.length > 1 ? left.shift() : left[0];
    return next.error || { body: next };
  });
  server.on("GET", PART, () => ({ body: part }));
  end = watch();
}

const panel = () => document.getElementById("record-doi-status");
const asked = () => server.sent("GET", STATE).length;
const wait = (ms) => vi.advanceTimersByTimeAsync(ms);

function look(away) {
  hidden = away;
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

test("asks until the DOI is registered, shows and says it, and stops", async () => {
  open({ states: [doi(PENDING), doi(PENDING), doi(FINDABLE)] });
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
  await wait(2000);
  expect(asked()).toBe(1);
  expect(panel()).toHaveTextContent("Being registered");
  expect(server.sent("GET", PART)).toHaveLength(0);
  await wait(3000 + 4500);
  expect(panel().dataset.status).toBe("findable");
  expect(screen.getByRole("status")).toHaveTextContent("10.1234/x: Registered");
  await wait(60 * MINUTE);
  expect(asked()).toBe(3);
});

test("goes on while the concept DOI is on its way", async () => {
  open({
    states: [doi(FINDABLE, PENDING), doi(FINDABLE)],
    part: html("findable:active pending", "Registered"),
  });
  await wait(2000);
  expect(panel().dataset.status).toBe("findable");
  await wait(3000);
  expect(asked()).toBe(2);
});

test("stops when a user must act", async () => {
  open({ states: [doi(FAILED)], part: html("failed failed", "Failed") });
  await wait(60 * MINUTE);
  expect(panel().dataset.status).toBe("failed");
  expect(asked()).toBe(1);
});

test("explains a longer wait to the owner", async () => {
  open({
    states: [doi({ ...PENDING, delayed: true })],
    part: html("pending:delayed pending:delayed", "Being registered"),
  });
  await wait(2000 + 3000);
  expect(server.sent("GET", PART)).toHaveLength(1);
});

test("asks less and less often, and gives up after half an hour", async () => {
  open();
  await wait(MINUTE);
  expect(asked()).toBeLessThan(8);
  await wait(2 * MINUTE);
  const before = asked();
  await wait(MINUTE);
  expect(asked() - before).toBe(2);
  await wait(60 * MINUTE);
  const last = asked();
  expect(last).toBeLessThan(75);
  await wait(60 * MINUTE);
  look(true);
  look(false);
  await wait(MINUTE);
  expect(asked()).toBe(last);
});

test("pauses while the page is hidden, and asks at once when it is shown", async () => {
  open();
  await wait(2000);
  look(true);
  await wait(10 * MINUTE);
  expect(asked()).toBe(1);
  look(false);
  await wait(0);
  expect(asked()).toBe(2);
});

test("an error of the network or the server is no reason to stop", async () => {
  open({
    states: [{ error: "no answer" }, { error: { status: 503 } }, doi(FINDABLE)],
  });
  await wait(2000 + 3000 + 4500);
  expect(panel().dataset.status).toBe("findable");
});

test.each([403, 404, 410])(
  "who may not see it does not ask again: %i",
  async (status) => {
    open({ states: [{ error: { status } }] });
    await wait(60 * MINUTE);
    expect(asked()).toBe(1);
    expect(panel().dataset.status).toBe("pending");
  }
);

test("a page of another kind is not put into the panel", async () => {
  open({ states: [doi(FINDABLE)], part: "<h1>Log in</h1>" });
  await wait(2000);
  expect(panel()).toHaveTextContent("Being registered");
});

test("text stays text", async () => {
  const said = "&lt;img src=x onerror=alert(1)&gt;";
  open({ states: [doi(FINDABLE)], part: html("failed failed", said) });
  await wait(2000);
  expect(panel()).toHaveTextContent("<img src=x onerror=alert(1)>");
  expect(document.querySelector("img")).toBeNull();
  expect(screen.getByRole("status")).toHaveTextContent("<img");
});

test("the keyboard stays in the panel", async () => {
  open({ states: [doi(FINDABLE)] });
  screen.getByRole("link", { name: "More" }).focus();
  await wait(2000);
  expect(panel()).toHaveFocus();
});

test("nothing is asked about what does not change, or is not there", async () => {
  open({ page: AFTER });
  await wait(MINUTE);
  expect(asked()).toBe(0);
  expect(screen.queryByRole("status")).toBeNull();
  open({ page: "<p>No DOI</p>" });
  await wait(MINUTE);
  expect(asked()).toBe(0);
});

test.each([201, 500])("the form opens with a draft: %i", async (status) => {
  vi.useRealTimers();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const edit = `<a data-edit href="/uploads/${ID}">Edit</a>`;
  open({ page: html("failed failed", "Failed", edit) });
  server.on("POST", /draft$/, () => ({ status, body: {} }));
  const go = vi.spyOn(browser, "go").mockImplementation(() => {});
  document.addEventListener("click", openForm);
  screen.getByRole("link", { name: "Edit" }).click();
  await waitFor(() => expect(go).toHaveBeenCalledTimes(1));
  document.removeEventListener("click", openForm);
  expect(go.mock.calls[0][0]).toMatch(`/uploads/${ID}`);
  expect(server.sent("POST").map(({ url }) => url)).toEqual([
    `/api/records/${ID}/draft`,
  ]);
});
