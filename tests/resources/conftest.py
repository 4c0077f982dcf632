# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures for the REST API of DOI managers."""

from __future__ import annotations

import pytest
from invenio_db import db

from invenio_rdm_doi.registration.models import Registration
from tests.support import openapi
from tests.support.repository import doi_of


@pytest.fixture()
def ask(client_of):
    """Return a function that sends requests as a named user or anonymously.

    Each answer must agree with the description of the API.
    """

    def ask(path, who="manager", method="get", **query):
        answer = getattr(client_of(who), method)(path, query_string=query or None)
        assert openapi.complaints(method, path, answer) == []
        return answer

    return ask


@pytest.fixture()
def foreign(repository, record_data):
    """Return the DOI of a registration with a prefix that no account has."""
    record = repository.publish(record_data)
    repository.deliver()
    doi = doi_of(record)
    db.session.query(Registration).filter_by(doi=doi).update(
        {"doi": "10.9999/foreign", "doi_key": "10.9999/foreign"}
    )
    db.session.commit()
    return "10.9999/foreign"
