/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { openForm } from "./edit";
import { watch } from "./watch";

document.addEventListener("click", openForm);
watch();
