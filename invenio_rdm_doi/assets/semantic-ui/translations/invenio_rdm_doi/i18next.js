/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import i18n from "i18next";
import LanguageDetector from "i18next-browser-languagedetector";
import { translations } from "./messages";

const i18next = i18n.createInstance();

// As in InvenioRDM's own packages: the page's lang attribute sets the language.
i18next.use(LanguageDetector).init({
  fallbackLng: "en",
  returnEmptyString: false,
  resources: translations,
  keySeparator: false,
  nsSeparator: false,
  // React escapes what it renders.
  interpolation: { escapeValue: false },
  detection: { order: ["htmlTag"], caches: [] },
});

export { i18next };
