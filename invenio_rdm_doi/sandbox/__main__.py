# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``python -m invenio_rdm_doi.sandbox``."""

from .cli import main

main(prog_name="datacite-sandbox")
