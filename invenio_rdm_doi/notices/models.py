# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Table: the last notices and the facts that they reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from invenio_db import db
from sqlalchemy.orm import Mapped, mapped_column

from ..registration.models import JSON, Moment


class Notice(db.Model):
    """The last notice with a given name."""

    __tablename__ = "rdm_doi_notice"
    __table_args__ = (sa.Index("ix_rdm_doi_notice_sent_at", "sent_at"),)

    name: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    """``digest``, ``exposed``, ``owners``, or ``owner:`` and the registration's id."""

    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The reported facts; for ``owners``, the position in the list of failures."""

    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    """Time of sending; None: nothing has been sent yet."""
