/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

export const MAX_LENGTH = 255;

const ADDRESS = /^(?:https?:\/\/)?(?:dx\.)?doi\.org\//i;
const SCHEME = /^doi:/i;
const DOI = /^10\.\d+(?:\.\d+)*\/\S+$/;
const BEGINNING = /^(?:1|10|10\.[\d.]*|10\.\d+(?:\.\d+)*\/)$/;
const BEGINNINGS = ["doi:", "doi.org/", "dx.doi.org/"].flatMap((start) =>
  start === "doi:" ? [start] : [start, `https://${start}`, `http://${start}`]
);

/**
 * The DOI alone: without "doi:", "https://doi.org/" and blanks.
 *
 * The server cleans in the same way; here it is done so that people see it.
 *
 * @param {string} typed
 * @returns {string} what was typed, if no DOI comes of it.
 */
export function clean(typed) {
  const doi = stripped(typed);
  return isDOI(doi) ? doi : typed.trim();
}

function stripped(typed) {
  // Zero-width characters come along when something is copied from a page.
  const text = typed.replace(/[\s\u200B-\u200D\u2060\uFEFF]+/g, "");
  if (ADDRESS.test(text)) {
    return decoded(text.replace(ADDRESS, ""));
  }
  return text.replace(SCHEME, "");
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    // A stray "%" is part of the DOI.
    return path;
  }
}

/**
 * Whether a cleaned text has the form of a DOI.
 *
 * Source: https://www.doi.org/doi-handbook/HTML/index.html, "DOI syntax"; DataCite's
 * DOIs have at most 255 characters.
 */
export function isDOI(text) {
  return text.length <= MAX_LENGTH && DOI.test(text);
}

/**
 * Whether a DOI can still come of what was typed so far.
 */
export function mayBecomeDOI(typed) {
  const text = typed.trim().toLowerCase();
  return (
    text === "" ||
    isDOI(clean(typed)) ||
    BEGINNING.test(stripped(typed)) ||
    BEGINNINGS.some(
      (start) => start.startsWith(text) || (text === start && stripped(typed) === "")
    )
  );
}

/** The prefix: "10.1234" of "10.1234/abc". */
export function prefixOf(doi) {
  return doi.split("/", 1)[0];
}

/** The address that a DOI resolves at. */
export function addressOf(doi) {
  return `https://doi.org/${encodeURI(doi)}`;
}
