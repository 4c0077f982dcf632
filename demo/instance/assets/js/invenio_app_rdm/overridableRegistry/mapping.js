// SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
// SPDX-License-Identifier: MIT

// No component of InvenioRDM is replaced here.
export const overriddenComponents = {};
