# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The independent judge of DataCite payloads, where it is available."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).parents[3] / "shared" / "oracle" / "datacite_oracle.py"


def load_oracle():
    """Return the judge, or None where it is not available."""
    if not PATH.exists():
        return None
    spec = importlib.util.spec_from_file_location("datacite_oracle", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Oracle()


ORACLE = load_oracle()

needs_oracle = pytest.mark.skipif(ORACLE is None, reason="there is no oracle here")


def judge(payload: dict[str, Any]) -> list[str]:
    """Return the judge's complaints about a payload, as it would arrive at DataCite."""
    return ORACLE.judge(json.loads(json.dumps(payload))) if ORACLE else []
