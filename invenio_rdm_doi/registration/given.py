# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Values of many rows as a table: one statement for any number of rows.

Each column is one parameter, an array. The statement does not depend on the number of
rows, so that it is built only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

Types = Mapping[str, Any]
"""SQL types by the name of the column."""


def given(types: Types, name: str = "given") -> Any:
    """Return a table of the rows whose parameters :func:`arrays` returns."""
    return (
        sa.func.unnest(*(array(column, type_) for column, type_ in types.items()))
        .table_valued(*(sa.column(column, type_) for column, type_ in types.items()))
        .render_derived(name=name)
    )


def array(column: str, type_: Any) -> Any:
    """Return the parameter of one column."""
    return sa.bindparam(_parameter(column), type_=ARRAY(type_))


def arrays(types: Types, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the parameters of a statement that uses :func:`given`."""
    kept = list(rows)
    return {_parameter(name): [row[name] for row in kept] for name in types}


def _parameter(column: str) -> str:
    return f"given_{column}"
