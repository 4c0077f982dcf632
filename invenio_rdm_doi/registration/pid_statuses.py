# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Correction of statuses in PIDStore; a delivery sets them automatically."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus

from ..states import FINDABLE, REGISTERED
from .models import Registration

PID = PersistentIdentifier.__table__
REGISTRATION = Registration.__table__


def make_agree(dois: Sequence[str]) -> None:
    """Make PIDStore agree with the registrations of some DOIs, without commit.

    REGISTERED means that DataCite confirmed the DOI, and nothing else. A DOI that is
    being delivered, or is in doubt, does not lose the status. The decision depends on
    the current rows, not on earlier reads.
    """
    if not dois:
        return
    row = REGISTRATION.c
    confirmed = row.confirmed_state.in_([FINDABLE, REGISTERED])
    known = sa.func.coalesce(confirmed, False)
    of_ours = (PID.c.pid_type == "doi", PID.c.pid_value == row.doi)
    waits = PID.c.status.in_([PIDStatus.NEW, PIDStatus.RESERVED])
    for status, when in (
        (PIDStatus.REGISTERED, sa.and_(known, waits)),
        (
            PIDStatus.RESERVED,
            sa.and_(
                ~known,
                PID.c.status == PIDStatus.REGISTERED,
                row.in_doubt.is_(False),
                row.lease_token.is_(None),
            ),
        ),
    ):
        db.session.execute(
            sa.update(PID)
            .where(*of_ours, row.doi.in_(dois), when)
            .values(status=status)
        )
