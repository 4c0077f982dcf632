/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/*
 * Finds the DOI in a typed or pasted text. The server does the same
 * (choices/spelling.py); both are tested with the cases in tests/doi_spellings.json.
 */

export const MAX_LENGTH = 255;
/** In characters; a longer text was not typed by a user. */
const MOST_TYPED = 1024;

// Both sets are listed explicitly: "\\s" differs between Python and JavaScript.
/** Such characters come along when text is copied from a page. */
const INVISIBLE =
  /\u00AD|[\u200B-\u200F]|[\u202A-\u202E]|\u2060|[\u2066-\u2069]|\uFEFF/g;
const SPACES =
  "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACE = new RegExp(`[${SPACES}]`, "g");
const OUTER_SPACE = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g");
const PAIRS = ["<>", "()", "[]", "{}", '""', "''", "\u201C\u201D", "\u00AB\u00BB"];
const OPENED = { ")": "(", "]": "[", "}": "{", ">": "<" };

const LABEL = /^(?:info:doi\/|urn:doi:|doi *[:=]|doi +(?=\S)) */i;
const RESOLVER = /^(?:https?:\/{1,2})?(?:www\.|dx\.)*doi\.org\/+/i;
/** The beginning of URLs other than the resolver's. */
const PAGE = /^(?:(?:https?|ftp):|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\/)/i;

const DOI = /^10\.[0-9]{1,9}(?:\.[0-9]{1,9})*\/\S+$/;
const IN_A_PAGE = /10\.[0-9]{4,9}(?:\.[0-9]{1,9})*\/[^\s?#&"<>]+/;
/** Separates a DOI from another DOI or a URL that follows it. */
const SEVERAL = /:\/\/|[,;|]\s*(?:doi:|10\.[0-9]{4})/i;
/** Endings that publishers add to a DOI in the URL of a page. */
const VIEW =
  /(?:\/(?:full|abstract|abs|pdf|epdf|meta|html|references|summary)(?:\/.*)?|\.(?:pdf|html?))$/i;

const ESCAPED = /^10\.[0-9.]+%2f/i;
const PREFIX = /^10 *\. *([0-9.]+) *\/ *(?!10\.)/;
const SHORT_DOI = /^(?:10\/\S+|[a-z0-9]+)$/i;
const BEGINNINGS = /10\.[0-9]{4,}/g;
/** Includes the replacement character of unreadable characters. */
const UNPRINTABLE = /[\p{C}\p{Z}\uFFFD]/u;

/**
 * Return whether a text is a DOI that can be stored.
 *
 * Source: https://www.doi.org/doi-handbook/HTML/index.html, "DOI syntax"; DataCite's
 * DOIs have at most 255 characters.
 */
export function isDOI(text) {
  return text.length <= MAX_LENGTH && DOI.test(text) && !UNPRINTABLE.test(text);
}

/**
 * Find the DOI in a text.
 *
 * A query, a fragment and trailing punctuation are removed from URLs of the resolver.
 * In a DOI without a URL they may belong to the DOI (SICI DOIs have brackets and "#"),
 * so the shorter DOI is only suggested.
 *
 * @param {string} typed
 * @returns {{doi: string, reason: string|null, suggestion: string|null}} `doi`: the
 *   text as typed if there is none; `reason`: why there is none ("malformed",
 *   "too_long", "address", "short", "spaces"); `suggestion`: another DOI that may be
 *   meant.
 */
export function readDOI(typed) {
  const shown = typed.replace(OUTER_SPACE, "");
  const none = (reason, suggestion = null) => ({ doi: shown, reason, suggestion });
  if (shown.length > MOST_TYPED) {
    return none("too_long");
  }
  let text = unwrapped(visible(shown));
  const resolver = RESOLVER.exec(text);
  if (resolver) {
    const path = fromAddress(text.slice(resolver[0].length));
    return SHORT_DOI.test(path) ? none("short") : read(path, none, true);
  }
  if (PAGE.test(text)) {
    return none("address", inPage(text));
  }
  if (ESCAPED.test(text)) {
    text = decoded(text);
  }
  return /^10\/\S+$/.test(text) ? none("short") : read(text, none, false);
}

function read(path, none, isAddress) {
  const text = path.replace(PREFIX, "10.$1/");
  const joined = text.replace(/ /g, "");
  const count = (text.match(BEGINNINGS) || []).length;
  if (SEVERAL.test(text) && count > 0) {
    return none("spaces");
  }
  if (joined !== text && count > 0) {
    return none("spaces", isDOI(joined) && count === 1 ? joined : null);
  }
  if (isDOI(text)) {
    const other = isAddress ? text : withoutEnding(withoutQuery(text));
    const isOther = other !== text && isDOI(other);
    return { doi: text, reason: null, suggestion: isOther ? other : null };
  }
  return none(DOI.test(text) && text.length > MAX_LENGTH ? "too_long" : "malformed");
}

/** Remove invisible characters; replace every kind of space by the usual one. */
function visible(text) {
  return text.replace(INVISIBLE, "").replace(SPACE, " ");
}

function trimmed(text) {
  return text.replace(/^ +| +$/g, "");
}

/** Remove labels such as "doi:", and brackets or quotes around the whole text. */
function unwrapped(typed) {
  let text = typed;
  let before = null;
  while (text !== before) {
    before = text;
    text = trimmed(text.replace(LABEL, ""));
    // A sentence may end after the bracket.
    const inner = text.replace(/[.,;:]+$/, "");
    if (inner.length > 2 && PAIRS.includes(inner[0] + inner[inner.length - 1])) {
      text = trimmed(inner.slice(1, -1));
    }
  }
  return text;
}

function fromAddress(path) {
  return withoutEnding(decoded(withoutQuery(unwrapped(path))));
}

function withoutQuery(text) {
  // SICI DOIs have both characters, with angle brackets before them.
  const before = text.split(/[?#]/)[0];
  return /<|%3c/i.test(before) ? text : before;
}

/** Remove punctuation and brackets at the end that belong to the sentence around it. */
function withoutEnding(whole) {
  const count = (text, character) => text.split(character).length;
  let text = whole;
  for (;;) {
    const last = text.slice(-1);
    const pair = OPENED[last];
    const isAlone = pair && count(text, pair) < count(text, last);
    if (!last || !(/[/ .,;:"'\u201D\u2019]/.test(last) || isAlone)) {
      return text;
    }
    text = text.slice(0, -1);
  }
}

/** Decode percent signs; return the text unchanged if not UTF-8, or at a stray "%". */
function decoded(text) {
  try {
    return visible(decodeURIComponent(text));
  } catch (error) {
    return text;
  }
}

function inPage(address) {
  const found = IN_A_PAGE.exec(decoded(address));
  const doi = found && withoutEnding(found[0].replace(/\/+$/, "").replace(VIEW, ""));
  return doi && isDOI(doi) ? doi : null;
}

const STARTS = [
  "doi:",
  "doi ",
  "info:doi/",
  "urn:doi:",
  ...["doi.org/", "dx.doi.org/", "www.doi.org/"].flatMap((host) => [
    host,
    `https://${host}`,
    `http://${host}`,
  ]),
];
const BEGINNING = /^(?:1|10|10\.[\d.]*|10\.\d+(?:\.\d+)*\/)$/;

/** Return whether the text typed so far may still become a DOI. */
export function mayBecomeDOI(typed) {
  const text = typed
    .trim()
    .toLowerCase()
    .replace(/^[<([{"]/, "");
  const start = STARTS.find((one) => text.startsWith(one));
  const rest = start ? text.slice(start.length).trim() : text;
  return (
    rest === "" ||
    readDOI(typed).reason === null ||
    BEGINNING.test(rest) ||
    isDOI(rest) ||
    STARTS.some((one) => one.startsWith(text))
  );
}

/** Return the prefix: "10.1234" of "10.1234/abc". */
export function prefixOf(doi) {
  return doi.split("/", 1)[0];
}
