# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Records whose payloads are stored in ``expected/``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from invenio_rdm_records import config as host

from invenio_rdm_doi.metadata.source import Chain, Options, Source

from .entries import FixedVocabularies

OPTIONS = Options(
    schemes={
        name: {
            scheme: attributes["datacite"]
            for scheme, attributes in schemes.items()
            if "datacite" in attributes
        }
        for name, schemes in (
            ("identifiers", host.RDM_RECORDS_IDENTIFIERS_SCHEMES),
            ("related_identifiers", host.RDM_RECORDS_RELATED_IDENTIFIERS_SCHEMES),
            ("personorg", host.RDM_RECORDS_PERSONORG_SCHEMES),
        )
    },
    publishers={
        "tidal archive": {
            "publisherIdentifier": "https://ror.org/04sk0et52",
            "publisherIdentifierScheme": "ROR",
            "schemeUri": "https://ror.org",
        }
    },
)


def person(family: str, given: str | None = None, **others: Any) -> dict[str, Any]:
    names = {"type": "personal", "family_name": family, "name": family}
    if given:
        names |= {"given_name": given, "name": f"{family}, {given}"}
    identifiers = others.pop("identifiers", [])
    return {"person_or_org": {**names, "identifiers": identifiers}, **others}


def organization(name: str, **others: Any) -> dict[str, Any]:
    identifiers = others.pop("identifiers", [])
    party = {"type": "organizational", "name": name, "identifiers": identifiers}
    return {"person_or_org": party, **others}


def record(
    resource_type: str = "dataset",
    custom_fields: dict[str, Any] | None = None,
    access: dict[str, Any] | None = None,
    pids: dict[str, Any] | None = None,
    **metadata: Any,
) -> dict[str, Any]:
    return {
        "metadata": {
            "resource_type": {"id": resource_type},
            "title": "Tides of the Wadden Sea",
            "publication_date": "2026-05-04",
            "publisher": "Coastal Press",
            "creators": [person("Petersen", "Frauke")],
            **metadata,
        },
        "custom_fields": custom_fields or {},
        "access": access or {"record": "public", "files": "public"},
        "pids": {"doi": {"identifier": "10.1234/abc", "provider": "datacite"}}
        | (pids or {}),
    }


def source(data: dict[str, Any], **changes: Any) -> Source:
    """Return the record as the repository would read it."""
    made = Source(
        record=data,
        vocabularies=FixedVocabularies(),
        options=OPTIONS,
        created=date(2026, 5, 3),
        updated=date(2026, 5, 6),
    )
    return replace(made, **changes)


ORCID = {"scheme": "orcid", "identifier": "0000-0001-5109-3700"}
JOURNAL = {
    "title": "Journal of Tides",
    "volume": "12",
    "issue": "3",
    "pages": "15-23",
    "issn": "1234-5679",
}
MEETING = {
    "title": "International Conference on Tides",
    "acronym": "ICT 2026",
    "dates": "4–8 May 2026",
    "place": "Den Helder, Netherlands",
    "session": "VI",
    "session_part": "1",
    "url": "https://ict.example.org/2026",
}


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


OUTLINE = [[4.7, 52.9], [5.4, 53.2], [6.2, 53.4], [5.1, 53.0], [4.7, 52.9]]
HOLE = [[5.0, 53.0], [5.1, 53.1], [5.2, 53.05], [5.0, 53.0]]
BOX = [[4.0, 52.0], [6.0, 52.0], [6.0, 54.0], [4.0, 54.0], [4.0, 52.0]]

LONG_HTML = "<h2>Overview</h2>" + "".join(
    f"<p>Station <b>{n}</b>: salinity of H<sub>2</sub>O &amp; <i>chlorophyll</i>.</p>"
    f"<ul><li>depth {n} m</li><li>height &lt; {n} m</li></ul>"
    for n in range(1, 161)
)

DATE_TYPES = [
    "accepted",
    "available",
    "collected",
    "copyrighted",
    "created",
    "issued",
    "other",
    "submitted",
    "updated",
    "valid",
    "withdrawn",
    "coverage",
]

ROLES = [
    "contactperson",
    "datacollector",
    "datacurator",
    "datamanager",
    "distributor",
    "editor",
    "hostinginstitution",
    "producer",
    "projectleader",
    "projectmanager",
    "projectmember",
    "registrationagency",
    "registrationauthority",
    "relatedperson",
    "researcher",
    "researchgroup",
    "rightsholder",
    "sponsor",
    "supervisor",
    "workpackageleader",
    "translator",
    "other",
    "patron",
]

RELATED = [
    ("ark", "ark:/12345/x54xz321"),
    ("arxiv", "arXiv:2301.00001"),
    ("ads", "2014Wthr...69...72C"),
    ("crossreffunderid", "10.13039/501100000780"),
    ("cstr", "31253.11.sciencedb.j00001.00123"),
    ("doi", "10.5281/zenodo.7"),
    ("ean13", "4006381333931"),
    ("eissn", "2049-3630"),
    ("grid", "grid.5510.1"),
    ("handle", "10013/epic.10033"),
    ("igsn", "IECUR0097"),
    ("isbn", "978-3-16-148410-0"),
    ("isni", "0000 0001 2227 5754"),
    ("issn", "1234-5679"),
    ("istc", "0A9-2002-12B4-A105-7"),
    ("lissn", "1188-1534"),
    ("lsid", "urn:lsid:ubio.org:namebank:11815"),
    ("pmid", "12082125"),
    ("purl", "http://purl.oclc.org/foo/bar"),
    ("raid", "https://raid.org/10.82210/abc"),
    ("rrid", "RRID:AB_90755"),
    ("swh", "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"),
    ("upc", "123456789999"),
    ("url", "https://example.org/a page"),
    ("urn", "urn:nbn:de:101:1-201102033592"),
    ("wikidata", "Q131646"),
    ("w3id", "https://w3id.org/games/spec/coil"),
    ("other", "shelf mark 7"),
    ("other", "https://example.org/other"),
]


def related(scheme: str, identifier: str, relation: str = "references", **others: Any):
    return {
        "scheme": scheme,
        "identifier": identifier,
        "relation_type": {"id": relation},
        **others,
    }


def all_records() -> dict[str, Source]:
    """Return all records as input of the mapping, by name."""
    records = {
        "dataset": record(),
        "article-in-journal": record(
            "publication-article",
            {"journal:journal": JOURNAL},
            languages=[{"id": "eng"}],
            description="<p>When the water comes.</p>",
        ),
        "article-with-number": record(
            "publication-article",
            {"journal:journal": {"issn": "1234-5679", "pages": "A29"}},
        ),
        "book": record(
            "publication-book",
            {
                "imprint:imprint": {
                    "isbn": "978-3-16-148410-0",
                    "pages": "158",
                    "place": "Den Helder",
                    "edition": "2",
                }
            },
        ),
        "book-section": record(
            "publication-section",
            {
                "imprint:imprint": {
                    "title": "The Sea",
                    "isbn": "978-3-16-148410-0",
                    "pages": "15–23",
                    "edition": "2",
                    "place": "Texel",
                }
            },
        ),
        "conference-paper": record(
            "publication-conferencepaper",
            {
                "meeting:meeting": {
                    **MEETING,
                    "identifiers": [
                        {"scheme": "doi", "identifier": "10.1234/conference"}
                    ],
                },
                "imprint:imprint": {"title": "Proceedings of ICT", "pages": "7"},
            },
        ),
        "poster": record("poster", {"meeting:meeting": MEETING}),
        "presentation": record(
            "presentation", {"meeting:meeting": {"acronym": "ICT"}}, sizes=["24 slides"]
        ),
        "thesis": record(
            "publication-dissertation",
            {
                "thesis:thesis": {
                    "university": "University of Groningen",
                    "department": "Marine Biology",
                    "type": "PhD thesis",
                    "date_submitted": "2025-11~",
                    "date_defended": "2026-02-11",
                }
            },
            contributors=[person("Haan", "Tineke de", role={"id": "supervisor"})],
        ),
        "thesis-in-series": record(
            "publication-dissertation",
            {
                "journal:journal": {"title": "Groningen Theses", "volume": "77"},
                "thesis:thesis": {"department": "Marine Biology"},
            },
        ),
        "software": record(
            "software",
            {
                "code:codeRepository": "https://github.com/example/tides",
                "code:programmingLanguage": [{"id": "python"}, {"id": "fortran"}],
                "code:developmentStatus": {"id": "active"},
            },
            version="v1.4.0",
            formats=["application/zip"],
            rights=[{"id": "mit"}],
        ),
        "notebook": record("software-computationalnotebook", version="2"),
        "image": record("image-photo", formats=["image/tiff"], sizes=["12 MB"]),
        "video": record("video", sizes=["00:12:30", "1920 × 1080"]),
        "audio": record("audio"),
        "lesson": record("lesson"),
        "workflow": record("workflow"),
        "model": record("model"),
        "physical-object": record("physicalobject"),
        "instrument": record("instrument"),
        "event": record("event", publication_date="2026-05-04/2026-05-08"),
        "project": record("project"),
        "preprint": record("publication-preprint"),
        "peer-review": record(
            "publication-peerreview",
            related_identifiers=[
                related(
                    "doi",
                    "10.1234/reviewed",
                    "reviews",
                    resource_type={"id": "publication-preprint"},
                )
            ],
        ),
        "report": record(
            "publication-report", {"imprint:imprint": {"title": "Annual Reports"}}
        ),
        "data-management-plan": record("publication-datamanagementplan"),
        "annotation-collection": record("publication-annotationcollection"),
        "site-resource-type": record("score"),
        "other": record("other"),
        "many-authors": record(
            creators=[
                person(
                    f"Family{n}",
                    f"Given{n}",
                    affiliations=[{"id": "04sk0et52"}] if n % 3 == 0 else [],
                )
                for n in range(3000)
            ]
        ),
        "no-given-name": record(creators=[person("Suharto"), person("Teller", "")]),
        "organizations-only": record(
            creators=[
                organization(
                    "Tidal Survey",
                    identifiers=[
                        {"scheme": "ror", "identifier": "04sk0et52"},
                        {"scheme": "isni", "identifier": "0000 0001 2227 5754"},
                    ],
                ),
                organization("Wadden Group"),
            ],
            publisher="Tidal Archive",
        ),
        "creators-with-everything": record(
            creators=[
                person(
                    "Petersen",
                    "Frauke",
                    identifiers=[
                        ORCID,
                        {"scheme": "gnd", "identifier": "gnd:118540238"},
                        {"scheme": "viaf", "identifier": "12345"},
                    ],
                    affiliations=[
                        {"id": "04sk0et52"},
                        {"id": "old"},
                        {"id": "bare"},
                        {"name": "Typed by Hand"},
                        {"id": "gone", "name": "Was Deleted"},
                    ],
                    role={"id": "editor"},
                )
            ]
        ),
        "contributors": record(
            contributors=[person("Helper", role, role={"id": role}) for role in ROLES]
            + [
                organization(
                    "Crew", role={"id": "datacollector"}, affiliations=[{"id": "bare"}]
                )
            ]
        ),
        "arabic-and-chinese-titles": record(
            title="مد وجزر بحر وادن",
            additional_titles=[
                {
                    "title": "瓦登海的潮汐",
                    "type": {"id": "translated-title"},
                    "lang": {"id": "zho"},
                },
                {
                    "title": "Tides",
                    "type": {"id": "alternative-title"},
                    "lang": {"id": "eng"},
                },
                {
                    "title": "A <i>short</i> history, p < 0.05",
                    "type": {"id": "subtitle"},
                },
                {"title": "Ebb", "type": {"id": "running"}, "lang": {"id": "gsw"}},
            ],
            languages=[{"id": "ara"}, {"id": "zho"}],
        ),
        "edtf-ranges": record(
            publication_date="2020-05/2021",
            dates=[
                {
                    "date": "2018-03/2019-07-12",
                    "type": {"id": "collected"},
                    "description": "In the field",
                },
                {"date": "2019", "type": {"id": "valid"}},
                {"date": "2020-01-01T10:10:10Z", "type": {"id": "created"}},
                {"date": "-0044-03-15", "type": {"id": "coverage"}},
                {"date": "2015", "type": {"id": "found"}},
            ],
        ),
        "dates-of-all-types": record(
            dates=[
                {"date": f"20{n:02}-0{n % 9 + 1}", "type": {"id": kind}}
                for n, kind in enumerate(
                    DATE_TYPES,
                    10,
                )
            ]
        ),
        "before-our-era": record(publication_date="-0044"),
        "embargoed-files": record(
            access={
                "record": "public",
                "files": "restricted",
                "embargo": {"active": True, "until": "2028-01-31", "reason": "x"},
            }
        ),
        "lifted-embargo": record(
            access={
                "record": "public",
                "files": "public",
                "embargo": {"active": False, "until": "2026-08-31"},
            }
        ),
        "funders": record(
            funding=[
                {
                    "funder": {"id": "00k4n6c32"},
                    "award": {"id": "00k4n6c32::101057437"},
                },
                {
                    "funder": {"id": "registry"},
                    "award": {"title": {"fr": "Marées"}, "number": "7"},
                },
                {"funder": {"id": "gnd"}},
            ]
        ),
        "funders-without-identifiers": record(
            funding=[
                {"funder": {"name": "Friends of the Sea"}},
                {"funder": {"id": "bare"}, "award": {"number": "B-17"}},
                {
                    "funder": {"name": "Patron"},
                    "award": {
                        "title": {"en": "Prize"},
                        "identifiers": [
                            {"scheme": "url", "identifier": "https://x.org/p 1"}
                        ],
                    },
                },
            ]
        ),
        "places": record(
            locations={
                "features": [
                    {"place": "Texel", "geometry": point(4.8, 53.1)},
                    {
                        "place": "Two buoys",
                        "geometry": {
                            "type": "MultiPoint",
                            "coordinates": [[4.1, 53.0], [4.2, 53.2]],
                        },
                    },
                    {"geometry": {"type": "Polygon", "coordinates": [BOX]}},
                    {
                        "place": "Marsdiep",
                        "geometry": {"type": "Polygon", "coordinates": [OUTLINE, HOLE]},
                    },
                    {"description": "Behind the dyke"},
                    {"place": "Off the map", "geometry": point(4.8, 99.0)},
                    {"identifiers": [{"scheme": "geonames", "identifier": "2746766"}]},
                    {
                        "place": "Track",
                        "description": "of the ship",
                        "geometry": {
                            "type": "LineString",
                            "coordinates": [[4, 52], [5, 54], [6, 53]],
                        },
                    },
                    {
                        "geometry": {
                            "type": "MultiPolygon",
                            "coordinates": [[BOX], [OUTLINE]],
                        }
                    },
                    {
                        "geometry": {
                            "type": "GeometryCollection",
                            "geometries": [
                                point(1, 2),
                                {
                                    "type": "MultiLineString",
                                    "coordinates": [[[1, 1], [2, 2]]],
                                },
                                {"type": "Sphere"},
                            ],
                        }
                    },
                ]
            }
        ),
        "html-description": record(
            description=LONG_HTML,
            additional_descriptions=[
                {
                    "description": "<p>Nets &amp; buckets</p>",
                    "type": {"id": "methods"},
                    "lang": {"id": "eng"},
                },
                {"description": "From a ship", "type": {"id": "provenance"}},
                {
                    "description": "1. Ebb<br>2. Flood",
                    "type": {"id": "table-of-contents"},
                    "lang": {"id": "deu"},
                },
            ],
        ),
        "related-identifiers": record(
            related_identifiers=[related(*pair) for pair in RELATED]
            + [
                related("doi", "10.1234/song", "issetto"),
                related(
                    "doi",
                    "10.1234/part",
                    "haspart",
                    resource_type={"id": "image-photo"},
                ),
                related(
                    "doi",
                    "10.1234/part",
                    "haspart",
                    resource_type={"id": "image-photo"},
                ),
                related(
                    "url",
                    "https://example.org/de",
                    "istranslationof",
                    resource_type={"id": "score"},
                ),
            ]
        ),
        "references": record(
            references=[
                {"reference": "Petersen, F.: Ebb. 1999."},
                {
                    "reference": "Flood, 2001",
                    "scheme": "doi",
                    "identifier": "10.1234/flood",
                },
                {"reference": "A shelf", "scheme": "other", "identifier": "shelf 7"},
            ]
        ),
        "identifiers": record(
            identifiers=[
                {"scheme": "ark", "identifier": "ark:/12345/x54xz321"},
                {"scheme": "doi", "identifier": "10.5678/same"},
                {"scheme": "other", "identifier": "T-1"},
                {"scheme": "urn", "identifier": "urn:nbn:de:101:1-201102033592"},
            ],
            pids={"oai": {"identifier": "oai:example.org:abc", "provider": "oai"}},
        ),
        "rights": record(
            rights=[
                {"id": "cc-by-4.0"},
                {"id": "house"},
                {
                    "title": {"nl": "Vrij voor scholen"},
                    "link": "https://example.org/vrij?a=[1]",
                },
                {"title": {"en": "Ask us"}, "description": {"en": "By letter"}},
                {"id": "unknown-license"},
            ],
            copyright="<p>© 2026 <b>Petersen</b> &amp; Co.</p>",
        ),
        "long-copyright": record(copyright="All rights reserved. " * 200),
        "subjects": record(
            subjects=[
                {"subject": "tides"},
                {"subject": "tides"},
                {"subject": "salt & water"},
                {"id": "http://www.oecd.org/science/inno/38235147.pdf?1.5"},
                {"id": "mesh:D009791"},
                {"id": "http://data.europa.eu/8mn/euroscivoc/oceanography"},
                {"id": "local:9"},
                {"id": "gone:1", "subject": "Was deleted", "scheme": "Gone"},
            ]
        ),
        "untidy-text": record(
            title=" Tides\x0b of \ud800the\n\n Wadden  Sea \x00",
            publisher=" Coastal\tPress ",
            version=" 1 ",
            sizes=["", " 3 pages", "3 pages"],
            subjects=[{"subject": " \x07 "}],
            additional_titles=[{"title": "<b></b>", "type": {"id": "other"}}],
        ),
        "long-version": record(version="v" * 300),
    }
    sources = {name: source(data) for name, data in records.items()}
    sources["version-in-communities"] = source(
        record(version="2"),
        chain=Chain("10.1234/concept", "10.1234/one", "10.1234/three"),
        communities=(
            "https://repository.example.org/communities/sea",
            "https://repository.example.org/communities/tides",
        ),
    )
    sources["no-publisher"] = source(record(publisher=""))
    sources["access-rights"] = source(
        record(access={"record": "public", "files": "restricted"}),
        options=replace(OPTIONS, access_rights=True),
    )
    return sources
