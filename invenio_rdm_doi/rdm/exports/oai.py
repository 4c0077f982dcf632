# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The OAI-PMH formats ``datacite``, ``oai_datacite`` and ``dcat``.

InvenioRDM requests one record after the other. The page of these records is noted, and
all its records are read together with the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from flask import current_app, g
from invenio_oaiserver import response
from invenio_rdm_records.proxies import current_rdm_records_service
from lxml import etree

from ...doi import any_doi
from ...links import record_page
from ...metadata.attributes import Attributes
from ...metadata.placeholder import SUPPRESSED, UNAVAILABLE, placeholder
from ...metadata.xml import XSI, Element, to_xml
from ...proxies import current_doi
from .described import Described, described
from .serializers import DataCite47DCATSerializer

Hit = Mapping[str, Any]
"""A hit of a search: ``_source`` is the record as it was indexed."""

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
LOCATION = f"{NAMESPACE} http://schema.datacite.org/oai/oai-1.1/oai.xsd"

PAGE = "_invenio_rdm_doi_oai"
"""Attribute of ``flask.g`` with the page of the current request."""


def note_pages() -> None:
    """Install a function that notes the hits of each page for its request."""
    found = response.get_records
    if not getattr(found, PAGE, False):
        response.get_records = _noting(found)


def _noting(get_records: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(get_records)
    def noting(**kwargs: Any) -> Any:
        page = get_records(**kwargs)
        setattr(g, PAGE, Page(page.response["hits"]["hits"]))
        return page

    setattr(noting, PAGE, True)
    return noting


class Page:
    """The hits of a page, described together when the first one is requested."""

    def __init__(self, hits: list[Hit]):
        """Constructor."""
        self.sources = {
            source["id"]: source
            for hit in hits
            if "id" in (source := hit.get("_source") or {})
        }
        self._described: dict[str, Described | None] | None = None

    def described(self, source: Mapping[str, Any]) -> Described | str:
        """Return a record and DataCite's metadata of it, or the reason for its absence.

        The reason is one of DataCite's standard values.
        """
        if self._described is None:
            self._described = described(list(self.sources.values()))
        if source["id"] not in self._described:
            return SUPPRESSED
        return self._described[source["id"]] or UNAVAILABLE


def _described(hit: Hit) -> Described | str:
    source = hit["_source"]
    page: Page | None = getattr(g, PAGE, None)
    if page is None or source["id"] not in page.sources:
        found = Page([hit]).described(source)
        if found == UNAVAILABLE:
            # For a single record, a harvester retries, and keeps its copy until then.
            raise RuntimeError(
                f"Record {source['id']} cannot be described. The log has the reason "
                "(doi.export.error)."
            )
        return found
    return page.described(source)


def _kernel(hit: Hit) -> tuple[Attributes, Element]:
    """Return the harvested metadata, and the same as XML.

    InvenioRDM has announced the record already, so a placeholder is returned if there
    is no metadata.
    """
    found = _described(hit)
    if isinstance(found, Described):
        return found.attributes, to_xml(found.attributes, found.page())
    attributes = _nothing(hit, found)
    return attributes, to_xml(attributes, record_page(hit["_source"]["id"]))


def _nothing(hit: Hit, reason: str) -> Attributes:
    nothing = placeholder(date.today().year, reason)
    doi = any_doi(hit["_source"])
    return {"doi": doi, **nothing} if doi else nothing


def datacite_etree(pid: Any, record: Hit) -> Element:
    """Return ``datacite``: the kernel alone."""
    return _kernel(record)[1]


def oai_datacite_etree(pid: Any, record: Hit) -> Element:
    """Return ``oai_datacite``: the kernel in an envelope, for OpenAIRE and BASE."""
    root = etree.Element(
        f"{{{NAMESPACE}}}oai_datacite", nsmap={None: NAMESPACE, "xsi": XSI}
    )
    root.set(f"{{{XSI}}}schemaLocation", LOCATION)
    attributes, kernel = _kernel(record)
    for name, text in (
        ("schemaVersion", "4.7"),
        ("datacentreSymbol", _symbol(attributes.get("doi"))),
    ):
        etree.SubElement(root, f"{{{NAMESPACE}}}{name}").text = text
    payload = etree.SubElement(root, f"{{{NAMESPACE}}}payload")
    payload.append(kernel)
    return root


def _symbol(doi: str | None) -> str:
    """Return the symbol of the DOI's repository account, or else the site's setting."""
    account = current_doi.settings.account_of(doi)
    of_site: str = current_app.config.get("DATACITE_DATACENTER_SYMBOL") or ""
    return account.symbol if account else of_site


def dcat_etree(pid: Any, record: Hit) -> Element:
    """Return ``dcat``: DCAT-AP."""
    serializer = DataCite47DCATSerializer()
    found = _described(record)
    if not isinstance(found, Described):
        nothing = {"attributes": _nothing(record, found), "files": []}
        return serializer.transform_with_xslt(nothing)
    item = current_rdm_records_service.oai_result_item(g.identity, record["_source"])
    shown = serializer.with_files(found, item.to_dict())
    return serializer.transform_with_xslt(shown)
