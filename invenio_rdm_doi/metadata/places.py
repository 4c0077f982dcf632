# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from invenio_i18n import lazy_gettext as _

from .source import Source
from .text import line

Position = Sequence[float]


def geo_locations(source: Source) -> list[dict[str, Any]]:
    """Places with their names; a geometry of several parts becomes several places."""
    found = []
    features = (source.metadata.get("locations") or {}).get("features") or []
    for index, feature in enumerate(features):
        where = f"metadata.locations.features.{index}"
        place = line(feature.get("place")) or line(feature.get("description"))
        named = {"geoLocationPlace": place} if place else {}
        geometry = feature.get("geometry")
        parts = list(_parts(source, geometry, where)) if geometry else []
        found += [{**named, **part} for part in parts] or ([named] if named else [])
        if feature.get("identifiers"):
            source.note(where, _("DataCite holds no identifiers of places."))
        if line(feature.get("place")) and line(feature.get("description")):
            source.note(where, _("DataCite holds no descriptions of places."))
    return found


def _parts(
    source: Source, geometry: dict[str, Any], where: str
) -> Iterator[dict[str, Any]]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind == "GeometryCollection":
        for part in geometry.get("geometries") or []:
            yield from _parts(source, part, where)
        return
    shapes = {
        "Point": lambda: [_point([coordinates])],
        "MultiPoint": lambda: [_point([position]) for position in coordinates],
        "LineString": lambda: [_bounds(coordinates)],
        "MultiLineString": lambda: [_bounds(part) for part in coordinates],
        "Polygon": lambda: [_area(coordinates)],
        "MultiPolygon": lambda: [_area(part) for part in coordinates],
    }
    if kind not in shapes:
        source.note(where, _("DataCite holds no geometry %(kind)s.", kind=str(kind)))
        return
    if kind.endswith("LineString"):
        source.note(where, _("DataCite holds no lines: the box around it is sent."))
    if kind in ("Polygon", "MultiPolygon") and _has_holes(kind, coordinates):
        source.note(where, _("DataCite holds no holes: the outline is sent."))
    for shape in shapes[kind]():
        if shape:
            yield shape
        else:
            source.note(
                where,
                _(
                    "It is left out: longitudes go from -180 to 180, latitudes from "
                    "-90 to 90."
                ),
            )


def _has_holes(kind: str, coordinates: list[Any]) -> bool:
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return any(len(polygon) > 1 for polygon in polygons)


def _sound(positions: Sequence[Position]) -> bool:
    return all(
        len(position) >= 2 and -180 <= position[0] <= 180 and -90 <= position[1] <= 90
        for position in positions
    )


def _point(positions: Sequence[Position]) -> dict[str, Any] | None:
    if not _sound(positions):
        return None
    return {"geoLocationPoint": _coordinates(positions[0])}


def _coordinates(position: Position) -> dict[str, float]:
    return {"pointLongitude": position[0], "pointLatitude": position[1]}


def _bounds(positions: Sequence[Position]) -> dict[str, Any] | None:
    if not positions or not _sound(positions):
        return None
    longitudes = [position[0] for position in positions]
    latitudes = [position[1] for position in positions]
    return {
        "geoLocationBox": {
            "westBoundLongitude": min(longitudes),
            "eastBoundLongitude": max(longitudes),
            "southBoundLatitude": min(latitudes),
            "northBoundLatitude": max(latitudes),
        }
    }


def _area(rings: Sequence[Sequence[Position]]) -> dict[str, Any] | None:
    """A box if it is one, else the outline."""
    outline = rings[0] if rings else []
    if len(outline) < 4 or not _sound(outline):
        return None
    corners = {(position[0], position[1]) for position in outline}
    longitudes, latitudes = ({corner[axis] for corner in corners} for axis in (0, 1))
    if len(corners) == 4 and len(longitudes) == len(latitudes) == 2:
        return _bounds(outline)
    return {
        "geoLocationPolygon": [
            {"polygonPoint": _coordinates(position)} for position in outline
        ]
    }
