/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { ask, send } from "../api";

const LIST = "/api/dois";

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

/** @returns {Promise<boolean>} whether the question was answered with yes. */
function confirmed(question) {
  const dialog = document.getElementById("doi-confirm");
  document.getElementById("doi-question").textContent = question;
  dialog.returnValue = "no";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), {
      once: true,
    });
    dialog.showModal();
  });
}

/**
 * Send all DOIs of a filter again, in steps, after a confirmation.
 *
 * If the page is closed in between, the remaining DOIs are unchanged.
 *
 * @param {HTMLElement} button has the filter and the sentences.
 * @param {Function} say shows a sentence.
 */
export async function sendMany(button, say) {
  const { query, question, none, progress, done } = button.dataset;
  const found = await ask(`${LIST}/count?${query}`);
  if (!found.sendable) {
    say(none, "warning");
    return;
  }
  const count = found.is_exact ? found.sendable : `${found.sendable}+`;
  if (!(await confirmed(filled(question, { count })))) {
    return;
  }
  const bar = document.getElementById("doi-progress");
  bar.hidden = false;
  bar.max = found.sendable;
  const sum = { done: 0, busy: 0, count };
  let address = `${LIST}/actions/retry?${query}`;
  while (address) {
    const step = await send(address);
    sum.done += step.requested;
    sum.busy += step.busy;
    bar.value = sum.done;
    say(filled(progress, sum), "info");
    address = step.links.next;
  }
  bar.hidden = true;
  say(filled(done, sum));
}
