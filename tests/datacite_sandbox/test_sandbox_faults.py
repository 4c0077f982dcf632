# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Faults that make answers slow or wrong."""

from __future__ import annotations

import time

import pytest
import requests

from .helpers import DOI, eventually, last, metadata, stored

# Slow answers


def test_latency_adds_to_the_answer(server, owner):
    server.fault(kind="latency", seconds=0.2)
    started = time.monotonic()
    assert owner.put(**metadata()).status_code == 201
    assert time.monotonic() - started >= 0.2
    assert last(server) == (201, "latency", True)


def test_latency_adds_to_other_latency_and_to_other_faults(server, owner):
    server.fault(kind="latency", seconds=0.1)
    server.fault(kind="status", status=503)
    server.fault(kind="latency", seconds=[0.1, 0.2])
    started = time.monotonic()
    assert owner.put(**metadata()).status_code == 503
    assert 0.2 <= time.monotonic() - started < 60
    assert [fault["fired"] for fault in server.faults()] == [1, 1, 1]
    assert last(server) == (503, "status", False)


def test_a_slow_request_is_processed_after_the_client_gave_up(server, owner):
    """Like a real server, it processes the write despite the client's time-out."""
    server.fault(kind="latency", seconds=0.4)
    body = {"data": {"attributes": metadata()}}
    with pytest.raises(requests.ReadTimeout):
        owner.request("PUT", f"/dois/{DOI}", json=body, timeout=0.1)
    assert stored(server) is None
    eventually(lambda: stored(server) is not None)


# Wrong answers


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, "You need to provide a payload following the JSONAPI spec"),
        (401, "Bad credentials."),
        (403, "You are not authorized to access this resource."),
        (404, "The resource you are looking for doesn't exist."),
        (405, "Method not allowed"),
        (406, "The content type is not recognized."),
        (409, "The resource already exists."),
        (418, "I'm a Teapot"),
        (
            429,
            "Your request has been rate limited. "
            "See https://support.datacite.org/docs/rate-limit.",
        ),
        (599, "Unknown Error"),
    ],
)
def test_a_status_has_the_body_of_datacite(server, owner, status, body):
    server.fault(kind="status", status=status)
    answer = owner.put(**metadata())
    assert answer.status_code == status
    assert answer.json() == {"errors": [{"status": str(status), "title": body}]}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert stored(server) is None
    assert last(server) == (status, "status", False)


def test_a_422_has_the_shape_of_validation(server, owner):
    server.fault(kind="status", status=422)
    answer = owner.put("10.14454/ABC", **metadata())
    error = {"source": "metadata", "title": "Is invalid", "uid": "10.14454/abc"}
    assert answer.json() == {"errors": [error]}


def test_a_500_has_the_odd_body(server, owner):
    server.fault(kind="status", status=500)
    answer = owner.put(**metadata())
    assert answer.json() == {"status": 400, "title": "Internal Server Error"}
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (413, "Request Entity Too Large"),
        (502, "Bad Gateway"),
        (503, "Service Temporarily Unavailable"),
        (504, "Gateway Time-out"),
    ],
)
def test_a_gateway_answers_in_html(server, owner, status, name):
    server.fault(kind="status", status=status)
    answer = owner.put(**metadata())
    assert answer.headers["Content-Type"] == "text/html"
    assert f"<title>{status} {name}</title>" in answer.text


@pytest.mark.parametrize("status", [200, 204, 304])
def test_a_success_has_no_body(server, owner, status):
    server.fault(kind="status", status=status)
    answer = owner.put(**metadata())
    assert (answer.status_code, answer.content) == (status, b"")
    assert owner.get("/heartbeat").status_code == status


def test_a_status_with_everything_given(server, owner):
    server.fault(
        kind="status",
        status=302,
        body={"a": [1]},
        content_type="application/problem+json",
        headers={"Location": "https://a.org", "X-Fault": "yes"},
    )
    answer = owner.put(**metadata())
    assert (answer.status_code, answer.json()) == (302, {"a": [1]})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Location"] == "https://a.org"
    assert answer.headers["X-Fault"] == "yes"


@pytest.mark.parametrize("body", ["", "Sorry – no", "\ud800"])
def test_a_status_with_a_text(server, owner, body):
    server.fault(kind="status", status=520, body=body)
    answer = owner.put(**metadata())
    assert answer.content == body.encode("utf-8", "replace")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_status_after_the_request_was_processed(server, owner):
    """A gateway that did not wait for the application."""
    server.fault(kind="status", status=504, processed=True)
    assert owner.put(**metadata()).status_code == 504
    assert stored(server) is not None
    assert last(server) == (504, "status", True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, None), (30, "30"), ("Wed, 21 Oct 2026 07:28:00 GMT",) * 2],
)
def test_a_rate_limit_as_a_fault(server, owner, given, expected):
    server.fault(kind="rate_limit", retry_after=given)
    answer = owner.put(**metadata())
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["status"] == "429"
    assert answer.headers.get("Retry-After") == expected
    assert last(server) == (429, "rate_limit", False)


def test_html_instead_of_the_answer(server, owner):
    server.fault(kind="html")
    answer = owner.put(**metadata())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    with pytest.raises(ValueError):
        answer.json()
    assert stored(server) is not None
    assert last(server) == (200, "html", True)


def test_html_instead_of_processing(server, owner):
    server.fault(kind="html", processed=False, status=503)
    answer = owner.put(**metadata())
    assert answer.status_code == 503
    assert stored(server) is None
    assert last(server) == (503, "html", False)


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_garbage_is_json_that_does_not_end(server, owner, method):
    owner.put(**metadata())
    server.fault(kind="garbage")
    answer = owner.request(method, f"/dois/{DOI}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.text.startswith("{")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(ValueError):
        answer.json()
    assert (stored(server) is None) == (method == "DELETE")
    assert last(server) == (200, "garbage", True)


def test_a_wrong_state(server, owner):
    server.fault(kind="wrong_state")
    answer = owner.put(**metadata(event="publish"))
    attributes = answer.json()["data"]["attributes"]
    assert answer.status_code == 201
    assert (attributes["state"], attributes["titles"]) == (
        "draft",
        metadata()["titles"],
    )
    assert stored(server).state == "findable"
    assert last(server) == (201, "wrong_state", True)


def test_a_wrong_state_in_a_list_and_in_an_answer_without_one(server, published):
    server.fault(kind="wrong_state", state="registered")
    (item,) = published.get("/dois").json()["data"]
    assert item["attributes"]["state"] == "registered"
    assert published.put(titles="x").status_code == 422
    xml = {"Accept": "application/vnd.datacite.datacite+xml"}
    assert published.get(f"/dois/{DOI}", headers=xml).text.startswith("<?xml")
    assert published.get("/heartbeat").text == "OK"
    assert server.faults()[0]["seen"] == 3
