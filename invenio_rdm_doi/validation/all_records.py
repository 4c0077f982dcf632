# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks all public records against the schema, in several processes."""

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
"""Records per step; a step shares what it looks up in vocabularies."""

NAMED = 100
"""Records that are named per complaint; the others are only counted."""

INDEX = re.compile(r"\.\d+\b")

Finding = tuple[str, list[str], list[str]]
"""(identifier of the record, complaints, warnings)"""


@dataclass
class Group:
    """Records that have the same complaint.

    :param records: identifiers of the first of them.
    """

    count: int = 0
    records: list[str] = field(default_factory=list)

    def add(self, recid: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.records) < NAMED:
            self.records.append(recid)


@dataclass
class Survey:
    """What was found.

    :param total: records that were checked.
    :param refused: how many of them DataCite would refuse.
    :param complaints: complaint -> the records that have it.
    :param warnings: the same, for what is sent in another form, or left out.
    :param last: id of the last record that was checked, to go on after it.
    """

    total: int = 0
    refused: int = 0
    complaints: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    warnings: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    last: UUID | None = None

    def add(self, findings: list[Finding]) -> None:
        """Count the findings of a step."""
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
        """Plain values, for JSON."""
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

    :param everything: all public records, and not only those with a managed DOI.
    :param jobs: how many processes.
    :param progress: called with how many were checked now.
    :param result: is filled; with ``last``, it goes on after that record. What it has
        after an interruption is what was checked until then.
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
    """The findings of each chunk, in their order."""
    if jobs == 1:
        for chunk in chunks:
            yield chunk, _check(chunk)
        return
    # Forked, so that nobody builds the application again; connections to the database
    # are not for two processes.
    app = cast(LocalProxy[Flask], current_app)._get_current_object()
    with ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("fork"),
        initializer=partial(_start, app),
    ) as pool:
        # Not all at once: what waits to be checked would fill the memory.
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
        # One record must not end the survey of all others.
        return record.pid.pid_value, [f"{type(error).__name__}: {error}"], []
    complaints = [
        f"{item.field}: {_general(message)}"
        for item in violations_by_field(checked.violations)
        for message in item.messages
    ]
    warnings = [f"{_general(n.field)}: {n.message}" for n in checked.notes]
    return record.pid.pid_value, complaints, warnings


def _general(text: Any) -> str:
    """Without places in lists, so that the same complaint is counted once."""
    return INDEX.sub(".*", str(text))
