/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { editRecord } from "../api";
import { STATUS } from "./watch";

/** Where the page goes; tests have another one. */
export const browser = { go: (address) => window.location.assign(address) };

/** The link "Edit" needs a draft, and there is none of a record that was published. */
export async function openForm(event) {
  const link = event.target.closest(`#${STATUS} a[data-edit]`);
  if (!link) {
    return;
  }
  event.preventDefault();
  link.classList.add("loading");
  try {
    await editRecord(document.getElementById(STATUS).dataset.recordId);
  } catch (error) {
    // The page behind the link says what is wrong.
    console.warn("There is no draft to edit", error);
  }
  browser.go(link.href);
}
