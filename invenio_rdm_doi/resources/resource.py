# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The REST resource."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_resources import (
    Resource,
    from_conf,
    request_parser,
    resource_requestctx,
    route,
)
from invenio_records_resources.resources.errors import ErrorHandlersMixin

from ..services import DOIService
from .config import DOIResourceConfig

view_args = request_parser(from_conf("request_view_args"), location="view_args")
search_args = request_parser(from_conf("request_search_args"), location="args")
list_args = request_parser(from_conf("request_list_args"), location="args")


class DOIResource(ErrorHandlersMixin, Resource):
    """REST resource for the DOI of a record or a draft."""

    def __init__(self, config: DOIResourceConfig, service: DOIService):
        """Constructor."""
        super().__init__(config)
        self.service = service

    def create_url_rules(self) -> list[dict[str, Any]]:
        """Return the URL rules."""
        routes = self.config.routes
        return [
            route("GET", routes["item"], self.read),
            route("DELETE", routes["item"], self.remove),
            route("GET", routes["draft"], self.read_draft),
            route("GET", routes["new"], self.look_at),
            route("GET", routes["attention"], self.attention),
        ]

    @view_args
    def read(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """GET /records/<id>/doi."""
        found = self.service.read(
            g.identity, resource_requestctx.view_args["pid_value"]
        )
        return found.to_dict(), 200, _FRESH

    @view_args
    def remove(self) -> tuple[dict[str, Any], int]:
        """DELETE /records/<id>/doi: removes the DOI with the next publish."""
        found = self.service.remove(
            g.identity, resource_requestctx.view_args["pid_value"]
        )
        return found.to_dict(), 202

    @view_args
    @search_args
    def read_draft(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """GET /records/<id>/draft/doi[?typed=10.1234/abc]."""
        found = self.service.read_draft(
            g.identity,
            resource_requestctx.view_args["pid_value"],
            resource_requestctx.args.get("typed"),
        )
        return found.to_dict(), 200, _FRESH

    @search_args
    def look_at(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """GET /records/draft/doi?typed=10.1234/abc."""
        typed = resource_requestctx.args.get("typed", "")
        return self.service.look_at(g.identity, typed).to_dict(), 200, _FRESH

    @list_args
    def attention(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """GET /user/records/doi?ids=abcde-fgh12,ijklm-nop34."""
        found = self.service.attention(g.identity, resource_requestctx.args["ids"])
        return found.to_dict(), 200, _FRESH


_FRESH = {"Cache-Control": "no-store"}
"""Not cached, because clients poll the status until it changes."""
