# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Metrics of the registration of DOIs, which only Prometheus can read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from invenio_db import db
from prometheus_client.parser import text_string_to_metric_families as parsed

from invenio_rdm_doi.monitoring import totals
from invenio_rdm_doi.monitoring.totals import Totals
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.history import Tally
from invenio_rdm_doi.registration.models import Outcome
from invenio_rdm_doi.settings.secret import Secret
from tests.support.sandbox_client import WRITES

TOKEN = "a-token-for-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
REFUSED = {"errors": [{"source": "titles", "title": "Too odd."}]}


@pytest.fixture()
def token(running_app):
    """Configure a token for the metrics."""
    object.__setattr__(current_doi.settings, "metrics_token", Secret(TOKEN))
    yield
    object.__setattr__(current_doi.settings, "metrics_token", None)


@pytest.fixture()
def scrape(running_app):
    """Return a function that requests the metrics as Prometheus does."""

    def scrape(headers=BEARER, path="/dois/metrics"):
        with running_app.test_client() as client:
            return client.get(path, headers=headers)

    return scrape


def samples(answer):
    """Return the values by name and labels."""
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parsed(answer.get_data(as_text=True))
        for sample in family.samples
    }


def value(answer, name, **labels):
    return samples(answer)[(f"rdm_doi_{name}", *sorted(labels.items()))]


def test_there_is_nothing_without_a_token_of_the_site(scrape):
    assert scrape().status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-token-wrong-token"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": "Bearer \xe4"},
    ],
)
def test_a_token_is_needed(scrape, token, headers):
    answer = scrape(headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "rdm_doi" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_a_session_is_no_token(running_app, token, uploader, who):
    with running_app.test_client() as client:
        assert uploader.login(client).get("/dois/metrics").status_code == 401


def test_the_numbers_are_those_of_the_registrations(
    repository, sandbox, record_data, token, scrape
):
    before = scrape()
    done = value(before, "deliveries_total", account="default", outcome="done")
    of_all = {"account": "default", "le": "+Inf"}
    took = value(before, "delivery_duration_seconds_bucket", **of_all)
    repository.publish(record_data)
    waiting = scrape()
    assert value(waiting, "due", account="default") >= 2
    assert value(waiting, "registrations", account="default", status="pending") >= 2
    repository.deliver()
    answer = scrape()
    assert value(answer, "due", account="default") == 0
    assert value(answer, "oldest_due_seconds") == 0
    assert value(answer, "deliveries_total", account="default", outcome="done") == (
        done + 2
    )
    assert value(answer, "delivery_duration_seconds_bucket", **of_all) == took + 2
    assert value(answer, "registrations", account="default", status="findable") >= 2
    assert value(answer, "account_running", account="default") == 1
    assert value(answer, "account_paused", account="default") == 0
    assert 0 <= value(answer, "budget_used_ratio", account="default") <= 1
    assert value(answer, "must_hide") == 0


def test_a_failure_and_an_account_that_is_paused(
    repository, sandbox, record_data, token, scrape
):
    sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
    repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    current_doi.breaker().pause({"code": "datacite.unauthorized", "message": "x"})
    answer = scrape()
    assert value(answer, "registrations", account="default", status="failed") >= 2
    assert value(answer, "account_running", account="default") == 0
    assert value(answer, "account_paused", account="default") == 1
    current_doi.breaker().resume()
    assert value(scrape(), "account_paused", account="default") == 0


def test_no_secrets(repository, token, scrape):
    text = scrape().get_data(as_text=True)
    for account in current_doi.settings.accounts:
        assert account.password.reveal() not in text
    assert TOKEN not in text
    assert TOKEN not in repr(current_doi.settings)


@pytest.fixture()
def tallied(database):
    """Return a function that counts deliveries of the given hour."""

    def tally(hours_ago, count, prefix="10.1234"):
        hour = datetime.now(UTC) - timedelta(hours=hours_ago)
        db.session.execute(
            sa.insert(Tally).values(
                hour=hour, prefix=prefix, outcome=Outcome.DONE, bucket=0, count=count
            )
        )
        db.session.commit()

    db.session.execute(sa.delete(Tally))
    db.session.commit()
    return tally


def test_old_hours_are_read_once(tallied, monkeypatch):
    tallied(1000, 5)
    tallied(0, 1)
    asked = []
    sums = totals._sums
    monkeypatch.setattr(
        totals, "_sums", lambda begin, end: asked.append(begin) or sums(begin, end)
    )
    total = Totals()
    key = ("10.1234", Outcome.DONE, 0)
    assert total.read()[key] == 6
    tallied(0, 2)
    tallied(2, 3)
    assert total.read()[key] == 11
    assert [begin == totals.EVER for begin in asked] == [True, False, False]


def test_what_no_account_has_is_counted_too(tallied, token, scrape):
    tallied(0, 4, prefix="10.9999")
    found = value(scrape(), "deliveries_total", account="none", outcome="done")
    assert found == 4
