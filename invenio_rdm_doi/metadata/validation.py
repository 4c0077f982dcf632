# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Validation of a payload against the JSON Schema, before it is sent.

DataCite silently drops unknown attributes and answers 422 to other errors; this
validation finds both.
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
"""Range of surrogates, as it is written in the schema's patterns."""

ANY_URI = "xs-any-uri"
"""The format of addresses in the schema, for rules that no pattern can express."""

FORMATS = FormatChecker(())
FORMATS.checks(ANY_URI)(lambda value: not isinstance(value, str) or is_any_uri(value))

LONGEST = 200
"""Maximum length of a reason, which may contain a very long value."""


@dataclass(frozen=True)
class Violation:
    """A violation of the schema.

    :param attribute: the affected property, such as ``creators``; None if it affects
        the whole payload.
    :param path: path of the value, such as ``creators.0.name``.
    :param rule: the keyword of JSON Schema, such as ``enum``.
    :param reason: technical description of the violation.
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
    """Return the same validator in compiled code.

    The other one takes half a second for a record with 3,000 creators.
    """
    return jsonschema_rs.Draft202012Validator(
        _without_surrogates(_schema(state)),
        formats={ANY_URI: is_any_uri},
        validate_formats=True,
    )


def _without_surrogates(schema: Any) -> Any:
    """Return the schema without surrogates in its patterns.

    The compiled validator does not support them in patterns. It does not accept a text
    that contains some either, so that the other validator has to check it.
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
    """Return the schema with definitions in place of the references to them.

    Resolving references took most of the time of a validation.
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
    """Return the values that DataCite would refuse or drop.

    :param attributes: ``data.attributes`` of a request.
    :param state: the wanted state: ``draft``, ``registered`` or ``findable``.
    :returns: violations, sorted by path; empty if the payload is valid.
    """
    if is_valid(attributes, state):
        return []
    errors = _validator(state).iter_errors(attributes)
    found = [_violation(_deepest(error)) for error in errors]
    return sorted(set(found), key=lambda item: (item.path, item.rule, item.reason))


def is_valid(attributes: Mapping[str, Any], state: str) -> bool:
    """Return whether the compiled validator accepts a payload.

    It gives no details, and returns False for values that are not JSON: the violations
    come from the other validator, which decides.
    """
    try:
        return bool(_quick(state).is_valid(attributes))
    except (TypeError, ValueError, UnicodeError, OverflowError):
        return False


def _deepest(error: ValidationError) -> ValidationError:
    """For anyOf/oneOf with null, return the error of the non-null branch."""
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
        reason = "DataCite silently ignores it"
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
