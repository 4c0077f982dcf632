# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Exports agree with DataCite's metadata: on pages and over REST."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from invenio_app_rdm.config import (
    APP_RDM_RECORD_EXPORTERS,
    OAISERVER_METADATA_FORMATS,
)
from invenio_rdm_records.oai import datacite_etree
from invenio_rdm_records.proxies import current_rdm_records_service as service
from lxml import etree
from werkzeug.utils import import_string

from invenio_rdm_doi.hooks import Hooks
from invenio_rdm_doi.metadata.xml import to_xml
from invenio_rdm_doi.rdm.exports import use
from invenio_rdm_doi.rdm.exports.described import describe
from tests.support.exports import (
    ACCEPT,
    HARD,
    behind_the_index,
    restrict,
    sent,
    valid,
)
from tests.support.repository import doi_of


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
    repository, record_data, client, uploader
):
    """A search index may lag behind, or may have missed a change for good."""
    record_data["metadata"]["title"] = "SECRET"
    record, other = repository.publish(record_data), repository.publish(record_data)
    behind_the_index(record, restrict)
    query = {"q": f"id:({record.id} OR {other.id})"}
    # The index still contains both.
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
    """An application, as far as the code under test uses it."""

    def __init__(self, **config):
        self.config = config
        self.extensions = {"invenio-rdm-doi": SimpleNamespace(hooks=Hooks())}


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
    """Return the entries of InvenioRDM's own settings that are replaced."""
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


def test_where_somebody_elses_doi_leads_is_not_made_up(repository, record_data, client):
    record_data["pids"] = {"doi": {"identifier": "10.4321/x1", "provider": "external"}}
    record = repository.publish(record_data)
    exported = client.get(f"/records/{record.id}", headers=ACCEPT).json
    assert exported["doi"] == "10.4321/x1"
    assert "url" not in exported


def test_the_export_of_a_deleted_record_says_that_it_was_withdrawn(
    repository, sandbox, record_data, running_app
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    repository.deliver()
    with running_app.test_request_context():
        found = describe({"id": record.id}).attributes
    at_datacite = sandbox.writes(doi_of(record))[-1]["body"]["data"]["attributes"]
    assert found["dates"] == at_datacite["dates"]
    assert found["dates"][-1]["dateType"] == "Withdrawn"


def test_what_has_no_doi_is_identified_by_its_page(
    repository, record_data, client, doi_optional
):
    record = repository.publish(record_data | {"pids": {}})
    accept = {"Accept": "application/vnd.datacite.datacite+xml"}
    document = valid(client.get(f"/records/{record.id}", headers=accept).data)
    identifier = document.find("{*}identifier")
    assert identifier.get("identifierType") == "URL"
    assert identifier.text.endswith(f"/records/{record.id}")


@pytest.mark.parametrize(
    "serializer",
    [
        ("invenio_rdm_records.oai:datacite_etree", {}),
        datacite_etree,
        (datacite_etree, {}),
    ],
)
def test_settings_of_the_host_are_known_in_every_form(serializer):
    entry = {
        "serializer": serializer,
        "schema": "https://schema.datacite.org/meta/kernel-4.3/metadata.xsd",
    }
    app = App(OAISERVER_METADATA_FORMATS={"datacite": entry})
    use(app, ["oai"])
    after = app.config["OAISERVER_METADATA_FORMATS"]["datacite"]
    assert after["serializer"] == "invenio_rdm_doi.rdm.exports.oai:datacite_etree"
    assert after["schema"].endswith("kernel-4.7/metadata.xsd")
