# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Client of DataCite's REST API (https://support.datacite.org/docs/api)."""
