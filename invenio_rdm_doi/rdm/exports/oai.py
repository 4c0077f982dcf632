# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""What is harvested: ``datacite``, ``oai_datacite`` and ``dcat`` of OAI-PMH.

The host asks for one record after the other. The page that they are on is noted, and
read at once with the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

from flask import current_app, g
from invenio_oaiserver import response
from lxml import etree

from ...metadata.attributes import Attributes
from ...metadata.placeholder import placeholder
from ...metadata.xml import XSI, to_xml
from .described import described, may_be_read
from .serializers import DataCite47DCATSerializer

Element = Any
"""Of lxml."""

Hit = Mapping[str, Any]
"""Of a search: ``_source`` is the record as it was indexed."""

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
LOCATION = f"{NAMESPACE} http://schema.datacite.org/oai/oai-1.1/oai.xsd"

PAGE = "_invenio_rdm_doi_oai"
"""Of ``flask.g``: the page that is being answered."""


def note_pages() -> None:
    """Have the hits of each page noted for its request."""
    found = response.get_records
    if not hasattr(found, "__wrapped__"):
        response.get_records = _noting(found)


def _noting(get_records: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(get_records)
    def noting(**kwargs: Any) -> Any:
        page = get_records(**kwargs)
        setattr(g, PAGE, Page(page.response["hits"]["hits"]))
        return page

    return noting


class Page:
    """The hits of a page, described when the first of them is asked for."""

    def __init__(self, hits: list[Hit]):
        """Constructor."""
        self.sources = {hit["_source"]["id"]: hit["_source"] for hit in hits}
        self._described: dict[str, Attributes] | None = None

    def attributes(self, source: Mapping[str, Any]) -> Attributes:
        """What DataCite has of a record; nothing of one that nobody may read now.

        An index may lag behind.
        """
        if self._described is None:
            self._described = described(list(self.sources.values()), may_be_read)
        found = self._described.get(source["id"])
        return found or placeholder(date.today().year)


def _attributes(hit: Hit) -> Attributes:
    source = hit["_source"]
    page: Page | None = getattr(g, PAGE, None)
    if page is None or source["id"] not in page.sources:
        page = Page([hit])
    return page.attributes(source)


def datacite_etree(pid: Any, record: Hit) -> Element:
    """``datacite``: the kernel alone."""
    return to_xml(_attributes(record))


def oai_datacite_etree(pid: Any, record: Hit) -> Element:
    """``oai_datacite``: the kernel in an envelope, as OpenAIRE and BASE harvest it."""
    root = etree.Element(
        f"{{{NAMESPACE}}}oai_datacite", nsmap={None: NAMESPACE, "xsi": XSI}
    )
    root.set(f"{{{XSI}}}schemaLocation", LOCATION)
    for name, text in (
        ("schemaVersion", "4.7"),
        ("datacentreSymbol", current_app.config.get("DATACITE_DATACENTER_SYMBOL")),
    ):
        etree.SubElement(root, f"{{{NAMESPACE}}}{name}").text = text
    payload = etree.SubElement(root, f"{{{NAMESPACE}}}payload")
    payload.append(to_xml(_attributes(record)))
    return root


def dcat_etree(pid: Any, record: Hit) -> Element:
    """``dcat``: DCAT-AP."""
    serializer = DataCite47DCATSerializer()
    found = serializer.with_files(_attributes(record), record["_source"])
    return serializer.transform_with_xslt(found)
