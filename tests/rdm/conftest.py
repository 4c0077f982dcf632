# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Fixtures for readers of the REST API."""

from __future__ import annotations

import pytest


@pytest.fixture()
def client(running_app, uploader):
    with running_app.test_client() as client:
        yield client
