# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The REST resource of those who look after DOIs."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import g, url_for
from flask_resources import (
    Resource,
    ResourceConfig,
    from_conf,
    request_parser,
    resource_requestctx,
    route,
)
from invenio_records_resources.resources.errors import ErrorHandlersMixin
from invenio_records_resources.services.base.config import ConfiguratorMixin

from ..registration.models import Kind, Status
from ..registration.selection import Position
from ..services.management import DOIManagementService, Wanted

MOST = 200
"""Registrations of a page."""


class Cursor(ma.fields.Field):
    """The place behind the last hit of a page; clients send it back as it is."""

    default_error_messages = {"invalid": "This is not a cursor of this API."}

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Position:
        try:
            parts = json.loads(base64.urlsafe_b64decode(str(value).encode()))
            *moment, id_ = parts
            found = [datetime.fromisoformat(one) for one in moment]
            return (*found, UUID(id_))
        except (binascii.Error, ValueError, TypeError, AttributeError) as error:
            raise self.make_error("invalid") from error


def cursor(position: Position) -> str:
    """A position as clients get it."""
    *moment, id_ = position
    parts = [*(one.isoformat() for one in moment), str(id_)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


class DOIManagementResourceConfig(ResourceConfig, ConfiguratorMixin):
    """Addresses and arguments."""

    blueprint_name = "invenio_rdm_doi_management"
    url_prefix = "/dois"
    routes = {
        "list": "",
        "summary": "/summary",
        "item": "/<id>",
        "retry": "/<id>/actions/retry",
        "resume": "/accounts/<name>/actions/resume",
    }

    request_item_args = {"id": ma.fields.UUID(required=True)}
    request_account_args = {
        "name": ma.fields.Str(required=True, validate=ma.validate.Length(max=255))
    }
    request_search_args = {
        "doi": ma.fields.Str(validate=ma.validate.Length(min=1, max=255)),
        "status": ma.fields.Enum(Status, by_value=True),
        "kind": ma.fields.Enum(Kind, by_value=True),
        "account": ma.fields.Str(validate=ma.validate.Length(max=255)),
        "code": ma.fields.Str(validate=ma.validate.Length(max=255)),
        "older_than": ma.fields.Float(validate=ma.validate.Range(min=0, max=1e9)),
        "size": ma.fields.Int(validate=ma.validate.Range(min=1, max=MOST)),
        "after": Cursor(),
    }

    @property
    def error_handlers(self) -> dict[type[Exception], Any]:
        """As the host answers about records; a site may change them."""
        return {**(self._app.config.get("RDM_RECORDS_ERROR_HANDLERS") or {})}


search_args = request_parser(from_conf("request_search_args"), location="args")
item_args = request_parser(from_conf("request_item_args"), location="view_args")
account_args = request_parser(from_conf("request_account_args"), location="view_args")

FRESH = {"Cache-Control": "no-store"}

Answer = tuple[dict[str, Any], int, dict[str, str]]


class DOIManagementResource(ErrorHandlersMixin, Resource):
    """All DOIs of the site."""

    def __init__(
        self, config: DOIManagementResourceConfig, service: DOIManagementService
    ):
        """Constructor."""
        super().__init__(config)
        self.service = service

    def create_url_rules(self) -> list[dict[str, Any]]:
        """The addresses."""
        routes = self.config.routes
        return [
            route("GET", routes["list"], self.search),
            route("GET", routes["summary"], self.summary),
            route("GET", routes["item"], self.read),
            route("POST", routes["retry"], self.retry),
            route("POST", routes["resume"], self.resume),
        ]

    @search_args
    def search(self) -> Answer:
        """GET /dois?status=failed&size=50&after=…."""
        args = dict(resource_requestctx.args)
        after, size = args.pop("after", None), args.pop("size", 50)
        found = self.service.search(g.identity, Wanted(**args), after, size).data
        links = {}
        if found["after"] is not None:
            given = {key: getattr(value, "value", value) for key, value in args.items()}
            links["next"] = self._url(
                "search", **given, size=size, after=cursor(found["after"])
            )
        hits = [self._linked(item) for item in found["hits"]]
        return {"hits": {"hits": hits}, "links": links}, 200, FRESH

    def summary(self) -> Answer:
        """GET /dois/summary."""
        return self.service.summary(g.identity).data, 200, FRESH

    @item_args
    def read(self) -> Answer:
        """GET /dois/<id>."""
        id_ = resource_requestctx.view_args["id"]
        return self._linked(self.service.read(g.identity, id_).data), 200, FRESH

    @item_args
    def retry(self) -> Answer:
        """POST /dois/<id>/actions/retry."""
        id_ = resource_requestctx.view_args["id"]
        return self._linked(self.service.retry(g.identity, id_).data), 202, FRESH

    @account_args
    def resume(self) -> Answer:
        """POST /dois/accounts/<name>/actions/resume."""
        name = resource_requestctx.view_args["name"]
        return self.service.resume(g.identity, name).data, 202, FRESH

    def _linked(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            **item,
            "links": {
                "self": self._url("read", id=item["id"]),
                "retry": self._url("retry", id=item["id"]),
            },
        }

    def _url(self, view: str, **values: Any) -> str:
        return url_for(f"{self.config.blueprint_name}.{view}", _external=True, **values)
