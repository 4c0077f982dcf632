# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The tables, made and removed by alembic on PostgreSQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from invenio_db import db as db_

TABLES = {"rdm_doi_registration", "rdm_doi_attempt", "rdm_doi_breaker"}


@pytest.fixture(scope="module")
def alembic(base_app):
    """Alembic, on an empty database."""
    with base_app.app_context():
        assert db_.engine.name == "postgresql"
        db_.drop_all()
        drop_versions()
        yield base_app.extensions["invenio-db"].alembic
        db_.session.remove()
        db_.drop_all()
        drop_versions()


def drop_versions():
    """What alembic itself leaves behind."""
    with db_.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def tables():
    return set(sa.inspect(db_.engine).get_table_names())


def ours(differences):
    """Those of alembic's differences that are about this package."""
    return [d for d in differences if "rdm_doi" in str(d)]


def test_upgrade_and_downgrade(alembic):
    alembic.upgrade()
    assert tables() >= TABLES
    assert ours(alembic.compare_metadata()) == []

    alembic.downgrade(target="invenio_rdm_doi@3b7c0e1f5a20")
    assert not tables() & TABLES

    alembic.upgrade()
    assert tables() >= TABLES
    assert ours(alembic.compare_metadata()) == []


def test_what_was_stored_is_renamed(alembic):
    """Rows that were written with the former words get today's, and back."""
    alembic.upgrade()
    alembic.downgrade(target="invenio_rdm_doi@8d2f6a4c9e11")
    stored = [("registered", "record"), ("held", "parent"), ("failed", "record")]
    with db_.engine.begin() as connection:
        for number, (status, kind) in enumerate(stored):
            connection.execute(
                sa.text(
                    "INSERT INTO rdm_doi_registration (id, doi, kind, owner_id, status,"
                    " revision, confirmed_revision, in_doubt, priority, failures)"
                    " VALUES (gen_random_uuid(), :doi, :kind, gen_random_uuid(),"
                    " :status, 1, 1, false, 0, 0)"
                ),
                {"doi": f"10.1234/{number}", "kind": kind, "status": status},
            )

    def rows():
        with db_.engine.begin() as connection:
            found = connection.execute(
                sa.text("SELECT status, kind FROM rdm_doi_registration ORDER BY doi")
            )
            return [tuple(row) for row in found]

    alembic.upgrade()
    assert rows() == [
        ("findable", "record"),
        ("withheld", "concept"),
        ("failed", "record"),
    ]
    alembic.downgrade(target="invenio_rdm_doi@8d2f6a4c9e11")
    assert rows() == stored
    with db_.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM rdm_doi_registration"))
    alembic.upgrade()
