/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { editRecord } from "../api";
import { STATUS } from "./watch";

/** Navigation to another page; tests replace it. */
export const browser = { go: (address) => window.location.assign(address) };

/** Create the draft that the link "Edit" needs: a published record has none. */
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
    // The linked page shows the reason.
    console.warn("There is no draft to edit", error);
  }
  browser.go(link.href);
}
