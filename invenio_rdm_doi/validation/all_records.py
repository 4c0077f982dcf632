# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Validation of all public records against the schema, in several processes."""

from __future__ import annotations

import multiprocessing
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, cast
from uuid import UUID

from flask import Flask, current_app
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records
from werkzeug.local import LocalProxy

from ..doi import managed_doi
from ..metadata.complaints import violations_by_field
from ..proxies import current_doi
from ..records.find import public_ids
from ..records.source import Reader
from .draft import check_source

CHUNK = 50
"""Records per chunk; the records of a chunk share vocabulary look-ups."""

NAMED = 100
"""Maximum number of records listed per complaint; the others are only counted."""

INDEX = re.compile(r"\.\d+\b")

Finding = tuple[str, list[str], list[str]]
"""(identifier of the record, complaints, warnings)"""


@dataclass
class Group:
    """Records that have the same complaint.

    :param count: number of all these records.
    :param records: identifiers of the first of them.
    """

    count: int = 0
    records: list[str] = field(default_factory=list)

    def add(self, recid: str) -> None:
        """Count one more record."""
        self.count += 1
        if len(self.records) < NAMED:
            self.records.append(recid)


@dataclass
class Survey:
    """The result of checking many records.

    :param total: number of checked records.
    :param refused: number of records that DataCite would refuse.
    :param complaints: complaint -> the records that have it.
    :param warnings: the same, for values that are sent in another form, or left out.
    :param last: id of the last checked record, after which a survey can continue.
    """

    total: int = 0
    refused: int = 0
    complaints: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    warnings: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    last: UUID | None = None

    def add(self, findings: list[Finding]) -> None:
        """Count the findings of a chunk."""
        for recid, complaints, warnings in findings:
            self.total += 1
            self.refused += bool(complaints)
            for groups, texts in (
                (self.complaints, complaints),
                (self.warnings, warnings),
            ):
                for text in dict.fromkeys(texts):
                    groups[text].add(recid)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "total": self.total,
            "refused": self.refused,
            "last": str(self.last) if self.last else None,
            "complaints": {k: vars(v) for k, v in self.complaints.items()},
            "warnings": {k: vars(v) for k, v in self.warnings.items()},
        }


def survey(
    everything: bool,
    jobs: int,
    progress: Callable[[int], None],
    result: Survey | None = None,
) -> Survey:
    """Check records.

    :param everything: check all public records, not only those with a managed DOI.
    :param jobs: number of processes.
    :param progress: called with the number of records in each checked chunk.
    :param result: the survey to add to; if it has ``last``, the check continues after
        that record. After an interruption, it contains all chunks checked until then.
    """
    result = Survey() if result is None else result
    chunks = _chunks(public_ids(everything, after=result.last))
    for ids, findings in _run(chunks, jobs):
        result.add(findings)
        result.last = ids[-1]
        progress(len(findings))
    return result


def _chunks(ids: Iterator[UUID]) -> Iterator[list[UUID]]:
    while chunk := list(islice(ids, CHUNK)):
        yield chunk


def _run(
    chunks: Iterator[list[UUID]], jobs: int
) -> Iterator[tuple[list[UUID], list[Finding]]]:
    """Yield the chunks with their findings, in order."""
    if jobs == 1:
        for chunk in chunks:
            yield chunk, _check(chunk)
        return
    # Processes are forked, so that they need not build the application again. They must
    # not share connections to the database.
    app = cast(LocalProxy[Flask], current_app)._get_current_object()
    with ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("fork"),
        initializer=partial(_start, app),
    ) as pool:
        # Do not submit all chunks at once: they would fill the memory.
        waiting: deque[tuple[list[UUID], Future[list[Finding]]]] = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_check, chunk)))
            if len(waiting) >= 4 * jobs:
                ids, future = waiting.popleft()
                yield ids, future.result()
        for ids, future in waiting:
            yield ids, future.result()


def _start(app: Flask) -> None:
    app.app_context().push()
    db.session.remove()
    db.engine.dispose(close=False)


def _check(ids: list[UUID]) -> list[Finding]:
    reader = Reader.create(current_doi.metadata_settings)
    records = current_rdm_records.records_service.record_cls.get_records(ids)
    with db.session.no_autoflush:
        findings = [_finding(record, reader) for record in records]
    db.session.rollback()
    return findings


def _finding(record: Any, reader: Reader) -> Finding:
    try:
        checked = check_source(reader.source(record), managed_doi(record))
    except Exception as error:
        # An error in one record must not end the survey of all others.
        return record.pid.pid_value, [f"{type(error).__name__}: {error}"], []
    complaints = [
        f"{item.field}: {_general(message)}"
        for item in violations_by_field(checked.violations)
        for message in item.messages
    ]
    warnings = [f"{_general(n.field)}: {n.message}" for n in checked.notes]
    return record.pid.pid_value, complaints, warnings


def _general(text: Any) -> str:
    """Replace list indexes in a text, so that the same complaints are grouped."""
    return INDEX.sub(".*", str(text))
