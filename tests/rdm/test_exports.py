# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The export of a record as DataCite JSON is what DataCite gets."""

from __future__ import annotations

from copy import deepcopy

import pytest
import sqlalchemy as sa
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.rdm.exports import use
from tests.support.repository import doi_of

ACCEPT = {"Accept": "application/vnd.datacite.datacite+json"}


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


def test_a_serializer_of_the_site_stays():
    own = {"datacite-json": {"serializer": "my_site:Serializer", "params": {}}}
    handlers = {"application/vnd.datacite.datacite+json": object()}
    app = App(
        APP_RDM_RECORD_EXPORTERS=deepcopy(own), RDM_RECORDS_SERIALIZERS=dict(handlers)
    )
    use(app)
    assert app.config["APP_RDM_RECORD_EXPORTERS"] == own
    assert app.config["RDM_RECORDS_SERIALIZERS"] == handlers


def test_the_export_of_the_pages_is_replaced():
    from invenio_app_rdm.config import APP_RDM_RECORD_EXPORTERS

    app = App(APP_RDM_RECORD_EXPORTERS=APP_RDM_RECORD_EXPORTERS)
    use(app)
    exporters = app.config["APP_RDM_RECORD_EXPORTERS"]
    assert exporters["datacite-json"] == {
        **APP_RDM_RECORD_EXPORTERS["datacite-json"],
        "serializer": "invenio_rdm_doi.rdm.exports:DataCite47JSONSerializer",
    }
    assert set(exporters) == set(APP_RDM_RECORD_EXPORTERS)
