# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Previews, and InvenioRDM's pages with and without this package's bundles."""

from __future__ import annotations

import json
import re

import pytest
from invenio_access.models import ActionUsers
from invenio_app.factory import create_ui
from invenio_rdm_records.proxies import current_rdm_records_service as service

from invenio_rdm_doi.services import DOIService
from invenio_rdm_doi.settings.model import Off
from invenio_rdm_doi.ui import templates as pages
from tests.support import assets_manifest as manifest
from tests.support.communities import create_community

create_app = create_ui


@pytest.fixture(scope="module")
def app_config(app_config):
    """Render pages without building assets."""
    app_config["WEBPACKEXT_MANIFEST_LOADER"] = manifest.Loader
    return app_config


# Previews


@pytest.fixture()
def preview(repository, get):
    """Return a function that opens the preview of a draft."""

    def preview(draft, who="owner"):
        return get(f"/records/{draft.id}?preview=1", who)

    return preview


NEW = {"doi": {"identifier": "", "provider": "datacite"}}


def test_a_draft_that_will_have_a_doi(repository, record_data, preview):
    draft = repository.draft({**record_data, "pids": NEW})
    page = preview(draft)
    assert page.status == "reserved"
    assert f"10.1234/{draft.id}" in page.text
    assert "Not reserved yet" in page.text
    assert "The record will get this DOI when it is published" in page.text
    assert not page.scripts


def test_a_draft_with_a_reserved_doi(repository, record_data, preview):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    page = preview(draft)
    assert "It resolves as soon as the record is published" in page.text
    assert page.links == []


def test_who_has_a_link_to_a_draft_reads_of_its_doi(repository, record_data, get):
    draft = repository.draft({**record_data, "pids": NEW})
    link = service.access.create_secret_link(
        repository.identity, draft.id, {"permission": "preview"}
    )
    token = link.to_dict()["token"]
    page = get(f"/records/{draft.id}?preview=1&token={token}")
    assert page.status == "reserved"
    assert "The record will get this DOI when it is published" in page.text


def test_a_curator_reads_that_the_record_is_accepted(repository, record_data, preview):
    draft = repository.draft({**record_data, "pids": NEW})
    community = create_community("tides")
    data = {"receiver": {"community": community}, "type": "community-submission"}
    service.review.update(repository.identity, draft.id, data)
    page = preview(draft)
    assert "when it is accepted and published" in page.text


def test_a_restricted_draft(repository, record_data, preview):
    record_data["access"]["record"] = "restricted"
    draft = repository.draft({**record_data, "pids": NEW})
    assert "when the record is made public" in preview(draft).text


def test_a_draft_with_another_doi(repository, record_data, preview):
    identifier = {"identifier": "10.4321/preview", "provider": "external"}
    page = preview(repository.draft({**record_data, "pids": {"doi": identifier}}))
    assert page.status_code == 200
    assert page.element is None


def test_a_draft_of_a_published_record(repository, record_data, preview):
    record = repository.publish(record_data)
    repository.deliver()
    draft = service.edit(repository.identity, record.id)
    assert preview(draft).status == "findable"


# Bundles


@pytest.fixture()
def without(monkeypatch):
    """Return a function that removes bundles from the assets."""
    monkeypatch.setattr(pages, "_missing", set())
    yield manifest.MISSING.update
    manifest.MISSING.clear()


def test_a_page_without_its_bundle(repository, record_data, get, without, caplog):
    record = repository.publish(record_data)
    without({"invenio-rdm-doi-record.js"})
    for _time in range(2):
        page = get(f"/records/{record.id}")
        assert page.status == "pending"
        assert not page.scripts
    assert caplog.text.count("doi.assets.missing") == 1
    assert "invenio webpack buildall" in caplog.text


def test_the_form_with_and_without_its_bundle(repository, record_data, get, without):
    draft = repository.draft(record_data)
    bundle = "invenio-rdm-doi-deposit.js"
    for address in ("/uploads/new", f"/uploads/{draft.id}"):
        page = get(address, "owner").html
        assert 'id="invenio-rdm-doi-form"' in page
        assert page.index(bundle) < page.index("invenio-app-rdm-deposit.js")
    without({bundle})
    for address in ("/uploads/new", f"/uploads/{draft.id}"):
        page = get(address, "owner")
        assert page.status_code == 200
        assert bundle not in page.html
        assert "invenio-app-rdm-deposit.js" in page.html


def in_the_form(page):
    """Return the data about DOIs in the page of the deposit form."""
    said = re.search(r'id="invenio-rdm-doi-form">(.*?)</script>', page.html)
    return json.loads(said[1])


def test_where_nothing_is_configured_administrators_learn_what_to_set(
    repository, get, people, running_app, database, monkeypatch
):
    extension = running_app.extensions["invenio-rdm-doi"]
    monkeypatch.setattr(extension, "configured", Off())
    assert in_the_form(get("/uploads/new", "owner")) == {
        "enabled": False,
        "may_configure": False,
    }
    user = people["owner"].user
    role = ActionUsers.allow(pages.administration, user_id=user.id)
    database.session.add(role)
    database.session.commit()
    try:
        assert in_the_form(get("/uploads/new", "owner"))["may_configure"] is True
    finally:
        database.session.delete(role)
        database.session.commit()


def test_the_form_is_there_when_the_state_of_its_doi_is_not(
    repository, record_data, get, monkeypatch, caplog
):
    def broken(*args, **kwargs):
        raise RuntimeError("no such table")

    draft = repository.draft(record_data)
    monkeypatch.setattr(DOIService, "read_draft", broken)
    page = get(f"/uploads/{draft.id}", "owner")
    assert page.status_code == 200
    assert in_the_form(page)["state"] is None
    assert "doi.form.error" in caplog.text


def test_only_the_list_of_uploads_has_its_bundle(repository, get):
    bundle = "invenio-rdm-doi-uploads.js"
    page = get("/me/uploads", "owner").html
    assert page.index(bundle) < page.index("invenio-app-rdm-user-uploads.js")
    assert bundle not in get("/me/requests", "owner").html
