# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Mails sent to a real mail server: their number, recipients and content."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from invenio_access.models import ActionRoles, ActionUsers
from invenio_accounts.proxies import current_datastore
from invenio_app.factory import create_ui
from invenio_db import db

from invenio_rdm_doi.datacite.errors import Unauthorized
from invenio_rdm_doi.notices import tasks
from invenio_rdm_doi.notices.models import Notice
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Registration, Status
from invenio_rdm_doi.registration.outcomes import RULES
from tests.support import assets_manifest as manifest
from tests.support.repository import doi_of
from tests.support.sandbox_client import REFUSED, WRITES

create_app = create_ui


@pytest.fixture(scope="module")
def app_config(app_config, mail_config):
    """Let the application send mails."""
    return {
        **app_config,
        **mail_config,
        "THEME_SITENAME": "Example Archive",
        "I18N_LANGUAGES": [("de", "Deutsch")],
        "WEBPACKEXT_MANIFEST_LOADER": manifest.Loader,
    }


@pytest.fixture(scope="module")
def managers(make_user, database):
    """Create two managers, one of them by a role, and an explicitly excluded user."""
    found = {name: make_user(name) for name in ("direct", "by-role", "excluded")}
    role = current_datastore.create_role(name="doi-managers", id="doi-managers")
    for name in ("by-role", "excluded"):
        current_datastore.add_role_to_user(found[name].user, role)
    database.session.add(ActionUsers(action="doi-manage", user_id=found["direct"].id))
    database.session.add(ActionRoles(action="doi-manage", role_id=role.id))
    database.session.add(
        ActionUsers(action="doi-manage", user_id=found["excluded"].id, exclude=True)
    )
    database.session.commit()
    return found


@pytest.fixture()
def mails(running_app, managers, mail_server):
    """Return the mail server, without earlier mails or notices."""
    db.session.execute(sa.delete(Notice))
    db.session.commit()
    mail_server.take()
    return mail_server


def set_option(name, value):
    object.__setattr__(current_doi.settings, name, value)


@pytest.fixture()
def owners_are_told(running_app):
    """Send mails to owners instead of managers."""
    set_option("notify_owners", True)
    set_option("notice_hours", None)
    yield
    set_option("notify_owners", False)
    set_option("notice_hours", 24)


@pytest.fixture()
def managers_are_not_told(running_app):
    set_option("notice_hours", None)
    yield
    set_option("notice_hours", 24)


def age(name, hours):
    notice = db.session.get(Notice, name)
    notice.sent_at -= timedelta(hours=hours)
    db.session.commit()


def test_nothing_is_sent_when_nothing_is_wrong(mails):
    tasks.notify()
    assert mails.take() == []


def test_one_outage_with_500_failures_makes_one_mail(
    mails, repository, publish_refused
):
    record = publish_refused()
    tasks.notify()
    (row,) = db.session.query(Registration).filter_by(doi=doi_of(record))
    values = {c.key: getattr(row, c.key) for c in sa.inspect(Registration).columns}
    for name in ("id", "prefix"):
        del values[name]
    db.session.add_all(
        Registration(**values | {"doi": f"10.1234/f{n}", "doi_key": f"10.1234/f{n}"})
        for n in range(500)
    )
    db.session.commit()
    for _run in range(12):
        tasks.notify()
    sent = mails.take()
    recipients = sorted(to for to, *_rest in sent)
    assert recipients == [["by-role@example.org"], ["direct@example.org"]]
    _to, subject, text, html = sent[0]
    assert subject == "[Example Archive] DOIs need your attention"
    assert "DOIs that failed and will not be retried automatically: 2." in text
    pages = "https://repository.example.org/administration/dois"
    assert f"{pages}/list?status=failed&handled=false" in text
    assert f'href="{pages}/list?status=failed&amp;handled=false"' in html


def test_the_next_mail_follows_after_the_period_if_something_changed(
    mails, publish_refused
):
    publish_refused()
    tasks.notify()
    assert len(mails.take()) == 2
    age("digest", 25)
    tasks.notify()
    assert mails.take() == []
    current_doi.breaker().pause(
        {
            "code": "of.a.later.release",
            "message": "<i>Wrong</i>.",
            "advice": "Set it.",
        }
    )
    tasks.notify()
    sent = mails.take()
    assert len(sent) == 2
    assert "The account default is paused: " in sent[0][2]
    assert "What to do: Set it." in sent[0][2]
    assert "&lt;i&gt;Wrong&lt;/i&gt;" in sent[0][3]
    # A further failure within the period waits, and is not forgotten.
    publish_refused()
    db.session.query(Registration).update({"status": Status.FAILED})
    db.session.commit()
    tasks.notify()
    assert mails.take() == []
    age("digest", 25)
    tasks.notify()
    assert len(mails.take()) == 2


def test_a_failure_that_is_marked_as_handled_is_not_told(mails, publish_refused):
    publish_refused()
    db.session.query(Registration).update({"handled_at": sa.func.clock_timestamp()})
    db.session.commit()
    tasks.notify()
    assert mails.take() == []


def test_restricted_but_findable_is_told_at_once(mails, publish_refused):
    publish_refused()
    tasks.notify()
    mails.take()
    row = db.session.query(Registration).first()
    row.error = {"code": "doi.not_hidden", "message": "x", "must_hide": True}
    db.session.commit()
    tasks.notify()
    sent = mails.take()
    assert len(sent) == 2
    assert sent[0][1] == "[Example Archive] Restricted records are findable at DataCite"
    assert "/administration/dois/list?must_hide=true" in sent[0][2]
    tasks.notify()
    assert mails.take() == []


def test_another_exposed_record_is_told_and_the_same_is_not(mails, publish_refused):
    publish_refused()
    one, other = db.session.query(Registration).all()
    exposed = {"code": "doi.not_hidden", "message": "x", "must_hide": True}
    hidden = {"code": "doi.not_hidden", "message": "x"}
    sent = []
    for first, second in ((True, False), (False, True), (True, False), (True, True)):
        one.error = exposed if first else hidden
        other.error = exposed if second else hidden
        db.session.commit()
        notice = db.session.get(Notice, "exposed")
        if notice is not None and notice.sent_at:
            age("exposed", 2)
        tasks.notify()
        subjects = [subject for _to, subject, *_rest in mails.take()]
        sent.append(sum("findable" in subject for subject in subjects))
    assert sent == [2, 2, 0, 0]


def test_other_failures_in_the_place_of_the_first_are_told(mails, publish_refused):
    publish_refused()
    tasks.notify()
    assert len(mails.take()) == 2
    db.session.query(Registration).update({"status": Status.FINDABLE})
    db.session.commit()
    publish_refused()
    age("digest", 25)
    tasks.notify()
    assert len(mails.take()) == 2


def test_while_there_is_nobody_to_tell_nothing_is_lost(
    mails, managers, publish_refused
):
    publish_refused()
    holders = [managers[name].user for name in ("direct", "by-role")]
    for user in holders:
        user.active = False
    db.session.commit()
    tasks.notify()
    assert mails.take() == []
    for user in holders:
        user.active = True
    db.session.commit()
    tasks.notify()
    assert len(mails.take()) == 2


def test_a_retry_without_a_change_tells_the_owner_nothing(
    mails, owners_are_told, publish_refused
):
    record = publish_refused()
    tasks.notify()
    mails.take()
    row = db.session.query(Registration).filter_by(doi=doi_of(record)).one()
    row.revision += 1
    row.updated = sa.func.clock_timestamp()
    db.session.commit()
    tasks.notify()
    assert mails.take() == []


def test_a_failure_that_is_committed_late_is_told(
    mails, owners_are_told, publish_refused
):
    record = publish_refused()
    tasks.notify()
    mails.take()
    row = db.session.query(Registration).filter_by(doi=doi_of(record)).one()
    row.updated -= timedelta(minutes=2)
    row.confirmed_revision += 1
    db.session.commit()
    tasks.notify()
    assert len(mails.take()) == 1


def test_many_failures_at_the_same_moment_are_all_told(
    mails, owners_are_told, monkeypatch, publish_refused
):
    monkeypatch.setattr(tasks, "MOST_OWNERS", 1)
    monkeypatch.setattr(tasks, "PAGE", 1)
    for _ in range(2):
        publish_refused()
    rows = db.session.query(Registration)
    moment = rows.first().updated
    rows.update({"updated": moment})
    db.session.commit()
    sent = []
    for _run in range(8):
        tasks.notify()
        sent += [text for _to, _subject, text, _html in mails.take()]
    for row in rows:
        assert len([text for text in sent if f"its DOI {row.doi} " in text]) == 1


def test_a_title_cannot_look_like_a_paragraph_of_the_mail(
    mails, owners_are_told, record_data, publish_refused
):
    title = "Tides\r\n\nYour password expired: http://evil.example.org"
    data = {**record_data, "metadata": {**record_data["metadata"], "title": title}}
    publish_refused(data)
    tasks.notify()
    for _to, _subject, text, _html in mails.take():
        assert "\nYour password" not in text


def test_who_wants_no_notifications_gets_none(mails, managers, publish_refused):
    user = managers["direct"].user
    user.preferences = {**user.preferences, "notifications": {"enabled": False}}
    db.session.commit()
    publish_refused()
    tasks.notify()
    assert [to for to, *_rest in mails.take()] == [["by-role@example.org"]]
    user.preferences = {**user.preferences, "notifications": {"enabled": True}}
    db.session.commit()


def test_a_german_manager_gets_a_german_mail(mails, managers, publish_refused):
    user = managers["direct"].user
    user.preferences = {**user.preferences, "locale": "de"}
    db.session.commit()
    publish_refused()
    rule = RULES[Unauthorized]
    current_doi.breaker().pause(
        {"code": Unauthorized.code, "message": "401.", "advice": rule.advice}
    )
    tasks.notify()
    sent = {to[0]: mail for to, *mail in mails.take()}
    german, english = sent["direct@example.org"], sent["by-role@example.org"]
    assert "Aufmerksamkeit" in german[0] and "attention" in english[0]
    for part in (1, 2):
        assert "DataCite akzeptiert den Benutzernamen" in german[part]
        assert "Korrigieren Sie RDM_RECORDS_DOI_DATACITE_USERNAME" in german[part]
        assert "DataCite does not accept the username" in english[part]
        assert "Correct RDM_RECORDS_DOI_DATACITE_USERNAME" in english[part]
    user.preferences = {**user.preferences, "locale": "en"}
    db.session.commit()


def test_mails_can_be_turned_off(mails, managers_are_not_told, publish_refused):
    publish_refused()
    tasks.notify()
    assert mails.take() == []


def test_while_the_broker_is_down_it_is_sent_later(
    mails, monkeypatch, caplog, publish_refused
):
    publish_refused()

    def down(*_args):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(tasks.broadcast_notification, "delay", down)
        tasks.notify()
    assert "doi.notice.failed" in caplog.text
    tasks.notify()
    assert len(mails.take()) == 2


def test_the_owner_is_told_once_of_each_failure(
    mails, owners_are_told, repository, sandbox, publish_refused
):
    record = publish_refused()
    for _run in range(3):
        tasks.notify()
    sent = mails.take()
    assert {tuple(to) for to, *_rest in sent} == {("depositor@example.org",)}
    reported = [text for _to, _subject, text, _html in sent if doi_of(record) in text]
    assert len(reported) == 1
    assert "Title is" in reported[0]
    assert f"https://repository.example.org/uploads/{record.id}" in reported[0]
    html = next(html for _to, _s, text, html in sent if doi_of(record) in text)
    assert "Title is &lt;b&gt;too&lt;/b&gt; odd." in html
    # The same failure again causes no mail.
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    db.session.query(Registration).update({"due_at": sa.func.now()})
    db.session.commit()
    repository.deliver()
    sandbox.server.clear_faults()
    tasks.notify()
    assert mails.take() == []


def test_the_owner_is_not_told_of_what_operators_must_correct(
    mails, owners_are_told, publish_refused
):
    publish_refused()
    db.session.query(Registration).update(
        {"error": {"code": "doi.other_system", "message": "x"}}
    )
    db.session.commit()
    tasks.notify()
    assert mails.take() == []
