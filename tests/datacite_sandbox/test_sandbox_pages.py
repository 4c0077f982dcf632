# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Pages for users, the resolver, and the endpoints for tests."""

from __future__ import annotations

import json
from collections import deque

import pytest
from lxml import html

from .helpers import DOI, OWNER, URL, Client, metadata


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return html.fromstring(answer.text)


def text(element):
    return " ".join(element.text_content().split())


def test_the_first_page_shows_dois_and_counts(owner, anonymous):
    owner.put(**metadata(event="publish"))
    owner.put("10.14454/draft", **metadata(titles=[{"title": "Second"}]))
    shown = page(anonymous, "/")
    rows = [text(row) for row in shown.xpath("//tbody/tr")]
    assert len(rows) == 2
    assert rows[0].startswith(f"10.14454/draft draft Second {URL}")
    assert rows[1].startswith(f"{DOI} findable Eating your own Dog Food {URL}")
    counts = text(shown.xpath('//*[@class="counts"]')[0])
    assert counts == "1 findable 0 registered 1 draft"


def test_the_first_page_by_state(owner, anonymous):
    owner.put(**metadata(event="publish"))
    owner.put("10.14454/draft")
    rows = page(anonymous, "/?state=draft").xpath("//tbody/tr")
    assert [text(row).split()[0] for row in rows] == ["10.14454/draft"]


def test_many_dois_are_cut_into_pages(owner, anonymous):
    for number in range(101):
        owner.put(f"10.14454/{number}")
    first, second = page(anonymous, "/"), page(anonymous, "/?page=2")
    assert len(first.xpath("//tbody/tr")) == 100
    assert len(second.xpath("//tbody/tr")) == 1
    assert first.xpath('//a[@rel="next"]')[0].get("href") == "/?page=2"
    assert second.xpath('//a[@rel="prev"]')[0].get("href") == "/?page=1"


def test_an_empty_sandbox_says_how_to_begin(anonymous):
    assert "No DOIs yet" in text(page(anonymous, "/"))


def test_the_page_of_a_doi_has_metadata_and_history(owner, anonymous):
    owner.put(**metadata())
    owner.put(event="publish")
    owner.put(event="hide", url="https://a.org/tombstone")
    shown = page(anonymous, f"/doi/{DOI}")
    shown_metadata = json.loads(shown.xpath("//pre")[0].text_content())
    assert shown_metadata["titles"] == metadata()["titles"]
    assert shown_metadata["state"] == "registered"
    rows = [text(row) for row in shown.xpath("//tbody/tr")]
    assert [row.split(" ", 2)[2] for row in rows] == [
        f"create TEST.REPO draft {URL}",
        f"update TEST.REPO draft → findable {URL}",
        "update TEST.REPO findable → registered https://a.org/tombstone",
    ]


def test_a_deleted_doi_still_has_its_history(owner, anonymous):
    owner.put(**metadata())
    owner.delete()
    shown = page(anonymous, f"/doi/{DOI}")
    assert "This DOI was deleted." in text(shown)
    assert "destroy" in text(shown.xpath("//tbody/tr")[1])


@pytest.mark.parametrize("path", ["/", f"/doi/{DOI}"])
def test_metadata_is_shown_as_text(owner, anonymous, path):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    owner.put(**metadata(titles=[{"title": evil}], publisher=evil))
    answer = anonymous.get(path)
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert evil in html.fromstring(answer.text).text_content().replace('\\"', '"')
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", f"/doi/{DOI}", f"/resolve/{DOI}x"])
def test_pages_can_be_read_by_everybody(owner, anonymous, path):
    """A language, a title, one heading, table headers with scope, a skip link."""
    owner.put(**metadata(event="publish"))
    shown = html.fromstring(anonymous.get(path).text)
    assert shown.get("lang") == "en"
    assert text(shown.xpath("//title")[0])
    assert len(shown.xpath("//h1")) == len(shown.xpath("//main")) == 1
    assert all(cell.get("scope") for cell in shown.xpath("//th"))
    assert len(shown.xpath("//table")) == len(shown.xpath("//table/caption"))
    assert shown.xpath('//a[@class="skip"]')[0].get("href") == "#main"


@pytest.mark.parametrize("event", ["register", "publish"])
def test_a_registered_doi_resolves(owner, anonymous, event):
    owner.put(**metadata(event=event))
    answer = anonymous.get(f"/resolve/{DOI.upper()}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == URL


def test_a_hidden_doi_still_resolves(owner, anonymous):
    owner.put(**metadata(event="publish"))
    owner.put(event="hide", url="https://a.org/tombstone")
    answer = anonymous.get(f"/resolve/{DOI}")
    assert answer.headers["Location"] == "https://a.org/tombstone"


@pytest.mark.parametrize("exists", [False, True])
def test_drafts_and_unknown_dois_do_not_resolve(owner, anonymous, exists):
    if exists:
        owner.put(**metadata())
    answer = anonymous.get(f"/resolve/{DOI}")
    assert answer.status_code == 404
    assert DOI in text(html.fromstring(answer.text))


def test_the_page_of_an_unknown_doi_is_a_404(anonymous):
    assert anonymous.get(f"/doi/{DOI}").status_code == 404


# The log


def log(client, **params):
    return client.get("/_sandbox/log", **params).json()


def test_an_exchange_in_the_log(owner, anonymous):
    sent = metadata(event="publish")
    headers = {"User-Agent": "Test/1.0", "Content-Type": "application/vnd.api+json"}
    body = {"data": {"type": "dois", "attributes": sent}}
    path = "/dois/10.14454/4K3M-NYVG"
    owner.request("PUT", f"{path}?publisher=true", json=body, headers=headers)
    (entry,) = log(anonymous)
    assert 0 < entry.pop("started") <= entry.pop("ended")
    assert entry.pop("n") > 0
    assert entry == {
        "method": "PUT",
        "path": path,
        "query": {"publisher": "true"},
        "account": "TEST.REPO",
        "headers": {
            "user-agent": "Test/1.0",
            "content-type": "application/vnd.api+json",
        },
        "body": body,
        "status": 201,
        "fault": None,
        "processed": True,
        "dropped": [],
        "doi": DOI,
    }


@pytest.mark.parametrize("who", ["anonymous", "mistyped"])
def test_nobody_has_no_account_in_the_log(request, server, who):
    request.getfixturevalue(who).get(f"/dois/{DOI}")
    (entry,) = server.log()
    assert (entry["account"], entry["status"], entry["body"]) == (None, 404, None)


def test_no_password_is_in_the_log(server, owner, mistyped, anonymous):
    owner.put(**metadata())
    mistyped.put(**metadata())
    for form in ({"data": {}}, {"json": {}}, {"params": {}}):
        (kind,) = form
        sent = {"grant_type": "password", "username": "TEST.REPO"}
        form[kind] = {**sent, "password": OWNER.password}
        assert anonymous.request("POST", "/token", **form).status_code == 200
    shown = json.dumps(server.log())
    assert OWNER.password not in shown
    assert "wrong" not in shown
    assert "uthorization" not in shown


def test_requests_that_fail_are_in_the_log_too(server, owner, anonymous):
    headers = {"Content-Type": "application/json"}
    owner.request("PUT", f"/dois/{DOI}", data="{", headers=headers)
    owner.put(event="publish")
    anonymous.put()
    anonymous.get("/nonsense")
    assert [entry["status"] for entry in server.log()] == [400, 422, 404, 404]


def test_pages_and_the_log_itself_are_not_in_the_log(server, anonymous):
    for path in ("/", f"/doi/{DOI}", f"/resolve/{DOI}", "/_sandbox/log", "/_sandbox/x"):
        anonymous.get(path)
    assert server.log() == []


def test_the_log_of_one_doi(owner, anonymous):
    owner.put(**metadata())
    owner.post(doi="10.14454/Posted")
    owner.get("/dois")
    random = owner.post(prefix="10.14454").json()["data"]["id"]
    assert [entry["doi"] for entry in log(anonymous)] == [
        DOI,
        "10.14454/posted",
        None,
        random,
    ]
    assert [entry["method"] for entry in log(anonymous, doi=DOI.upper())] == ["PUT"]
    assert [entry["method"] for entry in log(anonymous, doi=random)] == ["POST"]


def test_the_log_since_a_number(server, owner, anonymous):
    owner.get("/heartbeat")
    last = log(anonymous)[-1]["n"]
    owner.get("/dois")
    assert [entry["path"] for entry in log(anonymous, since=last)] == ["/dois"]
    assert server.log(since=last) == log(anonymous, since=last)


def test_clearing_the_log_does_not_start_the_numbers_again(owner, anonymous):
    owner.get("/heartbeat")
    last = log(anonymous)[-1]["n"]
    assert anonymous.request("DELETE", "/_sandbox/log").status_code == 204
    assert log(anonymous) == []
    owner.get("/heartbeat")
    assert log(anonymous)[-1]["n"] == last + 1


def test_clearing_dois(owner, anonymous):
    owner.put(**metadata(event="publish"))
    assert anonymous.request("DELETE", "/_sandbox/dois").status_code == 204
    assert owner.get("/dois").json()["meta"]["total"] == 0
    assert anonymous.get(f"/doi/{DOI}").status_code == 404
    assert owner.put(**metadata()).status_code == 201


def test_the_log_is_bounded(server, monkeypatch, owner):
    monkeypatch.setattr(server.sandbox.journal, "_entries", deque(maxlen=2))
    for path in ("/heartbeat", "/dois", "/prefixes"):
        owner.get(path)
    assert [entry["path"] for entry in server.log()] == ["/dois", "/prefixes"]


def test_a_client_is_all_that_the_log_needs(server):
    """The sandbox keeps no sessions; two clients are distinguished by account."""
    for symbol in ("TEST.REPO", "OTHER.REPO"):
        Client(server.url, (symbol, "secret")).get("/heartbeat")
    assert [entry["account"] for entry in server.log()] == ["TEST.REPO", "OTHER.REPO"]
