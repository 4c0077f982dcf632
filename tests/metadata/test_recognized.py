# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Identifiers as users type them, regardless of the chosen scheme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invenio_rdm_doi.metadata.describe import describe_record
from invenio_rdm_doi.metadata.recognized import recognized
from invenio_rdm_doi.metadata.schemes import party

from .records import record, related, source

HASH = "94a9ed024d3859793618152ea559a168bbcbb5e2"


@pytest.mark.parametrize(
    "typed, identifier, kind",
    [
        ("https://doi.org/10.1234/ABC", "10.1234/ABC", "DOI"),
        ("http://dx.doi.org/10.1234/abc", "10.1234/abc", "DOI"),
        ("https://www.doi.org/10.1234/a%20b", None, None),
        ("https://doi.org/10.1234/abc?utm_source=x#part", "10.1234/abc", "DOI"),
        ("https://doi.org/10.1234/a%3Cb%3E", "10.1234/a<b>", "DOI"),
        ("doi:10.1234/abc", "10.1234/abc", "DOI"),
        ("DOI 10.1234/abc", "10.1234/abc", "DOI"),
        ("10.1234/abc", "10.1234/abc", "DOI"),
        ("https://doi.org/the-identifier", None, None),
        ("https://hdl.handle.net/10013/epic.1", "10013/epic.1", "Handle"),
        ("https://hdl.handle.net/20.500.12345/x", "20.500.12345/x", "Handle"),
        ("https://hdl.handle.net/10.1234/abc", "10.1234/abc", "DOI"),
        ("hdl:10013/epic.1", "10013/epic.1", "Handle"),
        ("https://arxiv.org/abs/2103.00001v2", "arXiv:2103.00001v2", "arXiv"),
        ("https://arxiv.org/pdf/2103.00001.pdf", "arXiv:2103.00001", "arXiv"),
        ("arXiv:hep-th/9901001", "arXiv:hep-th/9901001", "arXiv"),
        ("https://arxiv.org/list/cs.DL/recent", None, None),
        (f"swh:1:dir:{HASH}", f"swh:1:dir:{HASH}", "SWHID"),
        (
            f"https://archive.softwareheritage.org/swh:1:dir:{HASH}/",
            f"swh:1:dir:{HASH}",
            "SWHID",
        ),
        ("https://archive.softwareheritage.org/browse/origin/", None, None),
        ("ark:/12345/x1", "ark:/12345/x1", "ARK"),
        ("https://n2t.net/ark:/12345/x1", "ark:/12345/x1", "ARK"),
        ("urn:nbn:de:0009-1-1", "urn:nbn:de:0009-1-1", "URN"),
        (
            "https://nbn-resolving.org/urn:nbn:de:0009-1-1",
            "urn:nbn:de:0009-1-1",
            "URN",
        ),
        ("https://raid.org/about", None, None),
        ("https://raid.org/10.26259/a1b2c", "https://raid.org/10.26259/a1b2c", "RAiD"),
        ("PMID: 12345678", "12345678", "PMID"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345678/", "12345678", "PMID"),
        ("ISBN 978-3-16-148410-0", "978-3-16-148410-0", "ISBN"),
        ("ISBN 978-3-16-148410-1", None, None),
        ("ISSN 2049-3630", "2049-3630", "ISSN"),
        ("https://example.org/10.1234/abc", None, None),
        ("https://doi.org.example.org/10.1234/abc", None, None),
        ("https://orcid.org/0000-0002-1825-0097", None, None),
        ("10.2/17", None, None),
        ("10.1234/abc, 10.1234/def", None, None),
        ("https://doi.org/10.1234/a%FFb", None, None),
        ("https://doi.org/doi:10.1234/abc", "10.1234/abc", "DOI"),
        (
            "https://doi.org/10.1002/1521(199911)216:1%3C135::AID-P%3E3.0.CO;2-#",
            "10.1002/1521(199911)216:1<135::AID-P>3.0.CO;2-#",
            "DOI",
        ),
        (
            f"https://archive.softwareheritage.org/swh:1:dir:{HASH};origin="
            "https://x.org/?q=1;path=/a/",
            f"swh:1:dir:{HASH};origin=https://x.org/?q=1;path=/a/",
            "SWHID",
        ),
        ("PMID ١٢٣", None, None),
        ("ISBN 0-306-40615-2 (pbk)", None, None),
        ("arXiv:cond-mat.mes-hall/0309136", "arXiv:cond-mat.mes-hall/0309136", "arXiv"),
        ("", None, None),
    ],
)
def test_what_is_recognized(typed, identifier, kind):
    assert recognized(typed) == ((identifier, kind) if kind else None)


@given(st.text())
def test_nothing_is_too_strange(text):
    for typed in (text, f"https://doi.org/{text}", f"swh:{text}", f"ark:/{text}"):
        found = recognized(typed)
        assert found is None or all(found)


def sent(*items):
    described = describe_record(source(record(related_identifiers=list(items))))
    return [
        (item["relatedIdentifier"], item["relatedIdentifierType"])
        for item in described.attributes["relatedIdentifiers"]
    ]


@pytest.mark.parametrize("scheme", ["url", "other", "purl", ""])
def test_the_scheme_that_somebody_chose_says_nothing(scheme):
    assert sent(related(scheme, "https://doi.org/10.4321/x")) == [("10.4321/x", "DOI")]
    swhid = f"swh:1:rev:{HASH}"
    assert sent(related(scheme, swhid)) == [(swhid, "SWHID")]


def test_a_scheme_that_says_something_is_kept():
    assert sent(related("arxiv", "https://arxiv.org/abs/2103.00001")) == [
        ("arXiv:2103.00001", "arXiv")
    ]
    assert sent(related("handle", "10013/epic.1")) == [("10013/epic.1", "Handle")]


def test_two_spellings_of_a_doi_are_one_relation():
    """Data that only one of them has is kept."""
    both = [
        related("doi", "10.4321/ABC"),
        related("url", "https://doi.org/10.4321/abc", resource_type={"id": "dataset"}),
    ]
    (entry,) = describe_record(source(record(related_identifiers=both))).attributes[
        "relatedIdentifiers"
    ]
    assert entry["relatedIdentifier"] == "10.4321/ABC"
    assert entry["resourceTypeGeneral"] == "Dataset"
    cited = related("doi", "10.4321/abc", relation="cites")
    assert len(sent(both[0], cited)) == 2, "another relation is another one"


@pytest.mark.parametrize(
    "identifier, scheme, expected, name",
    [
        (
            "0000-0002-1694-233x",
            "orcid",
            "https://orcid.org/0000-0002-1694-233X",
            "ORCID",
        ),
        (
            "https://orcid.org/0000-0002-1694-233x/",
            "url",
            "https://orcid.org/0000-0002-1694-233X",
            "ORCID",
        ),
        ("http://www.ror.org/04sk0et52", "other", "https://ror.org/04sk0et52", "ROR"),
        ("https://example.org/me", "url", "https://example.org/me", "URL"),
        ("GND:118540238", "gnd", "https://d-nb.info/gnd/118540238", "GND"),
        ("https://ror.org/04SK0ET52", "ror", "https://ror.org/04sk0et52", "ROR"),
        (
            "https://orcid.org/0000-0001-5109-3700?lang=en",
            "orcid",
            "https://orcid.org/0000-0001-5109-3700",
            "ORCID",
        ),
    ],
)
def test_identifiers_of_people_as_addresses(identifier, scheme, expected, name):
    found = party(identifier, scheme, "nameIdentifier", {})
    assert found["nameIdentifier"] == expected
    assert found["nameIdentifierScheme"] == name


def test_identifiers_of_funders_are_dois():
    for typed in ("501100000780", "http://dx.doi.org/10.13039/501100000780"):
        found = sent(related("crossreffunderid", typed))
        assert found == [("10.13039/501100000780", "DOI")]
