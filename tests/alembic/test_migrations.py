# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Creation and removal of the tables by Alembic on PostgreSQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from invenio_db import db as db_

from invenio_rdm_doi.records.indexes import PARENT_INDEX, PID_INDEX
from invenio_rdm_doi.records.pids import spellings
from invenio_rdm_doi.registration.diagnosis import missing_indexes

TABLES = {
    f"rdm_doi_{name}"
    for name in ("registration", "attempt", "breaker", "runner", "mark")
}


@pytest.fixture(scope="module")
def alembic(base_app):
    """Provide Alembic on an empty database."""
    with base_app.app_context():
        assert db_.engine.name == "postgresql"
        db_.drop_all()
        drop_versions()
        yield base_app.extensions["invenio-db"].alembic
        db_.session.remove()
        db_.drop_all()
        drop_versions()


def drop_versions():
    """Drop the table that Alembic itself leaves behind."""
    with db_.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def tables():
    return set(sa.inspect(db_.engine).get_table_names())


def missing():
    """Return the names of the missing indexes."""
    found = [name.partition(" ")[0] for name in missing_indexes()]
    db_.session.remove()
    return found


def storage():
    """Return the storage options of the registration table; empty without a table."""
    statement = "SELECT reloptions FROM pg_class WHERE relname = 'rdm_doi_registration'"
    with db_.engine.connect() as connection:
        return connection.scalar(sa.text(statement)) or []


def ours(differences):
    """Return the differences found by Alembic that concern this package."""
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


def test_nothing_is_left_for_those_who_remove_the_package(alembic):
    """As documented; otherwise Alembic looks for revisions that were removed."""
    alembic.upgrade()
    alembic.downgrade(target="invenio_rdm_doi@base")
    assert not tables() & TABLES
    assert [rev for rev in alembic.current() if "rdm_doi" in str(rev.path)] == []
    alembic.upgrade()
    assert tables() >= TABLES


def test_a_database_that_alembic_did_not_make_has_the_same(alembic):
    """``invenio db create`` creates the models' tables and the index on PIDStore's."""
    assert missing() == []  # after the upgrade
    options = storage()
    assert "fillfactor=45" in options
    db_.session.remove()
    alembic.downgrade(target="invenio_rdm_doi@base")
    assert missing() == [PID_INDEX, PARENT_INDEX]
    assert not storage()
    db_.session.remove()
    db_.drop_all()
    drop_versions()
    db_.create_all()
    alembic.stamp()
    assert missing() == []
    assert storage() == options
    db_.session.remove()
    assert ours(alembic.compare_metadata()) == []


def test_a_doi_in_any_case_is_found_by_the_index(alembic):
    """Check the query plan with many rows; without the index, ``check`` reports it."""
    with db_.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO pidstore_pid"
                " (created, updated, pid_type, pid_value, status)"
                " SELECT now(), now(), 'doi', '10.1234/Abc-' || n, 'R'"
                " FROM generate_series(1, 50000) n"
            )
        )
        connection.execute(sa.text("ANALYZE pidstore_pid"))
    asked = []
    listen = sa.event.listens_for(db_.engine, "before_cursor_execute")

    @listen
    def keep(connection, cursor, statement, parameters, context, many):
        asked.append((statement, parameters))

    try:
        (found,) = spellings("10.1234/aBC-77")
    finally:
        sa.event.remove(db_.engine, "before_cursor_execute", keep)
    assert found.pid_value == "10.1234/Abc-77"
    db_.session.remove()
    statement, parameters = asked[-1]
    with db_.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        text = "\n".join(row[0] for row in plan)
    assert PID_INDEX in text and "Seq Scan" not in text
    with db_.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM pidstore_pid"))
        connection.execute(sa.text(f"DROP INDEX {PID_INDEX}"))
    assert missing() == [PID_INDEX]
    db_.session.remove()
    db_.drop_all()
    drop_versions()


def test_what_was_stored_is_renamed(alembic):
    """Rows with the former words get the current ones, and vice versa on downgrade."""
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


def test_an_index_that_was_interrupted_is_made_again(alembic):
    """This also works while another transaction is open in the database."""
    alembic.upgrade()
    alembic.downgrade(target="invenio_rdm_doi@e7a95d20c814")
    with db_.engine.connect() as other:
        other = other.execution_options(isolation_level="REPEATABLE READ")
        other.execute(sa.text("SELECT count(*) FROM pidstore_pid"))
        with db_.engine.connect() as impatient:
            impatient.execution_options(isolation_level="AUTOCOMMIT")
            impatient.execute(sa.text("SET statement_timeout = '1s'"))
            with pytest.raises(sa.exc.OperationalError):
                impatient.execute(
                    sa.text(
                        f"CREATE INDEX CONCURRENTLY {PID_INDEX} ON pidstore_pid"
                        ' (lower(pid_value COLLATE "C"))'
                    )
                )
            impatient.execute(sa.text("RESET statement_timeout"))
        other.rollback()
    assert missing() == [PID_INDEX, PARENT_INDEX]
    db_.session.remove()
    alembic.upgrade()
    assert missing() == []
    db_.session.remove()
    assert ours(alembic.compare_metadata()) == []


def test_an_index_of_the_host_is_enough(alembic):
    """Newer versions of InvenioRDM have an index on the parents of records."""
    alembic.upgrade()
    alembic.downgrade(target="invenio_rdm_doi@7c1e5f0a9b34")
    with db_.engine.begin() as connection:
        connection.execute(
            sa.text("CREATE INDEX ix_of_the_host ON rdm_records_metadata (parent_id)")
        )
    alembic.upgrade()
    names = {
        i["name"] for i in sa.inspect(db_.engine).get_indexes("rdm_records_metadata")
    }
    assert "ix_of_the_host" in names and PARENT_INDEX not in names
    assert missing() == []
    with db_.engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX ix_of_the_host"))
    assert missing() == [PARENT_INDEX]
    alembic.downgrade(target="invenio_rdm_doi@7c1e5f0a9b34")
    alembic.upgrade()
    assert missing() == []
