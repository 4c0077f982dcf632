# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Content of the administration pages, and access to them."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa
from invenio_app.factory import create_ui
from invenio_db import db
from lxml import html

from invenio_rdm_doi import nightly
from invenio_rdm_doi.audit.models import AuditRun
from invenio_rdm_doi.datacite import errors
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration
from invenio_rdm_doi.registration.outcomes import RULES
from tests.support import assets_manifest as manifest
from tests.support.repository import doi_of

create_app = create_ui

PATHS = [
    "/administration/dois/overview",
    "/administration/dois/list",
    "/administration/dois/findings",
    "/administration/dois/accounts",
    f"/administration/dois/{uuid4()}",
]


@pytest.fixture(scope="module")
def app_config(app_config):
    """Render pages without building assets."""
    app_config["WEBPACKEXT_MANIFEST_LOADER"] = manifest.Loader
    return app_config


@pytest.fixture()
def open_page(client_of):
    """Return a function that opens a page as a named user or anonymously."""

    def open_page(path, who="administrator", **query):
        return client_of(who).get(path, query_string=query or None)

    return open_page


@pytest.fixture()
def content(open_page):
    """Return a function that reads the content of a page."""

    def content(path, **query):
        answer = open_page(path, **query)
        assert answer.status_code == 200
        (found,) = html.fromstring(answer.text).xpath("//*[@id='doi-administration']")
        return found

    return content


def words(element):
    return " ".join(element.text_content().split())


def path_of(doi):
    id_ = db.session.scalar(sa.select(Registration.id).filter_by(doi=doi))
    return f"/administration/dois/{id_}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["depositor", "community-owner", "moderator", "viewer"])
def test_they_are_for_nobody_else(open_page, path, who):
    answer = open_page(path, who)
    assert answer.status_code == 403
    assert "doi-administration" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_logged_in_is_asked_to(open_page, path):
    answer = open_page(path, None)
    assert answer.status_code in (302, 401, 403)
    assert "doi-administration" not in answer.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_they_are_for_those_who_look_after_dois(open_page, path, who):
    expected = 404 if path == PATHS[-1] else 200
    assert open_page(path, who).status_code == expected


def test_all_pages_are_asked_for_permission(running_app):
    rules = {
        rule.endpoint
        for rule in running_app.url_map.iter_rules()
        if rule.endpoint.startswith("administration.doi_")
    }
    assert len(rules) == len(PATHS)


def test_the_menu_leads_to_them(open_page):
    page = html.fromstring(open_page("/administration/dois/overview").text)
    (menu,) = page.xpath("//*[@id='admin-side-menu']")
    links = menu.xpath(".//a/@href")
    assert set(PATHS[:-1]) <= set(links)


def test_when_nothing_needs_a_person(content, sandbox):
    assert "Nothing needs attention. DOIs are registered" in words(
        content("/administration/dois/overview")
    )


def test_the_overview_names_what_needs_a_person(failed, content):
    current_doi.breaker().pause(
        {"code": "datacite.unauthorized", "message": "Wrong password.", "advice": "Set"}
    )
    found = content("/administration/dois/overview")
    text = words(found)
    assert "DOIs that failed and will not be retried automatically: 2." in text
    reason = "DataCite does not accept the username or password."
    known = f"The account default is paused: {reason} Wrong password."
    assert f"{known} What to do: Set" in text
    accounts = words(content("/administration/dois/accounts"))
    assert f"{reason} Wrong password." in accounts
    assert "0 succeeded, 2 failed." in text
    link = found.xpath(".//a[contains(., 'DOIs that failed')]/@href")
    assert link == ["/administration/dois/list?status=failed&handled=false"]


def test_a_german_operator_reads_german_advice(failed, open_page, german):
    rule = RULES[errors.Unauthorized]
    current_doi.breaker().pause(
        {"code": errors.Unauthorized.code, "message": "401.", "advice": rule.advice}
    )
    (registration,) = Registration.query.filter_by(doi=doi_of(failed)).all()
    for path in ("overview", "accounts"):
        text = open_page(f"/administration/dois/{path}").text
        assert "Korrigieren Sie RDM_RECORDS_DOI_DATACITE_USERNAME" in text
        assert "DataCite akzeptiert den Benutzernamen" in text
    assert registration.error["advice"] == RULES[errors.Refused].advice
    text = open_page(f"/administration/dois/{registration.id}").text
    assert "Korrigieren Sie die Felder" in text
    assert "DataCite hat die Metadaten, die URL oder die DOI abgelehnt." in text


def test_an_error_of_a_later_release_is_shown_once(failed, content):
    current_doi.breaker().pause({"code": "datacite.later", "message": "Not yet."})
    for page in ("overview", "accounts"):
        assert words(content(f"/administration/dois/{page}")).count("Not yet.") == 1


def test_the_list_says_why(failed, content):
    found = content("/administration/dois/list", status="failed")
    assert doi_of(failed) in words(found)
    assert "titles: Title is <b>too</b> odd." in words(found)
    assert not found.xpath(".//b")
    (chosen,) = found.xpath(".//select[@name='status']/option[@selected]/@value")
    assert chosen == "failed"


def test_the_list_goes_on(failed, content, monkeypatch):
    monkeypatch.setattr("invenio_rdm_doi.administration.views.SIZE", 1)
    found = content("/administration/dois/list", kind="record")
    assert not found.xpath(".//a[@rel='next']")
    found = content("/administration/dois/list")
    seen = found.xpath(".//tbody//th//text()")
    (following,) = found.xpath(".//a[@rel='next']/@href")
    seen += content(following).xpath(".//tbody//th//text()")
    assert len(set(seen)) == 2


@pytest.mark.parametrize(
    "query, said",
    [
        ({"status": "lost"}, "Must be one of"),
        ({"account": "nobody"}, "There is no account 'nobody'"),
        ({"after": "nonsense"}, "This cursor belongs to a list"),
        ({"q": "none"}, "No DOI matches."),
    ],
)
def test_what_cannot_be_found_is_said(content, query, said):
    assert said in words(content("/administration/dois/list", **query))


def test_one_doi(failed, content):
    found = content(path_of(doi_of(failed)))
    text = words(found)
    assert "Failed" in text
    assert "What to do:" in text
    assert "Rejected" in text
    assert "422" in text
    assert not found.xpath(".//b")
    links = found.xpath(".//a/@href")
    assert any(link.endswith(f"/doi/{doi_of(failed)}") for link in links)
    assert any(f"/records/{failed.id}" in link for link in links)
    assert found.xpath(".//button[contains(., 'Mark as handled')]")


def test_a_registered_doi_leads_to_fabrica(repository, record_data, sandbox, content):
    record = repository.publish(record_data)
    repository.deliver()
    found = content(path_of(doi_of(record)))
    (link,) = found.xpath(".//a[contains(., 'Fabrica')]/@href")
    quoted = doi_of(record).replace("/", "%2F")
    assert link == f"https://doi.test.datacite.org/dois/{quoted}"
    assert not found.xpath(".//a[contains(., 'Commons')]")


def test_a_finding_can_be_repaired(repository, record_data, sandbox, content):
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.put(doi_of(record), url="https://elsewhere.example.org/")
    db.session.execute(sa.delete(AuditRun))
    db.session.commit()
    nightly.audit()
    found = content("/administration/dois/findings", problem="wrong_url")
    assert "Different URL at DataCite (1)" in words(found)
    (button,) = found.xpath(".//button")
    assert button.get("aria-label") == f"Repair {doi_of(record)}"
    assert button.get("data-doi-post").startswith("/api/dois/findings/")
    assert "The audit found: Different URL" in words(
        content("/administration/dois/overview")
    )


def test_an_account(content):
    current_doi.breaker().pause({"code": "datacite.unauthorized", "message": "No."})
    found = content("/administration/dois/accounts")
    assert "TEST.REPO" in words(found)
    assert "Paused" in words(found)
    assert found.xpath(".//button[@aria-label='Resume default']")
    assert found.xpath(".//button[@aria-label='Check default']")


@pytest.mark.parametrize("path", PATHS[:-1])
def test_no_password_is_shown_and_nothing_is_kept(open_page, path):
    answer = open_page(path)
    assert answer.headers["Cache-Control"] == "no-store"
    for account in current_doi.settings.accounts:
        assert account.password.reveal() not in answer.text
