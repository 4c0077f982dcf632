/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { markUploads } from "@js/invenio_rdm_doi/uploads/mark";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import React from "react";
import ReactDOM from "react-dom";
import { Server } from "./server";

const ATTENTION = /^\/api\/user\/records\/doi$/;
const REASON = {
  status: "failed",
  code: "datacite.refused",
  complaints: [
    { field: "metadata.rights", label: "Licenses", title: "<b>Too</b> long" },
    { field: null, label: null, title: "{{strange}} $t(DataCite)" },
  ],
};

let server;
let list;
let observer;

/** Both variants of an item, as the host renders them. */
const Item = ({ id, published = true }) => (
  <>
    {["computer tablet only", "mobile only"].map((variant) => (
      <div key={variant} className={`item deposits-list-item ${variant} flex`}>
        <div className="extra labels-actions">
          <span className="label">Open</span>
        </div>
        <h2>
          <a href={published ? `/records/${id}` : `/uploads/${id}`}>{id}</a>
        </h2>
        <a href="/communities/harbours">Harbours</a>
      </div>
    ))}
  </>
);

const show = (...items) => ReactDOM.render(<div>{items}</div>, list);
const upload = (id, more) => <Item key={id} id={id} {...more} />;
const labels = () => [...list.querySelectorAll(".invenio-rdm-doi-attention")];
const asked = () => server.sent("GET", ATTENTION).map(({ params }) => params.ids);
const wait = (ms = 1000) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  server.on("GET", ATTENTION, ({ params }) => ({
    body: params.ids.split(",").includes("bad") ? { bad: REASON } : {},
  }));
  document.body.innerHTML = '<div id="invenio-search-config"></div>';
  list = document.getElementById("invenio-search-config");
  observer = markUploads(list);
});
afterEach(() => {
  observer.disconnect();
  vi.useRealTimers();
});

test("an upload that needs attention has one label in each of its variants", async () => {
  show(upload("good"), upload("bad"), upload("draft", { published: false }));
  await wait();
  expect(asked()).toEqual(["good,bad"]);
  expect(labels()).toHaveLength(2);
  const [label] = labels();
  expect(label).toHaveAttribute("href", "/records/bad#record-doi-status");
  expect(label).toHaveTextContent(/^DOI: needs attention$/);
  expect(label.parentElement).toHaveClass("labels-actions");
  const reason = "DataCite says: Licenses: <b>Too</b> long; {{strange}} $t(DataCite)";
  expect(label).toHaveAttribute("title", reason);
  expect(label).toHaveAttribute("aria-label", `DOI: needs attention. ${reason}`);
  expect(list.querySelector("b")).toBeNull();
});

test("there is a reason where DataCite gives none", async () => {
  server.on("GET", ATTENTION, () => ({ body: { bad: { ...REASON, complaints: [] } } }));
  show(upload("bad"));
  await wait();
  expect(labels()[0].title).toBe("DataCite does not accept it.");
});

test("the label is there again after the list was rendered anew", async () => {
  show(upload("bad"));
  await wait();
  labels().forEach((label) => label.remove());
  await wait();
  expect(labels()).toHaveLength(2);
  show();
  await wait();
  expect(labels()).toHaveLength(0);
  show(upload("bad"));
  await wait();
  expect(labels()).toHaveLength(2);
  expect(asked()).toEqual(["bad"]);
});

test("an item that shows another upload loses the label", async () => {
  show(upload("bad", { key: 1 }));
  await wait();
  ReactDOM.render(
    <div>
      <Item key="bad" id="good" />
    </div>,
    list
  );
  await wait();
  expect(labels()).toHaveLength(0);
});

test("only what is new is asked about", async () => {
  show(upload("good"));
  await wait();
  show(upload("good"), upload("bad"));
  await wait();
  expect(asked()).toEqual(["good", "bad"]);
});

test("many changes at once are one question", async () => {
  show(upload("one"));
  show(upload("one"), upload("two"));
  await wait();
  expect(asked()).toEqual(["one,two"]);
});

test("it asks about a hundred at once at most", async () => {
  show(...Array.from({ length: 150 }, (_, number) => upload(`id-${number}`)));
  await wait();
  expect(asked().map((ids) => ids.split(",").length)).toEqual([100, 50]);
});

test("nothing goes on by itself", async () => {
  const look = vi.spyOn(list, "querySelectorAll");
  show(upload("bad"));
  await wait();
  look.mockClear();
  await wait(60000);
  expect(look).not.toHaveBeenCalled();
});

test("the list is as it was if nothing is known", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  server.on("GET", ATTENTION, () => "no answer");
  show(upload("bad"));
  await wait();
  expect(labels()).toHaveLength(0);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(asked()).toHaveLength(1);
});
