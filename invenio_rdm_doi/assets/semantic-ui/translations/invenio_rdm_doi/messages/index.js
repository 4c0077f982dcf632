/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import TRANSLATE_de from "./de/translations.json";

export const translations = {
  de: { translation: TRANSLATE_de },
};
