# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Vocabularies of other formats that DataCite derives from the resource type.

The pairs are those of DataCite's crosswalk (bolognese utils.rb); the API adds
``schemaOrg``, ``citeproc``, ``bibtex`` and ``ris`` to ``types`` from them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

#: resourceTypeGeneral -> schema.org type; missing ones are a CreativeWork.
SCHEMA_ORG = {
    "Audiovisual": "MediaObject",
    "Award": "Grant",
    "Book": "Book",
    "BookChapter": "Chapter",
    "Collection": "Collection",
    "ComputationalNotebook": "SoftwareSourceCode",
    "ConferencePaper": "Article",
    "ConferenceProceeding": "Periodical",
    "DataPaper": "Article",
    "Dataset": "Dataset",
    "Dissertation": "Thesis",
    "Event": "Event",
    "Image": "ImageObject",
    "Journal": "Periodical",
    "JournalArticle": "ScholarlyArticle",
    "PeerReview": "Review",
    "Project": "Project",
    "Report": "Report",
    "Service": "Service",
    "Software": "SoftwareSourceCode",
    "Sound": "AudioObject",
    "Text": "ScholarlyArticle",
}
#: schema.org type -> CSL type; an empty one is used (patch_spec.rb:754).
CITEPROC = {
    "Article": "",
    "AudioObject": "song",
    "Blog": "report",
    "BlogPosting": "post-weblog",
    "DataCatalog": "dataset",
    "Dataset": "dataset",
    "ImageObject": "graphic",
    "Movie": "motion_picture",
    "Report": "report",
    "ScholarlyArticle": "article-journal",
    "Thesis": "thesis",
    "VideoObject": "broadcast",
    "WebPage": "webpage",
    "WebSite": "webpage",
}
#: schema.org type -> BibTeX entry; missing ones are misc.
BIBTEX = {
    "Article": "article",
    "BlogPosting": "article",
    "ScholarlyArticle": "article",
    "Thesis": "phdthesis",
}
#: resourceTypeGeneral -> RIS type; missing ones are GEN.
RIS = {
    "Audiovisual": "MPCT",
    "Book": "BOOK",
    "BookChapter": "CHAP",
    "ComputationalNotebook": "COMP",
    "ConferencePaper": "CPAPER",
    "ConferenceProceeding": "CONF",
    "Dataset": "DATA",
    "Dissertation": "THES",
    "Image": "FIGURE",
    "JournalArticle": "JOUR",
    "Report": "RRPT",
    "Software": "COMP",
    "Sound": "SOUND",
    "Text": "RPRT",
}
#: resourceType that is a Crossref type -> schemaOrg, citeproc, bibtex, ris.
_CROSSREF = {
    "Book": ("Book", "book", "book", "BOOK"),
    "BookChapter": ("Chapter", "chapter", "inbook", "CHAP"),
    "BookPart": (None, None, None, "CHAP"),
    "BookSection": (None, "chapter", "inbook", "CHAP"),
    "Component": ("CreativeWork", None, None, None),
    "Dataset": ("Dataset", "dataset", None, "DATA"),
    "Dissertation": ("Thesis", "thesis", "phdthesis", "THES"),
    "EditedBook": ("Book", "book", "book", "BOOK"),
    "JournalArticle": ("ScholarlyArticle", "article-journal", "article", "JOUR"),
    "JournalIssue": ("PublicationIssue", None, None, None),
    "JournalVolume": ("PublicationVolume", None, None, None),
    "Monograph": ("Book", "book", "book", "BOOK"),
    "Other": ("CreativeWork", None, None, "GEN"),
    "PeerReview": ("Review", None, None, None),
    "PostedContent": ("ScholarlyArticle", None, "article", None),
    "Proceedings": (None, None, "proceedings", "CONF"),
    "ProceedingsArticle": (None, "paper-conference", None, "CPAPER"),
    "ReferenceBook": ("Book", None, "book", "BOOK"),
    "ReferenceEntry": (None, "entry-dictionary", None, "DICT"),
    "Report": ("Report", "report", "techreport", "RPRT"),
    "Standard": (None, None, None, "STAND"),
}
#: schema.org type -> resourceTypeGeneral, for types stored without a general one.
DC_OF_SCHEMA_ORG = {
    "Article": "Text",
    "AudioObject": "Sound",
    "Blog": "Text",
    "BlogPosting": "Text",
    "Book": "Book",
    "Chapter": "BookChapter",
    "Collection": "Collection",
    "DataCatalog": "Dataset",
    "Dataset": "Dataset",
    "Event": "Event",
    "ImageObject": "Image",
    "Movie": "Audiovisual",
    "PublicationIssue": "Text",
    "Report": "Report",
    "Review": "PeerReview",
    "ScholarlyArticle": "Text",
    "Service": "Service",
    "SoftwareSourceCode": "Software",
    "Thesis": "Text",
    "VideoObject": "Audiovisual",
    "WebPage": "Text",
    "WebSite": "Text",
}

#: Common licenses of SPDX's list 3.9: licenseId, name, url. The real list has 400.
LICENSES: list[dict[str, str]] = json.loads(
    Path(__file__).with_name("licenses.json").read_text("utf-8")
)


def dasherized(name: str) -> str:
    """Return ``JournalArticle`` as ``journal-article``, as in resource-type-id."""
    name = re.sub(r"([A-Z\d]+)([A-Z][a-z])", r"\1-\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1-\2", name).replace("_", "-").lower()


def other_types(general: Any, specific: Any) -> dict[str, str]:
    """Return the four derived types (lupo doi.rb:2640-2653)."""
    words = dasherized(str(specific or "")).split("-")
    camel = "".join(word[:1].upper() + word[1:] for word in words)
    crossref = _CROSSREF.get(camel, (None, None, None, None))
    schema_org = crossref[0] or SCHEMA_ORG.get(str(general), "CreativeWork")
    return {
        "schemaOrg": schema_org,
        "citeproc": crossref[1] or CITEPROC.get(schema_org, "article"),
        "bibtex": crossref[2] or BIBTEX.get(schema_org, "misc"),
        "ris": crossref[3] or RIS.get(str(general), "GEN"),
    }
