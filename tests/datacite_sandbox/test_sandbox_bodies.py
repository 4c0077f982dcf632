# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Valid and invalid request bodies (facts 3)."""

from __future__ import annotations

import pytest

from .helpers import DOI, URL


def errors_of(answer, status=422):
    assert answer.status_code == status, answer.text
    return answer.json()["errors"]


@pytest.mark.parametrize("body", [{}, {"url": URL}, {"data": {}}, {"data": None}, []])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_without_data(owner, method, body):
    """patch_spec.rb:88."""
    path = "/dois" if method == "POST" else f"/dois/{DOI}"
    title = "You need to provide a payload following the JSONAPI spec"
    answer = owner.request(method, path, json=body)
    assert errors_of(answer, 400) == [{"status": "400", "title": title}]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", None])
def test_a_body_of_another_type_is_none(owner, content_type):
    """The service never answers 412 or 415; it simply ignores the payload."""
    headers = {"Content-Type": content_type} if content_type else {}
    body = '{"data": {"attributes": {}}}'
    answer = owner.request("PUT", f"/dois/{DOI}", data=body, headers=headers)
    assert errors_of(answer, 400)[0]["status"] == "400"


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/vnd.api+json; charset=utf-8"]
)
def test_both_json_types_are_read(owner, content_type):
    headers = {"Content-Type": content_type}
    body = '{"data": {"type": "dois", "attributes": {}}}'
    answer = owner.request("PUT", f"/dois/{DOI}", data=body, headers=headers)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_malformed_json(owner):
    headers = {"Content-Type": "application/json"}
    answer = owner.request("PUT", f"/dois/{DOI}", data='{"data": ', headers=headers)
    assert errors_of(answer, 400)[0]["status"] == "400"


@pytest.mark.parametrize("data", [{"type": "dois"}, {"attributes": None}])
def test_data_without_attributes(owner, data):
    answer = owner.request("PUT", f"/dois/{DOI}", json={"data": data})
    assert errors_of(answer)[0]["status"] == "422"


def test_more_than_10_mb_never_reach_the_application(owner):
    """vendor/docker/webapp.conf: nginx answers, in HTML."""
    headers = {"Content-Type": "application/json"}
    body = b"x" * (10 * 1024 * 1024 + 1)
    answer = owner.request("PUT", f"/dois/{DOI}", data=body, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("text/html")
    assert owner.get("/heartbeat").status_code == 200


def test_data_that_is_no_object(owner):
    """``NoMethodError`` is rescued (application_controller.rb:104)."""
    answer = owner.request("PUT", f"/dois/{DOI}", json={"data": "x"})
    assert errors_of(answer, 400)[0]["status"] == "400"


def test_alternate_identifiers_need_both_keys(owner):
    """DC:853-875, ``fetch``."""
    answer = owner.put(alternateIdentifiers=[{"alternateIdentifier": "a"}])
    (error,) = errors_of(answer)
    assert error["status"] == "422"
    assert "alternateIdentifierType" in error["title"]
