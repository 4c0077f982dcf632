# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The REST resource for DOI managers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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

from ..audit.models import Problem
from ..registration.listing import as_text, as_utc
from ..registration.models import Kind, Status
from ..services.audits import DOIAuditService
from ..services.management import DOIManagementService, Wanted

MOST = 200
"""Maximum number of registrations on a page."""

MOST_TEXT = 255


def _is_text(value: str) -> None:
    try:
        as_text(value)
    except ValueError as error:
        raise ma.ValidationError("This is not text.") from error


def _has_words(value: str) -> None:
    if not value.split():
        raise ma.ValidationError("It contains no words.")


def text(*more: Any, longest: int = MOST_TEXT) -> ma.fields.Str:
    """Return a field for a text argument that is valid in a database query."""
    length = ma.validate.Length(min=1, max=longest)
    return ma.fields.Str(validate=[length, _is_text, *more])


class Moment(ma.fields.AwareDateTime):
    """A time with a UTC offset, converted to UTC."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> datetime:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            return as_utc(found)
        except (ValueError, OverflowError) as error:
            raise self.make_error("invalid", obj_type="time", input=value) from error


FILTER = {
    "doi": text(),
    "q": text(),
    "title": text(_has_words),
    "status": ma.fields.Enum(Status, by_value=True),
    "kind": ma.fields.Enum(Kind, by_value=True),
    "account": text(),
    "code": text(),
    "older_than": ma.fields.Float(validate=ma.validate.Range(min=0, max=1e9)),
    "handled": ma.fields.Bool(),
    "must_hide": ma.fields.Bool(validate=ma.validate.Equal(True)),
}
"""Arguments that select DOIs; see :class:`..services.management.Wanted`."""

AFTER = {"after": text(longest=1000)}
"""Cursor after the last hit of a page; clients send it back unchanged."""

SIZE = {"size": ma.fields.Int(validate=ma.validate.Range(min=1, max=MOST))}


class DOIManagementResourceConfig(ResourceConfig, ConfiguratorMixin):
    """URL routes and request arguments."""

    blueprint_name = "invenio_rdm_doi_management"
    url_prefix = "/dois"
    routes = {
        "list": "",
        "count": "/count",
        "summary": "/summary",
        "retry-many": "/actions/retry",
        "findings": "/findings",
        "fix": "/findings/<int:finding>/actions/fix",
        "item": "/<id>",
        "comparison": "/<id>/comparison",
        "retry": "/<id>/actions/retry",
        "mark": "/<id>/actions/mark-handled",
        "unmark": "/<id>/actions/unmark-handled",
        "check": "/accounts/<name>/check",
        "resume": "/accounts/<name>/actions/resume",
    }

    request_item_args = {"id": ma.fields.UUID(required=True)}
    request_finding_args = {
        "finding": ma.fields.Int(
            required=True, validate=ma.validate.Range(min=0, max=2**63 - 1)
        )
    }
    request_account_args = {
        "name": ma.fields.Str(required=True, validate=ma.validate.Length(max=MOST_TEXT))
    }
    request_search_args = {**FILTER, **SIZE, **AFTER}
    request_filter_args = FILTER
    request_many_args = {
        **FILTER,
        **AFTER,
        "until": Moment(),
    }
    request_mark_args = {"updated": Moment()}
    request_findings_args = {
        **SIZE,
        "problem": ma.fields.Enum(Problem, by_value=True),
        "after": ma.fields.Int(validate=ma.validate.Range(min=0, max=2**63 - 1)),
    }

    @property
    def error_handlers(self) -> dict[type[Exception], Any]:
        """The same as InvenioRDM's for records; a site may change them."""
        return {**(self._app.config.get("RDM_RECORDS_ERROR_HANDLERS") or {})}


def _arguments(name: str) -> Any:
    return request_parser(from_conf(f"request_{name}_args"), location="args")


search_args = _arguments("search")
filter_args = _arguments("filter")
many_args = _arguments("many")
findings_args = _arguments("findings")
mark_args = _arguments("mark")


def _in_path(name: str) -> Any:
    return request_parser(from_conf(f"request_{name}_args"), location="view_args")


item_args = _in_path("item")
finding_args = _in_path("finding")
account_args = _in_path("account")

FRESH = {"Cache-Control": "no-store"}

Answer = tuple[dict[str, Any], int, dict[str, str]]


class DOIManagementResource(ErrorHandlersMixin, Resource):
    """REST resource for all DOIs of the site."""

    def __init__(
        self,
        config: DOIManagementResourceConfig,
        service: DOIManagementService,
        audits: DOIAuditService,
    ):
        """Constructor."""
        super().__init__(config)
        self.service = service
        self.audits = audits

    def create_url_rules(self) -> list[dict[str, Any]]:
        """Return the URL rules."""
        routes = self.config.routes
        return [
            route("GET", routes["list"], self.search),
            route("GET", routes["count"], self.count),
            route("GET", routes["summary"], self.summary),
            route("POST", routes["retry-many"], self.retry_many),
            route("GET", routes["findings"], self.findings),
            route("POST", routes["fix"], self.fix),
            route("GET", routes["item"], self.read),
            route("GET", routes["comparison"], self.comparison),
            route("POST", routes["retry"], self.retry),
            route("POST", routes["mark"], self.mark),
            route("POST", routes["unmark"], self.unmark),
            route("GET", routes["check"], self.check),
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
            links["next"] = self._url(
                "search", **_plain(args), size=size, after=found["after"]
            )
        hits = [self._linked(item) for item in found["hits"]]
        return {"hits": {"hits": hits}, "links": links}, 200, FRESH

    @filter_args
    def count(self) -> Answer:
        """GET /dois/count?status=failed."""
        wanted = Wanted(**resource_requestctx.args)
        return self.service.count(g.identity, wanted).data, 200, FRESH

    def summary(self) -> Answer:
        """GET /dois/summary."""
        return self.service.summary(g.identity).data, 200, FRESH

    @many_args
    def retry_many(self) -> Answer:
        """POST /dois/actions/retry?status=failed."""
        args = dict(resource_requestctx.args)
        after, until = args.pop("after", None), args.pop("until", None)
        found = self.service.retry_many(g.identity, Wanted(**args), after, until).data
        links = {}
        if found["after"] is not None:
            links["next"] = self._url(
                "retry_many",
                **_plain(args),
                after=found["after"],
                until=found["until"].isoformat(),
            )
        answer = {
            "requested": found["requested"],
            "busy": found["busy"],
            "links": links,
        }
        return answer, 202, FRESH

    @findings_args
    def findings(self) -> Answer:
        """GET /dois/findings?problem=changed."""
        args = dict(resource_requestctx.args)
        size, problem = args.pop("size", 50), args.get("problem")
        found = self.audits.search(g.identity, problem, args.pop("after", None), size)
        links = {}
        after = found.data["after"]
        if after is not None:
            links["next"] = self._url(
                "findings", **_plain(args), size=size, after=after
            )
        hits = [self._finding(item) for item in found.data["hits"]]
        return {"hits": {"hits": hits}, "links": links}, 200, FRESH

    @finding_args
    def fix(self) -> Answer:
        """POST /dois/findings/<finding>/actions/fix."""
        id_ = resource_requestctx.view_args["finding"]
        return self.audits.fix(g.identity, id_).data, 202, FRESH

    @item_args
    def read(self) -> Answer:
        """GET /dois/<id>."""
        return self._linked(self.service.read(g.identity, _id()).data), 200, FRESH

    @item_args
    def comparison(self) -> Answer:
        """GET /dois/<id>/comparison."""
        return self.audits.comparison(g.identity, _id()).data, 200, FRESH

    @item_args
    def retry(self) -> Answer:
        """POST /dois/<id>/actions/retry."""
        return self._linked(self.service.retry(g.identity, _id()).data), 202, FRESH

    @item_args
    @mark_args
    def mark(self) -> Answer:
        """POST /dois/<id>/actions/mark-handled."""
        return self._marked(True, resource_requestctx.args.get("updated"))

    @item_args
    def unmark(self) -> Answer:
        """POST /dois/<id>/actions/unmark-handled."""
        return self._marked(False)

    def _marked(self, handled: bool, updated: datetime | None = None) -> Answer:
        found = self.service.mark_handled(g.identity, _id(), handled, updated)
        return self._linked(found.data), 200, FRESH

    @account_args
    def check(self) -> Answer:
        """GET /dois/accounts/<name>/check."""
        name = resource_requestctx.view_args["name"]
        return self.audits.check(g.identity, name).data, 200, FRESH

    @account_args
    def resume(self) -> Answer:
        """POST /dois/accounts/<name>/actions/resume."""
        name = resource_requestctx.view_args["name"]
        return self.service.resume(g.identity, name).data, 202, FRESH

    def _linked(self, item: dict[str, Any]) -> dict[str, Any]:
        id_ = item["id"]
        links = {
            "self": self._url("read", id=id_),
            "comparison": self._url("comparison", id=id_),
            "retry": self._url("retry", id=id_),
        }
        if item["status"] == Status.FAILED.value:
            if item["handled"]:
                links["unmark"] = self._url("unmark", id=id_)
            else:
                links["mark"] = self._url("mark", id=id_, updated=item["updated"])
        return {**item, "links": links}

    def _finding(self, item: dict[str, Any]) -> dict[str, Any]:
        links = {}
        if item["registration"]:
            links["registration"] = self._url("read", id=item["registration"])
        if item["fixable"]:
            links["fix"] = self._url("fix", finding=item["id"])
        return {**item, "links": links}

    def _url(self, view: str, **values: Any) -> str:
        return url_for(f"{self.config.blueprint_name}.{view}", _external=True, **values)


def _id() -> Any:
    return resource_requestctx.view_args["id"]


def _plain(args: dict[str, Any]) -> dict[str, Any]:
    return {key: getattr(value, "value", value) for key, value in args.items()}
