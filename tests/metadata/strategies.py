# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Hypothesis strategies for whole records, as depositors and programs send them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .entries import entries
from .records import RELATED

TEXTS = st.text(min_size=3, max_size=40)
"""All of Unicode: control characters, right-to-left text, emoji."""

ODD = st.sampled_from(
    [
        "p < 0.05 & q > 3",
        "<i>E. coli</i> <script>x</script>",
        "]]> &amp; <![CDATA[",
        "مد وجزر بحر وادن",
        "瓦登海的潮汐",
        "a\x00b\x0bc\ufffed",
        "  two  words  ",
        "👩‍🔬 tides",
    ]
)
TEXT = st.one_of(TEXTS, ODD)
HTML = st.one_of(
    TEXT,
    st.lists(TEXT, max_size=3).map(
        lambda parts: "<p>" + "</p><p>".join(parts) + "</p>"
    ),
    st.sampled_from(
        ["<ul><li>one</li><li>two</li></ul>", "<p>H<sub>2</sub>O &lt; 4</p>", "<p></p>"]
    ),
)
YEARS = st.one_of(
    st.integers(1000, 9999).map(str),
    st.integers(0, 999).map("{:04}".format),
    st.integers(1, 9999).map("-{:04}".format),
)
DAYS = st.one_of(
    YEARS,
    st.dates().map(lambda day: day.strftime("%Y-%m").rjust(7, "0")),
    st.dates().map(lambda day: day.isoformat()),
)
DATES = st.one_of(DAYS, st.tuples(DAYS, DAYS).map(lambda pair: "/".join(sorted(pair))))
MOMENTS = st.one_of(
    DATES, st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat() + "Z")
)
# InvenioRDM's validator crashes on seasons and on ranges with an open end.
ODD_DATES = st.sampled_from(
    ["1984?", "2004-06~", "19XX", "201X", "2004-02-01/2005", "1984-06?/2004-08?"]
)


def ids(vocabulary: str) -> st.SearchStrategy[dict[str, str]]:
    """Generate existing entries, and sometimes one that was deleted."""
    known = st.sampled_from(sorted(entries(vocabulary)))
    return st.one_of(known, known, known, st.just("gone")).map(lambda id_: {"id": id_})


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Generate any subset of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


ADDRESSES = st.sampled_from(
    [
        "https://x.org/l",
        "https://x.org/a?b=[c]",
        "https://x.org/#/license#cc",
        "https://x.org:8080/%zz",
        "https://x.org/a b",
        "https://xn--mnchen-3ya.de/\u00fc",
    ]
)
HASH = "94a9ed024d3859793618152ea559a168bbcbb5e2"
TYPED = st.tuples(
    st.sampled_from(["url", "other"]),
    st.one_of(
        ADDRESSES,
        st.sampled_from(
            [
                "https://doi.org/10.4321/ABC",
                "http://dx.doi.org/10.4321/abc",
                "https://hdl.handle.net/10013/epic.1",
                "https://arxiv.org/abs/2103.00001v2",
                f"https://archive.softwareheritage.org/swh:1:dir:{HASH}/",
                f"swh:1:dir:{HASH}",
                "ark:/12345/x1",
                "hdl:10013/epic.1",
                "urn:nbn:de:0009-1-1",
                "10.4321/abc",
                "doi: 10.4321/abc",
                "ISBN 978-3-16-148410-0",
            ]
        ),
    ),
).map(lambda pair: {"scheme": pair[0], "identifier": pair[1]})
"""Schemes as users choose them."""

IDENTIFIERS = st.one_of(
    st.sampled_from(
        [{"scheme": scheme, "identifier": value} for scheme, value in RELATED]
    ),
    TYPED,
)
PARTY_IDENTIFIERS = st.lists(
    st.sampled_from(
        [
            {"scheme": "orcid", "identifier": "0000-0001-5109-3700"},
            {"scheme": "orcid", "identifier": "0000-0002-1694-233x"},
            {"scheme": "isni", "identifier": "0000 0001 2146 438X"},
            {"scheme": "gnd", "identifier": "gnd:118540238"},
            {"scheme": "ror", "identifier": "https://ror.org/04sk0et52"},
        ]
    ),
    unique_by=lambda item: item["scheme"],
    max_size=3,
)
PERSONS = st.fixed_dictionaries(
    {"type": st.just("personal"), "family_name": TEXT},
    optional={"given_name": TEXT, "identifiers": PARTY_IDENTIFIERS},
)
ORGANISATIONS = st.fixed_dictionaries(
    {"type": st.just("organizational"), "name": TEXT},
    optional={"identifiers": PARTY_IDENTIFIERS},
)
AFFILIATIONS = st.lists(
    st.one_of(ids("affiliations"), TEXT.map(lambda name: {"name": name})),
    unique_by=lambda item: str(item),
    max_size=2,
)


def parties(role: st.SearchStrategy[Any] | None) -> st.SearchStrategy[dict[str, Any]]:
    """Generate creators, or contributors, whose role is required."""
    fields = {"person_or_org": st.one_of(PERSONS, ORGANISATIONS)}
    if role is None:
        others = {"affiliations": AFFILIATIONS, "role": ids("creatorsroles")}
        return st.fixed_dictionaries(fields, optional=others)
    return st.fixed_dictionaries(
        {**fields, "role": role}, optional={"affiliations": AFFILIATIONS}
    )


NUMBERS = st.one_of(
    st.integers(-400, 400).map(float),
    st.floats(-180, 180, allow_nan=False),
    st.sampled_from([0.0, -0.0, 1e-12, 90.0, -90.0, 180.0, 1e308]),
)
POSITIONS = st.tuples(NUMBERS, NUMBERS).map(list)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
GEOMETRIES = st.one_of(
    POSITIONS.map(lambda at: {"type": "Point", "coordinates": at}),
    st.lists(POSITIONS, min_size=1, max_size=3).map(
        lambda points: {"type": "MultiPoint", "coordinates": points}
    ),
    st.lists(POSITIONS, min_size=2, max_size=4).map(
        lambda line: {"type": "LineString", "coordinates": line}
    ),
    st.lists(RINGS, min_size=1, max_size=2).map(
        lambda rings: {"type": "Polygon", "coordinates": rings}
    ),
)
PLACES = optional(
    place=TEXT,
    geometry=GEOMETRIES,
    description=TEXT,
    identifiers=st.just([{"scheme": "geonames", "identifier": "2746766"}]),
).filter(bool)

RIGHTS = st.one_of(
    ids("licenses"),
    st.fixed_dictionaries(
        {"title": TEXT.map(lambda text: {"en": text})},
        optional={
            "link": ADDRESSES,
            "description": TEXT.map(lambda text: {"en": text}),
        },
    ),
)
FUNDING = st.fixed_dictionaries(
    {"funder": st.one_of(ids("funders"), TEXT.map(lambda name: {"name": name}))},
    optional={
        "award": st.one_of(
            ids("awards"),
            st.fixed_dictionaries(
                {"title": TEXT.map(lambda text: {"en": text}), "number": TEXT},
                optional={
                    "identifiers": st.just(
                        [{"scheme": "url", "identifier": "https://x.org/award/7"}]
                    )
                },
            ),
        )
    },
)


def typed(field: str, text: st.SearchStrategy[str], vocabulary: str):
    """Generate additional titles and descriptions."""
    return st.fixed_dictionaries(
        {field: text, "type": ids(vocabulary)}, optional={"lang": ids("languages")}
    )


TITLES = st.one_of(TEXT, st.just("The Book Itself"))
"""Sometimes equal to the title of the imprint; then the record is the book."""

METADATA = st.fixed_dictionaries(
    {
        # DataCite accepts no record with a deleted resource type.
        "resource_type": st.sampled_from(sorted(entries("resourcetypes"))).map(
            lambda id_: {"id": id_}
        ),
        "creators": st.lists(parties(None), min_size=1, max_size=3),
        "title": TITLES,
        "publication_date": DATES,
    },
    optional={
        "additional_titles": st.lists(typed("title", TEXT, "titletypes"), max_size=2),
        "publisher": TEXT,
        "subjects": st.lists(
            st.one_of(ids("subjects"), TEXT.map(lambda text: {"subject": text})),
            max_size=3,
        ),
        "contributors": st.lists(parties(ids("contributorsroles")), max_size=2),
        "dates": st.lists(
            st.fixed_dictionaries(
                {"date": MOMENTS, "type": ids("datetypes")},
                optional={"description": TEXT},
            ),
            max_size=3,
        ),
        "languages": st.lists(ids("languages"), max_size=2),
        "identifiers": st.lists(
            IDENTIFIERS, unique_by=lambda item: item["identifier"], max_size=2
        ),
        "related_identifiers": st.lists(
            st.tuples(IDENTIFIERS, ids("relationtypes"), ids("resourcetypes")).map(
                lambda three: {
                    **three[0],
                    "relation_type": three[1],
                    "resource_type": three[2],
                }
            ),
            max_size=3,
        ),
        "sizes": st.lists(TEXT, max_size=2),
        "formats": st.lists(TEXT, max_size=2),
        "version": st.text(max_size=191),
        "rights": st.lists(RIGHTS, max_size=2),
        "copyright": HTML,
        "description": HTML,
        "additional_descriptions": st.lists(
            typed("description", HTML, "descriptiontypes"), max_size=2
        ),
        "locations": st.lists(PLACES, max_size=2).map(lambda some: {"features": some}),
        "funding": st.lists(FUNDING, max_size=2),
        "references": st.lists(
            st.one_of(
                TEXT.map(lambda text: {"reference": text}),
                st.tuples(TEXT, IDENTIFIERS).map(
                    lambda pair: {"reference": pair[0], **pair[1]}
                ),
            ),
            max_size=2,
        ),
    },
)

CUSTOM_FIELDS = optional(
    **{
        "journal:journal": optional(
            title=TEXT,
            issue=TEXT,
            volume=TEXT,
            pages=st.sampled_from(["15-23", "15–23", "7", "A29", "i, 1-3"]),
            issn=st.just("1234-5679"),
        ),
        "imprint:imprint": optional(
            title=TITLES,
            isbn=st.just("978-3-16-148410-0"),
            pages=st.sampled_from(["15-23", "158", "xii, 158 p."]),
            place=TEXT,
            edition=TEXT,
        ),
        "thesis:thesis": optional(
            university=TEXT,
            department=TEXT,
            type=TEXT,
            date_submitted=st.one_of(DATES, ODD_DATES),
            date_defended=st.one_of(DATES, ODD_DATES),
        ),
        "meeting:meeting": optional(
            title=TEXT,
            acronym=TEXT,
            dates=TEXT,
            place=TEXT,
            session=TEXT,
            session_part=TEXT,
            url=st.just("https://ict.example.org/2026"),
            identifiers=st.lists(IDENTIFIERS, max_size=1),
        ),
        "code:codeRepository": st.just("https://github.com/example/tides"),
        "code:programmingLanguage": st.lists(
            ids("code:programmingLanguages"), max_size=2
        ),
        "code:developmentStatus": ids("code:developmentStatus"),
    }
)

ACCESS = st.sampled_from(
    [
        {"record": "public", "files": "public"},
        {"record": "public", "files": "restricted"},
        {
            "record": "public",
            "files": "restricted",
            "embargo": {"active": True, "until": "2031-12-31", "reason": "Later."},
        },
    ]
)
