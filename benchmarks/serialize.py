# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Cost of a payload for DataCite: the host's serializer and this package's mapping.

Both use the same records in the same process, in turn (A B B A …), so that neither side
is always the one that finds a record in the database's buffers. Each starts from an id,
loads the required data from the database, as for a registration, and ends with the
complete metadata; nothing is sent or checked. The host's caches are warm. Parents have
several versions.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any, NamedTuple
from uuid import UUID

from invenio_access.permissions import system_identity
from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from invenio_rdm_records.records.api import RDMParent, RDMRecord
from invenio_rdm_records.resources.serializers import DataCite45JSONSerializer
from invenio_rdm_records.utils import ChainObject
from invenio_records_resources.proxies import current_service_registry
from opensearchpy import Transport

from invenio_rdm_doi.metadata.attributes import Attributes, complete
from invenio_rdm_doi.metadata.describe import describe_parent, describe_record
from invenio_rdm_doi.metadata.source import Chain
from invenio_rdm_doi.proxies import current_doi
from invenio_rdm_doi.records.source import Reader
from invenio_rdm_doi.records.versions import versions

from .harness import application, counted_statements, finish, say

BATCH = 16
"""Records that share a reader, as in a delivery with a full window."""

WARM_UP = 2 * BATCH
"""Number of warm-up payloads. It exceeds the length of the longest list below, because
the host caches the entries that it looked up."""

NAMES = ("Petersen", "Okafor", "Núñez", "Nakamura", "Haan", "Lindqvist", "Moreau")
ORCIDS = ("0000-0001-5109-3700", "0000-0002-1825-0097", "0000-0001-5000-0007")
AFFILIATIONS = ("01ggx4157", "00g30e956", "04d836q62", "000e0be47", "05dxps055")
FUNDERS = ("00k4n6c32", "021nxhr62", "001aqnf71", "00yjd3n13")
AWARDS = ("101000001", "101000002", "101000003")
TYPES = ("dataset", "software", "publication-article", "image-photo", "presentation")
ROLES = ("datacollector", "editor", "projectleader", "supervisor")
LICENSES = ("cc-by-4.0", "mit", "cc0-1.0", "gpl-3.0-or-later")
LANGUAGES = ("eng", "deu", "fra", "spa", "jpn")
SUBJECTS = tuple(
    f"http://www.oecd.org/science/inno/38235147.pdf?{code}" for code in ("1.2", "1.5")
)
PUBLISHED = ("2026-05-04", "2025-11", "2024/2025")
DATES = (("collected", "2024-03/2024-09"), ("created", "2025-01-15"), ("valid", "2026"))
RELATED = (
    ("doi", "10.5281/zenodo.7", "cites"),
    ("url", "https://example.org/data", "issupplementto"),
    ("arxiv", "arXiv:2301.00001", "references"),
    ("handle", "10013/epic.10033", "isderivedfrom"),
    ("isbn", "978-3-16-148410-0", "ispartof"),
)
HTML = (
    "<p>Salinity of H<sub>2</sub>O &amp; <i>chlorophyll</i> by station.</p>"
    "<ul><li>depth &lt; 7 m</li><li><b>height</b> above datum</li></ul>"
)


def turn(values: tuple, number: int, count: int = 1) -> list:
    """Return ``count`` values of a list; the next number gives others."""
    return [values[(number + step) % len(values)] for step in range(count)]


def entries(values: tuple[str, ...], number: int, count: int = 1) -> list:
    """Return references to entries of a vocabulary."""
    return [{"id": id_} for id_ in turn(values, number, count)]


def person(number: int) -> dict[str, Any]:
    """Return a person with up to two affiliations, from the vocabulary or as text."""
    (name,), (orcid,) = turn(NAMES, number), turn(ORCIDS, number)
    identifiers = [{"scheme": "orcid", "identifier": orcid}] if number % 4 else []
    names = {"type": "personal", "family_name": name, "given_name": f"F. {number % 7}"}
    return {
        "person_or_org": names | {"identifiers": identifiers},
        "affiliations": entries(AFFILIATIONS, number, number % 3)
        or [{"name": "Tidal Survey"}],
    }


def metadata(number: int) -> dict[str, Any]:
    """Return a rich record's metadata; each number gives other values and counts."""
    (funder, second), (award,) = entries(FUNDERS, number, 2), entries(AWARDS, number)
    in_words = {"number": "A-7", "title": {"en": "Tides and people"}}
    funded = {"funder": funder, "award": award}, {"funder": second, "award": in_words}
    (lang, other), (role,) = entries(LANGUAGES, number, 2), entries(ROLES, number)
    (kind,), (method,) = entries(TYPES, number), entries(("methods", "other"), number)
    place = {"type": "Point", "coordinates": [4.76, 52.96]}
    words = [{"subject": f"keyword {number % 7 + step}"} for step in range(3)]
    related = [
        {"scheme": scheme, "identifier": identifier, "relation_type": {"id": relation}}
        for scheme, identifier, relation in turn(RELATED, number, 1 + number % 4)
    ]
    dates = [
        {"type": {"id": type_}, "date": date, "description": "at the pile"}
        for type_, date in turn(DATES, number, 1 + number % 3)
    ]
    return {
        "title": f"Tides of the Wadden Sea, part {number}",
        "publication_date": turn(PUBLISHED, number)[0],
        "publisher": "Coastal Press",
        "resource_type": kind,
        "creators": [person(number + step) for step in range(2 + number % 5)],
        "contributors": [
            person(number + step) | {"role": role} for step in range(number % 3)
        ],
        "subjects": entries(SUBJECTS, number) + words,
        "funding": list(funded[: 1 + number % 2]),
        "related_identifiers": [item | {"resource_type": kind} for item in related],
        "identifiers": [{"scheme": "url", "identifier": f"https://e.org/{number}"}],
        "rights": entries(LICENSES, number, 1 + number % 2),
        "languages": [lang, other],
        "dates": dates,
        "additional_titles": [
            {"title": "Watt und Meer", "type": {"id": "subtitle"}, "lang": lang}
        ],
        "description": HTML * (1 + number % 4),
        "additional_descriptions": [
            {"description": HTML, "type": method, "lang": other}
        ],
        "locations": {"features": [{"geometry": place, "place": "Den Helder"}]},
        "sizes": ["12 MB"],
        "formats": ["text/csv"],
        "version": f"v{number % 9}",
    }


class Ids(NamedTuple):
    """The ids from which both sides start: the newest version and its parent."""

    record: UUID
    parent: UUID


def create_awards() -> None:
    """Create awards; InvenioRDM includes affiliations and funders, but no awards."""
    service_of_awards = current_service_registry.get("awards")
    for number, funder in zip(AWARDS, FUNDERS, strict=False):
        address = f"https://cordis.europa.eu/project/id/{number}"
        award = {"id": number, "number": number, "title": {"en": f"Tides {number}"}}
        award["identifiers"] = [{"scheme": "url", "identifier": address}]
        service_of_awards.create(system_identity, award | {"funder": {"id": funder}})


def publish(number: int, count: int) -> Ids:
    """Publish ``count`` versions of a record without delivering their DOIs."""
    if number * count % 50 == 0:
        say(f"publishing record {number}, versions of each: {count}")
    access = {"record": "public", "files": "public"}
    data = {"access": access, "files": {"enabled": False}}
    draft = service.create(system_identity, data | {"metadata": metadata(number)})
    item = service.publish(system_identity, draft.id)
    for version in range(1, count):
        draft = service.new_version(system_identity, item.id)
        changed = data | {"metadata": metadata(number + version)}
        service.update_draft(system_identity, draft.id, changed)
        item = service.publish(system_identity, draft.id)
    return Ids(item._record.id, item._record.parent.id)


class Package:
    """This package's mapping, as in a delivery (``registration/subject.py``)."""

    def __init__(self) -> None:
        self._described = 0

    def _reader(self) -> Reader:
        if self._described % BATCH == 0:
            self._shared = Reader.create(current_doi.metadata_settings)
        self._described += 1
        return self._shared

    def record(self, ids: Ids) -> Attributes:
        """Return the metadata of a record."""
        source = self._reader().source(RDMRecord.get_record(ids.record))
        return complete(describe_record(source).attributes)

    def parent(self, ids: Ids) -> Attributes:
        """Return the metadata of a parent."""
        parent = RDMParent.get_record(ids.parent)
        standing = [version for version in versions(parent.id) if version.standing]
        newest = RDMRecord.get_record(standing[0].id)
        source = self._reader().source(newest, Chain())
        dois = [version.doi for version in reversed(standing)]
        return complete(describe_parent(source, dois).attributes)


class Host:
    """The host's mapping: ``PIDsService.register_or_update`` and its DataCite provider.

    Only the metadata are measured. PIDs, permissions and links, which the host reads
    too, are not counted.
    """

    def __init__(self) -> None:
        # Created once, as the providers do.
        self._of_record = DataCite45JSONSerializer()
        self._of_parent = DataCite45JSONSerializer(is_parent=True)

    def record(self, ids: Ids) -> Attributes:
        """Return the metadata of a record."""
        record = RDMRecord.get_record(ids.record)
        record.relations.dereference()
        return self._of_record.dump_obj(record)

    def parent(self, ids: Ids) -> Attributes:
        """Return the metadata of a parent; the serializer searches for the versions."""
        record = RDMRecord.get_record(ids.record)
        if not record.versions.is_latest:
            record = RDMRecord.get_record(record.versions.latest_id)
        aliases = {"_parent": record.parent, "_child": record}
        chained = ChainObject(record.parent, record, aliases=aliases)
        chained.relations.dereference()
        return self._of_parent.dump_obj(chained)


@contextmanager
def counted_searches() -> Iterator[list[str]]:
    """Collect the requests that are sent to the search engine inside the block."""
    original, requests = Transport.perform_request, []

    def noting(self, method, url, *args, **kwargs):
        requests.append(f"{method} {url}")
        return original(self, method, url, *args, **kwargs)

    Transport.perform_request = noting
    try:
        yield requests
    finally:
        Transport.perform_request = original


class Cost(NamedTuple):
    """The cost of one payload."""

    ms: float
    cpu_ms: float
    sql: int
    searches: int


Way = Callable[[Ids], Attributes]
Logs = tuple[list[str], list[str]]
"""SQL statements and searches; both lists grow with each execution."""


def cost(way: Way, ids: Ids, count: int, logs: Logs) -> Cost:
    """Return the cost of a payload, which has to name ``count`` versions."""
    before = [len(log) for log in logs]
    # Reading a record marks it as changed; this must not be written.
    with db.session.no_autoflush:
        start, cpu = time.perf_counter(), time.process_time()
        made = way(ids)
        cpu, taken = time.process_time() - cpu, time.perf_counter() - start
    sql, searches = (len(log) - old for log, old in zip(logs, before, strict=True))
    # The next payload has to start with an empty session.
    db.session.rollback()
    related = [item["relationType"] for item in made["relatedIdentifiers"]]
    assert made["titles"] and made["creators"], made
    assert related.count("HasVersion") == count, made
    return Cost(taken * 1000, cpu * 1000, sql, searches)


def compare(
    builtin: Way, package: Way, all_ids: list[Ids], count: int, logs: Logs
) -> dict[str, Any]:
    """Return the figures of both sides, and the host's divided by this package's."""
    ways = {"builtin": builtin, "package": package}
    for way in ways.values():
        for ids in islice(cycle(all_ids), WARM_UP):
            cost(way, ids, count, logs)
    costs: dict[str, list[Cost]] = {side: [] for side in ways}
    for number, ids in enumerate(all_ids):
        for side in sorted(ways, reverse=bool(number % 2)):
            costs[side].append(cost(ways[side], ids, count, logs))
    figures = {side: summary(values) for side, values in costs.items()}
    ratios = {
        name: round(figures["builtin"][name] / figures["package"][name], 1)
        for name in ("ms_median", "ms_mean", "cpu_ms_median", "cpu_ms_mean")
    }
    return {**figures, "builtin_per_package": ratios}


def summary(costs: list[Cost]) -> dict[str, float]:
    """Return medians and means."""
    found: dict[str, float] = {}
    for name, values in zip(Cost._fields, zip(*costs, strict=True), strict=True):
        found[f"{name}_median"] = round(statistics.median(values), 2)
        found[f"{name}_mean"] = round(statistics.mean(values), 2)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300, help="of one version")
    parser.add_argument("--parents", type=int, default=20, help="of several versions")
    parser.add_argument("--versions", type=int, default=10, help="of each parent")
    options = parser.parse_args()
    with application():
        create_awards()
        records = [publish(number, 1) for number in range(options.records)]
        parents = [
            publish(number, options.versions) for number in range(options.parents)
        ]
        say("describing")
        of_record, of_parent, host = Package().record, Package().parent, Host()
        with counted_statements() as statements, counted_searches() as searches:
            logs, count = (statements, searches), options.versions
            result = {
                "record": compare(host.record, of_record, records, 0, logs),
                "parent": compare(host.parent, of_parent, parents, count, logs),
            }
    what = "metadata for DataCite of a record and of a parent, from an id"
    finish({"benchmark": "serialize", "what": what, **vars(options), **result})


if __name__ == "__main__":
    main()
