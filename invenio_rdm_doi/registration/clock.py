# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The one clock: the database's. Hosts may disagree about the time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def now() -> sa.ColumnElement[Any]:
    """The time at which a statement runs (not at which its transaction began)."""
    return sa.func.clock_timestamp()


def earlier(seconds: float) -> sa.ColumnElement[Any]:
    """The time so many seconds ago."""
    return now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def later(seconds: float | sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The time after so many seconds."""
    return now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
