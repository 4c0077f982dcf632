# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The last release beside this version: during an upgrade, both run on one database.

The last release is the newest tag ``v*``. Before the first release, it is the last
commit.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from invenio_rdm_doi.registration.models import Status
from tests.support.repository import concept_doi_of, doi_of
from tests.support.worker import THROUGH_BROKER, Instance, Worker, wait_for

ROOT = Path(__file__).parents[2]


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, check=False
    )


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Install the last release in a folder of its own; return the folder."""
    if git("rev-parse", "HEAD").returncode != 0:
        pytest.skip("A source archive has no earlier releases.")
    tags = git("tag", "--list", "v*", "--sort=-version:refname").stdout.decode().split()
    source = tmp_path_factory.mktemp("source")
    archive = git("archive", tags[0] if tags else "HEAD").stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(source, filter="data")
    folder = tmp_path_factory.mktemp("release")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--target", str(folder), str(source)),
        ],
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def celery_config_ext(celery_config_ext):
    """Let tasks go to the broker instead of running in the web request."""
    return celery_config_ext | THROUGH_BROKER


@pytest.fixture(scope="module")
def older(running_app, release, app_config, tmp_path_factory):
    """Return an instance that runs the last release on the same services."""
    instance = Instance(tmp_path_factory.mktemp("older"), app_config)
    instance.environ["PYTHONPATH"] = str(release)
    code = "import invenio_rdm_doi; print(invenio_rdm_doi.__file__)"
    place = subprocess.run(
        [sys.executable, "-c", code],
        env=instance.environ,
        cwd=instance.directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert place.startswith(str(release) + os.sep), "the release is not in use"
    return instance


@pytest.fixture()
def older_worker(older):
    worker = Worker(older)
    worker.start()
    yield worker
    worker.stop()


def test_an_older_worker_delivers_for_a_newer_web_application(
    repository, sandbox, older_worker, record_data
):
    record = repository.publish(record_data)
    doi, concept = doi_of(record), concept_doi_of(record)
    for one in (doi, concept):
        assert wait_for(
            lambda one=one: repository.registration(one).status is Status.FINDABLE
        ), older_worker.log.read_text()[-4000:]
        assert sandbox.state(one) == "findable"
    repository.edit(record, title="Another title")
    assert wait_for(
        lambda: sandbox.doi(doi)["titles"][0]["title"] == "Another title"
    ), older_worker.log.read_text()[-4000:]


def test_commands_of_the_older_release_read_what_the_newer_wrote(
    repository, sandbox, older, record_data
):
    doi = doi_of(repository.publish(record_data))
    assert repository.deliver() == {"done": 2}
    shown = older.command("doi", "show", "--json", doi)
    assert shown.returncode == 0, shown.stderr[-2000:]
    assert json.loads(shown.stdout)["registration"]["status"] == "findable"


def test_the_newer_version_delivers_what_the_older_requested(
    repository, sandbox, older, record_data
):
    doi = doi_of(repository.publish(record_data))
    assert repository.deliver() == {"done": 2}
    requested = older.command("doi", "retry", doi, "--yes")
    assert requested.returncode == 0, requested.stderr[-2000:]
    assert repository.registration(doi).due_at is not None
    assert set(repository.deliver()) <= {"done", "unchanged"}
    assert repository.registration(doi).due_at is None
