# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The marshmallow schema that maps a :class:`~.source.Source` to DataCite metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, post_dump

from . import (
    alternate_identifiers,
    content,
    dates,
    funding,
    people,
    places,
    related,
    related_items,
    resource_types,
    rights,
    subjects,
)
from .attributes import Attributes
from .source import Source


class Property(fields.Field):
    """A field whose value a function computes from a source.

    ``fields.Function`` does the same, but inspects the function's signature each time,
    which took as long as all other steps together.
    """

    _CHECK_ATTRIBUTE = False

    def __init__(self, function: Callable[[Source], Any]):
        """Create the field."""
        super().__init__(dump_only=True)
        self.function = function

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return self.function(obj)


class DataCite47Schema(Schema):
    """DataCite metadata schema 4.7, as the REST API reads it.

    Dumps a :class:`~.source.Source`. Each property has a function, in a module that is
    named after it; ``docs/metadata.rst`` documents which field of a record fills which
    property.
    """

    types = Property(resource_types.types)
    titles = Property(content.titles)
    creators = Property(people.creators)
    publisher = Property(people.publisher)
    publicationYear = Property(dates.publication_year)
    contributors = Property(people.contributors)
    subjects = Property(subjects.subjects)
    dates = Property(dates.dates)
    language = Property(content.language)
    identifiers = Property(alternate_identifiers.alternate_identifiers)
    relatedIdentifiers = Property(related.related_identifiers)
    relatedItems = Property(related_items.related_items)
    sizes = Property(content.sizes)
    formats = Property(content.formats)
    version = Property(content.version)
    rightsList = Property(rights.rights_list)
    descriptions = Property(content.descriptions)
    geoLocations = Property(places.geo_locations)
    fundingReferences = Property(funding.funding_references)

    @post_dump
    def leave_out_empty(self, data: Attributes, **kwargs: Any) -> Attributes:
        """Remove properties that have no value."""
        return {
            key: value for key, value in data.items() if value not in (None, [], "")
        }
