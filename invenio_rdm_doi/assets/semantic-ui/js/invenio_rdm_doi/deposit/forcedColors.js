/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/**
 * Styles for users whose system replaces all colors (forced-colors).
 *
 * Semantic UI draws radio buttons and borders with backgrounds and shadows, which are not
 * drawn then. A separate style sheet would be one more file on each page.
 */
export const FORCED_COLORS = `
@media (forced-colors: active) {
  .invenio-rdm-doi .ui.radio.checkbox label::before {
    border: 1px solid ButtonText !important;
  }
  .invenio-rdm-doi .ui.radio.checkbox input:checked ~ label::after {
    background-color: Highlight !important;
    forced-color-adjust: none;
  }
  .invenio-rdm-doi .ui.radio.checkbox input:focus ~ label {
    outline: 2px solid Highlight;
  }
  .invenio-rdm-doi .ui.message,
  .invenio-rdm-doi .ui.button,
  .invenio-rdm-doi .ui.label,
  .invenio-rdm-doi .ui.input > input {
    border: 1px solid CanvasText !important;
  }
}`;
