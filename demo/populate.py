# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fills an instance: tables, indices, vocabularies, users. ``python -m demo.populate``

What a dozen ``invenio`` commands would do, in one process: each of them would take
several seconds to start. May be run again: what is there already stays.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from flask import Flask, current_app
from invenio_access.models import ActionRoles
from invenio_access.permissions import system_identity
from invenio_access.proxies import current_access
from invenio_accounts.proxies import current_datastore
from invenio_app.factory import create_app
from invenio_app_rdm.fixtures import Pages
from invenio_db import db
from invenio_db.utils import create_alembic_version_table
from invenio_files_rest.models import Location
from invenio_oauth2server.models import Token
from invenio_queues.proxies import current_queues
from invenio_rdm_records.fixtures import PrioritizedVocabulariesFixtures, UsersFixture
from invenio_search import current_search
from invenio_search.utils import build_alias_name

from .site import ACCOUNTS_FILE


@contextmanager
def _step(name: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)


def populate(app: Flask) -> None:
    """Do all the steps, in the order in which they build on each other."""
    # A line for each of hundreds of entries helps nobody.
    app.logger.setLevel(logging.WARNING)
    with app.app_context():
        with _step("tables"):
            create_tables()
        with _step("indices"):
            create_indices()
        with _step("queues and files"):
            current_queues.declare()
            create_location(Path(app.instance_path) / "data")
        with _step("vocabularies"):
            load_vocabularies()
        with _step("users"):
            accounts = create_users()
        with _step("pages"):
            Pages().run()
        (Path(app.instance_path) / ACCOUNTS_FILE).write_text(json.dumps(accounts))


def create_tables() -> None:
    """Create the tables of every installed package, at their newest revision."""
    for table in db.metadata.sorted_tables:
        table.create(bind=db.engine, checkfirst=True)
    create_alembic_version_table()


def create_indices() -> None:
    """Put the templates and create the indices; an index that exists is kept."""
    for put in (
        current_search.put_templates,
        current_search.put_component_templates,
        current_search.put_index_templates,
    ):
        list(put())
    # Not ignore_existing: that makes a second index behind the alias of the first.
    missing = [
        name
        for name in current_search.mappings
        if not current_search.client.indices.exists(build_alias_name(name))
    ]
    if missing:
        list(current_search.create(index_list=missing))


def create_location(directory: Path) -> None:
    """Keep uploaded files below the directory."""
    location = Location.get_by_name("demo")
    if location is None:
        location = Location(name="demo", default=True)
        db.session.add(location)
    location.uri = str(directory)
    db.session.commit()


def load_vocabularies() -> None:
    """Load the demo's short vocabularies and InvenioRDM's for all others."""
    PrioritizedVocabulariesFixtures(
        system_identity,
        app_data_folder=Path(current_app.instance_path) / "app_data",
        delay=False,
    ).load()


def create_users() -> dict[str, dict[str, str]]:
    """Create the users of ``users.yaml``, each with a token for the REST API."""
    _create_admin_role()
    app_data = Path(current_app.instance_path) / "app_data"
    UsersFixture([app_data], "users.yaml").load()
    accounts = {}
    for entry in yaml.safe_load((app_data / "users.yaml").read_text()):
        user = current_datastore.get_user(entry["email"])
        token = Token.create_personal("demo", user.id, scopes=[])
        accounts[entry["username"]] = {
            "email": entry["email"],
            "password": entry["password"],
            "token": token.access_token,
        }
    db.session.commit()
    return accounts


def _create_admin_role() -> None:
    role = current_datastore.find_or_create_role("admin")
    for name in ("superuser-access", "administration-access"):
        action = current_access.actions[name]
        if ActionRoles.query_by_action(action).filter_by(role=role).first() is None:
            db.session.add(ActionRoles.allow(action, role=role))
    db.session.commit()


if __name__ == "__main__":
    with _step("application"):
        application = create_app()
    populate(application)
