/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { ask, send } from "../api";
import { showChecks, showDifferences } from "./show";
import { sendMany } from "./many";

const page = document.getElementById("doi-administration");

/** Show a sentence, and let screen readers announce it. */
function say(text, kind = "positive") {
  const place = document.getElementById("doi-said");
  place.className = `ui ${kind} message`;
  place.textContent = text;
  place.scrollIntoView({ block: "nearest" });
}

function reasonOf(error) {
  const answer = error.response?.data;
  const details = (answer?.errors ?? []).flatMap((item) => item.messages);
  return details.join(" ") || answer?.message || error.message;
}

/** Run the action of a button, and ignore its clicks until the action ends. */
async function doFor(button, action) {
  if (button.getAttribute("aria-busy") === "true") {
    return;
  }
  // Not disabled, because the button would lose the focus.
  button.setAttribute("aria-busy", "true");
  button.classList.add("loading");
  try {
    await action();
  } catch (error) {
    say(`${page.dataset.failed} ${reasonOf(error)}`, "negative");
  } finally {
    button.removeAttribute("aria-busy");
    button.classList.remove("loading");
  }
}

async function post(button) {
  await send(button.dataset.doiPost);
  say(button.dataset.done);
  const link = document.createElement("a");
  link.href = window.location.href;
  link.textContent = page.dataset.reload;
  document.getElementById("doi-said").append(" ", link);
}

async function compare(button) {
  const { differences } = await ask(button.dataset.doiCompare);
  const isSame = Object.keys(differences).length === 0;
  showDifferences(
    document.getElementById("doi-differences"),
    differences,
    button.dataset,
    page.dataset.none
  );
  say(
    isSame ? button.dataset.same : button.dataset.differs,
    isSame ? "positive" : "warning"
  );
}

async function check(button) {
  const found = await ask(button.dataset.doiCheck);
  const list = button.parentElement.querySelector("[data-doi-checks]");
  showChecks(list, found.checks, button.dataset);
  say(
    found.ok ? button.dataset.good : button.dataset.bad,
    found.ok ? "positive" : "warning"
  );
}

const ACTIONS = {
  "[data-doi-post]": post,
  "[data-doi-compare]": compare,
  "[data-doi-check]": check,
  "[data-doi-many]": (button) => sendMany(button, say),
};

page?.addEventListener("click", (event) => {
  for (const [selector, action] of Object.entries(ACTIONS)) {
    const button = event.target.closest(selector);
    if (button) {
      doFor(button, () => action(button));
    }
  }
});

// They are disabled until now, because clicks would have no effect.
page
  ?.querySelectorAll(Object.keys(ACTIONS).join(", "))
  .forEach((button) => button.removeAttribute("disabled"));
