# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""OAI-PMH serves the same metadata as DataCite, of records that are public now."""

from __future__ import annotations

from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import g
from flask_principal import AnonymousIdentity
from invenio_access.permissions import any_user
from invenio_db import db
from invenio_oaiserver import percolator, response
from invenio_oaiserver.views.server import blueprint
from invenio_rdm_records.proxies import current_rdm_records_service as service
from lxml import etree
from sqlalchemy.dialects.postgresql import JSONB

from invenio_rdm_doi.metadata.xml import to_xml
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.rdm.exports import described as exports_described
from tests.support.exports import (
    ACCEPT,
    HARD,
    behind_the_index,
    delete,
    restrict,
    restrict_files,
    sent,
    valid,
)
from tests.support.repository import doi_of


@pytest.fixture(scope="module")
def app(app):
    """Add OAI-PMH, which InvenioRDM has in its UI application."""
    app.register_blueprint(blueprint)
    return app


@pytest.fixture()
def harvest(running_app, monkeypatch):
    """Return a function that answers OAI-PMH requests.

    There are no sets, because they require a real OpenSearch.
    """
    monkeypatch.setitem(running_app.config, "OAISERVER_PAGE_SIZE", 100)
    for module in (response, percolator):
        monkeypatch.setattr(
            module, "sets_search_all", lambda records: [[] for _ in records]
        )

    def harvest(prefix, **arguments):
        with running_app.test_request_context():
            g.identity = AnonymousIdentity()
            g.identity.provides.add(any_user)
            verb = response.getrecord if "identifier" in arguments else None
            answer = (verb or response.listrecords)(
                verb="GetRecord" if verb else "ListRecords",
                metadataPrefix=prefix,
                **arguments,
            )
            return answer.getroot() if hasattr(answer, "getroot") else answer

    return harvest


def payloads(root):
    return root.findall(".//{http://datacite.org/schema/kernel-4}resource")


@pytest.mark.parametrize("prefix", ["datacite", "oai_datacite"])
def test_what_is_harvested_is_what_was_sent(
    repository, sandbox, record_data, harvest, prefix
):
    record_data["metadata"] |= HARD
    record = repository.publish(record_data)
    repository.deliver()
    service.indexer.refresh()
    (found,) = [
        payload
        for payload in payloads(harvest(prefix))
        if payload.findtext("{*}identifier") == doi_of(record)
    ]
    valid(etree.tostring(found))
    expected = to_xml(sent(sandbox, doi_of(record)))
    assert etree.tostring(found, method="c14n2", strip_text=True) == etree.tostring(
        expected, method="c14n2", strip_text=True
    )


def test_one_record_is_harvested(repository, record_data, harvest):
    record = repository.publish(record_data)
    service.indexer.refresh()
    identifier = record.data["pids"]["oai"]["identifier"]
    (found,) = payloads(harvest("oai_datacite", identifier=identifier))
    assert found.findtext("{*}identifier") == doi_of(record)


def test_dcat_is_harvested(repository, record_data, harvest):
    record_data["metadata"] |= HARD
    record = repository.publish(record_data)
    service.indexer.refresh()
    assert doi_of(record) in etree.tostring(harvest("dcat"), encoding="unicode")


def test_nothing_is_harvested_of_what_is_restricted_by_now(
    repository, record_data, harvest
):
    """The search index still contains it."""
    record_data["metadata"]["title"] = "NOT-FOR-HARVESTERS"
    record = repository.publish(record_data)
    behind_the_index(record, restrict)
    for prefix in ("datacite", "oai_datacite", "dcat"):
        text = etree.tostring(harvest(prefix), encoding="unicode")
        assert "NOT-FOR-HARVESTERS" not in text


def test_a_page_costs_as_many_statements_as_a_record(
    repository, record_data, harvest, database
):
    def statements():
        found = []
        listen = (database.engine, "before_cursor_execute", lambda *a: found.append(a))
        sa.event.listen(*listen)
        try:
            count = len(payloads(harvest("oai_datacite")))
        finally:
            sa.event.remove(*listen)
        return count, len(found)

    repository.publish(record_data)
    service.indexer.refresh()
    few = statements()
    for _ in range(5):
        repository.publish(record_data)
    service.indexer.refresh()
    many = statements()
    assert many[0] == few[0] + 5
    assert many[1] == few[1]


def test_nothing_of_what_was_deleted_by_now(repository, record_data, client, harvest):
    """Read access does not imply knowledge of the deletion; the index still has it."""
    record_data["metadata"]["title"] = "DELETED-SINCE"
    record, other = repository.publish(record_data), repository.publish(record_data)
    behind_the_index(record, delete)
    query = {"q": f"id:({record.id} OR {other.id})"}
    shown = client.get("/records", query_string=query, headers=ACCEPT)
    assert [hit["doi"] for hit in shown.json["hits"]["hits"]] == [doi_of(other)]
    for prefix in ("datacite", "oai_datacite", "dcat"):
        text = etree.tostring(harvest(prefix), encoding="unicode")
        assert text.count("DELETED-SINCE") == 1
    (placeholder,) = [
        payload
        for payload in payloads(harvest("datacite"))
        if payload.findtext("{*}identifier") == doi_of(record)
    ]
    valid(etree.tostring(placeholder))


def test_a_record_that_cannot_be_described_keeps_no_other_from_being_listed(
    repository, record_data, client, harvest, monkeypatch, caplog
):
    broken, good = repository.publish(record_data), repository.publish(record_data)
    service.indexer.refresh()
    describe = exports_described.describe_record

    def failing(source):
        if source.record["id"] == broken.id:
            raise RuntimeError("The site's dumper failed.")
        return describe(source)

    monkeypatch.setattr(exports_described, "describe_record", failing)
    query = {"q": f"id:({broken.id} OR {good.id})"}
    shown = client.get("/records", query_string=query, headers=ACCEPT)
    assert [hit["doi"] for hit in shown.json["hits"]["hits"]] == [doi_of(good)]
    assert "doi.export.error" in caplog.messages
    found = payloads(harvest("datacite"))
    dois = {payload.findtext("{*}identifier") for payload in found}
    assert {doi_of(broken), doi_of(good)} <= dois


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_harvested(
    repository, record_data, harvest, monkeypatch
):
    broken, good = repository.publish(record_data), repository.publish(record_data)
    service.indexer.refresh()
    references = exports_described.references

    def failing(record):
        if record["id"] == broken.id:
            raise AttributeError("'str' object has no attribute 'get'")
        return references(record)

    monkeypatch.setattr(exports_described, "references", failing)
    found = payloads(harvest("datacite"))
    dois = {payload.findtext("{*}identifier") for payload in found}
    assert {doi_of(broken), doi_of(good)} <= dois


@pytest.fixture()
def nameless(running_app):
    """Add a site's dumper that makes one record impossible to express in XML."""
    marked = []

    def dumper(record, attributes):
        if record["id"] not in marked:
            return attributes
        return attributes | {"contributors": [{"contributorType": "DataCurator"}]}

    settings = current_doi.metadata_settings
    object.__setattr__(settings, "dumpers", (dumper,))
    yield marked
    object.__setattr__(settings, "dumpers", ())


@pytest.mark.parametrize("prefix", ["datacite", "oai_datacite", "dcat"])
def test_what_no_xml_can_be_made_of_keeps_no_other_from_being_harvested(
    repository, record_data, client, harvest, nameless, prefix
):
    broken, good = repository.publish(record_data), repository.publish(record_data)
    nameless.append(broken.id)
    service.indexer.refresh()
    text = etree.tostring(harvest(prefix), encoding="unicode")
    assert doi_of(good) in text and doi_of(broken) in text
    query = {"q": f"id:({broken.id} OR {good.id})"}
    for kind in ("datacite+xml", "datacite+json"):
        accept = {"Accept": f"application/vnd.datacite.{kind}"}
        shown = client.get("/records", query_string=query, headers=accept)
        assert doi_of(good) in shown.text and doi_of(broken) not in shown.text


def test_a_harvester_asks_again_for_what_cannot_be_described(
    repository, record_data, harvest, nameless
):
    """It keeps its good copy; a list contains "unavailable" instead of "hidden"."""
    record = repository.publish(record_data)
    nameless.append(record.id)
    service.indexer.refresh()
    identifier = record.data["pids"]["oai"]["identifier"]
    with pytest.raises(RuntimeError, match=f"Record {record.id} cannot be described"):
        harvest("datacite", identifier=identifier)
    (found,) = [
        payload
        for payload in payloads(harvest("datacite"))
        if payload.findtext("{*}identifier") == doi_of(record)
    ]
    assert found.findtext("{*}titles/{*}title") == "(:unav)"


def test_identifiers_of_no_text_keep_no_other_from_being_harvested(
    repository, record_data, harvest
):
    """Another program may have written such identifiers into the database."""
    odd, good = repository.publish(record_data), repository.publish(record_data)

    service.indexer.refresh()
    model = service.record_cls.model_cls
    subjects = sa.cast([{"id": 5}], JSONB)
    db.session.execute(
        sa.update(model)
        .where(model.json["id"].as_string() == odd.id)
        .values(json=sa.func.jsonb_set(model.json, "{metadata,subjects}", subjects))
    )
    db.session.commit()
    dois = {
        payload.findtext("{*}identifier") for payload in payloads(harvest("datacite"))
    }
    assert {doi_of(odd), doi_of(good)} <= dois


def test_the_symbol_is_that_of_the_account(repository, record_data, harvest):
    record = repository.publish(record_data)
    service.indexer.refresh()
    identifier = record.data["pids"]["oai"]["identifier"]
    root = harvest("oai_datacite", identifier=identifier)
    assert root.findtext(".//{*}datacentreSymbol") == "TEST.REPO"


@pytest.mark.parametrize("files", ["public", "restricted"])
def test_files_are_harvested_for_those_who_may_see_them(
    repository, record_data, harvest, files
):
    record_data["files"] = {"enabled": True}
    record_data["access"] = {"record": "public", "files": "public"}
    name = f"{files}-tides.csv"
    draft = repository.draft(record_data)
    kept = service.draft_files
    kept.init_files(repository.identity, draft.id, data=[{"key": name}])
    kept.set_file_content(repository.identity, draft.id, name, BytesIO(b"1,2"))
    kept.commit_file(repository.identity, draft.id, name)
    record = service.publish(repository.identity, draft.id)
    service.indexer.refresh()
    if files == "restricted":
        behind_the_index(record, restrict_files)
    text = etree.tostring(harvest("dcat"), encoding="unicode")
    assert doi_of(record) in text
    assert (name in text) is (files == "public")
