# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""An instance with many DOIs, and a sandbox that has all of them.

One record is published and delivered; the others are copies of its rows in the database
and its DOIs in the sandbox, with other identifiers.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from socket import socket
from typing import Any

import requests
import sqlalchemy as sa
from invenio_db import db

from .harness import application, say
from .publish import RECORD

ACCOUNT = ("DEMO.REPO", "demo-password")
PREFIX = "10.1234"

COPIES = (
    """INSERT INTO rdm_parents_metadata (id, json, version_id, created, updated)
    SELECT CAST(md5('p' || n) AS uuid), CAST(replace(replace(CAST(json AS text),
        :concept, '10.1234/c' || n), :parent_recid, 'c' || n) AS jsonb),
        version_id, created, updated
    FROM rdm_parents_metadata, generate_series(1, :count) n WHERE id = :parent_id""",
    """INSERT INTO rdm_records_metadata
    (id, json, version_id, created, updated, index, parent_id, deletion_status)
    SELECT CAST(md5('r' || n) AS uuid), CAST(replace(replace(replace(
        CAST(json AS text), :doi, '10.1234/r' || n), :recid, 'r' || n),
        :concept, '10.1234/c' || n) AS jsonb),
        version_id, created, updated, index, CAST(md5('p' || n) AS uuid),
        deletion_status
    FROM rdm_records_metadata, generate_series(1, :count) n WHERE id = :id""",
    """INSERT INTO rdm_versions_state (parent_id, latest_index, latest_id)
    SELECT CAST(md5('p' || n) AS uuid), 1, CAST(md5('r' || n) AS uuid)
    FROM generate_series(1, :count) n""",
    """INSERT INTO pidstore_pid (created, updated, pid_type, pid_value, status,
    object_type, object_uuid, pid_provider)
    SELECT now(), now(), 'doi', '10.1234/' || kind || n, 'R', 'rec',
    CAST(md5(CASE kind WHEN 'c' THEN 'p' ELSE 'r' END || n) AS uuid), 'datacite'
    FROM generate_series(1, :count) n, (VALUES ('r'), ('c')) k (kind)""",
    """INSERT INTO pidstore_pid (created, updated, pid_type, pid_value, status,
    object_type, object_uuid)
    SELECT now(), now(), 'recid', kind || n, 'R', 'rec',
    CAST(md5(CASE kind WHEN 'c' THEN 'p' ELSE 'r' END || n) AS uuid)
    FROM generate_series(1, :count) n, (VALUES ('r'), ('c')) k (kind)""",
)
REGISTRATIONS = """INSERT INTO rdm_doi_registration (id, doi, doi_key, kind, owner_id,
    status, revision, priority, confirmed_revision, confirmed_state, confirmed_digest,
    confirmed_account, confirmed_url, metadata_version, confirmed_at, failures,
    in_doubt)
    SELECT CAST(md5('d' || kind || n) AS uuid), '10.1234/' || kind || n,
    '10.1234/' || kind || n, CASE kind WHEN 'c' THEN 'concept' ELSE 'record' END,
    CAST(md5(CASE kind WHEN 'c' THEN 'p' ELSE 'r' END || n) AS uuid), 'findable', 1,
    10, 1, 'findable', md5('x'), :account, :url || '10.1234/' || kind || n, 0,
    now() - interval '1 hour', 0, false
    FROM generate_series(1, :count) n, (VALUES ('r'), ('c')) k (kind)"""
TABLES = (
    "rdm_versions_state",
    "rdm_records_metadata",
    "rdm_parents_metadata",
    "rdm_doi_registration",
    "rdm_doi_run",
    "rdm_doi_seen",
    "rdm_doi_finding",
)


class Many:
    """The instance and its sandbox.

    :ivar plain: identifiers and ids of the published record.
    """

    def __init__(self, app: Any, port: int, directory: Path):
        self.app = app
        self.port = port
        self.directory = directory
        self.url = f"http://127.0.0.1:{port}"

    def seed(self) -> None:
        """Publish one record and deliver it to a separate sandbox."""
        from invenio_access.permissions import system_identity
        from invenio_rdm_records.proxies import current_rdm_records_service as service

        from datacite_sandbox.accounts import Account
        from datacite_sandbox.server import SandboxServer
        from invenio_rdm_doi.proxies import current_doi

        with SandboxServer([Account(*ACCOUNT, (PREFIX,))], self.port) as server:
            draft = service.create(system_identity, deepcopy(RECORD))
            record = service.publish(system_identity, draft.id)._record
            current_doi.delivery().run(seconds=20)
            doi, concept = record.pids["doi"], record.parent.pids["doi"]
            store = server.sandbox.store
            self.plain = {
                "doi": doi["identifier"],
                "concept": concept["identifier"],
                "recid": record.pid.pid_value,
                "parent_recid": record.parent.pid.pid_value,
                "id": str(record.id),
                "parent_id": str(record.parent.id),
            }
            self.documents = {
                kind: json.dumps(store.get(self.plain[kind]).snapshot())
                for kind in ("doi", "concept")
            }
        self.page = f"{self.app.config['SITE_UI_URL']}/doi/"
        with db.engine.begin() as connection:
            # The sandbox that had its DOIs no longer exists.
            for table in ("rdm_doi_attempt", "rdm_doi_registration"):
                connection.execute(sa.text(f"DELETE FROM {table}"))
            connection.execute(
                sa.text("DELETE FROM pidstore_pid WHERE pid_type = 'doi'")
            )

    def fill(self, dois: int, registered: bool) -> None:
        """Create DOIs in the database and in the sandbox's file.

        :param dois: number of DOIs.
        :param registered: whether to create registrations; without them, the DOIs are
            in the state in which the built-in provider leaves them.
        """
        from invenio_rdm_doi.proxies import current_doi

        count = self.count = dois // 2
        values = {
            **self.plain,
            "count": count,
            "account": current_doi.settings.account.id,
            "url": self.page,
        }
        with db.engine.begin() as connection:
            for statement in (*COPIES, *([REGISTRATIONS] if registered else ())):
                connection.execute(sa.text(statement), values)
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in (*TABLES, "pidstore_pid"):
                connection.execute(sa.text(f"VACUUM ANALYZE {table}"))
        self._fill_sandbox(count)

    def _fill_sandbox(self, count: int) -> None:
        from datacite_sandbox.dois import Doi
        from datacite_sandbox.store import Store

        self.data.unlink(missing_ok=True)
        store = Store(self.data)
        plain = self.plain
        with store.transaction():
            for number in range(1, count + 1):
                for kind in ("doi", "concept"):
                    text = self.documents[kind]
                    for name, new in (
                        ("doi", f"{PREFIX}/r{number}"),
                        ("concept", f"{PREFIX}/c{number}"),
                        ("recid", f"r{number}"),
                        ("parent_recid", f"c{number}"),
                    ):
                        old = plain[name]
                        text = text.replace(old, new).replace(old.upper(), new.upper())
                    store._write(Doi(**json.loads(text)))
        store.close()

    @property
    def data(self) -> Path:
        """The sandbox's file."""
        return self.directory / "sandbox.db"

    @contextmanager
    def sandbox(self) -> Iterator[None]:
        """Run the sandbox as a separate process."""
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "datacite_sandbox", "--port", str(self.port)),
                *("--data", str(self.data), "--account", ":".join(ACCOUNT)),
                *("--prefix", PREFIX),
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            for _ in range(100):
                try:
                    requests.get(f"{self.url}/heartbeat", timeout=1)
                    break
                except requests.ConnectionError:
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def empty(self) -> None:
        """Remove all copies."""
        with db.engine.begin() as connection:
            for table in TABLES:
                where = ""
                if table in ("rdm_parents_metadata", "rdm_records_metadata"):
                    where = " WHERE id NOT IN (:id, :parent_id)"
                if table == "rdm_versions_state":
                    where = " WHERE parent_id <> :parent_id"
                connection.execute(sa.text(f"DELETE FROM {table}{where}"), self.plain)
            connection.execute(
                sa.text(
                    "DELETE FROM pidstore_pid WHERE pid_type = 'doi' OR"
                    " (pid_type = 'recid' AND object_uuid NOT IN (:id, :parent_id))"
                ),
                self.plain,
            )


@contextmanager
def instance() -> Iterator[Many]:
    """Provide the instance, with one record in it."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {
        "RDM_RECORDS_DOI_DATACITE_API_URL": f"http://127.0.0.1:{port}/",
        "RDM_RECORDS_DOI_DATACITE_USERNAME": ACCOUNT[0],
        "RDM_RECORDS_DOI_DATACITE_PASSWORD": ACCOUNT[1],
        "RDM_RECORDS_DOI_DATACITE_RATE": (1_000_000, 10),
        "CELERY_TASK_ALWAYS_EAGER": True,
    }
    with (
        tempfile.TemporaryDirectory() as directory,
        application(**config) as (app, _instance, _accounts),
    ):
        many = Many(app, port, Path(directory))
        say("one record")
        many.seed()
        yield many


def measured(action: Callable[[], Any]) -> dict[str, Any]:
    """Run an action in a separate process; return seconds, megabytes and its result."""
    db.session.remove()
    db.engine.dispose()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            before = time.monotonic()
            result = action()
            seconds = time.monotonic() - before
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            text = json.dumps(
                {"seconds": round(seconds, 1), "mb": round(peak, 1), "result": result}
            )
            os.write(write, text.encode())
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(text or "{}"))
