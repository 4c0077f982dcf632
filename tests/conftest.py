# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures: a real InvenioRDM, and the sandbox in the place of DataCite.

Every commit is a real one, because workers, races and rollbacks behave differently when
a test runs in a transaction of its own. Instead, each test starts with empty tables of
this package and an empty sandbox.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy

import pytest
import sqlalchemy as sa
from flask import has_app_context
from flask_babel import get_babel, refresh
from invenio_access.models import ActionUsers, get_action_cache_key
from invenio_access.proxies import current_access
from invenio_app.factory import create_api
from invenio_db import db
from invenio_rdm_records import config as host

from datacite_sandbox.accounts import Account
from datacite_sandbox.server import SandboxServer
from invenio_rdm_doi.cli import doi as doi_group
from invenio_rdm_doi.registration.models import BreakerState, Mark, Registration, Runner
from tests.support.communities import create_community
from tests.support.mail_server import MailServer
from tests.support.page import Shown
from tests.support.repository import Clock, Repository, forget_records
from tests.support.sandbox_client import REFUSED, WRITES, Sandbox
from tests.support.vocabularies import create_vocabularies

# They would override the configuration of a test.
for name in [name for name in os.environ if name.startswith("INVENIO_")]:
    del os.environ[name]

USERNAME, PASSWORD = "TEST.REPO", "sandbox-password"
PREFIX, ADDITIONAL_PREFIX = "10.1234", "10.5678"
OTHER_ACCOUNTS = (
    ("TEST.PHYSICS", "physics-password", ("10.2000", "10.2001")),
    ("TEST.HISTORY", "history-password", ("10.3000",)),
)
"""Symbol, password and prefixes of additional accounts for some tests."""


@pytest.fixture(scope="session")
def sandbox_server():
    """Run a local DataCite for the whole test session."""
    account = Account(
        symbol=USERNAME,
        password=PASSWORD,
        prefixes=(PREFIX, ADDITIONAL_PREFIX),
        domains="*",
    )
    others = [
        Account(symbol, password, prefixes, "*")
        for symbol, password, prefixes in OTHER_ACCOUNTS
    ]
    server = SandboxServer(accounts=[account, *others])
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def received():
    """Collect the payloads of all deliveries, and append them to ``DOI_PAYLOADS``."""
    payloads = []
    yield payloads
    if "DOI_PAYLOADS" in os.environ:
        with open(os.environ["DOI_PAYLOADS"], "a") as file:
            file.writelines(json.dumps(payload) + "\n" for payload in payloads)


@pytest.fixture()
def sandbox(sandbox_server, received):
    """Return the running sandbox, without DOIs and with an empty log."""
    sandbox_server.start()
    others = {
        prefix: (symbol, password)
        for symbol, password, prefixes in OTHER_ACCOUNTS
        for prefix in prefixes
    }
    sandbox = Sandbox(sandbox_server, (USERNAME, PASSWORD), received, others)
    sandbox.clear()
    return sandbox


@pytest.fixture(scope="module")
def doi_config(sandbox_server):
    """Return the settings that an operator would write."""
    return {
        "RDM_RECORDS_DOI_DATACITE_ENABLED": True,
        "RDM_RECORDS_DOI_DATACITE_USERNAME": USERNAME,
        "RDM_RECORDS_DOI_DATACITE_PASSWORD": PASSWORD,
        "RDM_RECORDS_DOI_DATACITE_PREFIX": PREFIX,
        "RDM_RECORDS_DOI_DATACITE_ADDITIONAL_PREFIXES": [ADDITIONAL_PREFIX],
        "RDM_RECORDS_DOI_DATACITE_API_URL": sandbox_server.url,
        "RDM_RECORDS_DOI_DATACITE_TIMEOUT": (2, 10),
        "RDM_RECORDS_DOI_DATACITE_CONTACT": "doi@example.org",
        # The tests of the rate limit have settings of their own.
        "RDM_RECORDS_DOI_DATACITE_RATE": (100000, 10),
    }


@pytest.fixture(autouse=True)
def light_session():
    """Forget the records of a test after it."""
    yield
    if has_app_context() and db.session.registry.has():
        forget_records()


@pytest.fixture(scope="module")
def app_config(app_config, doi_config):
    """Return the configuration of the application."""
    redis = os.environ.get("CACHE_REDIS_URL", "redis://localhost:6379/0")
    server = redis.rsplit("/", 1)[0]
    app_config.update(
        CELERY_BROKER_URL=app_config["BROKER_URL"],
        CACHE_REDIS_URL=redis,
        ACCOUNTS_SESSION_REDIS_URL=f"{server}/1",
        COMMUNITIES_IDENTITIES_CACHE_REDIS_URL=f"{server}/4",
        JSONSCHEMAS_HOST="not-used",
        REST_CSRF_ENABLED=False,
        SITE_UI_URL="https://repository.example.org",
        SITE_API_URL="https://repository.example.org/api",
        TRUSTED_HOSTS=None,
        RDM_SEARCH=_without_one_facet(host.RDM_SEARCH),
        RDM_SEARCH_DRAFTS=_without_one_facet(host.RDM_SEARCH_DRAFTS),
        RECORDS_REFRESOLVER_CLS=("invenio_records.resolver.InvenioRefResolver"),
        RECORDS_REFRESOLVER_STORE=(
            "invenio_jsonschemas.proxies.current_refresolver_store"
        ),
        **doi_config,
    )
    return app_config


def _without_one_facet(search):
    # The embedded search engine does not support this facet; without it, every search
    # works.
    facets = [name for name in search["facets"] if name != "publication_date"]
    return {**search, "facets": facets}


@pytest.fixture(scope="module")
def create_app():
    """Return the factory of the REST application."""
    return create_api


@pytest.fixture(scope="module")
def running_app(app, database, location, vocabularies):
    """Return the application with everything that a record needs."""
    # Redis outlives the tables, so a user of this module has the ID of an earlier one.
    for action in current_access.actions:
        current_access.delete_action_cache(get_action_cache_key(action, None))
    return app


@pytest.fixture(scope="module")
def vocabularies(app, database, search):
    """Create the few vocabulary entries that the tests' records use."""
    create_vocabularies()


@pytest.fixture()
def repository(running_app, database, search, sandbox, uploader):
    """Provide the repository for a depositor; see :class:`repository.Repository`."""

    database.session.rollback()
    database.session.execute(sa.delete(Registration))
    for table in (BreakerState, Mark, Runner):
        database.session.execute(sa.delete(table))
    database.session.commit()
    yield Repository(uploader.identity)
    database.session.rollback()
    sandbox.start()
    sandbox.judge()


@pytest.fixture()
def doi_optional(running_app, monkeypatch):
    """Make DOIs optional for depositors."""
    for name in ("RDM_PERSISTENT_IDENTIFIERS", "RDM_PARENT_PERSISTENT_IDENTIFIERS"):
        identifiers = deepcopy(running_app.config[name])
        identifiers["doi"]["required"] = False
        monkeypatch.setitem(running_app.config, name, identifiers)


@pytest.fixture()
def run(running_app):
    """Return a function that runs a command and returns exit status and output."""

    def run(*arguments):
        result = running_app.test_cli_runner().invoke(doi_group, arguments)
        return result.exit_code, result.output

    return run


@pytest.fixture()
def german(running_app, monkeypatch):
    """Let everyone read German."""
    monkeypatch.setattr(get_babel(running_app), "locale_selector", lambda: "de")
    refresh()
    yield
    refresh()


@pytest.fixture()
def clock():
    """Provide the database's clock, which tests can advance."""
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        yield clock
    clock.forget()


@pytest.fixture(scope="module")
def make_user(UserFixture, running_app, database):
    """Return a function that creates a user with the given name."""

    def make(name):
        user = UserFixture(email=f"{name}@example.org", password=f"{name}-password")
        user.create(running_app, database)
        return user

    return make


@pytest.fixture(scope="module")
def uploader(make_user):
    """Return a depositor."""
    return make_user("depositor")


@pytest.fixture(scope="module")
def people(make_user, uploader):
    """Return the users who open the page, by name."""
    return {
        "owner": uploader,
        "stranger": make_user("stranger"),
        "curator": make_user("curator"),
    }


@pytest.fixture(scope="module")
def staff(make_user, uploader, database):
    """Return a depositor, a community owner, and one user for each granted action."""
    found = {"depositor": uploader, "community-owner": make_user("community-owner")}
    create_community("owned", owner=found["community-owner"].identity)
    for name, action in (
        ("manager", "doi-manage"),
        ("administrator", "administration-access"),
        ("moderator", "administration-moderation"),
        ("viewer", "admin-view"),
    ):
        found[name] = make_user(name)
        database.session.add(ActionUsers(action=action, user_id=found[name].id))
    database.session.commit()
    return found


@pytest.fixture(scope="module")
def client_of(running_app, staff):
    """Return a function that returns a user's client, or an anonymous one.

    Each user logs in only once, because that takes time.
    """
    clients = {}

    def client_of(who):
        if who not in clients:
            clients[who] = running_app.test_client()
            if who:
                staff[who].login(clients[who])
        return clients[who]

    return client_of


@pytest.fixture()
def publish_refused(repository, sandbox, record_data):
    """Return a function that publishes a record that DataCite refuses."""

    def publish_refused(data=record_data):
        sandbox.server.fault(kind="status", status=422, match=WRITES, body=REFUSED)
        record = repository.publish(data)
        repository.deliver()
        sandbox.server.clear_faults()
        return record

    return publish_refused


@pytest.fixture()
def failed(publish_refused):
    """Return a record that DataCite refused."""
    return publish_refused()


@pytest.fixture(scope="module")
def mail_server():
    """Run a local mail server; modules that need mails use ``mail_config``."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def mail_config(mail_server):
    """Return settings that let the application send mails."""
    return {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": mail_server.port,
        "MAIL_SUPPRESS_SEND": False,
        "MAIL_DEFAULT_SENDER": "doi@example.org",
    }


@pytest.fixture()
def get(running_app, people):
    """Return a function that requests an address as a named user or anonymously."""

    def get(address, who=None):
        with running_app.test_client() as client:
            if who:
                people[who].login(client)
            return Shown(client.get(address))

    return get


@pytest.fixture()
def record_data():
    """Return a record with the fields that DataCite requires."""
    return {
        "metadata": {
            "title": "Tides of the Wadden Sea",
            "publication_date": "2026-05-04",
            "publisher": "Tidal Archive",
            "resource_type": {"id": "dataset"},
            "creators": [
                {
                    "person_or_org": {
                        "type": "personal",
                        "given_name": "Frauke",
                        "family_name": "Petersen",
                    }
                }
            ],
        },
        "access": {"record": "public", "files": "public"},
        "files": {"enabled": False},
        "pids": {},
    }
