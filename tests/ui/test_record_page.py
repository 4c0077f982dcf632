# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The record page: status of the DOI, and messages by user."""

from __future__ import annotations

import logging
from copy import copy, deepcopy
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import current_app
from flask_babel import format_date
from flask_resources import resource_requestctx
from flask_resources.context import ResourceRequestCtx
from invenio_access.models import ActionUsers
from invenio_access.permissions import system_identity
from invenio_app.factory import create_ui
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from sqlalchemy.exc import OperationalError

from invenio_rdm_doi.rdm.exports import made
from invenio_rdm_doi.registration import intake
from invenio_rdm_doi.registration.models import Registration, Status
from tests.support import assets_manifest as manifest
from tests.support.repository import concept_doi_of, doi_of, embargoed
from tests.support.sandbox_client import WRITES

HEADING = "Metadata of this record at DataCite"

create_app = create_ui

SAID = "Rights are <b>too</b> long, says TEST.REPO"
REFUSED = {"errors": [{"source": "rights_list", "title": SAID}]}
OTHERS = (None, "stranger")


@pytest.fixture(scope="module")
def app_config(app_config):
    """Render pages without building assets."""
    app_config["WEBPACKEXT_MANIFEST_LOADER"] = manifest.Loader
    return app_config


@pytest.fixture()
def refused(repository, sandbox, record_data):
    """Return a function that publishes a record which DataCite refuses."""

    def refuse(body=REFUSED, **match):
        sandbox.server.fault(kind="status", status=422, match=WRITES | match, body=body)
        record = repository.publish(record_data)
        repository.deliver()
        sandbox.server.clear_faults()
        return record

    return refuse


def restrict(repository, record_data):
    record_data["access"]["record"] = "restricted"
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    return service.publish(repository.identity, draft.id)


def set_status(doi, **values):
    db.session.execute(
        sa.update(Registration).where(Registration.doi == doi).values(**values)
    )
    db.session.commit()


# Every status


def test_on_its_way_and_there(repository, record_data, get):
    record = repository.publish(record_data)
    for who in (None, "stranger", "owner"):
        page = get(f"/records/{record.id}", who)
        assert page.status == "pending"
        assert page.element.get("data-record-id") == record.id
        assert page.text.count("Being registered") == 2
        assert doi_of(record) in page.text
        assert concept_doi_of(record) in page.text
        assert page.links == []
        assert page.scripts
    repository.deliver()
    page = get(f"/records/{record.id}")
    assert page.status == "findable"
    assert page.links == [
        f"https://handle.test.datacite.org/{doi_of(record)}",
        f"https://handle.test.datacite.org/{concept_doi_of(record)}",
    ]
    assert "Test DOI: please do not cite it" in page.text
    assert not page.scripts


def test_changes_on_their_way(repository, record_data, get):
    record = repository.publish(record_data)
    repository.deliver()
    repository.edit(record, title="Tides of the North Sea")
    page = get(f"/records/{record.id}")
    assert page.status == "pending"
    assert "Registered; the latest changes are being sent" in page.text
    assert f"https://handle.test.datacite.org/{doi_of(record)}" in page.links


def test_failed_is_for_those_who_can_mend_it(refused, get):
    record = refused()
    for who in OTHERS:
        page = get(f"/records/{record.id}", who)
        assert page.status == "pending"
        assert "Not active yet" in page.text
        assert "To refer to this record, use the address of this page" in page.text
        assert page.links == []
        for secret in ("too", "failed", "TEST.REPO", "DataCite says", "422"):
            assert secret.lower() not in page.panel.lower()
    page = get(f"/records/{record.id}", "owner")
    assert page.status == "failed"
    assert "DataCite says: Field “Licenses”: Rights are <b>too</b> long" in page.text
    assert "Rights are &lt;b&gt;too&lt;/b&gt; long" in page.html
    assert page.links == [f"/uploads/{record.id}"]
    assert "the DOI is then sent again automatically" in page.text
    assert page.scripts


def test_the_owner_of_a_failed_doi_reads_it_on_top(refused, get):
    record = refused()
    page = get(f"/records/{record.id}", "owner")
    notice = page.html.index('id="record-doi-notice"')
    assert notice < page.html.index('id="record-title"')
    assert "DataCite did not accept the DOI of this record" in page.html
    for who in OTHERS:
        assert "record-doi-notice" not in get(f"/records/{record.id}", who).html


def test_a_doi_that_leads_nowhere_is_offered_nowhere(refused, repository, get):
    record = refused()
    doi, concept = doi_of(record), concept_doi_of(record)
    for who in (None, "owner"):
        page = get(f"/records/{record.id}", who)
        rest = page.html.replace(page.panel, "")
        for part in ("record-doi-badge", "citation_doi", f"doi.org/{doi}"):
            assert part not in rest, part
    for name in ("csl", "bibtex"):
        exported = get(f"/records/{record.id}/export/{name}").html
        assert exported and doi not in exported, name
    service.edit(repository.identity, record.id)
    assert "citation_doi" not in get(f"/records/{record.id}?preview=1", "owner").html
    for mimetype in ("text/x-bibliography", "application/vnd.citationstyles.csl+json"):
        text = cited(record, mimetype)
        assert doi not in text and concept not in text and "10.1234" not in text
    intake.request_again(doi)
    intake.request_again(concept)
    db.session.commit()
    repository.deliver()
    assert "record-doi-badge" in get(f"/records/{record.id}").html
    assert doi in cited(record, "application/vnd.citationstyles.csl+json")


def test_a_list_of_citations_costs_one_statement_more(repository, record_data):
    records = [repository.publish(record_data) for _ in range(3)]
    shown = [service.read(system_identity, one.id).to_dict() for one in records]
    asked = []
    listen = (db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    sa.event.listen(*listen)
    try:
        assert len(made._living(shown)) == 3
    finally:
        sa.event.remove(*listen)
    assert len([text for text in asked if "rdm_doi_registration" in text]) == 1


def test_serializers_can_be_copied(running_app):
    handlers = current_app.config["RDM_RECORDS_SERIALIZERS"]
    for handler in handlers.values():
        assert deepcopy(handler.serializer) and copy(handler.serializer)


def test_a_citation_is_there_without_the_database(
    repository, record_data, get, monkeypatch
):
    record = repository.publish(record_data)

    def failing(*_args):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(made, "dead_dois", failing)
    mimetype = "application/vnd.citationstyles.csl+json"
    assert doi_of(record) in cited(record, mimetype)


def test_the_citation_of_a_withheld_record_has_no_doi(repository, record_data, get):
    record = restrict(repository, record_data)
    repository.deliver()
    assert doi_of(record) not in cited(record, "text/x-bibliography")
    assert "record-doi-badge" not in get(f"/records/{record.id}", "owner").html


def cited(record, mimetype):
    """Return the output of the serializer of the page's citation box."""
    handler = current_app.config["RDM_RECORDS_SERIALIZERS"][mimetype]
    obj = service.read(system_identity, record.id).to_dict()
    with current_app.test_request_context(), ResourceRequestCtx(None):
        resource_requestctx.args = {"style": "apa", "locale": "en-US"}
        return handler.serializer.serialize_object(obj)


def test_nobody_reads_of_accounts(refused, get):
    record = refused()
    for who in (*OTHERS, "owner"):
        assert "TEST.REPO" not in get(f"/records/{record.id}", who).panel


def test_a_curator_can_mend_it(refused, people, get):
    record = refused()
    assert get(f"/records/{record.id}", "curator").status == "pending"
    parent = service.record_cls.pid.resolve(record.id).parent
    parent.access.grants.create("user", people["curator"].id, "edit", origin="")
    parent.commit()
    db.session.commit()
    page = get(f"/records/{record.id}", "curator")
    assert page.status == "failed"
    assert page.links == [f"/uploads/{record.id}"]


def test_what_nobody_can_mend_in_the_form(repository, refused, get):
    record = refused()
    reason = {
        "code": "datacite.not_ours",
        "message": "DataCite answered 403",
        "complaints": [{"source": None, "title": "TEST.REPO is not authorized"}],
    }
    set_status(doi_of(record), error=reason)
    page = get(f"/records/{record.id}", "owner")
    assert page.status == "failed"
    assert "contact the administrators of this repository" in page.text
    assert page.links == []
    for secret in ("not authorized", "TEST.REPO", "403", "not_ours"):
        assert secret not in page.panel


def test_too_large(refused, get):
    record = refused()
    reason = {"code": "datacite.too_large", "message": "413", "complaints": []}
    set_status(doi_of(record), error=reason)
    page = get(f"/records/{record.id}", "owner")
    assert "The record's metadata are too large." in page.text
    assert "413" not in page.text


def test_only_the_concept_doi_is_refused(repository, sandbox, record_data, get):
    record = repository.publish(record_data)
    concept = concept_doi_of(record)
    match = WRITES | {"doi": concept}
    sandbox.server.fault(kind="status", status=422, match=match, body=REFUSED)
    repository.deliver()
    sandbox.server.clear_faults()
    page = get(f"/records/{record.id}", "owner")
    assert page.status == "findable"
    assert "Field “Licenses”" in page.text
    assert f"/uploads/{record.id}" in page.links
    repository.new_version(record)
    set_status(concept, status=Status.FAILED)
    page = get(f"/records/{record.id}", "owner")
    assert f"/uploads/{record.id}" not in page.links
    assert f"/records/{record.id}/latest" in page.links
    assert "Field" not in get(f"/records/{record.id}").text


def test_an_outage_is_nobodys_fault(repository, sandbox, record_data, get):
    sandbox.server.fault(kind="status", status=503, match=WRITES)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    reported = "You do not have to do anything"
    page = get(f"/records/{record.id}", "owner")
    assert page.status == "pending"
    assert reported in page.text
    assert reported not in get(f"/records/{record.id}").text
    assert "503" not in page.panel


def test_nothing_is_sent_at_present(repository, record_data, get):
    record = repository.publish(record_data)
    reported = "You do not have to do anything"
    assert reported not in get(f"/records/{record.id}", "owner").text
    set_status(doi_of(record), due_at=sa.func.now() - timedelta(minutes=5))
    assert reported in get(f"/records/{record.id}", "owner").text
    assert "Being registered" in get(f"/records/{record.id}").text


@pytest.mark.parametrize(
    "late", [{"due_at": sa.func.now() - timedelta(hours=2)}, {"failures": 9}]
)
def test_what_is_long_overdue_is_not_promised(repository, record_data, get, late):
    record = repository.publish(record_data)
    set_status(doi_of(record), **late)
    page = get(f"/records/{record.id}")
    assert "Not active yet" in page.text
    assert "use the address of this page" in page.text
    assert "record-doi-badge" not in page.html.split("record-doi-badge-parent")[0]


def test_held(repository, record_data, get):
    record = restrict(repository, record_data)
    repository.deliver()
    page = get(f"/records/{record.id}", "owner")
    assert page.status == "withheld"
    assert "Withheld: the record is restricted" in page.text
    assert "registered when you make the record public" in page.text
    assert page.links == []
    for who in OTHERS:
        assert get(f"/records/{record.id}", who).element is None


def test_held_until_an_embargo_ends(repository, record_data, get):
    data = embargoed(record_data, record="restricted", files="restricted")
    record = restrict(repository, data)
    repository.deliver()
    page = get(f"/records/{record.id}", "owner")
    until = date.fromisoformat(data["access"]["embargo"]["until"])
    assert f"under embargo until {format_date(until, 'long')}" in page.text


def test_held_for_a_guest_with_a_link(repository, record_data, get):
    record = restrict(repository, record_data)
    repository.deliver()
    link = service.access.create_secret_link(
        repository.identity, record.id, {"permission": "view"}
    )
    page = get(f"/records/{record.id}?token={link.to_dict()['token']}")
    assert page.status == "withheld"
    assert "when the record is made public" in page.text


def test_hidden_for_those_who_still_see_it(repository, record_data, get):
    record = repository.publish(record_data)
    repository.deliver()
    set_status(doi_of(record), status=Status.HIDDEN, confirmed_state="registered")
    page = get(f"/records/{record.id}")
    assert page.status == "hidden"
    assert "Hidden: the record was deleted" in page.text
    assert f"https://handle.test.datacite.org/{doi_of(record)}" not in page.links


# No panel


def test_doi_of_somebody_else(repository, record_data, get):
    identifier = {"identifier": "10.4321/page", "provider": "external"}
    record = repository.publish({**record_data, "pids": {"doi": identifier}})
    page = get(f"/records/{record.id}")
    assert page.status_code == 200
    assert page.element is None


def test_no_doi(repository, record_data, get, doi_optional):
    record = repository.publish(record_data)
    page = get(f"/records/{record.id}")
    assert page.status_code == 200
    assert page.element is None


def test_the_page_is_there_whatever_happens(
    repository, record_data, get, monkeypatch, caplog
):
    record = repository.publish(record_data)

    def broken(*_args):
        db.session.execute(sa.text("SELECT * FROM there_is_no_such_table"))

    monkeypatch.setattr("invenio_rdm_doi.services.service._registration", broken)
    with caplog.at_level(logging.ERROR):
        page = get(f"/records/{record.id}", "owner")
    assert page.status_code == 200
    assert page.element is None
    assert "Tides of the Wadden Sea" in page.html
    assert "doi.panel.error" in caplog.text


# The part that the script replaces


def test_the_part_that_changes(refused, get):
    record = refused()
    for who, status in (
        (None, "pending"),
        ("stranger", "pending"),
        ("owner", "failed"),
    ):
        page = get(f"/records/{record.id}", who)
        part = get(page.element.get("data-address"), who)
        assert part.status == page.status == status
        assert part.element.get("data-known") == page.element.get("data-known")
        assert part.text == page.text
        assert part.headers["Cache-Control"] == "no-store"
        assert "<script" not in part.html


def test_the_part_is_for_those_who_see_the_page(repository, record_data, get):
    record = restrict(repository, record_data)
    for who in OTHERS:
        part = get(f"/records/{record.id}/doi", who)
        assert (part.status_code, part.html) == (404, "")
    assert get(f"/records/{record.id}/doi", "owner").status_code == 200
    assert get("/records/zzzzz-99999/doi").status_code == 404


def test_nothing_that_a_policy_would_refuse(refused, get):
    panel = get(f"/records/{refused().id}", "owner").panel
    assert " style=" not in panel
    assert " onclick" not in panel
    assert "<script>" not in panel


def test_a_whole_life(repository, refused, get):
    """A refused record is corrected, sent again, and registered."""
    record = refused()
    assert get(f"/records/{record.id}", "owner").status == "failed"
    draft = service.edit(repository.identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["title"] = "Corrected"
    service.update_draft(repository.identity, record.id, data)
    service.publish(repository.identity, record.id)
    assert get(f"/records/{record.id}", "owner").status == "pending"
    repository.deliver()
    assert get(f"/records/{record.id}", "owner").status == "findable"
    repository.delete(record)
    assert get(f"/records/{record.id}").status_code == 410


def test_what_datacite_knows_is_for_those_who_may_edit(
    repository, sandbox, record_data, get
):
    record_data["metadata"]["title"] = "Tides & <b>sands"
    record_data["metadata"]["version"] = "v1 \U0001f389"
    record = repository.publish(record_data)
    assert HEADING not in get(f"/records/{record.id}", "owner").html
    repository.deliver()
    page = get(f"/records/{record.id}", "owner").html
    assert "Metadata of this record at DataCite" in page
    described = page[page.index('id="record-doi-described"') :]
    described = described[: described.index("</details>")]
    assert "Tides &amp; &lt;b&gt;sands" in described
    assert "(metadata.version)" in described
    doi = doi_of(record)
    assert f'href="https://commons.stage.datacite.org/doi.org/{doi}"' in described
    assert f"https://repository.example.org/doi/{doi}" in described
    for who in OTHERS:
        assert HEADING not in get(f"/records/{record.id}", who).html


def test_of_a_restricted_record_datacite_knows_nothing(
    repository, sandbox, record_data, get
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.change_access(record, record="restricted")
    repository.deliver()
    assert HEADING not in get(f"/records/{record.id}", "owner").html


def test_an_administrator_reads_of_a_deleted_record(
    repository, record_data, get, people, database
):
    record = repository.publish(record_data)
    repository.deliver()
    repository.delete(record)
    repository.deliver()
    for action in ("administration-access", "administration-moderation"):
        database.session.add(ActionUsers(action=action, user_id=people["curator"].id))
    database.session.commit()
    page = get(f"/records/{record.id}?include_deleted=1", "curator")
    assert page.status == "hidden"
    assert "Hidden: the record was deleted" in page.text


def test_those_who_look_after_dois_get_to_the_administration(
    repository, record_data, get, make_user, people, database
):
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    people["manager"] = make_user("manager")
    action = ActionUsers(action="doi-manage", user_id=people["manager"].id)
    database.session.add(action)
    database.session.commit()
    link = f"/administration/dois/list?q={doi}"
    assert link in [
        unquote(one) for one in get(f"/records/{record.id}", "manager").links
    ]
    for who in ("owner", None):
        assert "/administration" not in get(f"/records/{record.id}", who).panel
