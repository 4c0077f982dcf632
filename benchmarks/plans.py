# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fills the tables and examines the query plan of each statement of the product.

A statement of a request, a claim, a settlement or a listing must not read a whole
table: its cost would grow with the table.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from invenio_db import db

GROWING = (
    "rdm_doi_registration",
    "rdm_doi_attempt",
    "rdm_records_metadata",
    "rdm_parents_metadata",
    "pidstore_pid",
)
SCAN = re.compile(rf"(?:Parallel )?Seq Scan on ({'|'.join(GROWING)})\b")
BUFFERS = re.compile(r"Buffers: (?:shared )?(?:hit=(\d+))?(?: ?read=(\d+))?")

EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")

FILL = (
    """INSERT INTO rdm_parents_metadata (id, json, version_id, created, updated)
    SELECT CAST(md5('p' || n) AS uuid), '{}', 1, now(), now()
    FROM generate_series(1, :parents) n""",
    """INSERT INTO rdm_records_metadata
    (id, json, version_id, created, updated, index, parent_id, deletion_status)
    SELECT CAST(md5('r' || n) AS uuid), jsonb_build_object(
        'pids', jsonb_build_object('doi', jsonb_build_object('identifier',
            '10.1234/r' || n, 'provider', 'datacite')),
        'access', jsonb_build_object('record', 'public'),
        'metadata', jsonb_build_object('title', 'Record ' || n)),
    1, now(), now(), 1 + n / :parents, CAST(md5('p' || (1 + n % :parents)) AS uuid), 'P'
    FROM generate_series(1, :records) n""",
    """INSERT INTO rdm_versions_state (parent_id, latest_index, latest_id)
    SELECT parent_id, max(index), CAST(max(CAST(id AS text)) AS uuid)
    FROM rdm_records_metadata WHERE parent_id IS NOT NULL GROUP BY parent_id
    ON CONFLICT DO NOTHING""",
    """INSERT INTO pidstore_pid (created, updated, pid_type, pid_value, status,
    object_type, object_uuid, pid_provider)
    SELECT now(), now(), kind, CASE kind WHEN 'doi' THEN '10.1234/r' ELSE 'r' END || n,
    'R', 'rec', CAST(md5('r' || n) AS uuid), CASE kind WHEN 'doi' THEN 'datacite' END
    FROM generate_series(1, :registrations) n, (VALUES ('doi'), ('recid')) k (kind)
    WHERE kind = 'doi' OR n <= :records""",
    """INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id, status,
    revision, priority, confirmed_revision, confirmed_state, confirmed_digest,
    confirmed_account, failures, in_doubt, due_at, requested_by, error, updated)
    SELECT CAST(md5('d' || n) AS uuid), '10.1234/r' || n, '10.1234/r' || n, 'record',
    CAST(md5('r' || n) AS uuid),
    CASE WHEN n % 1000 = 0 THEN 'failed' WHEN n % 50 = 0 THEN 'pending'
        ELSE 'findable' END, 2,
    CASE WHEN n % 2 = 0 THEN 0 ELSE 10 END, 1, 'findable', md5('x'), :account, 0, false,
    CASE WHEN n % 50 = 0 THEN now() + make_interval(secs => (n % 7 - 3) * 600) END,
    CASE WHEN n % 50 = 0 THEN CAST(n % 9 AS text) END,
    CASE WHEN n % 10000 = 0 THEN CAST('{"must_hide": true}' AS jsonb)
        WHEN n % 99000 = 0 THEN CAST('{"code": "doi.other_system"}' AS jsonb)
        WHEN n % 1000 = 0 THEN CAST('{"code": "datacite.refused"}' AS jsonb) END,
    now() - make_interval(mins => n % 1000000)
    FROM generate_series(1, :registrations) n""",
    """INSERT INTO rdm_doi_attempt (registration_id, revision, started_at, duration_ms,
    outcome, digest)
    SELECT CAST(md5('d' || n) AS uuid), 1, now(), 5, 'done', md5('x')
    FROM generate_series(1, :registrations) n""",
)
EMPTY = (
    "rdm_doi_attempt",
    "rdm_doi_registration",
    "rdm_doi_mark",
    "rdm_versions_state",
    "pidstore_pid",
    "rdm_records_metadata",
    "rdm_parents_metadata",
)


@dataclass(frozen=True)
class Finding:
    """One statement and its plan.

    :param scans: the growing tables that it reads completely.
    """

    what: str
    statement: str
    buffers: int
    scans: tuple[str, ...]
    plan: str


def fill(registrations: int, records: int) -> None:
    """Fill the tables, which must not have these rows yet."""
    from invenio_rdm_doi.proxies import current_doi

    values = {
        "registrations": registrations,
        "records": records,
        "parents": max(1, records // 2),
        "account": current_doi.settings.account.id,
    }
    with db.engine.begin() as connection:
        for statement in FILL:
            connection.execute(sa.text(statement), values)
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in (*GROWING, "rdm_versions_state"):
            connection.execute(sa.text(f"VACUUM ANALYZE {table}"))


def empty() -> None:
    """Remove the rows."""
    with db.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {', '.join(EMPTY)} CASCADE"))


def look() -> Iterator[Finding]:
    """Run each function, and explain each statement that it executes."""
    for what, function in functions():
        with _heard() as statements:
            function()
            db.session.rollback()
        for statement, parameters in statements:
            if statement.lstrip().upper().startswith(EXPLAINED):
                yield _explained(what, statement, parameters)


def functions() -> list[tuple[str, Callable[[], Any]]]:
    """Return the database operations of requests, workers, schedule and listings."""
    from invenio_rdm_doi.audit import here
    from invenio_rdm_doi.proxies import current_doi
    from invenio_rdm_doi.records import pids, versions
    from invenio_rdm_doi.registration import (
        intake,
        marks,
        queue,
        report,
        results,
        runners,
        tally,
    )
    from invenio_rdm_doi.registration.listing import Filter
    from invenio_rdm_doi.registration.models import Kind, Outcome, Status
    from invenio_rdm_doi.registration.settlements import Settlement, settle_all
    from invenio_rdm_doi.registration.target import Target
    from invenio_rdm_doi.services.attention import failed
    from invenio_rdm_doi.services.overview import overview

    settings = current_doi.settings
    prefixes = settings.account.prefixes
    claims: list[queue.Claim] = []
    parent = _parent()
    owner = SimpleNamespace(
        id=uuid.UUID(int=1),
        versions=SimpleNamespace(index=2, latest_index=2),
        parent=SimpleNamespace(id=parent),
    )
    target = Target("findable", {"url": "https://example.org/"})

    def claim() -> None:
        claims.extend(queue.claim(16, 600, prefixes))

    def settle() -> None:
        *done, single, lost, _rest = claims[:8]
        more = [
            Settlement(claim, target, Status.FINDABLE, "x y", _exchange())
            for claim in done
        ]
        settle_all(more)
        settle_all([Settlement(single, target, Status.FINDABLE, "x y", _exchange())])
        results.settle_trouble(
            lost, Outcome.RETRY, {"code": "x", "message": "x"}, exchange=_exchange()
        )
        queue.give_back(claims[7:])

    def publish() -> None:
        pids.lock("10.1234/R77")
        pids.spellings("10.1234/R77")
        intake.reserve("10.1234/new", Kind.RECORD, uuid.uuid4())
        intake.request("10.1234/r77", Kind.RECORD, uuid.uuid4(), by="3")
        intake.is_removal_requested("10.1234/r77")
        intake.request_again("10.1234/r78")
        intake.discard("10.1234/new")

    listing = [
        (f"list: {name}", partial(_pages, wanted)) for name, wanted in lists().items()
    ]
    return [
        *listing,
        ("count", lambda: Filter(statuses=[Status.FAILED]).count(report.MOST)),
        ("overview", overview),
        ("claim", claim),
        ("begin", lambda: queue.begin(claims, 600)),
        ("settle, give back", settle),
        ("the idle minute", lambda: (queue.due_prefixes(), queue.is_due())),
        ("a run's place", lambda: (runners.take(1), runners.call(1))),
        ("the breaker", lambda: current_doi.breaker().report()),
        ("publish", publish),
        ("versions", lambda: (versions.around(owner), versions.versions(parent))),
        ("status", lambda: report.summary(settings)),
        ("show", lambda: report.describe(report.find("10.1234/R77"))),
        ("my uploads", lambda: failed([f"r{n}" for n in range(1000, 1100)])),
        ("a mark", lambda: (marks.note_all(), marks.go_on(prefixes), marks.left())),
        ("clean up", lambda: list(tally.prune(90, datetime.now(UTC)))),
        ("a page of an audit", lambda: here.read([f"10.1234/r{n}" for n in range(50)])),
        ("a parent's mark", lambda: marks.note_parent(parent, db.session.execute)),
    ]


def lists() -> dict[str, Any]:
    """Return filters of the list of DOIs: common ones, rare ones and combinations."""
    from invenio_rdm_doi.proxies import current_doi
    from invenio_rdm_doi.registration.listing import Filter
    from invenio_rdm_doi.registration.models import Kind, Status

    prefixes = current_doi.settings.account.prefixes
    found = {status.value: Filter(statuses=[status]) for status in Status}
    return {
        "all": Filter(),
        **found,
        "records": Filter(kind=Kind.RECORD),
        "concepts": Filter(kind=Kind.CONCEPT),
        "account": Filter(prefixes=prefixes),
        "account, failed": Filter(prefixes=prefixes, statuses=[Status.FAILED]),
        "unhandled": Filter(statuses=[Status.FAILED], handled=False),
        "code": Filter(code="datacite.refused"),
        "rare code": Filter(code="doi.other_system"),
        "no such code": Filter(code="none"),
        "code, account": Filter(code="datacite.refused", prefixes=prefixes),
        "old": Filter(older_than=400 * 24 * 3600),
        "old, failed": Filter(older_than=24 * 3600, statuses=[Status.FAILED]),
        "nothing old": Filter(older_than=9000 * 24 * 3600),
        "beginning": Filter(beginning="10.1234/r12"),
        "beginning of all": Filter(beginning="10.1234/r"),
        "beginning, failed": Filter(beginning="10.1234/r", statuses=[Status.FAILED]),
        "one DOI": Filter(beginning="10.1234/r777777"),
        "a record": Filter(owners=[uuid.UUID(int=1)]),
    }


def _pages(wanted: Any) -> None:
    """Read the first two pages of a list, and the first one in reverse order."""
    _rows, more = wanted.page(51)
    if more:
        wanted.page(51, more)
    wanted.page(51, newest_first=False)


def _exchange() -> Any:
    from datetime import UTC, datetime

    from invenio_rdm_doi.registration.settlements import Exchange

    return Exchange(datetime.now(UTC), 5, "x", 200, "findable")


def _parent() -> Any:
    return db.session.scalar(
        sa.text("SELECT parent_id FROM rdm_records_metadata LIMIT 1")
    )


@contextmanager
def _heard() -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, many):
        statements.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def _explained(what: str, statement: str, parameters: Any) -> Finding:
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {statement}", parameters
        )
        plan = "\n".join(row[0] for row in rows)
        connection.rollback()
    found = BUFFERS.search(plan)
    buffers = sum(int(group or 0) for group in found.groups()) if found else 0
    return Finding(what, statement, buffers, tuple(set(SCAN.findall(plan))), plan)
