# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The administration pages.

They read data on the server, through the services of the REST API; a script sends the
actions of users to the REST API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import abort, g, request, url_for
from invenio_administration.views.base import AdminView
from invenio_i18n import lazy_gettext as _
from invenio_rdm_records.services.errors import ValidationErrorWithMessageAsList
from marshmallow import Schema, ValidationError
from sqlalchemy.exc import NoResultFound

from ..audit.models import Problem
from ..links import landing_page
from ..proxies import current_doi
from ..resources.management import AFTER, FILTER, DOIManagementResource
from ..services import words
from ..services.management import Wanted
from ..services.permissions import manager_permission
from ..settings.connection import PRODUCTION_URL
from .needs import needs

SIZE = 50
"""Number of rows on a page."""

SEARCH = Schema.from_dict({**FILTER, **AFTER})

FABRICA = {
    True: "https://doi.test.datacite.org/dois/",
    False: "https://doi.datacite.org/dois/",
}
"""DataCite Fabrica by test mode."""

COMMONS = "https://commons.datacite.org/doi.org/"


class DOIAdminView(AdminView):
    """A page for DOI managers and administrators."""

    extension_name = "invenio-rdm-doi"
    category = _("DOIs")
    decorators = [manager_permission.require(http_exception=403)]

    def get_permission(self) -> Any:
        """Return the permission that is required to see the page in the menu."""
        return manager_permission

    @staticmethod
    def disabled() -> bool:
        """Return whether the page is left out of the menu."""
        return not current_doi.enabled

    def render(self, **kwargs: Any) -> Any:
        """Render the template, with the variables that all pages need."""
        if not current_doi.enabled:
            abort(404)
        return super().render(
            words=words, title=self.title, page=self.name, **kwargs
        ), {"Cache-Control": "no-store"}

    @property
    def service(self) -> Any:
        """The service for registrations."""
        return _resource().service

    @property
    def audits(self) -> Any:
        """The service for audits."""
        return _resource().audits


class OverviewView(DOIAdminView):
    """The overview of DOI registration."""

    name = "doi_overview"
    # Not "/dois": the menu marks each item whose URL is a prefix of the page's URL.
    url = "/dois/overview"
    title = _("DOI registration")
    menu_label = _("Overview")
    icon = "tachometer alternate"
    order = 1
    template = "invenio_rdm_doi/administration/overview.html"

    def get(self) -> Any:
        """Render the page."""
        found = self.service.summary(g.identity).data
        return self.render(found=found, needs=needs(found))


class DOIListView(DOIAdminView):
    """The list of DOIs that match a filter."""

    name = "doi_list"
    url = "/dois/list"
    title = _("All DOIs")
    menu_label = _("All DOIs")
    icon = "list"
    order = 2
    template = "invenio_rdm_doi/administration/list.html"

    def get(self) -> Any:
        """Render the page."""
        given = {key: value for key, value in request.args.items() if value}
        problem = None
        found: dict[str, Any] = {"hits": [], "after": None}
        try:
            args = SEARCH().load(given)
            after = args.pop("after", None)
            found = self.service.search(g.identity, Wanted(**args), after, SIZE).data
        except ValidationError as error:
            problem = _messages(error.normalized_messages())
        except ValidationErrorWithMessageAsList as error:
            problem = " ".join(m for item in error.messages for m in item["messages"])
        chosen = {key: value for key, value in given.items() if key != "after"}
        following = None
        if found["after"]:
            query: dict[str, Any] = {**chosen, "after": found["after"]}
            following = url_for("administration.doi_list", **query)
        return self.render(
            hits=found["hits"],
            following=following,
            is_first="after" not in given,
            chosen=chosen,
            problem=problem,
            accounts=[account.name for account in current_doi.settings.accounts],
            statuses=words.STATUSES,
        )


class DOIView(DOIAdminView):
    """One DOI: its target, its attempts, and the available actions."""

    name = "doi_item"
    url = "/dois/<uuid:id>"
    title = _("DOI")
    menu_label = _("DOI")
    template = "invenio_rdm_doi/administration/item.html"

    @staticmethod
    def disabled() -> bool:
        """Return True: the page is not in the menu."""
        return True

    def get(self, id: UUID) -> Any:  # noqa: A002, it is the name in the URL
        """Render the page."""
        try:
            found = self.service.read(g.identity, id).data
        except NoResultFound:
            abort(404)
        return self.render(found=found, links=_links(found))


class FindingsView(DOIAdminView):
    """The findings of the last audits."""

    name = "doi_findings"
    url = "/dois/findings"
    title = _("Findings of the audit")
    menu_label = _("Findings")
    icon = "search"
    order = 3
    template = "invenio_rdm_doi/administration/findings.html"

    def get(self) -> Any:
        """Render the page."""
        problem = _one_of(Problem, request.args.get("problem"))
        after = request.args.get("after", type=int)
        found = self.audits.search(g.identity, problem, after, SIZE).data
        following = None
        if found["after"]:
            following = url_for(
                "administration.doi_findings",
                problem=problem.value if problem else None,
                after=found["after"],
            )
        summary = self.service.summary(g.identity).data
        return self.render(
            hits=found["hits"],
            following=following,
            problem=problem,
            accounts=summary["accounts"],
            counts={one: summary["findings"].get(one.value) for one in Problem},
        )


class AccountsView(DOIAdminView):
    """The accounts at DataCite."""

    name = "doi_accounts"
    url = "/dois/accounts"
    title = _("DataCite accounts")
    menu_label = _("Accounts")
    icon = "key"
    order = 4
    template = "invenio_rdm_doi/administration/accounts.html"

    def get(self) -> Any:
        """Render the page."""
        found = self.service.summary(g.identity).data
        return self.render(found=found)


def _resource() -> DOIManagementResource:
    """Return the REST resource; it does not exist while DOI registration is off."""
    if current_doi.management is None:
        abort(404)
    return current_doi.management


def _links(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the URLs of other pages that show a DOI."""
    doi = found["doi"]
    links = {}
    if found["record"]:
        links["record"] = url_for(
            (
                "invenio_app_rdm_records.record_latest"
                if found["kind"] == "concept"
                else "invenio_app_rdm_records.record_detail"
            ),
            pid_value=found["record"],
        )
    links["landing_page"] = landing_page(doi)
    account = current_doi.settings.account_of(doi)
    if account is not None and found["state"]:
        links["fabrica"] = FABRICA[account.test_mode] + quote(doi, safe="")
        if account.api_url == PRODUCTION_URL and found["state"] == "findable":
            links["commons"] = COMMONS + quote(doi, safe="/")
    return links


def _one_of(kind: Any, value: str | None) -> Any:
    try:
        return kind(value)
    except ValueError:
        return None


def _messages(found: Mapping[str, Any]) -> str:
    return " ".join(f"{name}: {' '.join(some)}" for name, some in found.items())
