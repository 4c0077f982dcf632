# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Actions of depositors and curators in the chaos test, and a book of them.

The book records what the public may see of each record, independently of the package.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.registration.models import Registration
from stack.processes import say

from ..support.communities import create_community, put_into

TRIES = 40
PAUSE_SECONDS = 0.5


@dataclass
class Version:
    """One version of a record, as the public should see it.

    :param markers: texts that no other record has; the last one is in its current
        metadata, the earlier ones were there before.
    """

    id: str
    doi: str
    concept: str
    markers: list[str]
    title: str
    is_public: bool
    is_deleted: bool = False


@dataclass
class Secret:
    """A text that must not be sent during a period of time.

    :param dois: DOIs whose metadata could contain it: the version's and the concept
        DOI.
    :param since: when the restriction was committed (0: the text never was public).
    :param until: when a user began to make it public.
    :param revisions: wanted revision by DOI, right after the restriction; a request for
        an older one was already on its way. Empty if the text was never public.
    """

    marker: str
    dois: tuple[str, str]
    since: float = 0
    until: float = float("inf")
    revisions: dict[str, int] = field(default_factory=dict)


class Story:
    """Random turns in the lives of records, one after the other."""

    def __init__(self, chance: random.Random, dois: int) -> None:
        """Plan the turns so that the story ends with the given number of DOIs."""
        self.chance = chance
        self.families: list[list[Version]] = []
        self.secrets: list[Secret] = []
        self.counts: Counter[str] = Counter()
        self._committed = 0.0
        self._deleted_last: Version | None = None
        self.plan = self._plan(dois)
        self.press = create_community("press", "restricted")
        """The community of the second account."""
        sa.event.listen(db.session, "after_commit", self._note_commit)

    def close(self) -> None:
        """Stop listening for commits."""
        sa.event.remove(db.session, "after_commit", self._note_commit)

    @property
    def versions(self) -> list[Version]:
        """All versions of all records."""
        return [version for family in self.families for version in family]

    def _plan(self, dois: int) -> list[Callable[[], bool]]:
        # A new record has two DOIs, a new version adds one.
        more = dois // 10
        more += (dois - more) % 2
        much = {
            self.publish: (dois - more) // 2,
            self.new_version: more,
            self.edit: dois // 2,
            self.restrict: dois // 8,
            self.open: dois // 12,
            self.delete: dois // 10,
            self.restore: dois // 40,
        }
        # New records come early, so that there is something to change afterwards.
        moments = [
            (self.chance.uniform(0, 0.7 if turn == self.publish else 1), turn)
            for turn, times in much.items()
            for _ in range(times)
        ]
        # Half of the restores undo the last deletion at once, possibly before it was
        # delivered: DataCite should then have the former data again.
        deletions = [moment for moment, turn in moments if turn == self.delete]
        for moment in self.chance.sample(deletions, len(deletions) // 4):
            moments.append((moment, self.undelete))
        moments.sort(key=lambda moment: moment[0])
        return [turn for _, turn in moments]

    def go(self, number: int) -> None:
        """Take the next turn if there is a record for it."""
        turn = self.plan[number]
        if not turn():
            # The number of DOIs is fixed: a version that cannot be created is created
            # later.
            later = number + 1 + self.chance.randrange(8)
            if turn == self.new_version:
                self.plan.insert(later, turn)
            else:
                self.counts["impossible"] += 1

    def publish(self) -> bool:
        """Publish a new record; one in ten is restricted from the start."""
        marker, is_public = self._marker(), self.chance.random() > 0.1
        data = {
            "metadata": {
                "title": marker,
                "publication_date": "2026-05-04",
                "publisher": "Chaos Archive",
                "resource_type": {"id": "dataset"},
                "creators": _creators(marker),
            },
            "access": _access(is_public),
            "files": {"enabled": False},
            "pids": {},
        }
        draft = self._surely(lambda: service.create(system_identity, deepcopy(data)))
        if self.chance.random() < 0.4:
            self._surely(lambda: put_into(_read(draft.id), self.press))
        self._publish(draft.id, is_public)
        version = self._book(draft.id, marker, marker, is_public)
        self.families.append([version])
        self.counts["records"] += 1
        return True

    def new_version(self) -> bool:
        """Publish another version of a record, with another text."""
        families = [family for family in self.families if not family[-1].is_deleted]
        if not families:
            return False
        family = self.chance.choice(families)
        marker, is_public = self._marker(), self.chance.random() > 0.1
        draft = self._surely(
            lambda: service.new_version(system_identity, family[-1].id)
        )
        self._change(draft, marker, marker, is_public)
        self._publish(draft.id, is_public)
        family.append(self._book(draft.id, marker, marker, is_public))
        self.counts["versions"] += 1
        return True

    def edit(self) -> bool:
        """Change the title of a record that is not deleted."""
        version = self._any(lambda version: not version.is_deleted)
        if version is None:
            return False
        self.counts["edits"] += 1
        title = f"{version.markers[-1]} edit {self.counts['edits']}"
        self._edit(version, version.markers[-1], title, version.is_public)
        return True

    def restrict(self) -> bool:
        """Restrict a public record, and give it a text that never was public."""
        version = self._any(lambda v: v.is_public and not v.is_deleted)
        if version is None:
            return False
        seen, never_seen = list(version.markers), self._marker()
        self._edit(version, never_seen, never_seen, False)
        version.markers.append(never_seen)
        dois = (version.doi, version.concept)
        revisions = self._revisions(dois)
        self.secrets += [
            Secret(marker, dois, self._committed, revisions=revisions)
            for marker in seen
        ]
        self.secrets.append(Secret(never_seen, dois))
        self.counts["restrictions"] += 1
        return True

    def open(self) -> bool:
        """Make a restricted record public."""
        version = self._any(lambda v: not v.is_public and not v.is_deleted)
        if version is None:
            return False
        for secret in self.secrets:
            if secret.marker in version.markers:
                secret.until = min(secret.until, time.time())
        self._edit(version, version.markers[-1], version.title, True)
        self.counts["openings"] += 1
        return True

    def delete(self) -> bool:
        """Delete a record, which leaves a tombstone."""
        version = self._any(lambda version: not version.is_deleted)
        if version is None:
            return False
        data = {"removal_reason": {"id": "spam"}, "note": "A note."}
        self._surely(
            lambda: service.delete_record(system_identity, version.id, data),
            lambda: _record(version.id).deletion_status.is_deleted,
        )
        version.is_deleted = True
        self._deleted_last = version
        self.counts["deletions"] += 1
        return True

    def restore(self) -> bool:
        """Restore a deleted record."""
        return self._restore(self._any(lambda version: version.is_deleted))

    def undelete(self) -> bool:
        """Restore the last deleted record at once."""
        last = self._deleted_last
        return self._restore(last if last and last.is_deleted else None)

    def _restore(self, version: Version | None) -> bool:
        if version is None:
            return False
        self._surely(
            lambda: service.restore_record(system_identity, version.id),
            lambda: not _record(version.id).deletion_status.is_deleted,
        )
        version.is_deleted = False
        self.counts["restores"] += 1
        return True

    def _marker(self) -> str:
        return f"mark{self.chance.getrandbits(64):016x}"

    def _any(self, fits: Callable[[Version], bool]) -> Version | None:
        fitting = [version for version in self.versions if fits(version)]
        return self.chance.choice(fitting) if fitting else None

    def _book(self, id_: str, marker: str, title: str, is_public: bool) -> Version:
        record = self._surely(lambda: _record(id_))
        version = Version(
            id=id_,
            doi=record.pids["doi"]["identifier"],
            concept=record.parent.pids["doi"]["identifier"],
            markers=[marker],
            title=title,
            is_public=is_public,
        )
        if not is_public:
            self.secrets.append(Secret(marker, (version.doi, version.concept)))
        return version

    def _edit(self, version: Version, marker: str, title: str, is_public: bool) -> None:
        draft = self._surely(lambda: service.edit(system_identity, version.id))
        self._change(draft, marker, title, is_public)
        self._surely(
            lambda: service.publish(system_identity, version.id),
            lambda: _says(version.id, title, is_public),
        )
        version.title, version.is_public = title, is_public

    def _change(self, draft: Any, marker: str, title: str, is_public: bool) -> None:
        data = deepcopy(draft.data)
        data["metadata"] |= {
            "title": title,
            "creators": _creators(marker),
            "publication_date": "2026-06-01",
        }
        data["access"] |= _access(is_public)
        data["files"] = {"enabled": False}
        self._surely(
            lambda: service.update_draft(system_identity, draft.id, deepcopy(data))
        )

    def _publish(self, id_: str, is_public: bool) -> None:
        if not is_public:
            # InvenioRDM gives a restricted record a DOI only on request.
            self._surely(
                lambda: service.pids.create(system_identity, id_, "doi"),
                lambda: "doi" in _draft(id_).pids,
            )
        self._surely(
            lambda: service.publish(system_identity, id_), lambda: _is_published(id_)
        )

    def _revisions(self, dois: tuple[str, str]) -> dict[str, int]:
        rows = db.session.execute(
            sa.select(Registration.doi, Registration.revision).where(
                Registration.doi.in_(dois)
            )
        )
        found = {doi: revision for doi, revision in rows}
        db.session.rollback()
        return found

    def _surely(self, action: Callable[[], Any], is_done: Callable | None = None):
        """Repeat an action until it succeeds, because a service may be unavailable.

        :param is_done: returns whether a failed try was committed nevertheless.
        """
        for number in range(TRIES):
            try:
                return action()
            except Exception as error:
                problem = f"{type(error).__name__}: {error}".splitlines()[0]
                say(f"    a request failed: {problem[:120]}")
                self.counts["failed requests"] += 1
                if number == TRIES - 1:
                    raise
            db.session.remove()
            db.engine.dispose()
            time.sleep(PAUSE_SECONDS)
            if is_done and is_done():
                return None
        return None

    def _note_commit(self, _session: Any) -> None:
        self._committed = time.time()


def _record(id_: str):
    db.session.rollback()
    return service.record_cls.pid.resolve(id_)


def _draft(id_: str):
    db.session.rollback()
    return service.draft_cls.pid.resolve(id_, registered_only=False)


def _read(id_: str):
    db.session.rollback()
    return service.read_draft(system_identity, id_)


def _says(id_: str, title: str, is_public: bool) -> bool:
    record = _record(id_)
    access = "public" if is_public else "restricted"
    return (record.metadata["title"], record["access"]["record"]) == (title, access)


def _is_published(id_: str) -> bool:
    return _draft(id_).is_published


def _creators(marker: str) -> list[dict[str, Any]]:
    return [{"person_or_org": {"type": "personal", "family_name": marker}}]


def _access(is_public: bool) -> dict[str, str]:
    access = "public" if is_public else "restricted"
    return {"record": access, "files": access}
