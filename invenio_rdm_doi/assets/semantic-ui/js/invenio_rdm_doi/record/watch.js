/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { readPart, readRecord } from "../api";

export const STATUS = "record-doi-status";

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30 * 1000;
const GIVE_UP_MS = 30 * 60 * 1000;

const shown = () => document.getElementById(STATUS);

/** Return the state of the DOIs in the format of the attribute "data-known". */
function known({ concept, ...version }) {
  const inWords = (part) => {
    const flags = ["active", "delayed"].filter((flag) => part[flag]);
    return [part.status || "", ...flags].join(":");
  };
  return [version, concept].map(inWords).join(" ");
}

const isPending = () => /\bpending\b/.test(shown()?.dataset.known || "");

/** Add a live region, which has to be on the page before it has a text. */
function announcer() {
  const place = document.createElement("div");
  place.className = "sr-only";
  place.setAttribute("role", "status");
  shown().after(place);
  return place;
}

/** Replace the shown status by the server's current one; return its announcements. */
async function replace() {
  const html = await readPart(shown().dataset.address);
  // Scripts in it do not run, because it is text until it is parsed here.
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById(STATUS);
  const hadFocus = shown().contains(document.activeElement);
  shown().replaceWith(document.adoptNode(next));
  if (hadFocus) {
    next.tabIndex = -1;
    next.focus();
  }
  return [...next.querySelectorAll("[data-say]")].map(({ dataset }) => dataset.say);
}

/**
 * Poll DOIs that are being registered until they are registered or need an action.
 *
 * The polling pauses while the page is hidden.
 *
 * @returns {function(): void} ends the polling.
 */
export function watch() {
  if (!isPending()) {
    return () => {};
  }
  const start = Date.now();
  const place = announcer();
  let wait = FIRST_WAIT_MS;
  let timer = null;
  let asking = false;

  const ask = async () => {
    asking = true;
    let more = true;
    try {
      const found = await readRecord(shown().dataset.recordId);
      if (known(found) !== shown().dataset.known) {
        place.textContent = (await replace()).join("; ");
      }
    } catch (error) {
      // A user who may no longer see the record does not need to poll again.
      more = !(error.response?.status < 500);
    }
    asking = false;
    if (more && isPending() && Date.now() - start < GIVE_UP_MS) {
      plan();
    } else {
      end();
    }
  };

  const plan = () => {
    if (!document.hidden) {
      timer = setTimeout(ask, wait);
      wait = Math.min(wait * 1.5, LONGEST_WAIT_MS);
    }
  };

  const onVisibility = () => {
    clearTimeout(timer);
    if (!document.hidden && !asking) {
      ask();
    }
  };

  const end = () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisibility);
  };

  document.addEventListener("visibilitychange", onVisibility);
  plan();
  return end;
}
