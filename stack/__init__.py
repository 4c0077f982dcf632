# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Services for the demo, the tests and the benchmarks, without Docker."""
