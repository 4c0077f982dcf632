# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports say what DataCite gets: on pages, over REST and to harvesters."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import g
from flask_principal import AnonymousIdentity
from invenio_access.permissions import any_user
from invenio_app_rdm.config import (
    APP_RDM_RECORD_EXPORTERS,
    OAISERVER_METADATA_FORMATS,
)
from invenio_db import db
from invenio_oaiserver import percolator, response
from invenio_oaiserver.views.server import blueprint
from invenio_rdm_records.proxies import current_rdm_records_service as service
from lxml import etree
from werkzeug.utils import import_string

from invenio_rdm_doi.metadata.xml import to_xml
from invenio_rdm_doi.rdm.exports import described as exports_described
from invenio_rdm_doi.rdm.exports import use
from tests.metadata.test_xml import XSD
from tests.support.repository import doi_of

ACCEPT = {"Accept": "application/vnd.datacite.datacite+json"}


@pytest.fixture(scope="module")
def app(app):
    """With OAI-PMH, which the host has in its application of pages."""
    app.register_blueprint(blueprint)
    return app


@pytest.fixture()
def client(running_app, uploader):
    with running_app.test_client() as client:
        yield client


def sent(sandbox, doi):
    """The attributes of the last delivery, without what is empty."""
    (entry,) = sandbox.writes(doi)
    attributes = entry["body"]["data"]["attributes"]
    return {
        key: value
        for key, value in attributes.items()
        if value not in (None, []) and key != "event"
    }


def test_the_export_is_what_was_sent(repository, sandbox, record_data, client):
    record_data["metadata"]["description"] = "<p>One</p><p>two</p>"
    record = repository.publish(record_data)
    repository.new_version(record)
    repository.deliver()
    exported = client.get(f"/records/{record.id}", headers=ACCEPT)
    assert exported.status_code == 200
    assert exported.json == sent(sandbox, doi_of(record))
    assert exported.json["descriptions"][0]["description"] == "One\n\ntwo"


def test_the_export_of_a_draft(repository, record_data, client, uploader):
    draft = repository.draft(record_data)
    exported = uploader.login(client).get(f"/records/{draft.id}/draft", headers=ACCEPT)
    assert exported.status_code == 200
    assert exported.json["titles"] == [{"title": "Tides of the Wadden Sea"}]
    assert "url" not in exported.json


def test_a_list_of_records(repository, record_data, client):
    record = repository.publish(record_data)
    service.indexer.refresh()
    answer = client.get(f"/records?q=id:{record.id}", headers=ACCEPT)
    assert answer.status_code == 200
    assert doi_of(record) in answer.text


def test_a_restricted_record_is_for_those_who_may_see_it(
    repository, record_data, client, uploader
):
    record_data["access"]["record"] = "restricted"
    record = repository.publish(record_data)
    assert client.get(f"/records/{record.id}", headers=ACCEPT).status_code == 403
    exported = uploader.login(client).get(f"/records/{record.id}", headers=ACCEPT)
    assert exported.json["titles"] == [{"title": "Tides of the Wadden Sea"}]


def test_a_list_has_nothing_of_what_is_restricted_by_now(
    repository, record_data, client, uploader, database
):
    """A search index may lag behind, or have missed a change for good."""
    record_data["metadata"]["title"] = "SECRET"
    record, other = repository.publish(record_data), repository.publish(record_data)
    service.indexer.refresh()
    restricted = service.record_cls.pid.resolve(record.id)
    restricted.access.protection.set("restricted", "restricted")
    restricted.commit()
    database.session.commit()
    query = {"q": f"id:({record.id} OR {other.id})"}
    # The index has both still.
    assert client.get("/records", query_string=query).json["hits"]["total"] == 2
    shown = client.get("/records", query_string=query, headers=ACCEPT).json["hits"][
        "hits"
    ]
    assert [hit["doi"] for hit in shown] == [doi_of(other)]
    client = uploader.login(client)
    mine = client.get("/records", query_string=query, headers=ACCEPT).json["hits"][
        "hits"
    ]
    assert len(mine) == 2


def test_a_list_costs_as_many_lookups_as_one_record(
    repository, record_data, client, database
):
    records = [repository.publish(record_data) for _ in range(6)]
    service.indexer.refresh()
    query = " OR ".join(record.id for record in records)
    statements = []
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a))
    sa.event.listen(*listen)
    try:
        shown = client.get(
            "/records", query_string={"q": f"id:({query})"}, headers=ACCEPT
        )
    finally:
        sa.event.remove(*listen)
    assert len(shown.json["hits"]["hits"]) == 6, shown.text
    lookups = [s for s in statements if "vocabularies_metadata" in s[2]]
    assert len(lookups) == 1


class App:
    """What of an application is looked at."""

    def __init__(self, **config):
        self.config = config


ALL = ("json", "xml", "oai", "dcat")


def test_a_serializer_of_the_site_stays():
    own = {"datacite-json": {"serializer": "my_site:Serializer", "params": {}}}
    handlers = {"application/vnd.datacite.datacite+json": object()}
    formats = {"datacite": {"serializer": ("my_site:etree", {"x": 1}), "schema": "x"}}
    app = App(
        APP_RDM_RECORD_EXPORTERS=deepcopy(own),
        RDM_RECORDS_SERIALIZERS=dict(handlers),
        OAISERVER_METADATA_FORMATS=deepcopy(formats),
    )
    use(app, ["json", "oai"])
    assert app.config["APP_RDM_RECORD_EXPORTERS"] == own
    assert app.config["RDM_RECORDS_SERIALIZERS"] == handlers
    assert app.config["OAISERVER_METADATA_FORMATS"] == formats


def replaced(names):
    """Entries of the host's own settings that are replaced."""
    app = App(
        APP_RDM_RECORD_EXPORTERS=APP_RDM_RECORD_EXPORTERS,
        OAISERVER_METADATA_FORMATS=OAISERVER_METADATA_FORMATS,
    )
    use(app, names)
    found = set()
    for setting, before in (
        ("APP_RDM_RECORD_EXPORTERS", APP_RDM_RECORD_EXPORTERS),
        ("OAISERVER_METADATA_FORMATS", OAISERVER_METADATA_FORMATS),
    ):
        after = app.config[setting]
        assert set(after) == set(before)
        for name in before:
            if after[name] != before[name]:
                assert after[name]["serializer"].startswith("invenio_rdm_doi.rdm")
                assert import_string(after[name]["serializer"])
                found.add(name)
    return found


@pytest.mark.parametrize(
    "names, entries",
    [
        ([], set()),
        (["json"], {"datacite-json"}),
        (["xml"], {"datacite-xml"}),
        (["dcat"], {"dcat-ap", "dcat"}),
        (["oai"], {"datacite", "oai_datacite", "datacite4", "oai_datacite4"}),
    ],
)
def test_each_export_is_switched_alone(names, entries):
    assert replaced(names) == entries


def test_all_exports_of_pages_and_harvesters_are_replaced():
    assert len(replaced(ALL)) == 8


HARD = {
    "resource_type": {"id": "poster"},
    "rights": [
        {
            "title": {"en": "Free for schools"},
            "description": {"nl": "Alleen in de klas."},
            "link": "https://example.org/vrij",
        }
    ],
    "dates": [{"date": "2020/2021", "type": {"id": "coverage"}}],
    "contributors": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Haan",
                "given_name": "Tineke",
            },
            "role": {"id": "translator"},
        }
    ],
}
"""What the host's own exports cannot describe."""


def valid(text):
    """The document, if the XSD takes it."""
    document = etree.fromstring(text.encode() if isinstance(text, str) else text)
    XSD.assertValid(document)
    return document


def test_xml_says_what_json_says(repository, sandbox, record_data, client):
    record_data["metadata"] |= HARD
    record = repository.publish(record_data)
    repository.deliver()
    accept = {"Accept": "application/vnd.datacite.datacite+xml"}
    exported = client.get(f"/records/{record.id}", headers=accept)
    assert exported.status_code == 200
    document = valid(exported.data)
    expected = to_xml(sent(sandbox, doi_of(record)))
    assert etree.tostring(document, method="c14n2", strip_text=True) == etree.tostring(
        expected, method="c14n2", strip_text=True
    )
    assert document.find("{*}resourceType").get("resourceTypeGeneral") == "Poster"
    assert document.find("{*}rightsList/{*}rights").text.startswith("Free for")


def test_a_list_as_xml(repository, record_data, client):
    records = [repository.publish(record_data) for _ in range(2)]
    service.indexer.refresh()
    query = {"q": f"id:({records[0].id} OR {records[1].id})"}
    accept = {"Accept": "application/vnd.datacite.datacite+xml"}
    text = client.get("/records", query_string=query, headers=accept).text
    documents = [part for part in text.split("<?xml")[1:]]
    assert len(documents) == 2
    for part in documents:
        valid("<?xml" + part)


def test_dcat_is_made_of_the_same(repository, record_data, client):
    record_data["metadata"] |= HARD | {"subjects": [{"subject": 'it\'s "tides"'}]}
    record = repository.publish(record_data)
    accept = {"Accept": "application/dcat+xml"}
    exported = client.get(f"/records/{record.id}", headers=accept)
    assert exported.status_code == 200, exported.text
    assert doi_of(record) in exported.text
    assert "Free for schools" in exported.text
    assert 'it\'s "tides"' in exported.text


@pytest.fixture()
def harvest(running_app, monkeypatch):
    """Answer a request of OAI-PMH. There are no sets: they take a real OpenSearch."""
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
    repository, record_data, harvest, database
):
    """The search index has it still."""
    record_data["metadata"]["title"] = "NOT-FOR-HARVESTERS"
    record = repository.publish(record_data)
    service.indexer.refresh()
    restricted = service.record_cls.pid.resolve(record.id)
    restricted.access.protection.set("restricted", "restricted")
    restricted.commit()
    database.session.commit()
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


def test_nothing_of_what_was_deleted_by_now(
    repository, record_data, client, harvest, database
):
    """Who may read it says nothing of its deletion; and the index has it still."""
    record_data["metadata"]["title"] = "DELETED-SINCE"
    record, other = repository.publish(record_data), repository.publish(record_data)
    service.indexer.refresh()
    deleted = service.record_cls.pid.resolve(record.id)
    deleted.deletion_status = "D"
    deleted.commit()
    database.session.commit()
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
    dois = [
        payload.findtext("{*}identifier") for payload in payloads(harvest("datacite"))
    ]
    assert {doi_of(broken), doi_of(good)} <= set(dois)


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
        now = service.record_cls.pid.resolve(record.id)
        now.access.protection.set("public", "restricted")
        now.commit()
        db.session.commit()
    text = etree.tostring(harvest("dcat"), encoding="unicode")
    assert doi_of(record) in text
    assert (name in text) is (files == "public")


def test_where_somebody_elses_doi_leads_is_not_made_up(repository, record_data, client):
    record_data["pids"] = {"doi": {"identifier": "10.4321/x1", "provider": "external"}}
    record = repository.publish(record_data)
    exported = client.get(f"/records/{record.id}", headers=ACCEPT).json
    assert exported["doi"] == "10.4321/x1"
    assert "url" not in exported
