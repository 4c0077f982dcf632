# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The marshmallow schema: from a :class:`~.source.Source` to DataCite's properties."""

from __future__ import annotations

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
    rights,
    subjects,
)
from .attributes import Attributes


class DataCite47Schema(Schema):
    """DataCite metadata schema 4.7, as the REST API reads it.

    Dumps a :class:`~.source.Source`. Every property has its function, in the module
    that is named for it; ``docs/metadata.rst`` says which field of a record fills
    which property.
    """

    types = fields.Function(content.types)
    titles = fields.Function(content.titles)
    creators = fields.Function(people.creators)
    publisher = fields.Function(people.publisher)
    publicationYear = fields.Function(dates.publication_year)
    contributors = fields.Function(people.contributors)
    subjects = fields.Function(subjects.subjects)
    dates = fields.Function(dates.dates)
    language = fields.Function(content.language)
    identifiers = fields.Function(alternate_identifiers.alternate_identifiers)
    relatedIdentifiers = fields.Function(related.related_identifiers)
    relatedItems = fields.Function(related_items.related_items)
    sizes = fields.Function(content.sizes)
    formats = fields.Function(content.formats)
    version = fields.Function(content.version)
    rightsList = fields.Function(rights.rights_list)
    descriptions = fields.Function(content.descriptions)
    geoLocations = fields.Function(places.geo_locations)
    fundingReferences = fields.Function(funding.funding_references)

    @post_dump
    def leave_out_empty(self, data: Attributes, **kwargs: Any) -> Attributes:
        """Properties without a value are not there."""
        return {
            key: value for key, value in data.items() if value not in (None, [], "")
        }
