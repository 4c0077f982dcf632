# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks a payload against the JSON Schema, before it leaves.

DataCite drops what it does not know without an error, and answers 422 to the rest; here
both are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, relevance

from .addresses import is_any_uri
from .kernel import json_schema

SURROGATES = r"\uD800-\uDFFF"
"""Half characters, in the patterns of the schema."""

ANY_URI = "xs-any-uri"
"""The format of addresses in the schema: what no pattern can tell."""

FORMATS = FormatChecker(())
FORMATS.checks(ANY_URI)(lambda value: not isinstance(value, str) or is_any_uri(value))

LONGEST = 200
"""Characters of a complaint; a value may be very long."""


@dataclass(frozen=True)
class Violation:
    """One thing that the schema does not allow.

    :param attribute: the property it is about, such as ``creators``; None for all.
    :param path: where in it, such as ``creators.0.name``.
    :param rule: the keyword of JSON Schema, such as ``enum``.
    :param reason: in the words of the schema.
    """

    attribute: str | None
    path: str
    rule: str
    reason: str


@cache
def _validator(state: str) -> Draft202012Validator:
    return Draft202012Validator(_schema(state), format_checker=FORMATS)


@cache
def _quick(state: str) -> jsonschema_rs.Draft202012Validator:
    """The same in compiled code: a record with 3,000 creators takes half a second."""
    return jsonschema_rs.Draft202012Validator(
        _without_surrogates(_schema(state)),
        formats={ANY_URI: is_any_uri},
        validate_formats=True,
    )


def _without_surrogates(schema: Any) -> Any:
    """The same schema; half characters cannot even be asked about in its patterns.

    A text that has some is no text there, and so is for the other validator.
    """
    if isinstance(schema, list):
        return [_without_surrogates(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: (
            value.replace(SURROGATES, "")
            if key == "pattern" and isinstance(value, str)
            else _without_surrogates(value)
        )
        for key, value in schema.items()
    }


@cache
def _schema(state: str) -> Any:
    definitions = dict(json_schema()["$defs"])
    # The definitions of states refer to the whole document.
    definitions["#"] = {
        key: json_schema()[key]
        for key in ("type", "properties", "additionalProperties")
    }
    return _inlined(definitions[state], definitions)


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The same schema with definitions in the place of references to them.

    Following references took most of the time of a validation.
    """
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    own = {k: _inlined(v, definitions) for k, v in schema.items() if k != "$ref"}
    if "$ref" not in schema:
        return own
    name = schema["$ref"].removeprefix("#/$defs/")
    referred = _inlined(definitions[name], definitions)
    return {"allOf": [referred, own]} if own else referred


def validate(attributes: Mapping[str, Any], state: str) -> list[Violation]:
    """What DataCite would refuse or drop.

    :param attributes: ``data.attributes`` of a request.
    :param state: that DataCite is to have: ``draft``, ``registered`` or ``findable``.
    :returns: in the order of the attributes; empty if everything is in order.
    """
    if is_valid(attributes, state):
        return []
    errors = _validator(state).iter_errors(attributes)
    found = [_violation(_deepest(error)) for error in errors]
    return sorted(set(found), key=lambda item: (item.path, item.rule, item.reason))


def is_valid(attributes: Mapping[str, Any], state: str) -> bool:
    """Whether the compiled schema has nothing against a payload.

    It says no more than that, and False of what is no JSON: the complaints come from
    the other validator, which has the last word.
    """
    try:
        return bool(_quick(state).is_valid(attributes))
    except (TypeError, ValueError, UnicodeError, OverflowError):
        return False


def _deepest(error: ValidationError) -> ValidationError:
    """Of a choice between nothing and something, what is wrong with the something."""
    while error.context:
        alternatives = [e for e in error.context if e.validator_value != "null"]
        error = max(alternatives or error.context, key=relevance)
    return error


def _violation(error: ValidationError) -> Violation:
    path = list(error.absolute_path)
    instance: Any = error.instance
    if error.validator == "required":
        required: Any = error.validator_value
        missing = [name for name in required if name not in instance]
        path += missing[:1]
        reason = "is missing"
    elif error.validator == "additionalProperties":
        schema: Any = error.schema
        unknown = sorted(set(instance) - set(schema.get("properties", {})))
        path += unknown[:1]
        reason = "DataCite would drop it without an error"
    elif error.validator == "enum":
        reason = f"{error.instance!r} is not in DataCite's list"
    else:
        reason = error.message
    return Violation(
        attribute=str(path[0]) if path else None,
        path=".".join(map(str, path)),
        rule=str(error.validator),
        reason=reason if len(reason) <= LONGEST else f"{reason[:LONGEST]}…",
    )
