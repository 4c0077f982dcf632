# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Makes PIDStore say what DataCite confirmed; a delivery does it by itself."""

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
    """Make PIDStore agree with the registrations of some DOIs, in the transaction.

    REGISTERED means that DataCite confirmed it, and nothing else does. What a delivery
    is at, or what is in doubt, is left alone. Decided by what the rows say now, and not
    by what somebody read before.
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
