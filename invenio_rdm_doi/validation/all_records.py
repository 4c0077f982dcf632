# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks all public records against the schema, in several processes."""

from __future__ import annotations

import multiprocessing
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
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

INDEX = re.compile(r"\.\d+\b")

Finding = tuple[str, list[str], list[str]]
"""(identifier of the record, complaints, warnings)"""


@dataclass
class Survey:
    """What was found.

    :param total: records that were checked.
    :param refused: how many of them DataCite would refuse.
    :param complaints: complaint -> identifiers of the records that have it.
    :param warnings: the same, for what is sent in another form, or left out.
    """

    total: int = 0
    refused: int = 0
    complaints: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

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
                    groups[text].append(recid)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "total": self.total,
            "refused": self.refused,
            "complaints": dict(self.complaints),
            "warnings": dict(self.warnings),
        }


def survey(everything: bool, jobs: int, progress: Callable[[int, int], None]) -> Survey:
    """Check records.

    :param everything: all public records, and not only those with a managed DOI.
    :param jobs: how many processes.
    :param progress: called with (checked now, of all).
    """
    chunks = list(_chunks(public_ids(everything)))
    total = sum(map(len, chunks))
    result = Survey()
    for findings in _run(chunks, jobs):
        result.add(findings)
        progress(len(findings), total)
    return result


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _run(chunks: list[list[UUID]], jobs: int) -> Iterator[list[Finding]]:
    if jobs == 1 or len(chunks) < 2:
        yield from map(_check, chunks)
        return
    # Forked, so that nobody builds the application again; connections to the database
    # are not for two processes.
    app = cast(LocalProxy[Flask], current_app)._get_current_object()
    with ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("fork"),
        initializer=partial(_start, app),
    ) as pool:
        yield from pool.map(_check, chunks)


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
