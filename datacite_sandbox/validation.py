# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The rules that a DOI has to meet (facts, section 3).

Some rules always apply; those on url, domain and the XML Schema apply only to DOIs that
are registered or findable after the event of the request. Errors are in the order of
the service's checks, because only the first of each source is shown.
"""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from . import states
from .dois import DOI_SYNTAX, Doi
from .values import as_list
from .xml_writer import NAMESPACE

Errors = list[tuple[str, str]]

_URL = re.compile(r"(ftp|http|https)://\S+")
_PARSER_OPTIONS = {"resolve_entities": False, "no_network": True}

#: schemaVersions that are checked against the XML Schema (XV:79-98). Any other
#: value is stored unchanged and disables the check.
CHECKED = {NAMESPACE, *(f"{NAMESPACE}.{minor}" for minor in range(4))}
#: schemaVersions that are refused.
REFUSED = {
    f"http://datacite.org/schema/kernel-{version}"
    for version in ("2.1", "2.2", "3", "3.0", "3.1")
}
#: Column names in errors, where they differ from the XML's names (XV:62-77).
_SOURCES = {
    "date": "dates",
    "publicationYear": "publication_year",
    "alternateIdentifiers": "identifiers",
    "relatedIdentifiers": "related_identifiers",
    "relatedItems": "related_items",
    "geoLocations": "geo_locations",
    "rightsList": "rights_list",
    "fundingReferences": "funding_references",
    "version": "version_info",
    "resource": "xml",
}
#: Attributes whose items have to be objects, with source and noun of the message.
_OBJECTS = {
    "dates": ("dates", "Date {}"),
    "rightsList": ("rights_list", "Rights '{}'"),
    "titles": ("titles", "Title '{}'"),
    "descriptions": ("descriptions", "Description '{}'"),
    "types": ("types", "Types '{}'"),
    "container": ("container", "Container '{}'"),
    "subjects": ("subjects", "Subject '{}'"),
    "creators": ("creators", "Creator '{}'"),
    "contributors": ("contributors", "Contributor '{}'"),
    "landingPage": ("landing_page", "Landing page '{}'"),
    "identifiers": ("identifiers", "Identifier '{}'"),
    "relatedIdentifiers": ("related_identifiers", "Related identifier '{}'"),
    "relatedItems": ("related_items", "Related item '{}'"),
    "fundingReferences": ("funding_references", "Funding reference '{}'"),
    "geoLocations": ("geo_locations", "Geolocation '{}'"),
}
#: Those of them that are a single object.
_SINGLE = frozenset({"types", "container", "landingPage"})
_CONTRIBUTOR_TYPES = frozenset(
    [
        "ContactPerson",
        "DataCollector",
        "DataCurator",
        "DataManager",
        "Distributor",
        "Editor",
        "HostingInstitution",
        "Other",
        "Producer",
        "ProjectLeader",
        "ProjectManager",
        "ProjectMember",
        "RegistrationAgency",
        "RegistrationAuthority",
        "RelatedPerson",
        "ResearchGroup",
        "RightsHolder",
        "Researcher",
        "Sponsor",
        "Supervisor",
        "Translator",
        "WorkPackageLeader",
    ]
)


class KernelSchema:
    """DataCite's XML Schema. Thread-safe."""

    def __init__(self) -> None:
        """Load the schema from the directory of this file."""
        path = Path(__file__).with_name("kernel-4") / "metadata.xsd"
        self._schema = etree.XMLSchema(etree.parse(str(path)))
        self._lock = threading.Lock()

    def errors(self, xml: str, uid: str) -> Errors:
        """Return the errors of the document, in lupo's words."""
        try:
            document = _parse(xml)
        except etree.XMLSyntaxError as error:
            return [("xml", f"{error.msg} at line {error.lineno}, column 0")]
        with self._lock:
            if self._schema.validate(document):
                return []
            found = [(entry.line, entry.message) for entry in self._schema.error_log]
        return [_error(line, message, uid) for line, message in found]


def _parse(xml: str) -> Any:
    return etree.fromstring(xml.encode(), etree.XMLParser(**_PARSER_OPTIONS))


def _error(line: int, message: str, uid: str) -> tuple[str, str]:
    """Extract source and title: ``Element '{namespace}creators': text`` (XV:100-130).

    An error of an attribute gets a source like ``creatorName', attribute 'nameType``,
    because the service extracts it from the message this way (post_spec.rb:1706).
    """
    place, _, text = message.partition(": ")
    source = place.rsplit("}", 1)[-1][:-1]
    title = f"DOI {uid}: {text.strip()} at line {line}, column 0"
    return _SOURCES.get(source, source), title


class Validator:
    """Checks DOIs; one per sandbox, because loading the schema takes time."""

    def __init__(self) -> None:
        """Load the XML Schema."""
        self._schema = KernelSchema()

    def errors(
        self, doi: Doi, domains: str, *, is_new: bool, is_taken: bool, check_xml: bool
    ) -> Errors:
        """Return all errors of the DOI as it would be stored.

        ``check_xml`` is for POST /dois/validate, which checks drafts too.
        """
        registered = states.is_registered(doi.state)
        check_xml = check_xml or registered
        errors: Errors = []
        if registered and not doi.url:
            errors.append(("url", "can't be blank"))
        if check_xml:
            errors += _publisher_errors(doi.attributes.get("publisher"))
        if is_new and not DOI_SYNTAX.fullmatch(doi.uid):
            errors.append(("doi", "is invalid"))
        if doi.url and not _URL.fullmatch(doi.url):
            errors.append(("url", "URL is not valid"))
        if is_taken:
            errors.append(("doi", "This DOI has already been taken"))
        if check_xml:
            errors += self._xml_errors(doi)
        if registered and doi.url and not host_is_allowed(doi.url, domains):
            message = (
                f"URL {doi.url} is not allowed by repository "
                f"{doi.client_id} domain settings."
            )
            errors.append(("url", message))
        return errors + _attribute_errors(doi)

    def metadata_errors(self, doi: Doi) -> Errors:
        """Return the error of the check that follows if no other one checked the XML.

        It reports only that the metadata is invalid (MD:84-101, post_spec.rb:1454).
        """
        if doi.schema_version or not states.is_registered(doi.state) or not doi.xml:
            return []
        return [("metadata", "is invalid")] if self._schema.errors(doi.xml, "") else []

    def _xml_errors(self, doi: Doi) -> Errors:
        if not doi.xml:
            return [("xml", "can't be blank")]
        if doi.schema_version in REFUSED:
            message = f"Schema {doi.schema_version} is no longer supported"
            return [("xml", f"DOI {doi.uid}: {message}")]
        if doi.schema_version not in CHECKED:
            return []
        return self._schema.errors(doi.xml, doi.uid)


def host_is_allowed(url: str, domains: str) -> bool:
    """Apply a repository's domain setting (helpable.rb:155-171)."""
    if domains == "*":
        return True
    host = urlsplit(url).hostname or ""
    return any(
        host.endswith(domain[1:]) if domain.startswith("*.") else host == domain
        for domain in domains.split(",")
    )


def _publisher_errors(publisher: dict[str, Any] | None) -> Errors:
    """Return errors for parts that are not text; the real wording is not verified."""
    return [
        ("publisher_obj", f"Publisher {key} is not a string.")
        for key, value in (publisher or {}).items()
        if not isinstance(value, str)
    ]


def _attribute_errors(doi: Doi) -> Errors:
    errors: Errors = []
    for name, (source, noun) in _OBJECTS.items():
        value = doi.attributes.get(name)
        for item in [value] if name in _SINGLE and value else as_list(value):
            if not isinstance(item, dict):
                message = (
                    f"{noun.format(item)} should be an object instead of a string."
                )
                errors.append((source, message))
            elif name == "rightsList" and len(str(item.get("rights") or "")) > 2000:
                message = (
                    "Rights should not have a length of more than 2000 characters."
                )
                errors.append((source, message))
            elif name == "contributors" and doi.schema_version == NAMESPACE:
                errors += _contributor_errors(item)
    return errors


def _contributor_errors(contributor: dict[str, Any]) -> Errors:
    """Check the type; only for exactly kernel-4 (D:2253, post_spec.rb:1884-1960)."""
    kind = contributor.get("contributorType")
    if kind in _CONTRIBUTOR_TYPES:
        return []
    shown = json.dumps(contributor, ensure_ascii=False)
    if not kind:
        message = (
            f"Contributor '{shown}' is missing a required element: contributor type."
        )
    else:
        message = (
            f"Contributor '{shown}' has a contributor type that is not supported in "
            f"schema 4: '{kind}'."
        )
    return [("contributors", message)]
