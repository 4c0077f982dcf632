# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Entry point of ``python -m datacite_sandbox``."""

from .cli import main

main(prog_name="datacite-sandbox")
