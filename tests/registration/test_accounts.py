# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Several accounts: the choice of a DOI's account, and independence of accounts.

Checked at the sandbox, by the account of each request.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace

import pytest
import sqlalchemy as sa
from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.proxies import current_record_communities_service
from invenio_requests.proxies import current_requests_service

from datacite_sandbox.accounts import Account as SandboxAccount
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.registration.models import Status
from invenio_rdm_doi.settings.secret import Secret
from tests.conftest import OTHER_ACCOUNTS
from tests.support.communities import create_community
from tests.support.repository import (
    ask_for_all,
    concept_doi_of,
    doi_of,
    embargoed,
    expire,
)

PHYSICS, HISTORY = "10.2000", "10.3000"
SENDERS = {"10.1234": "TEST.REPO", PHYSICS: "TEST.PHYSICS", HISTORY: "TEST.HISTORY"}


@pytest.fixture(scope="module")
def doi_config(doi_config):
    """Return the settings of an operator with three accounts."""
    (physics, physics_password, physics_prefixes), (history, password, prefixes) = (
        OTHER_ACCOUNTS
    )
    return doi_config | {
        "RDM_RECORDS_DOI_DATACITE_ACCOUNTS": {
            "physics": {
                "username": physics,
                "password": physics_password,
                "prefixes": list(physics_prefixes),
                "communities": ["physics"],
                "format": "{prefix}/phys.{id}",
            },
            "history": {
                "username": history,
                "password": password,
                "prefixes": list(prefixes),
                "communities": ["history"],
                "restricted": "placeholder",
                "reserve_remotely": True,
            },
        }
    }


@pytest.fixture(scope="module")
def communities(running_app, database):
    """Create two communities with accounts of their own, and one without."""
    found = {}
    for slug in ("physics", "history", "poetry"):
        found[slug] = create_community(slug)
    return found


@pytest.fixture()
def submit(repository, communities):
    """Return a function that submits a draft to a community's review.

    It returns the draft and the request.
    """

    def submit(data, slug):
        draft = repository.draft(data)
        receiver = {"community": communities[slug]}
        service.review.update(
            repository.identity,
            draft.id,
            {"type": "community-submission", "receiver": receiver},
        )
        asked = service.review.submit(repository.identity, draft.id)
        return service.read_draft(repository.identity, draft.id), asked

    return submit


@pytest.fixture()
def accept(repository, submit):
    """Return a function that publishes a record accepted by a community."""

    def accept(data, slug):
        draft, asked = submit(data, slug)
        current_requests_service.execute_action(system_identity, asked.id, "accept")
        return service.read(repository.identity, draft.id)

    return accept


def form(repository, draft):
    """Return the form's data about a draft's DOI."""
    return current_doi.service.read_draft(repository.identity, draft.id).data


def senders(sandbox, doi):
    """Return the accounts that wrote to a DOI; refused requests have no account."""
    writes = sandbox.writes(doi)
    return {entry["account"] for entry in writes} - {None}


def assert_sent_by_its_own(sandbox, record):
    for doi in (doi_of(record), concept_doi_of(record)):
        assert senders(sandbox, doi) == {SENDERS[doi.partition("/")[0]]}
        assert sandbox.state(doi) == "findable"


# Choice of the account


def test_a_record_without_a_community_gets_the_default_account(
    repository, sandbox, communities, record_data
):
    record = repository.publish(record_data)
    assert doi_of(record).startswith("10.1234/")
    assert concept_doi_of(record).startswith("10.1234/")
    repository.deliver()
    assert_sent_by_its_own(sandbox, record)


@pytest.mark.parametrize(
    "slug,beginning", [("physics", f"{PHYSICS}/phys."), ("history", f"{HISTORY}/")]
)
def test_a_record_accepted_by_a_community_gets_its_account(
    repository, sandbox, accept, record_data, slug, beginning
):
    record = accept(record_data, slug)
    assert doi_of(record).startswith(beginning)
    assert concept_doi_of(record).startswith(beginning)
    repository.deliver()
    assert_sent_by_its_own(sandbox, record)


def test_a_community_without_an_account_gets_the_default_one(
    repository, sandbox, accept, record_data
):
    record = accept(record_data, "poetry")
    assert doi_of(record).startswith("10.1234/")
    repository.deliver()
    assert_sent_by_its_own(sandbox, record)


def test_versions_stay_with_the_account_of_the_first_also_after_a_move(
    repository, sandbox, accept, communities, record_data
):
    record = accept(record_data, "physics")
    current_record_communities_service.remove(
        system_identity, record.id, {"communities": [{"id": communities["physics"]}]}
    )
    current_record_communities_service.bulk_add(
        system_identity, communities["history"], [record.id], set_default=True
    )
    later = repository.new_version(record)
    assert doi_of(later).startswith(f"{PHYSICS}/phys.")
    assert concept_doi_of(later) == concept_doi_of(record)
    repository.deliver()
    assert_sent_by_its_own(sandbox, later)
    assert_sent_by_its_own(sandbox, repository.edit(record, title="Moved"))
    assert not [e for e in sandbox.writes() if e["account"] == "TEST.HISTORY"]


def test_a_record_that_enters_a_community_later_keeps_its_account(
    repository, sandbox, communities, record_data
):
    record = repository.publish(record_data)
    current_record_communities_service.bulk_add(
        system_identity, communities["physics"], [record.id], set_default=True
    )
    later = repository.new_version(record)
    assert doi_of(later).startswith("10.1234/")
    repository.deliver()
    assert_sent_by_its_own(sandbox, later)


def test_a_first_managed_doi_of_a_later_version_follows_the_community(
    repository, sandbox, accept, record_data, doi_optional
):
    external = {"doi": {"identifier": "10.9999/theirs", "provider": "external"}}
    record = accept(record_data | {"pids": external}, "physics")
    draft = service.new_version(system_identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["publication_date"] = "2026-06-01"
    data["files"] = {"enabled": False}
    data["pids"] = {"doi": {"identifier": "", "provider": "datacite"}}
    service.update_draft(system_identity, draft.id, data)
    later = service.publish(system_identity, draft.id)
    assert doi_of(later).startswith(f"{PHYSICS}/phys.")
    assert concept_doi_of(later).startswith(f"{PHYSICS}/phys.")


def test_a_record_with_an_additional_prefix_keeps_it_in_later_versions(
    repository, sandbox, record_data
):
    old = {"doi": {"identifier": "10.5678/old-1", "provider": "datacite"}}
    draft = service.create(system_identity, deepcopy(record_data) | {"pids": old})
    record = service.publish(system_identity, draft.id)
    draft = service.new_version(system_identity, record.id)
    data = deepcopy(draft.data)
    data["metadata"]["publication_date"] = "2026-06-01"
    data["files"] = {"enabled": False}
    service.update_draft(system_identity, draft.id, data)
    later = service.publish(system_identity, draft.id)
    assert doi_of(later).startswith("10.5678/")
    repository.deliver()
    assert senders(sandbox, doi_of(later)) == {"TEST.REPO"}


def test_the_end_of_an_embargo_makes_a_doi_of_the_right_account(
    repository, sandbox, accept, record_data
):
    data = embargoed(record_data, record="restricted", files="restricted")
    record = accept(data, "physics")
    reserved = doi_of(record)
    assert reserved.startswith(f"{PHYSICS}/phys.")
    repository.deliver()
    assert sandbox.writes() == []
    expire(record)
    service.lift_embargo(system_identity, record.id)
    public = service.read(repository.identity, record.id)
    assert doi_of(public) == reserved
    repository.deliver()
    assert senders(sandbox, doi_of(public)) == {"TEST.PHYSICS"}


# Drafts


def test_a_foreseen_doi_follows_the_review_and_the_form_says_that_it_may_change(
    repository, submit, communities, record_data
):
    draft = repository.draft(record_data)
    found = form(repository, draft)
    assert found["will_be"] == f"10.1234/{draft.id}" and found["may_change"]
    draft, _asked = submit(record_data, "physics")
    found = form(repository, draft)
    assert found["will_be"] == f"{PHYSICS}/phys.{draft.id}" and found["may_change"]


def test_a_reserved_doi_keeps_its_account(
    repository, sandbox, communities, submit, record_data
):
    draft = repository.draft(record_data)
    service.pids.create(repository.identity, draft.id, "doi")
    service.review.update(
        repository.identity,
        draft.id,
        {
            "type": "community-submission",
            "receiver": {"community": communities["physics"]},
        },
    )
    assert form(repository, draft)["may_change"] is False
    asked = service.review.submit(repository.identity, draft.id)
    current_requests_service.execute_action(system_identity, asked.id, "accept")
    record = service.read(repository.identity, draft.id)
    assert doi_of(record) == f"10.1234/{draft.id}"
    assert concept_doi_of(record).startswith("10.1234/")
    repository.deliver()
    assert_sent_by_its_own(sandbox, record)


def test_what_the_form_foresaw_in_another_community_is_a_new_doi(
    repository, submit, record_data
):
    """The client sends a displayed DOI back; a user did not type it."""
    draft, _asked = submit(record_data, "physics")
    for shown in (f"10.1234/{draft.id}", f"{PHYSICS}/phys.{draft.id}"):
        data = deepcopy(draft.data)
        data["pids"] = {"doi": {"identifier": shown, "provider": "datacite"}}
        saved = service.update_draft(repository.identity, draft.id, data)
        assert not saved.errors
        assert saved.data["pids"]["doi"]["identifier"] == ""


@pytest.mark.parametrize("prefix", ["10.1234", "10.5678", PHYSICS, "10.2001", HISTORY])
def test_a_doi_of_any_account_is_no_external_one(repository, record_data, prefix):
    doi = {"identifier": f"{prefix}/typed", "provider": "external"}
    draft = repository.draft(record_data | {"pids": {"doi": doi}})
    assert [error["field"] for error in draft.errors] == ["pids.doi"]


def test_policies_are_of_the_account(
    repository, sandbox, communities, submit, accept, record_data
):
    draft, _asked = submit(record_data, "history")
    service.pids.create(repository.identity, draft.id, "doi")
    other = repository.draft(record_data)
    service.pids.create(repository.identity, other.id, "doi")
    repository.deliver()
    assert sandbox.state(f"{HISTORY}/{draft.id}") == "draft"
    assert sandbox.state(f"10.1234/{other.id}") is None

    restricted = record_data | {"access": {"record": "restricted", "files": "public"}}
    restricted = restricted | {
        "pids": {"doi": {"identifier": "", "provider": "datacite"}}
    }
    hidden = accept(restricted, "history")
    withheld = accept(restricted, "physics")
    repository.deliver()
    assert sandbox.state(doi_of(hidden)) == "registered"
    assert sandbox.state(doi_of(withheld)) is None


# Deliveries


def test_a_paused_account_stops_no_other(
    repository, sandbox, accept, record_data, monkeypatch, run
):
    settings = current_doi.settings
    physics = settings.account_named("physics")
    wrong = replace(physics, password=Secret("wrong"))
    others = tuple(wrong if a is physics else a for a in settings.others)
    monkeypatch.setattr(current_doi, "configured", replace(settings, others=others))
    mine, theirs = accept(record_data, "physics"), repository.publish(record_data)
    repository.deliver()
    assert sandbox.state(doi_of(mine)) is None
    assert sandbox.state(doi_of(theirs)) == "findable"
    states = {
        a.name: current_doi.breaker(a).report()["state"] for a in (wrong, *others)
    }
    assert states == {"physics": "paused", "history": "running"}
    assert current_doi.breaker().report()["state"] == "running"
    row = repository.registration(doi_of(mine))
    assert (row.status, row.failures) == (Status.RETRYING, 0)

    # A backlog of the paused account does not delay the others.
    before = len(sandbox.log())
    more = [accept(record_data, "physics") for _ in range(3)]
    other = repository.publish(record_data)
    assert repository.deliver() == {"done": 2}
    sent = sandbox.log()[before:]
    assert {entry["account"] for entry in sent} == {"TEST.REPO"}
    assert sandbox.state(doi_of(other)) == "findable"

    status = json.loads(run("status", "--json")[1])
    found = {a["account"]: (a["state"], a["due"]) for a in status["accounts"]}
    assert found == {
        "default": ("running", 0),
        "physics": ("paused", 8),
        "history": ("running", 0),
    }
    code, output = run("check")
    assert code == 1
    assert "[physics] deliveries: Deliveries are paused" in output
    assert "[default] deliveries: Deliveries are running." in output
    assert "ACCOUNTS['physics']['password']" in output

    # The password is right again, so the waiting DOIs are sent automatically.
    monkeypatch.setattr(current_doi, "configured", settings)
    assert repository.deliver()["done"] == 8
    for record in (mine, *more):
        assert_sent_by_its_own(sandbox, record)


def test_an_address_that_is_throttled_or_down_stops_all_accounts_there(repository):
    settings = current_doi.settings
    physics, history = settings.others
    reason = {"code": "datacite.rate_limited", "message": "x", "complaints": []}
    current_doi.breaker(physics).throttle(60, reason)
    for account in settings.accounts:
        assert current_doi.breaker(account).report()["state"] == "throttled"
        assert current_doi.breaker(account).admit(8) == 0
    elsewhere = replace(history, api_url="https://api.example.org/")
    assert current_doi.breaker(elsewhere).report()["state"] == "running"
    assert current_doi.breaker(elsewhere).admit(8) == 8


def test_a_pause_gives_the_probe_of_the_address_to_the_others(repository, clock):
    """A refusal of the probing account is no information about the address."""
    physics, history = current_doi.settings.others
    reason = {"code": "datacite.unavailable", "message": "x", "complaints": []}
    for _ in range(5):
        current_doi.breaker().failed(reason)
    clock.forward(31)
    probing = current_doi.breaker(physics)
    assert probing.admit(8) == 1
    assert current_doi.breaker(history).admit(8) == 0
    probing.pause(reason)
    assert current_doi.breaker(history).admit(8) == 1


def test_a_slow_address_delays_only_itself(
    repository, sandbox, accept, record_data, monkeypatch
):
    """The API of one account stalls; DOIs of the other account are sent meanwhile."""
    symbol, password, prefixes = OTHER_ACCOUNTS[0]
    account = SandboxAccount(symbol, password, prefixes, "*")
    with SandboxServer(accounts=[account]) as slow:
        slow.fault(kind="latency", seconds=6, match={"method": ["POST", "PUT"]})
        settings = current_doi.settings
        physics = settings.account_named("physics")
        moved = replace(physics, api_url=slow.url + "/")
        others = tuple(moved if a is physics else a for a in settings.others)
        changed = replace(settings, others=others)
        monkeypatch.setattr(current_doi, "configured", changed)
        stalled = [accept(record_data, "physics") for _ in range(9)]
        quick = repository.publish(record_data)
        done: list[str] = []
        repository.deliver(progress=lambda claim, outcome: done.append(claim.doi))
        assert set(done[:2]) == {doi_of(quick), concept_doi_of(quick)}
        assert len(done) == 2 + 2 * len(stalled)


@pytest.fixture()
def slow_rate(monkeypatch):
    """Limit the rate to ten requests a second per address; return the settings."""
    settings = current_doi.settings
    account, *others = (replace(a, rate=(10, 1)) for a in settings.accounts)
    changed = replace(settings, account=account, others=tuple(others))
    monkeypatch.setattr(current_doi, "configured", changed)
    return changed


def test_accounts_at_one_address_share_its_rate_evenly(
    repository, sandbox, accept, record_data, slow_rate
):
    records = [accept(record_data, "physics") for _ in range(7)]
    records += [repository.publish(record_data) for _ in range(7)]
    sandbox.server.rate(10, 1)
    try:
        assert repository.deliver()["done"] == 28
    finally:
        sandbox.server.clear_rate()
    writes = sandbox.writes()
    assert {entry["status"] for entry in writes} == {201}
    for record in records:
        assert_sent_by_its_own(sandbox, record)
    # Neither account waits until the other one has finished.
    first = [entry["account"] for entry in writes[:14]]
    assert min(first.count("TEST.REPO"), first.count("TEST.PHYSICS")) >= 4


def test_accounts_at_two_addresses_have_nothing_in_common(
    repository, sandbox, accept, record_data, slow_rate, monkeypatch
):
    symbol, password, prefixes = OTHER_ACCOUNTS[0]
    account = SandboxAccount(symbol, password, prefixes, "*")
    with SandboxServer(accounts=[account]) as elsewhere:
        physics, history = slow_rate.others
        moved = replace(physics, api_url=f"{elsewhere.url}/")
        changed = replace(slow_rate, others=(moved, history))
        monkeypatch.setattr(current_doi, "configured", changed)
        # Use up the whole budget of one address.
        spent = current_doi.client().budget
        while spent.take(0):
            pass
        assert current_doi.client(moved).budget.remaining() == 10
        mine, theirs = accept(record_data, "physics"), repository.publish(record_data)
        assert repository.deliver()["done"] == 4
        assert {e["doi"] for e in elsewhere.log() if e["method"] == "POST"} >= {
            doi_of(mine),
            concept_doi_of(mine),
        }
        assert sandbox.state(doi_of(theirs)) == "findable"
        assert not sandbox.writes(doi_of(mine))


def test_doi_whose_prefix_no_account_has_is_settled_once(
    repository, sandbox, accept, record_data, monkeypatch, run
):
    """An account was removed: its DOIs stay unchanged, and are reported."""
    record = accept(record_data, "physics")
    repository.deliver()
    settings = current_doi.settings
    others = tuple(a for a in settings.others if a.name != "physics")
    monkeypatch.setattr(current_doi, "configured", replace(settings, others=others))
    repository.edit(record, title="Another title")
    before = len(sandbox.writes())
    assert repository.deliver() == {"rejected": 2}
    assert len(sandbox.writes()) == before
    row = repository.registration(doi_of(record))
    assert (row.status, row.due_at) == (Status.FAILED, None)
    assert row.error["code"] == "doi.prefix_unknown"
    assert "(no account)" in run("status")[1]
    # A new version gets a DOI of a configured account.
    later = service.new_version(repository.identity, record.id)
    assert form(repository, later)["will_be"] == f"10.1234/{later.id}"


def test_commands_name_the_account(repository, sandbox, accept, record_data, run):
    record = accept(record_data, "physics")
    repository.deliver()
    shown = json.loads(run("show", "--json", doi_of(record))[1])
    assert shown["registration"]["account"] == "physics"
    assert shown["datacite"]["state"] == "findable"
    assert "physics" in run("status")[1]
    code, output = run("resume", "--account", "chemistry")
    assert code == 2 and "there are: default, physics, history" in output
    current_doi.breaker(current_doi.settings.account_named("physics")).pause(
        {"code": "x", "message": "x", "complaints": []}
    )
    assert "Resumed: physics." in run("resume")[1]


def test_check_names_communities_that_there_are_not(
    repository, communities, monkeypatch, run
):
    settings = current_doi.settings
    lost = replace(settings.others[0], communities=("physics", "phisycs"))
    changed = replace(settings, others=(lost, *settings.others[1:]))
    monkeypatch.setattr(current_doi, "configured", changed)
    code, output = run("check")
    assert code == 1
    assert "[physics] communities: No community has the slug or UUID phisycs." in output
    assert "[history] communities: It serves history." in output


def test_each_delivery_is_logged_with_its_account(
    repository, sandbox, accept, record_data, caplog
):
    record = accept(record_data, "physics")
    other = repository.publish(record_data)
    with caplog.at_level("INFO", logger="invenio_rdm_doi.registration"):
        repository.deliver()
    accounts = {r.doi: r.account for r in caplog.records if hasattr(r, "account")}
    assert accounts[doi_of(record)] == "physics"
    assert accounts[doi_of(other)] == "default"


def test_changing_the_accounts_later_changes_no_doi(
    repository, sandbox, communities, record_data, monkeypatch
):
    """A community gets an account of its own, but its existing DOIs stay."""
    settings = current_doi.settings
    monkeypatch.setattr(current_doi, "configured", replace(settings, others=()))
    record = repository.publish(record_data)
    current_record_communities_service.bulk_add(
        system_identity, communities["physics"], [record.id], set_default=True
    )
    repository.deliver()
    monkeypatch.setattr(current_doi, "configured", settings)
    ask_for_all()
    assert repository.deliver() == {"unchanged": 2}
    edited = repository.edit(record, title="Another title")
    assert doi_of(edited) == doi_of(record)
    repository.deliver()
    assert_sent_by_its_own(sandbox, edited)


# Many rows


def plan_of(statement_part):
    """Return a list of matching statements, and a listener that fills it."""
    asked = []

    def keep(connection, cursor, statement, parameters, context, many):
        if statement_part in statement:
            asked.append((statement, parameters))

    return asked, keep


def test_the_claim_of_one_account_uses_the_index_and_reads_no_other_rows(repository):
    """There are many rows, most of them due for another account or later."""
    from invenio_rdm_doi.registration import queue

    db.session.execute(
        sa.text(
            "INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id,"
            " status, revision, due_at, priority, confirmed_revision, failures,"
            " in_doubt)"
            " SELECT gen_random_uuid(), d, d, 'record', gen_random_uuid(), 'pending',"
            " 1, due, p, 0, 0, false FROM (SELECT"
            " CASE WHEN n % 100 = 0 THEN '10.2000/n' ELSE '10.1234/n' END || n AS d,"
            " now() + make_interval(secs => CASE WHEN n % 3 = 0 THEN -n ELSE n + 900"
            " END) AS due, CASE WHEN n % 2 = 0 THEN 0 ELSE 10 END AS p"
            " FROM generate_series(1, 60000) n) rows"
        )
    )
    db.session.commit()
    db.session.execute(sa.text("ANALYZE rdm_doi_registration"))
    db.session.commit()
    asked, keep = plan_of("UPDATE rdm_doi_registration")
    sa.event.listen(db.engine, "before_cursor_execute", keep)
    try:
        claims = queue.claim(8, 60, ("10.2000", "10.2001"))
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", keep)
    assert len(claims) == 8
    assert all(claim.doi.startswith("10.2000/") for claim in claims)
    queue.give_back(claims)
    statement, parameters = asked[0]
    plan = "\n".join(
        row[0]
        for row in db.session.connection().exec_driver_sql(
            f"EXPLAIN (ANALYZE, BUFFERS) {statement}", parameters
        )
    )
    db.session.rollback()
    assert "ix_rdm_doi_registration_due" in plan, plan
    assert "Seq Scan on rdm_doi_registration" not in plan, plan
    first = plan.splitlines()[1]
    buffers = int(first.partition("hit=")[2].split()[0])
    assert buffers < 400, plan
    assert set(queue.due_prefixes()) == {"10.1234", "10.2000"}
