# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Random lives of records, with all failures on the way to DataCite.

After every step, no request that DataCite received, answered or not, contains more than
the public may see in the repository at that moment. In the end, DataCite, the
registrations and PIDStore agree with the model in ``record_lives_model.py``.

``DOI_LIVES=10`` tries ten times as many lives as usual.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier, PIDStatus
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.datacite.client import DataCiteClient
from invenio_rdm_doi.registration import marks, queue, settling
from invenio_rdm_doi.registration.models import BreakerState, Mark, Registration
from tests.conftest import OTHER_ACCOUNTS
from tests.registration.record_lives_model import (
    MARKER,
    Face,
    Faces,
    Family,
    Version,
    Wanted,
    all_wanted,
)
from tests.support.audits import audit_and_fix
from tests.support.communities import create_community, put_into
from tests.support.repository import concept_doi_of, doi_of, forget_records

SITE = "https://repository.example.org"
UNALLOWED = "(:unal)"

OTHER_PREFIX = OTHER_ACCOUNTS[0][2][0]

EXAMPLES = int(8 * float(os.environ.get("DOI_LIVES", "1")))
STEPS = 40

DOWN = {"kind": "down"}
"""Not a fault of the sandbox: it is stopped."""

FAULTS = (
    DOWN,
    {"kind": "no_answer"},
    {"kind": "no_answer", "reset": True},
    {"kind": "reset"},
    {"kind": "wrong_state"},
    {"kind": "garbage"},
    {"kind": "html", "status": 502, "processed": False},
    {"kind": "status", "status": 500, "processed": True},
    {"kind": "status", "status": 503},
    {"kind": "rate_limit"},
)
"""Failures at DataCite or on the way that end by themselves."""

MOMENTS = {
    "before it says so": (queue, "begin"),
    "before it sends": (DataCiteClient, "_write"),
    "after the answer": (settling, "settle_all"),
}
"""The moments at which a worker may die: the function that it does not complete."""

ACCESS = st.sampled_from(["public", "public", "restricted", "embargoed"])

TURNS = ("edit", "restrict", "open", "delete")

SOME = st.sampled_from([0, 0, 0, 1, 2])
"""The number of calls that succeed before one fails."""

SINCE = st.sampled_from(["time and edit", "time", "edit", "synchronization", "nothing"])
"""Events before a worker comes."""


class Died(BaseException):
    """The end of a worker, which does not even execute its error handlers."""


INTERFERENCES: dict[str, dict[str, Any]] = {
    "edit": {"titles": [{"title": "Changed in Fabrica"}]},
    "hide": {"event": "hide"},
    "move": {"url": "https://elsewhere.example.org/x"},
    "publish": {"event": "publish"},
    "lose": {},
}
"""Changes of a DOI by a user at DataCite itself."""


class Lives(RuleBasedStateMachine):
    """Some records, their depositors, workers, and DataCite."""

    def __init__(self, repository, sandbox, clock, data, community):
        super().__init__()
        # Each flush looks at all records of the session, of earlier lives too.
        forget_records()
        self.community = community
        """The second account's community; restricted, so no metadata refer to it."""
        self.repository, self.sandbox, self.clock = repository, sandbox, clock
        self.data = data
        self.faces = Faces()
        self.families: list[Family] = []
        self.given_back: set[str] = set()
        """DOIs released by drafts, which may be taken again."""
        self.known: set[str] = set()
        """DOIs of which DataCite processed a request."""
        self.in_doubt: set[str] = set()
        """DOIs for which a request may have been sent without success."""
        self.slow: list[list[queue.Claim]] = []
        """Claims of workers that have not continued since."""
        self.last = 0
        """The number of the last request that was checked."""
        self.is_busy = False
        """Whether there may be something to deliver."""
        db.session.rollback()
        for model in (Registration, BreakerState, Mark):
            db.session.execute(sa.delete(model))
        db.session.commit()
        sandbox.server.start()
        sandbox.server.clear()

    # Data

    def versions(self, fits: Callable[[Version], bool]) -> list[Version]:
        return [v for family in self.families for v in family.versions if fits(v)]

    def may_have_successor(self, version: Version) -> bool:
        family = self.family(version)
        return version.exists and not family.has_next_draft and len(family.versions) < 4

    def wanted(self) -> dict[str, Wanted]:
        return all_wanted(self.families)

    @property
    def forgotten(self) -> set[str]:
        """DOIs that no record has anymore."""
        return self.given_back - set(self.wanted())

    def family(self, version: Version) -> Family:
        return next(f for f in self.families if version in f.versions)

    # Depositors

    @initialize(
        accesses=st.lists(ACCESS, min_size=1, max_size=3),
        fault=st.sampled_from([None, *FAULTS]),
    )
    def a_record_has_a_few_versions(self, accesses, fault):
        with self.step():
            version = self.create(accesses[0])
            self.publish_version(version)
            for access in accesses[1:]:
                version = self.new_version(version, access)
                self.publish_version(version)
        if fault:
            self.deliver_with(fault, times=4)

    @precondition(lambda self: len(self.families) < 3)
    @rule(access=ACCESS, has_community=st.booleans())
    def a_draft_is_created(self, access, has_community):
        with self.step():
            self.create(access, has_community)

    @precondition(lambda self: self.versions(may_get_doi))
    @rule(which=st.integers(0, 11))
    def a_doi_is_reserved(self, which):
        version = pick(self.versions(may_get_doi), which)
        with self.step():
            draft = service.pids.create(self.repository.identity, version.id, "doi")
            version.draft_doi = version.own_doi()
            assert doi_of(draft) == version.draft_doi

    @precondition(lambda self: self.versions(may_lose_doi))
    @rule(which=st.integers(0, 11))
    def the_doi_of_a_draft_is_discarded(self, which):
        version = pick(self.versions(may_lose_doi), which)
        with self.step():
            service.pids.discard(self.repository.identity, version.id, "doi")
            self.given_back.add(version.draft_doi)
            version.draft_doi = None

    @precondition(lambda self: self.versions(has_draft))
    @rule(which=st.integers(0, 11))
    def a_draft_is_thrown_away(self, which):
        version = pick(self.versions(has_draft), which)
        with self.step():
            service.delete_draft(self.repository.identity, version.id)
            if may_lose_doi(version):
                self.given_back.add(version.draft_doi)
            version.drop_draft()
            family = self.family(version)
            if not version.is_published:
                family.versions.remove(version)
            if not family.versions:
                self.families.remove(family)

    @precondition(lambda self: self.versions(has_draft))
    @rule(which=st.integers(0, 11))
    def a_draft_is_published(self, which):
        version = pick(self.versions(has_draft), which)
        with self.step():
            self.publish_version(version)

    @precondition(lambda self: self.versions(may_be_edited))
    @rule(which=st.integers(0, 11), at_once=st.booleans())
    def a_title_is_edited(self, which, at_once):
        version = pick(self.versions(may_be_edited), which)
        with self.step():
            self.edit(version, at_once, title=self.faces.title())

    @precondition(lambda self: self.versions(may_be_restricted))
    @rule(which=st.integers(0, 11))
    def a_version_is_restricted(self, which):
        version = pick(self.versions(may_be_restricted), which)
        with self.step():
            self.edit(version, restricted=True)

    @precondition(lambda self: self.versions(may_be_opened))
    @rule(which=st.integers(0, 11))
    def a_version_is_made_public(self, which):
        version = pick(self.versions(may_be_opened), which)
        with self.step():
            self.edit(version, restricted=False, embargoed=False)

    @precondition(lambda self: self.versions(self.may_have_successor))
    @rule(
        which=st.integers(0, 11),
        access=ACCESS,
        at_once=st.booleans(),
    )
    def a_new_version_is_made(self, which, access, at_once):
        old = pick(self.versions(self.may_have_successor), which)
        with self.step():
            version = self.new_version(old, access)
            if at_once:
                self.publish_version(version)

    @precondition(lambda self: self.versions(may_be_lifted))
    @rule(which=st.integers(0, 11))
    def an_embargo_ends(self, which):
        version = pick(self.versions(may_be_lifted), which)
        with self.step():
            yesterday = date.today() - timedelta(days=1)
            for cls in (service.record_cls, service.draft_cls):
                if cls is service.record_cls or version.draft:
                    found = cls.pid.resolve(version.id, registered_only=False)
                    if found.access.embargo.active:
                        found.access.embargo.until = yesterday
                        found.commit()
            db.session.commit()
            service.lift_embargo(system_identity, version.id)
            version.lift_embargo()
            self.family(version).has_concept = True
            lifted = service.read(system_identity, version.id)
            assert doi_of(lifted) == version.doi

    # Administrators

    @precondition(lambda self: self.versions(may_be_deleted))
    @rule(which=st.integers(0, 11))
    def a_version_is_deleted(self, which):
        version = pick(self.versions(may_be_deleted), which)
        with self.step():
            self.delete(version)

    @precondition(lambda self: self.versions(may_be_restored))
    @rule(which=st.integers(0, 11))
    def a_version_is_restored(self, which):
        version = pick(self.versions(may_be_restored), which)
        with self.step():
            self.repository.restore(version)
            version.deleted = False

    # Workers

    @precondition(lambda self: self.is_busy)
    @rule(since=SINCE)
    def a_worker_delivers(self, since):
        self.meanwhile(since)
        with self.step():
            assert self.deliver() <= {"done", "unchanged"}
            self.is_busy = since not in ("time", "time and edit")

    @precondition(lambda self: self.is_busy)
    @rule(
        fault=st.sampled_from(FAULTS),
        times=st.integers(1, 4),
        after=SOME,
        since=SINCE,
        which=st.integers(0, 11),
        turn=st.sampled_from(["nothing", "nothing", *TURNS]),
    )
    def a_worker_meets_faults(self, fault, times, after, since, which, turn):
        self.meanwhile(since)
        self.deliver_with(fault, times, after)
        versions = self.versions(may_be_edited)
        if versions and turn != "nothing":
            with self.step():
                self.turn(pick(versions, which), turn)

    @precondition(lambda self: self.is_busy)
    @rule(moment=st.sampled_from(sorted(MOMENTS)), after=SOME, since=SINCE)
    def a_worker_dies(self, moment, after, since):
        self.meanwhile(since)
        owner, name = MOMENTS[moment]
        with self.step(in_vain=True), mock.patch.object(
            owner, name, dying(getattr(owner, name), after)
        ):
            try:
                self.deliver()
            except Died:
                db.session.rollback()

    @precondition(lambda self: self.is_busy)
    @rule(limit=st.integers(1, 4), lease=st.sampled_from([0, 0, 60]))
    def a_worker_claims_and_is_not_heard_of(self, limit, lease):
        with self.step():
            self.slow.append(queue.claim(limit, lease, ("10.1234", OTHER_PREFIX)))

    @precondition(lambda self: self.slow)
    @rule(which=st.integers(0, 11))
    def a_slow_worker_goes_on(self, which):
        """Meanwhile its claim may have expired or been taken, and the data changed."""
        claims = self.slow.pop(which % len(self.slow))

        def claim(limit, lease_seconds, prefixes):
            """Return its own claims, by account, once."""
            found = [c for c in claims if c.doi.partition("/")[0] in prefixes]
            claims[:] = [c for c in claims if c not in found]
            return found

        with self.step(), mock.patch.object(queue, "claim", claim):
            self.deliver()

    @precondition(lambda self: self.is_busy and self.versions(may_be_edited))
    @rule(
        which=st.integers(0, 11),
        turn=st.sampled_from(TURNS),
        since=SINCE,
    )
    def a_version_changes_while_a_worker_delivers(self, which, turn, since):
        """The change comes after the worker read the record and before it sends.

        The worker then sends the data that it read, and the DOI has to be delivered
        again.
        """
        self.meanwhile(since)
        version = pick(self.versions(may_be_edited), which)
        begin, turns = queue.begin, iter([turn])

        def turning(*args):
            held = begin(*args)
            for turn in turns:
                self.turn(version, turn)
            return held

        with self.step(), mock.patch.object(queue, "begin", turning):
            self.deliver()

    @precondition(lambda self: self.known)
    @rule(which=st.integers(0, 11), how=st.sampled_from(sorted(INTERFERENCES)))
    def somebody_interferes_at_datacite(self, which, how):
        """An audit finds the change, and this repository's metadata are restored."""
        self.settle()
        held = sorted(doi for doi in self.known if self.sandbox.doi(doi))
        if not held:
            return
        doi = pick(held, which)
        self.interfere(doi, how)
        found = self.audit()
        assert {item for item, _problem in found} <= {doi}
        assert found or how in (
            "hide",
            "publish",
        ), "it may be hidden, or public, anyway"
        self.settle()
        assert self.audit() == set(), "nothing is left to find"

    @precondition(lambda self: self.is_busy)
    @rule()
    def time_passes(self):
        self.let_time_pass()

    @precondition(lambda self: self.is_busy)
    @rule()
    def everything_is_delivered_and_as_it_should_be(self):
        self.settle()

    def teardown(self):
        if sys.exc_info()[0] is None:
            self.settle()
            self.sandbox.judge()

    # Helpers

    def create(self, access: str, has_community: bool = False) -> Version:
        face = self.faces.new(access)
        draft = service.create(self.repository.identity, self.content(face))
        version = Version(draft.id, face)
        family = Family(draft.data["parent"]["id"], [version])
        if has_community:
            put_into(draft, self.community)
            version.prefix = family.prefix = OTHER_PREFIX
        self.families.append(family)
        return version

    def new_version(self, old: Version, access: str) -> Version:
        draft = service.new_version(self.repository.identity, old.id)
        version = Version(draft.id, self.faces.new(access), prefix=old.prefix)
        self.family(old).versions.append(version)
        self.write(version, draft)
        return version

    def content(self, face: Face, old=None):
        data = deepcopy(old or self.data)
        data["metadata"] |= {
            "title": face.title,
            "description": face.description,
            "publication_date": "2026-05-04",
            "creators": [
                {
                    "person_or_org": {
                        "type": "personal",
                        "given_name": "Frauke",
                        "family_name": face.creator,
                    }
                }
            ],
        }
        data["files"] = {"enabled": False}
        protection = "restricted" if face.restricted else "public"
        data["access"] = {"record": protection, "files": protection}
        if face.embargoed:
            until = date.today() + timedelta(days=10)
            data["access"]["embargo"] = {
                "active": True,
                "until": until.isoformat(),
                "reason": "Under review.",
            }
        return data

    def write(self, version: Version, draft) -> None:
        """Save the draft as in the model."""
        content = self.content(version.draft, draft.data)
        service.update_draft(self.repository.identity, version.id, content)

    def edit(self, version: Version, at_once: bool = True, **changes) -> None:
        draft = service.edit(self.repository.identity, version.id)
        version.edit()
        version.draft = replace(version.draft, **changes)
        self.write(version, draft)
        if at_once:
            self.publish_version(version)

    def publish_version(self, version: Version) -> None:
        published = service.publish(self.repository.identity, version.id)
        version.publish()
        family = self.family(version)
        family.has_concept = family.has_concept or version.doi is not None
        assert doi_of(published) == version.doi
        assert concept_doi_of(published) == family.concept_doi

    def delete(self, version: Version) -> None:
        self.repository.delete(version)
        version.deleted = True

    def turn(self, version: Version, turn: str) -> None:
        if turn == "edit":
            self.edit(version, title=self.faces.title())
        elif turn == "restrict":
            self.edit(version, restricted=True)
        elif turn == "open":
            self.edit(version, restricted=False, embargoed=False)
        else:
            self.delete(version)

    def deliver(self) -> set[str]:
        return set(self.repository.deliver())

    def deliver_with(self, fault: dict[str, Any], times: int, after: int = 0) -> None:
        server = self.sandbox.server
        with self.step(in_vain=True):
            if fault is DOWN:
                server.stop()
            else:
                server.fault(**fault, times=times, after=after)
            try:
                self.deliver()
            finally:
                server.clear_faults()
                server.start()

    def interfere(self, doi: str, how: str) -> None:
        """Change a DOI in Fabrica, or lose it."""
        if how == "lose":
            self.sandbox.lose(doi)
            self.known.discard(doi)
            return
        self.sandbox.put(doi, **INTERFERENCES[how])
        self.received()
        self.last = max(entry["n"] for entry in self.sandbox.server.log())

    def audit(self) -> set[tuple[str, str]]:
        """Run an audit of each account, with ``--fix``."""
        self.let_time_pass()
        found = audit_and_fix()
        self.is_busy = True
        return found

    def synchronize(self) -> None:
        with self.step():
            marks.note_all()
            db.session.commit()
            self.is_busy = True

    def meanwhile(self, since: str) -> None:
        """Run the events before a worker comes."""
        editable = self.versions(may_be_edited)
        if since in ("edit", "time and edit") and editable:
            with self.step():
                self.edit(editable[-1], title=self.faces.title())
        if since == "synchronization":
            self.synchronize()
        if since in ("time", "time and edit"):
            self.let_time_pass()

    def let_time_pass(self) -> None:
        """Advance the clock until every claim, wait and pause has ended."""
        self.clock.forward(7200)
        self.repository.make_due()

    def settle(self) -> None:
        """Deliver until nothing is due, and check the result."""
        for _ in range(4):
            self.let_time_pass()
            with self.step():
                outcomes = self.deliver()
            assert outcomes <= {"done", "unchanged"}
            if not outcomes:
                break
        self.check_all()
        with self.step():
            marks.note_all()
            db.session.commit()
            self.deliver()
            assert not self.received(), "sent without a change"
        self.check_all()
        self.in_doubt.clear()
        self.is_busy = False

    # Conditions after every step

    @contextmanager
    def step(self, *, in_vain: bool = False) -> Iterator[None]:
        """Check the requests that DataCite received in between.

        :param in_vain: whether requests may be sent without success.
        """
        before = self.wanted()
        yield
        after = self.wanted()
        if in_vain:
            self.note_doubts(before, after)
        if in_vain or before != after:
            self.is_busy = True
        for entry in self.received():
            self.last = max(self.last, entry["n"])
            self.check_request(entry, before, after)
        self.check_registrations(after)

    def received(self) -> list[dict[str, Any]]:
        """Return the workers' requests since the last check, answered or not."""
        log = self.sandbox.server.log(since=self.last)
        return [e for e in log if e["headers"]["user-agent"].startswith("invenio-rdm")]

    def note_doubts(self, *sides: dict[str, Wanted]) -> None:
        heard = self.known | self.in_doubt
        self.in_doubt |= {
            doi
            for side in sides
            for doi, wanted in side.items()
            if wanted.state and (not wanted.if_known or doi in heard)
        }

    def check_request(self, entry, before, after) -> None:
        if entry["method"] == "GET" or entry["doi"] is None:
            # A GET discloses nothing.
            return
        doi = self.spelled(entry["doi"], before, after)
        sides = [side[doi] for side in (before, after) if doi in side]
        assert any(side.state for side in sides), f"{doi} was sent"
        if all(side.if_known for side in sides):
            assert doi in self.known | self.in_doubt, f"{doi} was never public"
        body = json.dumps(entry["body"])
        said = set(MARKER.findall(body))
        is_short = set(entry["body"]["data"]["attributes"]) <= {"doi", "event", "url"}
        assert is_short or any(said == side.markers for side in sides), (said, entry)
        for version in self.versions(lambda version: True):
            has_error = version.doi and any(
                version.doi in side and side[version.doi].face
                for side in (before, after)
            )
            if not has_error and doi != version.own_doi():
                assert version.id not in body, f"{doi} tells of {version.id}"
        if entry["processed"]:
            self.known.add(doi)

    @staticmethod
    def spelled(lower: str, *sides: dict[str, Wanted]) -> str:
        """Return the DOI in the repository's spelling."""
        return next(doi for side in sides for doi in side if doi.lower() == lower)

    def check_registrations(self, wanted: dict[str, Wanted]) -> None:
        rows = {row.doi: row for row in self.repository.registrations()}
        assert set(rows) == set(wanted)
        for doi, row in rows.items():
            assert row.confirmed_revision <= row.revision, doi
            if row.confirmed_revision < row.revision:
                assert row.due_at, f"{doi} is forgotten"
        registered = set(self.pids(PIDStatus.REGISTERED))
        assert registered <= self.known, "registered, and DataCite was never notified"

    def pids(self, *statuses: PIDStatus) -> list[str]:
        """Return this life's current and former DOIs in PIDStore."""
        dois = [*self.wanted(), *self.forgotten]
        found = sa.select(PersistentIdentifier.pid_value).where(
            PersistentIdentifier.pid_type == "doi",
            PersistentIdentifier.pid_value.in_(dois),
            PersistentIdentifier.status.in_(statuses),
        )
        return list(db.session.scalars(found))

    # Conditions after all deliveries

    def check_all(self) -> None:
        for doi, wanted in self.wanted().items():
            held = self.sandbox.doi(doi)
            self.check_held(doi, wanted, held)
            self.check_settled(doi, wanted, held)
        for doi in self.forgotten:
            assert self.sandbox.doi(doi) is None, f"{doi} was given back"
        assert not set(self.pids(*PIDStatus)) & self.forgotten

    def check_held(self, doi: str, wanted: Wanted, held) -> None:
        if wanted.if_known and doi not in self.known:
            assert held is None, f"{doi} was never public"
            return
        if wanted.state is None:
            assert held is None, f"{doi} is only reserved"
            return
        assert held is not None, f"{doi} is missing"
        assert held["state"] == wanted.state, doi
        assert held["url"] == f"{SITE}/doi/{doi}"
        face = wanted.face
        assert [t["title"] for t in held["titles"]] == [
            face.title if face else UNALLOWED
        ]
        (creator,) = held["creators"]
        assert creator["name"] == (f"{face.creator}, Frauke" if face else UNALLOWED)
        assert [d["description"] for d in held["descriptions"]] == (
            [face.description] if face else []
        )
        assert set(MARKER.findall(json.dumps(held))) == wanted.markers
        withdrawn = [d for d in held["dates"] if d["dateType"] == "Withdrawn"]
        assert len(withdrawn) == int(wanted.withdrawn), doi
        assert wanted.relations == tuple(
            (item["relatedIdentifier"], item["relationType"])
            for item in held["relatedIdentifiers"]
        )

    def check_settled(self, doi: str, wanted: Wanted, held) -> None:
        row = self.repository.registration(doi)
        assert row.status.value == wanted.status, doi
        assert row.revision == row.confirmed_revision, doi
        assert row.confirmed_state == (held and held["state"]), doi
        assert (row.due_at, row.lease_token) == (None, None), doi
        assert (row.error, row.failures, row.in_doubt) == (None, 0, False), doi
        status = self.repository.pid_status(doi)
        assert (status == "R") == (held is not None), (doi, status)


def pick(candidates: list, which: int):
    return candidates[which % len(candidates)]


def dying(do: Callable, after: int) -> Callable:
    """Return the function, but let it raise ``Died`` after a number of calls."""
    done = []

    def do_or_die(*args, **kwargs):
        done.append(args)
        if len(done) > after:
            raise Died
        return do(*args, **kwargs)

    return do_or_die


# The versions for which a step is possible


def may_get_doi(version: Version) -> bool:
    return has_draft(version) and not version.draft_doi and not version.doi


def may_lose_doi(version: Version) -> bool:
    return (
        has_draft(version)
        and version.draft_doi is not None
        and version.draft_doi != version.doi
    )


def has_draft(version: Version) -> bool:
    # InvenioRDM fails for drafts of deleted records, because they are not in the index.
    return version.draft is not None and not version.deleted


def may_be_edited(version: Version) -> bool:
    return version.exists


def may_be_restricted(version: Version) -> bool:
    return version.exists and not (version.draft or version.face).restricted


def may_be_opened(version: Version) -> bool:
    return version.exists and (version.draft or version.face).restricted


def may_be_lifted(version: Version) -> bool:
    return version.exists and version.face.embargoed


def may_be_deleted(version: Version) -> bool:
    return version.exists


def may_be_restored(version: Version) -> bool:
    return version.deleted


@pytest.fixture(scope="module")
def doi_config(doi_config):
    """Configure two accounts; half of the records are in the other one's community."""
    symbol, password, prefixes = OTHER_ACCOUNTS[0]
    return doi_config | {
        "RDM_RECORDS_DOI_DATACITE_ACCOUNTS": {
            "other": {
                "username": symbol,
                "password": password,
                "prefixes": list(prefixes),
                "communities": ["other"],
            }
        }
    }


@pytest.fixture(scope="module")
def community(running_app, database):
    return create_community("other", "restricted")


@pytest.fixture()
def quiet():
    """Disable logging, because failures are frequent and intended here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_datacite_holds_what_it_should_after_every_life(
    repository, sandbox, clock, record_data, quiet, community
):
    run_state_machine_as_test(
        lambda: Lives(repository, sandbox, clock, record_data, community),
        settings=settings(
            max_examples=EXAMPLES,
            # The same lives every time; a long run (DOI_LIVES) draws new ones.
            derandomize="DOI_LIVES" not in os.environ,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
