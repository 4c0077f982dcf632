# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The deposit form, the record page and the list of uploads, in a real browser."""

import sys
from pathlib import Path

# "pytest" alone does not look for modules in the checkout.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
