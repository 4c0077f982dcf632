# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Places of a record as DataCite's geolocations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from invenio_i18n import lazy_gettext as _

from .source import Source
from .text import line

Position = Sequence[float]

HALF, FULL = 180, 360
"""Degrees around the globe."""

DIGITS = 9
"""Decimal places of a longitude that was shifted by 360 degrees: 0.1 millimeters."""

NARROW = 90
"""Largest width, in degrees, of a clockwise outline that crosses the date line.

If a clockwise outline would be wider there, it does not cross the date line, but was
drawn in the wrong direction.
"""


def geo_locations(source: Source) -> list[dict[str, Any]]:
    """Return places with names; a geometry of several parts becomes several places."""
    found = []
    features = (source.metadata.get("locations") or {}).get("features") or []
    for index, feature in enumerate(features):
        where = f"metadata.locations.features.{index}"
        place = line(feature.get("place")) or line(feature.get("description"))
        named = {"geoLocationPlace": place} if place else {}
        geometry = feature.get("geometry")
        parts = _all_parts(source, geometry, where) if geometry else []
        found += [{**named, **part} for part in parts] or ([named] if named else [])
        if feature.get("identifiers"):
            source.note(where, _("DataCite does not accept identifiers of places."))
        if line(feature.get("place")) and line(feature.get("description")):
            source.note(where, _("DataCite does not accept descriptions of places."))
    return found


def _all_parts(source: Source, geometry: Any, where: str) -> list[dict[str, Any]]:
    try:
        return list(_parts(source, geometry, where))
    except (AttributeError, IndexError, RecursionError, TypeError, ValueError):
        # The host rejects such geometries, but another program may have written one.
        source.note(where, _("It is left out because it is not a GeoJSON geometry."))
        return []


def _parts(
    source: Source, geometry: dict[str, Any], where: str
) -> Iterator[dict[str, Any]]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind == "GeometryCollection":
        for part in geometry.get("geometries") or []:
            yield from _parts(source, part, where)
        return
    shapes: dict[str, Callable[[], Iterable[dict[str, Any] | None]]] = {
        "Point": lambda: [_point([coordinates])],
        "MultiPoint": lambda: [_point([position]) for position in coordinates],
        "LineString": lambda: [_track(coordinates)],
        "MultiLineString": lambda: [_track(part) for part in coordinates],
        "Polygon": lambda: _areas(coordinates),
        "MultiPolygon": lambda: [a for part in coordinates for a in _areas(part)],
    }
    if kind not in shapes:
        source.note(
            where, _("DataCite does not accept the geometry %(kind)s.", kind=str(kind))
        )
        return
    if kind.endswith("LineString"):
        source.note(
            where, _("DataCite does not accept lines; the bounding box is " "sent.")
        )
    if kind in ("Polygon", "MultiPolygon") and _has_holes(kind, coordinates):
        source.note(
            where,
            _("DataCite does not accept polygons with holes; the " "outline is sent."),
        )
    if not _sound(_positions(coordinates)):
        source.note(
            where,
            _(
                "It is left out: the longitude must be from -360 to 360 and the "
                "latitude from -90 to 90."
            ),
        )
        return
    for shape in shapes[kind]():
        if shape:
            yield shape
            _note_width(source, shape, where)
        else:
            source.note(where, _("It is left out: it has too few positions."))


def _positions(coordinates: Any) -> list[Any]:
    """Return all positions in coordinates, regardless of their nesting."""
    if not isinstance(coordinates, list | tuple):
        return [coordinates]
    if not any(isinstance(item, list | tuple) for item in coordinates):
        return [coordinates]
    return [position for item in coordinates for position in _positions(item)]


def _note_width(source: Source, shape: dict[str, Any], where: str) -> None:
    box = shape.get("geoLocationBox")
    west, east = (
        (box["westBoundLongitude"], box["eastBoundLongitude"]) if box else (0, 0)
    )
    outline = [
        point["polygonPoint"]["pointLongitude"]
        for point in shape.get("geoLocationPolygon") or []
    ]
    if east - west > HALF or (outline and max(outline) - min(outline) > HALF):
        source.note(
            where,
            _(
                "It spans more than half of the globe. If it crosses the date line, "
                "split it there into two."
            ),
        )
    elif west > east:
        source.note(
            where,
            _(
                "The box crosses the date line: it reaches from %(west)s to %(east)s.",
                west=west,
                east=east,
            ),
        )


def _has_holes(kind: str, coordinates: list[Any]) -> bool:
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return any(len(polygon) > 1 for polygon in polygons)


def _sound(positions: Sequence[Any]) -> bool:
    return all(
        isinstance(position, list | tuple)
        and len(position) >= 2
        and all(type(number) in (int, float) for number in position[:2])
        # Maps continue beyond 180 across the date line: 182 is 178 degrees west.
        and -FULL <= position[0] <= FULL and -90 <= position[1] <= 90
        for position in positions
    )


def _point(positions: Sequence[Position]) -> dict[str, Any]:
    return {"geoLocationPoint": _coordinates(positions[0])}


def _coordinates(position: Position) -> dict[str, float]:
    return {"pointLongitude": _on_the_globe(position[0]), "pointLatitude": position[1]}


def _on_the_globe(longitude: float) -> float:
    """Return a longitude from -180 to 180; one in this range is left unchanged."""
    if -HALF <= longitude <= HALF:
        return longitude
    return round((longitude + HALF) % FULL - HALF, DIGITS)


def _bounds(
    positions: Sequence[Position], across: bool = False
) -> dict[str, Any] | None:
    """Return the box around positions; across the date line, west is greater than east.

    :param across: whether negative longitudes are beyond the date line.
    """
    if not positions:
        return None
    longitudes = [position[0] for position in positions]
    if across:
        longitudes = [x if x >= 0 else x + FULL for x in longitudes]
    latitudes = [position[1] for position in positions]
    west, east = min(longitudes), max(longitudes)
    if east - west >= FULL:
        west, east = -HALF, HALF
    return {
        "geoLocationBox": {
            "westBoundLongitude": _on_the_globe(west),
            "eastBoundLongitude": _on_the_globe(east),
            "southBoundLatitude": min(latitudes),
            "northBoundLatitude": max(latitudes),
        }
    }


def _track(positions: Sequence[Position]) -> dict[str, Any] | None:
    """Return the box around a line that takes the short way between its positions."""
    if all(abs(one[0] - other[0]) <= HALF for one, other in pairwise(positions)):
        return _bounds(positions)
    unrolled: list[Position] = []
    for x, y, *_height in positions:
        if unrolled:
            before = unrolled[-1][0]
            x = before + (x - before + HALF) % FULL - HALF
        unrolled.append((x, y))
    return _bounds(unrolled)


def _areas(rings: Sequence[Sequence[Position]]) -> list[dict[str, Any] | None]:
    """Return a box if the outline is one, else the outline, cut at the date line.

    An outline that crosses the date line becomes two. GeoJSON requires this cut
    (RFC 7946, section 3.1.9); a reader of DataCite's metadata would interpret an
    outline from 170 to -170 as one around the whole globe.
    """
    outline = [(position[0], position[1]) for position in (rings[0] if rings else [])]
    if len(outline) < 4:
        return [None]
    if outline[0] != outline[-1]:
        outline.append(outline[0])
    if _is_box(outline):
        return [_bounds(outline, across=_is_across(outline))]
    if _is_across(outline):
        outline = [(x if x >= 0 else x + FULL, y) for x, y in outline]
    longitudes = [x for x, _y in outline]
    for line_at in (-HALF, HALF):
        if min(longitudes) < line_at < max(longitudes):
            west, east = _cut(outline, line_at, -1), _cut(outline, line_at, 1)
            return [_polygon(half) for half in (west, east)]
    return [_polygon(outline)]


def _polygon(outline: Sequence[Position]) -> dict[str, Any]:
    """Return a polygon for an outline on one side of the date line.

    All longitudes are shifted together so that the middle is from -180 to 180.
    """
    longitudes = [position[0] for position in outline]
    middle = (min(longitudes) + max(longitudes)) / 2
    turn = -FULL if middle > HALF else FULL if middle < -HALF else 0
    return {
        "geoLocationPolygon": [
            {"polygonPoint": _coordinates((round(x + turn, DIGITS) if turn else x, y))}
            for x, y in outline
        ]
    }


def _cut(outline: Sequence[Position], at: float, side: int) -> list[Position]:
    """Return the part of an outline on one side of a meridian (Sutherland and Hodgman).

    :param side: -1 for the west of the meridian, 1 for the east.
    """
    kept: list[Position] = []
    for (x0, y0), (x1, y1) in pairwise(outline):
        if (x0 - at) * side >= 0:
            kept.append((x0, y0))
        if (x0 - at) * (x1 - at) < 0:
            kept.append((at, round(y0 + (y1 - y0) * (at - x0) / (x1 - x0), DIGITS)))
    return [*kept, kept[0]]


def _is_box(outline: Sequence[Position]) -> bool:
    """Return whether an outline has four corners and sides parallel to the axes."""
    return len(outline) == 5 == len(set(outline)) + 1 and all(
        (here[0] == there[0]) != (here[1] == there[1])
        for here, there in pairwise(outline)
    )


def _is_across(outline: Sequence[Position]) -> bool:
    """Return whether an area wider than half the globe crosses the date line instead.

    The inside of an outline is on its left (RFC 7946, section 3.1.6): an outline that
    runs clockwise on a map encloses the other side of the globe.
    """
    longitudes = [position[0] for position in outline]
    if not FULL - NARROW <= max(longitudes) - min(longitudes) < FULL:
        return False
    area = sum(
        here[0] * there[1] - there[0] * here[1] for here, there in pairwise(outline)
    )
    return area < 0
