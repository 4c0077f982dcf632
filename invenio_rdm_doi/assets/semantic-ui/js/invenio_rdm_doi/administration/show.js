/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

// Everything is set as text, because DataCite's answers are not trusted.

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) {
    made.textContent = text;
  }
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function plain(value, none) {
  if (value === null || value === undefined) {
    return none;
  }
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

/**
 * Show the fields that differ, in a table.
 *
 * @param {HTMLElement} place
 * @param {object} differences by field: `here` and `datacite`.
 * @param {{field, here, there}} names of the columns.
 */
export function showDifferences(place, differences, names, none) {
  const fields = Object.entries(differences);
  if (fields.length === 0) {
    place.replaceChildren();
    return;
  }
  const table = element("table", undefined, { class: "ui celled stackable table" });
  const head = table.createTHead().insertRow();
  [names.field, names.here, names.there].forEach((name) =>
    head.append(element("th", name, { scope: "col" }))
  );
  const body = table.createTBody();
  fields.forEach(([field, { here, datacite }]) => {
    const row = body.insertRow();
    row.append(element("th", field, { scope: "row" }));
    [here, datacite].forEach((value) => {
      const cell = row.insertCell();
      cell.className = "wrap-overflowing-text";
      cell.append(element("samp", plain(value, none)));
    });
  });
  place.replaceChildren(table);
}

/** Show the results of the checks. */
export function showChecks(list, checks, words) {
  const items = checks.map((check) => {
    const item = element("div", undefined, { class: "item", role: "listitem" });
    const icon = check.ok ? "check" : "exclamation triangle";
    item.append(element("i", "", { class: `${icon} icon`, "aria-hidden": "true" }));
    const content = element("span", undefined, { class: "content" });
    content.append(`${check.ok ? words.ok : words.fail}: ${check.message}`);
    if (check.advice) {
      content.append(element("br"), `${words.todo} ${check.advice}`);
    }
    item.append(content);
    return item;
  });
  list.replaceChildren(...items);
}
