/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { markUploads } from "./mark";

// The list is rendered into this element, and again with every search.
const list = document.getElementById("invenio-search-config");
if (list) {
  markUploads(list);
}
