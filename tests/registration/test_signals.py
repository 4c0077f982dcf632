# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The signal for sites after each delivery."""

from __future__ import annotations

import pytest

from invenio_rdm_doi.signals import delivered
from tests.support.repository import doi_of
from tests.support.sandbox_client import WRITES


@pytest.fixture()
def heard():
    """Collect the events that a receiver gets."""
    events = []

    def receive(sender, **event):
        events.append((sender, event))

    with delivered.connected_to(receive):
        yield events


def test_a_receiver_is_told_what_came_of_it(
    heard, repository, sandbox, record_data, running_app
):
    sandbox.server.fault(kind="status", status=422, match=WRITES)
    record = repository.publish(record_data)
    repository.deliver()
    sandbox.server.clear_faults()
    by_doi = {event["doi"]: event for _sender, event in heard}
    event = by_doi[doi_of(record)]
    assert (event["outcome"], event["http_status"], event["code"]) == (
        "rejected",
        422,
        "datacite.refused",
    )
    assert (event["account"], event["kind"]) == ("default", "record")
    assert {sender for sender, _event in heard} == {running_app}


def test_a_delivery_is_told_of_when_it_is_committed(repository, sandbox, record_data):
    seen = []

    def receive(_sender, doi, **_event):
        seen.append(repository.registration(doi).status.value)

    record = repository.publish(record_data)
    with delivered.connected_to(receive):
        repository.deliver()
    assert seen == ["findable", "findable"]
    assert sandbox.state(doi_of(record)) == "findable"


def test_a_receiver_that_fails_does_no_harm(repository, sandbox, record_data, caplog):
    def receive(_sender, **_event):
        raise RuntimeError("a site's own error")

    record = repository.publish(record_data)
    with delivered.connected_to(receive):
        repository.deliver()
    assert sandbox.state(doi_of(record)) == "findable"
    assert repository.registration(doi_of(record)).status.value == "findable"
    assert "doi.signal.failed" in caplog.text
