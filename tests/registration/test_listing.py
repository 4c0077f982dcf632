# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Pages of registrations: each filter finds the right rows, in order and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
import sqlalchemy as sa
from invenio_db import db

from invenio_rdm_doi.registration import listing
from invenio_rdm_doi.registration.listing import Filter
from invenio_rdm_doi.registration.models import Kind, Registration, Status

CODES = (None, "datacite.refused", "doi.other_system")
PREFIXES = ("10.1234", "10.5678", "10.9999")
OWNERS = [uuid4() for _ in range(4)]


@pytest.fixture()
def rows(repository):
    """Create rows of every status, kind, prefix and code, some with equal times."""
    made = []
    now = datetime.now(UTC)
    every = product(PREFIXES, Status, Kind, CODES)
    for number, (prefix, status, kind, code) in enumerate(every):
        key = f"{prefix}/{'ab%_'[number % 4]}{number}"
        changed = now - timedelta(hours=number % 10)
        is_marked = status is Status.FAILED and number % 2
        must_hide = {"must_hide": True} if number % 11 == 0 else {}
        made.append(
            Registration(
                doi=key.upper(),
                doi_key=key,
                kind=kind,
                status=status,
                owner_id=OWNERS[number % 4],
                updated=changed,
                handled_at=changed + timedelta(minutes=1) if is_marked else None,
                error={"code": code, "message": "x", **must_hide} if code else None,
            )
        )
    db.session.add_all(made)
    db.session.commit()
    found = db.session.execute(sa.select(listing.REGISTRATION)).all()
    db.session.rollback()
    assert len(found) == 126
    return found


def is_found(wanted, row):
    """Evaluate the filter in Python for one row, like the SQL statement."""
    now = datetime.now(UTC)
    handled = row.handled_at is not None and row.handled_at >= row.updated
    error = row.error or {}
    checks = (
        (wanted.prefixes, lambda v: row.prefix in v),
        (wanted.statuses, lambda v: row.status in v),
        (wanted.kind, lambda v: row.kind is v),
        (wanted.code, lambda v: error.get("code") == v),
        (wanted.key, lambda v: row.doi_key == v),
        (wanted.beginning, lambda v: row.doi_key.startswith(v)),
        (wanted.owners, lambda v: row.owner_id in v),
        (wanted.older_than, lambda v: row.updated < now - timedelta(seconds=v)),
        (wanted.handled, lambda v: handled is v),
        (wanted.must_hide or None, lambda v: error.get("must_hide") is v),
    )
    return all(value is None or check(value) for value, check in checks)


def pages(wanted, size, **options):
    found, after = [], None
    while True:
        some, after = wanted.page(size, after, **options)
        found += some
        if after is None:
            return found


FILTERS = [
    {},
    *({"statuses": [status]} for status in Status),
    {"statuses": [Status.FAILED, Status.PENDING], "kind": Kind.CONCEPT},
    {"statuses": []},
    {"prefixes": ["10.5678"]},
    {"prefixes": ["10.5678", "10.1234"], "code": "datacite.refused"},
    {"prefixes": ["10.4321"]},
    {"prefixes": []},
    {"code": "none"},
    {"key": "10.1234/a0"},
    {"key": "10.1234/a0", "beginning": "10.1234/b"},
    {"beginning": "10."},
    {"beginning": "10.5"},
    {"beginning": "10.1234/"},
    {"beginning": "10.1234/%"},
    {"beginning": "10.1234/_", "statuses": [Status.FAILED]},
    {"beginning": "10.1234/\U0001f600"},
    {"owners": OWNERS[:2]},
    {"owners": OWNERS[:2], "beginning": "10.9999/", "kind": Kind.RECORD},
    {"owners": []},
    {"older_than": 4.5 * 3600},
    {"older_than": 4.5 * 3600, "code": "doi.other_system"},
    {"handled": True},
    {"handled": False},
    {"handled": True, "statuses": [Status.FAILED], "prefixes": ["10.1234"]},
    {"must_hide": True},
    {"must_hide": True, "statuses": [Status.FAILED]},
]


def test_each_filter_finds_what_it_should_in_order_and_once(rows):
    for filter_, newest_first in product(FILTERS, (True, False)):
        wanted = Filter(**filter_)
        expected = [row for row in rows if is_found(wanted, row)]
        few = any(filter_.get(name) is not None for name in ("owners", "key"))
        if wanted.beginning is not None and not few and not wanted.must_hide:
            expected.sort(key=lambda row: row.doi_key)
        else:
            expected.sort(key=lambda row: (row.updated, row.id), reverse=newest_first)
        for size in (5, 200):
            found = pages(wanted, size, newest_first=newest_first)
            assert [row.id for row in found] == [row.id for row in expected], filter_
        assert wanted.count(1000) == len(expected)
        assert wanted.count(3) == min(3, len(expected))


def test_what_changed_later_is_left_out(rows):
    until = max(row.updated for row in rows) - timedelta(hours=5)
    found = pages(Filter(), 9, newest_first=False, until=until)
    assert {row.id for row in found} == {row.id for row in rows if row.updated <= until}


def test_the_statement_is_as_long_with_many_prefixes(rows, monkeypatch):
    statements = []

    def heard(_connection, _cursor, statement, *_more):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", heard)
    try:
        for count in (1, 100):
            many = [f"10.{1000 + number}" for number in range(count)]
            monkeypatch.setattr(listing, "_prefixes_here", lambda many=many: many)
            Filter().page(10)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", heard)
    one, hundred = statements
    assert one == hundred
