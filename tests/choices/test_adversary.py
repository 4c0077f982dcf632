# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A depositor with a REST client who tries to take other users' DOIs or break a page.

Sends arbitrary ``pids`` at each step of a record's life, against the records of another
user. ``DOI_ADVERSARY=1000`` sets the number of tries; without it, there are few, and
always the same ones.
"""

from __future__ import annotations

import os
import uuid
from copy import deepcopy

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invenio_db import db
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.registration.models import Registration
from tests.support.repository import concept_doi_of, doi_of, embargoed

EXAMPLES = int(os.environ.get("DOI_ADVERSARY", 5))


@pytest.fixture(scope="module")
def attacker(make_user):
    return make_user("attacker")


def publish_reserved(repository, data):
    draft = repository.draft(data)
    service.pids.create(repository.identity, draft.id, "doi")
    return service.publish(repository.identity, draft.id)


@pytest.fixture()
def victims(repository, record_data):
    """Return another user's DOIs, in all states."""
    data = deepcopy(record_data)
    public = repository.publish(data)
    older = repository.publish(data)
    newer = repository.new_version(older)
    deleted = repository.publish(data)
    restricted_data = deepcopy(data)
    restricted_data["access"]["record"] = "restricted"
    until_then = embargoed(data, record="restricted", files="restricted")
    restricted, later = (
        publish_reserved(repository, each) for each in (restricted_data, until_then)
    )
    repository.deliver()
    repository.delete(deleted)
    repository.deliver()
    reserved = repository.draft(data)
    service.pids.create(repository.identity, reserved.id, "doi")
    unmade = repository.draft(data)
    external_data = deepcopy(data)
    external_data["pids"] = {
        "doi": {"identifier": f"10.4321/Theirs.{public.id}", "provider": "external"}
    }
    external = repository.publish(external_data)
    repository.deliver()
    return [
        *(doi_of(r) for r in (public, older, newer, deleted, restricted, later)),
        *(concept_doi_of(r) for r in (public, newer, restricted)),
        f"10.1234/{reserved.id}",
        f"10.1234/{unmade.id}",
        doi_of(external),
    ]


def world(sandbox, victims):
    """Return the data that must not change: at DataCite, in PIDStore, registrations."""
    db.session.rollback()
    keys = [doi.lower() for doi in victims]
    pids = db.session.execute(
        sa.select(
            PersistentIdentifier.pid_value,
            PersistentIdentifier.status,
            PersistentIdentifier.object_uuid,
        )
        .where(sa.func.lower(PersistentIdentifier.pid_value).in_(keys))
        .order_by(PersistentIdentifier.pid_value)
    ).all()
    rows = db.session.execute(
        sa.select(
            Registration.doi,
            Registration.status,
            Registration.owner_id,
            Registration.revision,
            Registration.confirmed_digest,
        )
        .where(Registration.doi_key.in_(keys))
        .order_by(Registration.doi)
    ).all()
    return [sandbox.doi(doi) for doi in victims], pids, rows


# Requests

NOISE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**20),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


def spellings(doi):
    """Return variants of the DOI that an attacker could send."""
    return st.sampled_from(
        [
            *(doi, doi.upper(), doi.title(), f" {doi} ", f"https://doi.org/{doi}"),
            *(f"doi:{doi}", f"{doi}/", f"{doi}#", f"{doi}?x", f"{doi}%20"),
            *(doi.replace("/", "%2F"), doi.replace("/", "//"), doi.replace("i", "İ")),
            *(f"10.1234/x/../{doi.partition('/')[2]}", f"10.1234/../../{doi}"),
            *(f"{doi}\u0000", f"{doi}\u200b", doi.replace("1", "１"), f"{doi}\n"),
        ]
    )


INVENTED = st.sampled_from(
    [
        "10.1234/nobel-prize-2026",
        "10.5678/mine",
        "10.1234/../../repositories/TEST.REPO",
        "10.1234/.",
        "10.1234/",
        "10.1234",
        "10.9999/other",
        "10.4321/" + "x" * 300,
        "10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-1",
        "",
        "\ud800",
    ]
)
PROVIDERS = st.sampled_from(
    ["datacite", "external", "crossref", "oai", "DataCite", "", "default", "none"]
)


OWN = "the attacker's own"
"""Placeholder for the DOI of the attacked draft, which is not known in advance."""


def payloads(victims):
    identifiers = st.one_of(
        st.sampled_from(victims).flatmap(spellings),
        st.sampled_from([OWN, OWN.upper()]),
        INVENTED,
        NOISE,
    )
    providers = st.one_of(PROVIDERS, NOISE)
    entry = st.fixed_dictionaries(
        {},
        optional={
            "identifier": identifiers,
            "provider": providers,
            "client": st.one_of(PROVIDERS, NOISE),
            "state": NOISE,
        },
    )
    usual = st.fixed_dictionaries(
        {
            "identifier": identifiers,
            "provider": st.sampled_from(["datacite", "external"]),
        }
    )
    pids = st.fixed_dictionaries(
        {},
        optional={
            "doi": st.one_of(usual, entry, NOISE),
            "oai": st.one_of(entry, NOISE),
            "concept-doi": st.one_of(entry, NOISE),
        },
    )
    return st.one_of(pids, pids, pids, NOISE)


class Attacker:
    """A user with an account and a REST client that records answers with status 5xx."""

    def __init__(self, client, data, sent):
        self.client = client
        self.data = data
        self.sent = sent
        self.own = None

    def call(self, method, path, json=None):
        answer = self.client.open(path, method=method, json=json)
        assert answer.status_code < 500, (method, path, self.sent, answer.text)
        return answer

    def document(self, id_=None):
        pids = deepcopy(self.sent)
        doi = pids.get("doi") if isinstance(pids, dict) else None
        said = doi.get("identifier") if isinstance(doi, dict) else None
        if said in (OWN, OWN.upper()):
            own = self.own or f"10.1234/{id_}"
            doi["identifier"] = own.upper() if said.isupper() else own
        return {**deepcopy(self.data), "pids": pids}

    def new_record(self):
        created = self.call("POST", "/records", self.document())
        if created.status_code == 201:
            self.everywhere(created.json["id"])

    def saved_again(self):
        created = self.call("POST", "/records", self.data)
        path = f"/records/{created.json['id']}/draft"
        self.call("PUT", path, self.document(created.json["id"]))
        self.everywhere(created.json["id"])

    def published(self):
        id_ = self.publish_own()
        self.call("POST", f"/records/{id_}/draft")
        self.call("PUT", f"/records/{id_}/draft", self.document(id_))
        self.everywhere(id_)
        kept = self.call("GET", f"/records/{id_}").json["pids"].get("doi", {})
        assert not self.own or kept["identifier"] == self.own, (self.sent, kept)
        assert not self.own or kept["provider"] == "datacite", (self.sent, kept)

    def published_as_external(self):
        self.own = f"10.4321/Own.{uuid.uuid4().hex}"
        doi = {"identifier": self.own, "provider": "external"}
        created = self.call("POST", "/records", {**self.data, "pids": {"doi": doi}})
        id_ = created.json["id"]
        published = self.call("POST", f"/records/{id_}/draft/actions/publish")
        assert published.status_code == 202, published.text
        self.call("POST", f"/records/{id_}/draft")
        self.call("PUT", f"/records/{id_}/draft", self.document(id_))
        self.everywhere(id_)

    def new_version(self):
        id_ = self.call("POST", f"/records/{self.publish_own()}/versions").json["id"]
        self.call("PUT", f"/records/{id_}/draft", self.document(id_))
        self.everywhere(id_)

    def reserved(self):
        id_ = self.call("POST", "/records", self.data).json["id"]
        self.call("POST", f"/records/{id_}/draft/pids/doi")
        self.call("PUT", f"/records/{id_}/draft", self.document(id_))
        self.call("DELETE", f"/records/{id_}/draft/pids/doi")
        self.everywhere(id_)

    def discarded(self):
        created = self.call("POST", "/records", self.document())
        if created.status_code == 201:
            self.call("DELETE", f"/records/{created.json['id']}/draft")

    def publish_own(self):
        id_ = self.call("POST", "/records", self.data).json["id"]
        published = self.call("POST", f"/records/{id_}/draft/actions/publish")
        assert published.status_code == 202, published.text
        self.own = published.json["pids"].get("doi", {}).get("identifier")
        return id_

    def everywhere(self, id_):
        """Call every endpoint that reads or publishes the stored data."""
        self.call("GET", f"/records/{id_}/draft")
        self.call("GET", f"/records/{id_}/draft/doi")
        self.call("POST", f"/records/{id_}/draft/pids/doi")
        self.call("GET", "/user/records?size=5")
        published = self.call("POST", f"/records/{id_}/draft/actions/publish")
        if published.status_code == 202:
            self.call("GET", f"/records/{id_}")
            self.call("GET", f"/records/{id_}/doi")
            self.call("GET", f"/user/records/doi?ids={id_}")
        else:
            self.call("DELETE", f"/records/{id_}/draft")


STEPS = [
    *(Attacker.new_record, Attacker.saved_again, Attacker.published),
    Attacker.published_as_external,
    *(Attacker.new_version, Attacker.reserved, Attacker.discarded),
]


@pytest.mark.parametrize("optional", [False, True], ids=["required", "optional"])
@pytest.mark.parametrize("step", STEPS, ids=[step.__name__ for step in STEPS])
def test_nothing_of_somebody_else_changes(
    repository,
    sandbox,
    record_data,
    victims,
    attacker,
    running_app,
    request,
    step,
    optional,
):
    if optional:
        request.getfixturevalue("doi_optional")
    record_data.pop("pids")
    before = world(sandbox, victims)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="DOI_ADVERSARY" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sent=payloads(victims))
    def attack(sent):
        with running_app.test_client() as client:
            attacker.login(client)
            step(Attacker(client, record_data, sent))
        repository.deliver()
        assert world(sandbox, victims) == before

    attack()
