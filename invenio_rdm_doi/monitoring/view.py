# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``GET /api/dois/metrics``."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ..proxies import current_doi
from .collector import Collector
from .totals import Totals

PATH = "/dois/metrics"
SCHEME = "bearer"


def metrics() -> Callable[[], Response]:
    """Return the view function for an application."""
    collector = Collector(Totals())

    def view() -> Response:
        token = current_doi.settings.metrics_token if current_doi.enabled else None
        if not token:
            return Response("Not found.\n", 404, mimetype="text/plain")
        if not _is_allowed(token.reveal()):
            answer = Response("A token is needed.\n", 401, mimetype="text/plain")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        answer = Response(generate_latest(_Once(collector)), 200)
        answer.headers["Content-Type"] = CONTENT_TYPE_LATEST
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return view


class _Once(CollectorRegistry):
    """A registry with one collector, for one response."""

    def __init__(self, collector: Collector):
        super().__init__(auto_describe=False)
        self._collector = collector

    def collect(self):  # type: ignore[no-untyped-def]
        return self._collector.collect()


def _is_allowed(token: str) -> bool:
    scheme, _space, sent = request.headers.get("Authorization", "").partition(" ")
    is_same = hmac.compare_digest(sent.strip().encode(), token.encode())
    return scheme.lower() == SCHEME and is_same
