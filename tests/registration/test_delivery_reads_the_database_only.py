# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The sources of data that a delivery reads."""

from __future__ import annotations

import sqlalchemy as sa


def test_a_delivery_asks_no_search_index(repository, sandbox, record_data, monkeypatch):
    """Versions and vocabularies come from the database, as committed."""
    first = repository.publish(record_data)
    repository.new_version(first)
    asked = []
    monkeypatch.setattr(
        "opensearchpy.Transport.perform_request",
        lambda transport, method, url, **kwargs: asked.append((method, url)),
    )
    assert repository.deliver() == {"done": 3}
    assert asked == []


def test_what_records_refer_to_is_read_once_for_all_of_a_batch(
    repository, sandbox, record_data, database
):
    for _ in range(5):
        repository.publish(record_data)
    statements = []
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a))
    sa.event.listen(*listen)
    try:
        assert repository.deliver() == {"done": 10}
    finally:
        sa.event.remove(*listen)
    assert len([s for s in statements if "vocabularies_metadata" in s[2]]) == 1
