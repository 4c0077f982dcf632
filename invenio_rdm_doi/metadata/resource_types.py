# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""``types``: the type of a resource, for DataCite and in citations.

DataCite makes BibTeX, RIS, CSL and schema.org from four keys beside the resource type.
It derives missing keys from ``resourceType``, interpreted as a Crossref type, or else
from ``resourceTypeGeneral`` (lupo ``Doi#update_types``), which turned books and
software into articles. The vocabulary of resource types is more precise, so all four
keys are sent.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .source import Entry, Source
from .text import line


class Citation(NamedTuple):
    """The types of a resource in citation formats.

    :ivar schema_org: https://schema.org/docs/full.html
    :ivar csl: https://docs.citationstyles.org/en/stable/specification.html, appendix 3
    :ivar bibtex: a BibTeX type, or a BibLaTeX type that BibTeX treats as ``misc``
    :ivar ris: https://en.wikipedia.org/wiki/RIS_(file_format)#Type_of_reference
    """

    schema_org: str
    csl: str
    bibtex: str
    ris: str


OTHER = Citation("CreativeWork", "document", "misc", "GEN")

BY_GENERAL: dict[str, Citation] = {
    "Audiovisual": Citation("VideoObject", "motion_picture", "misc", "VIDEO"),
    "Award": Citation("Grant", "document", "misc", "GRANT"),
    "Book": Citation("Book", "book", "book", "BOOK"),
    "BookChapter": Citation("Chapter", "chapter", "incollection", "CHAP"),
    "Collection": Citation("Collection", "collection", "misc", "GEN"),
    "ComputationalNotebook": Citation(
        "SoftwareSourceCode", "software", "software", "COMP"
    ),
    "ConferencePaper": Citation(
        "ScholarlyArticle", "paper-conference", "inproceedings", "CPAPER"
    ),
    "ConferenceProceeding": Citation("Book", "book", "proceedings", "CONF"),
    "DataPaper": Citation("ScholarlyArticle", "article-journal", "article", "JOUR"),
    "Dataset": Citation("Dataset", "dataset", "dataset", "DATA"),
    "Dissertation": Citation("Thesis", "thesis", "phdthesis", "THES"),
    "Event": Citation("Event", "event", "misc", "GEN"),
    "Image": Citation("ImageObject", "graphic", "misc", "FIGURE"),
    "Journal": Citation("Periodical", "periodical", "misc", "JFULL"),
    "JournalArticle": Citation(
        "ScholarlyArticle", "article-journal", "article", "JOUR"
    ),
    "OutputManagementPlan": Citation("CreativeWork", "report", "techreport", "RPRT"),
    "PeerReview": Citation("Review", "review", "misc", "GEN"),
    "Preprint": Citation("ScholarlyArticle", "article", "misc", "UNPB"),
    "Presentation": Citation("PresentationDigitalDocument", "speech", "misc", "SLIDE"),
    "Project": Citation("Project", "document", "misc", "GEN"),
    "Report": Citation("Report", "report", "techreport", "RPRT"),
    "Service": Citation("Service", "document", "misc", "GEN"),
    "Software": Citation("SoftwareSourceCode", "software", "software", "COMP"),
    "Sound": Citation("AudioObject", "song", "misc", "SOUND"),
    "Standard": Citation("CreativeWork", "standard", "misc", "STAND"),
    "Workflow": Citation("CreativeWork", "software", "misc", "COMP"),
}
"""resourceTypeGeneral -> citation types. All others are :data:`OTHER`."""

BY_CSL: dict[str, tuple[str, str]] = {
    "article-journal": ("article", "JOUR"),
    "article-magazine": ("article", "MGZN"),
    "article-newspaper": ("article", "NEWS"),
    "book": ("book", "BOOK"),
    "chapter": ("incollection", "CHAP"),
    "dataset": ("dataset", "DATA"),
    "map": ("misc", "MAP"),
    "paper-conference": ("inproceedings", "CPAPER"),
    "patent": ("misc", "PAT"),
    "report": ("techreport", "RPRT"),
    "software": ("software", "COMP"),
    "speech": ("misc", "SLIDE"),
    "standard": ("misc", "STAND"),
    "thesis": ("phdthesis", "THES"),
    "webpage": ("misc", "ELEC"),
}
"""CSL type -> BibTeX and RIS types, for vague general types such as *Text*."""

CSL_TYPES = frozenset(
    [
        "article",
        "article-journal",
        "article-magazine",
        "article-newspaper",
        "bill",
        "book",
        "broadcast",
        "chapter",
        "classic",
        "collection",
        "dataset",
        "document",
        "entry",
        "entry-dictionary",
        "entry-encyclopedia",
        "event",
        "figure",
        "graphic",
        "hearing",
        "interview",
        "legal_case",
        "legislation",
        "manuscript",
        "map",
        "motion_picture",
        "musical_score",
        "pamphlet",
        "paper-conference",
        "patent",
        "performance",
        "periodical",
        "personal_communication",
        "post",
        "post-weblog",
        "regulation",
        "report",
        "review",
        "review-book",
        "software",
        "song",
        "speech",
        "standard",
        "thesis",
        "treaty",
        "webpage",
    ]
)
"""Types of CSL 1.0.2. No citation style supports other types."""

VAGUE_CSL = frozenset({"", "article", "document"})
VAGUE_SCHEMA_ORG = frozenset({"", "CreativeWork", "MediaObject", "ScholarlyArticle"})
"""Values that vocabularies give to many types.

A more specific value of the general type takes precedence.
"""

SCHEMA_ORG = re.compile(r"(?:https?://schema\.org/)?([A-Z][A-Za-z0-9]*)/?")

THESES = (
    (re.compile(r"ph\.?\s?d|do[ck]tor|^(?:thesis|dissertation)?$", re.I), "phdthesis"),
    (
        re.compile(r"\bmaster|\bmagist|\bm\.?sc\b|mestrado|maestr", re.I),
        "mastersthesis",
    ),
)
"""Type of a thesis -> BibTeX type.

Others are ``misc``, because ``phdthesis`` is printed as "PhD thesis".
"""


def types(source: Source) -> dict[str, str] | None:
    """Return DataCite's general type, this site's name of the type, and citation types.

    None if the type is missing, or if its vocabulary entry was deleted and its
    identifier says nothing: a guess must not replace a correct value at DataCite.
    """
    reference = source.metadata.get("resource_type")
    if not (reference or {}).get("id"):
        return None
    entry = source.look_up("resourcetypes", reference)
    general = source.known_type(reference)
    if general is None:
        return None
    thesis = source.custom_fields.get("thesis:thesis") or {}
    special = (
        (line(thesis.get("type")) if general == "Dissertation" else "")
        or line((entry.get("props") or {}).get("datacite_type"))
        or line(source.translated(entry.get("title"))[0])
    )
    found = {"resourceTypeGeneral": general}
    if special and _squashed(special) != _squashed(general):
        found["resourceType"] = special
    cited = citation(entry, general, special)
    return found | {
        "schemaOrg": cited.schema_org,
        "citeproc": cited.csl,
        "bibtex": cited.bibtex,
        "ris": cited.ris,
    }


def citation(entry: Entry, general: str, special: str = "") -> Citation:
    """Return citation types from the vocabulary, or from DataCite's type if vague.

    :param entry: entry of the vocabulary ``resourcetypes``.
    :param general: resourceTypeGeneral.
    :param special: resourceType, such as ``Master's thesis``.
    """
    props = entry.get("props") or {}
    usual = BY_GENERAL.get(general, OTHER)
    csl = _prop(props, "csl")
    if csl not in CSL_TYPES or (csl in VAGUE_CSL and usual.csl not in VAGUE_CSL):
        csl = usual.csl
    match = SCHEMA_ORG.fullmatch(_prop(props, "schema.org"))
    schema_org = match.group(1) if match else ""
    if not schema_org or (
        schema_org in VAGUE_SCHEMA_ORG and usual.schema_org not in VAGUE_SCHEMA_ORG
    ):
        schema_org = usual.schema_org
    if general in BY_GENERAL:
        bibtex, ris = usual.bibtex, usual.ris
    else:
        bibtex, ris = BY_CSL.get(csl, (OTHER.bibtex, OTHER.ris))
    if general == "Dissertation":
        bibtex = next((name for kind, name in THESES if kind.search(special)), "misc")
    return Citation(schema_org, csl, bibtex, ris)


def _prop(props: Any, name: str) -> str:
    value = props.get(name)
    return value.strip() if isinstance(value, str) else ""


def _squashed(text: str) -> str:
    return "".join(text.split()).casefold()
