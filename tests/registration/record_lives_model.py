# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A model of a repository's records and of the expected data at DataCite.

It is written in plain Python for ``test_random_record_lives.py``. It shares no code
with the package, so that it describes the same behavior independently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

MARKER = re.compile(r"Q\d{4}[tcd]")
"""A pattern that matches nothing else in a request."""

PREFIX = "10.1234"


@dataclass(frozen=True)
class Face:
    """Metadata and access of a draft or a published version."""

    title: str
    creator: str
    description: str
    restricted: bool = False
    embargoed: bool = False

    @property
    def markers(self) -> frozenset[str]:
        return frozenset(
            MARKER.findall(f"{self.title} {self.creator} {self.description}")
        )

    def opened(self) -> Face:
        """Return the same face, but public."""
        return replace(self, restricted=False, embargoed=False)


class Faces:
    """A factory of faces that share no marker."""

    def __init__(self):
        self.made = 0

    def new(self, access: str) -> Face:
        """Return a new face.

        :param access: ``public``, ``restricted`` or ``embargoed``.
        """
        return Face(
            title=self.title(),
            creator=f"Creator Q{self.made:04}c",
            description=f"Description Q{self.made:04}d",
            restricted=access != "public",
            embargoed=access == "embargoed",
        )

    def title(self) -> str:
        """Return a new title."""
        self.made += 1
        return f"Title Q{self.made:04}t"


@dataclass(eq=False)
class Version:
    """One version of a record.

    :param face: the published one; None if it was never published.
    :param draft: the current draft, if there is one.
    :param draft_doi: the draft's DOI, if it has one.
    """

    id: str
    draft: Face | None
    face: Face | None = None
    doi: str | None = None
    draft_doi: str | None = None
    deleted: bool = False
    prefix: str = PREFIX

    @property
    def is_published(self) -> bool:
        return self.face is not None

    @property
    def is_public(self) -> bool:
        """Whether it is public; for a deleted one, at the time of its deletion."""
        return self.is_published and not self.face.restricted

    @property
    def exists(self) -> bool:
        return self.is_published and not self.deleted

    def own_doi(self) -> str:
        """The DOI that it has, or would get."""
        return f"{self.prefix}/{self.id}"

    def edit(self) -> None:
        """Create a draft; continue with the existing one if there is one."""
        if self.draft is None:
            self.draft, self.draft_doi = self.face, self.doi

    def publish(self) -> None:
        """Publish the draft; a public version gets a DOI."""
        self.face, self.draft = self.draft, None
        self.doi = self.draft_doi or self.doi
        if not self.doi and (self.face.embargoed or not self.face.restricted):
            # Under an embargo, the DOI is reserved.
            self.doi = self.own_doi()
        self.draft_doi = None

    def drop_draft(self) -> None:
        """Discard the draft."""
        self.draft = self.draft_doi = None

    def lift_embargo(self) -> None:
        """Make the version public, and a draft under the same embargo."""
        self.face = self.face.opened()
        if self.draft and self.draft.embargoed:
            self.draft = self.draft.opened()
        self.doi = self.doi or self.own_doi()


@dataclass(frozen=True)
class Wanted:
    """The expected data of a DOI after all deliveries.

    :param state: at DataCite; None if the DOI must not exist there.
    :param if_known: whether this only applies if DataCite has it already; otherwise it
        must not exist there.
    :param face: the metadata that DataCite may have; None for none.
    :param withdrawn: whether it has a date of withdrawal.
    :param relations: related DOIs, with their relation types.
    :param status: the visible status of the registration.
    """

    state: str | None
    status: str
    if_known: bool = False
    face: Face | None = None
    withdrawn: bool = False
    relations: tuple[tuple[str, str], ...] = ()

    @property
    def markers(self) -> frozenset[str]:
        return self.face.markers if self.face else frozenset()


RESERVED = Wanted(None, "reserved")
WITHHELD = Wanted("registered", "withheld", if_known=True)


@dataclass(eq=False)
class Family:
    """A record: all of its versions, the oldest first, and their concept DOI."""

    parent_id: str
    versions: list[Version] = field(default_factory=list)
    has_concept: bool = False
    prefix: str = PREFIX

    @property
    def concept_doi(self) -> str | None:
        return f"{self.prefix}/{self.parent_id}" if self.has_concept else None

    @property
    def has_next_draft(self) -> bool:
        return any(not version.is_published for version in self.versions)

    def wanted(self) -> Iterator[tuple[str, Wanted]]:
        """Yield all DOIs, each with its expected data."""
        for version in self.versions:
            if version.doi:
                yield version.doi, self._wanted_of(version)
            if version.draft_doi and version.draft_doi != version.doi:
                yield version.draft_doi, RESERVED
        if self.has_concept:
            yield self.concept_doi, self._wanted_of_concept()

    def _wanted_of(self, version: Version) -> Wanted:
        if not version.is_public:
            return WITHHELD
        says = {
            "face": version.face,
            "relations": ((self.concept_doi, "IsVersionOf"),),
        }
        if version.deleted:
            return Wanted("registered", "hidden", if_known=True, withdrawn=True, **says)
        says["relations"] += self._relations_of(version)
        return Wanted("findable", "findable", **says)

    def _relations_of(self, version: Version) -> tuple[tuple[str, str], ...]:
        """Return the previous and the next version with a public DOI."""
        found = [v for v in self.versions if v.is_public and v.exists and v.doi]
        here = found.index(version)
        before = [(v.doi, "IsNewVersionOf") for v in found[:here][-1:]]
        after = [(v.doi, "IsPreviousVersionOf") for v in found[here + 1 :][:1]]
        return (*before, *after)

    def _wanted_of_concept(self) -> Wanted:
        published = [version for version in self.versions if version.is_published]
        speakers = [v for v in published if v.is_public and v.doi]
        standing = [version for version in speakers if version.exists]
        if standing:
            relations = tuple((version.doi, "HasVersion") for version in standing)
            newest = standing[-1].face
            return Wanted("findable", "findable", face=newest, relations=relations)
        if speakers and all(version.deleted for version in published):
            newest = speakers[-1].face
            return Wanted(
                "registered", "hidden", if_known=True, face=newest, withdrawn=True
            )
        return WITHHELD


def all_wanted(families: Iterable[Family]) -> dict[str, Wanted]:
    """Return the expected data by DOI."""
    return {doi: wanted for family in families for doi, wanted in family.wanted()}
