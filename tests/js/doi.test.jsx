/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { isDOI, mayBecomeDOI, prefixOf, readDOI } from "@js/invenio_rdm_doi/doi";
import { expect, test } from "vitest";
import CASES from "../doi_spellings.json";

test.each(CASES)("$typed", ({ typed, ...expected }) => {
  expect(readDOI(typed)).toEqual(expected);
});

test.each([
  ["10.1234/abc", true],
  ["10.1234.5/abc", true],
  ["10.1234/", false],
  ["10.1234", false],
  ["11.1234/abc", false],
  [`10.1234/${"x".repeat(247)}`, true],
  [`10.1234/${"x".repeat(248)}`, false],
])("%j is a DOI: %s", (text, expected) => {
  expect(isDOI(text)).toBe(expected);
});

test("nothing is said against any beginning of a DOI in any of its forms", () => {
  for (const whole of [
    "10.1234.5/abc",
    "doi:10.1234/abc",
    "DOI: 10.1234/abc",
    "https://doi.org/10.1234/abc",
    "http://dx.doi.org/10.1234/abc",
    "dx.doi.org/10.1234/abc",
    "https://www.doi.org/10.1234/abc",
    "info:doi/10.1234/abc",
    "<10.1234/abc",
  ]) {
    for (let length = 0; length <= whole.length; length += 1) {
      expect([whole.slice(0, length), mayBecomeDOI(whole.slice(0, length))]).toEqual([
        whole.slice(0, length),
        true,
      ]);
    }
  }
});

test.each(["x", "11", "10x", "10.x", "https://example.org", "doi:x", "10.1234x/a"])(
  "%j cannot become a DOI",
  (typed) => {
    expect(mayBecomeDOI(typed)).toBe(false);
  }
);

test("the prefix is all before the first slash", () => {
  expect(prefixOf("10.1234/a/b")).toBe("10.1234");
});
