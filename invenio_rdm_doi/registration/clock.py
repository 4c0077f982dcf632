# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The one clock: the database's, because the clocks of hosts may differ."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def now() -> sa.ColumnElement[Any]:
    """Return the time at which a statement runs, not the start of its transaction."""
    return sa.func.clock_timestamp()


def earlier(seconds: float) -> sa.ColumnElement[Any]:
    """Return the time that many seconds ago."""
    return now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def later(seconds: float | sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the time after that many seconds."""
    return now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
