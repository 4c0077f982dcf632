# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Scripts that define faults, read from JSON and checked key by key.

A script is an object::

    {"kind": "status", "status": 503, "share": 0.1, "seed": 17, "times": 3, "after": 2,
     "match": {"doi": "10.1234/x", "method": ["PUT", "POST"], "path": "/dois"}}

All keys except ``kind`` and those that the kind requires may be left out or null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .dois import doi_in

_Check = Callable[[Any], Any]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Wrong values would make the connection unusable, not only the answer.
_FRAMING = ("content-length", "transfer-encoding")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class ScriptError(ValueError):
    """An invalid script; the message names the key."""


@dataclass(frozen=True)
class Option:
    """The allowed values of a key, and its default."""

    check: _Check
    default: Any = None
    is_required: bool = False


@dataclass(frozen=True)
class Script:
    """The script of one fault, complete and normalized."""

    kind: str
    doi: str | None
    methods: tuple[str, ...] | None
    path: str | None
    share: float
    seed: int | None
    times: int | None
    after: int
    options: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON that would create the same fault."""
        methods = list(self.methods) if self.methods else None
        return {
            "kind": self.kind,
            "match": {"doi": self.doi, "method": methods, "path": self.path},
            "share": self.share,
            "seed": self.seed,
            "times": self.times,
            "after": self.after,
            **self.options,
        }


def read_scripts(sent: Any) -> list[Script]:
    """Return the scripts of a list or of one object, or raise ScriptError."""
    if not isinstance(sent, list):
        return [_script(sent, "")]
    return [_script(item, f"fault {n}: ") for n, item in enumerate(sent, 1)]


def read_rate(sent: Any) -> dict[str, Any]:
    """Return the arguments of a rate limit, or raise ScriptError."""
    return _values(sent, _RATE, "")


def _script(sent: Any, where: str) -> Script:
    if not isinstance(sent, dict):
        raise ScriptError(f"{where}a fault must be an object, not {_shown(sent)}")
    kind = sent.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        kinds = ", ".join(KINDS)
        raise ScriptError(f"{where}kind must be one of {kinds}, not {_shown(kind)}")
    values = _values(sent, {**_COMMON, **KINDS[kind]}, where)
    match = values["match"] if values["match"] is not None else {}
    which = _values(match, _MATCH, f"{where}match.")
    return Script(
        kind=kind,
        doi=which["doi"],
        methods=which["method"],
        path=which["path"],
        share=values["share"],
        seed=values["seed"],
        times=values["times"],
        after=values["after"],
        options={name: values[name] for name in KINDS[kind]},
    )


def _values(sent: Any, options: dict[str, Option], where: str) -> dict[str, Any]:
    """Return a value for each option; ``where`` is the beginning of messages."""
    if not isinstance(sent, dict):
        place = where.rstrip(".") or "this"
        raise ScriptError(f"{place} must be an object, not {_shown(sent)}")
    for key in sent:
        if key not in options:
            raise ScriptError(f"{where}{key} is unknown; there is {', '.join(options)}")
    result = {}
    for key, option in options.items():
        value = sent.get(key)
        if value is None:
            if option.is_required:
                raise ScriptError(f"{where}{key} is required")
            result[key] = option.default
            continue
        try:
            result[key] = option.check(value)
        except ValueError as error:
            raise ScriptError(f"{where}{key} {error}, not {_shown(value)}") from error
    return result


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _number(low: float, high: float) -> _Check:
    def check(value: Any) -> Any:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            raise ValueError(f"must be a number from {low} to {high}")
        return value

    return check


def _integer(low: int | None = None, high: int | None = None) -> _Check:
    bounds = "" if low is None else f" of {low} or more"
    bounds = bounds if high is None else f" from {low} to {high}"

    def check(value: Any) -> Any:
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        in_bounds = is_integer and (low is None or value >= low)
        if not in_bounds or (high is not None and value > high):
            raise ValueError(f"must be an integer{bounds}")
        return value

    return check


def _span(value: Any) -> Any:
    if not isinstance(value, list):
        return _SECONDS(value)
    if len(value) != 2 or _SECONDS(value[0]) > _SECONDS(value[1]):
        raise ValueError("must be a number or [least, most]")
    return value


def _flag(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _text(value: Any) -> str:
    """Return a text that can be used in a header and on a page."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("must be a text of one line")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError("must be a text of Latin-1 characters") from error
    return value


def _doi(value: Any) -> str:
    doi = doi_in(value) if isinstance(value, str) else None
    if doi is None:
        raise ValueError("must be a DOI like 10.1234/x")
    return doi


def _methods(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    methods = tuple(item.upper() for item in given if isinstance(item, str))
    if len(methods) != len(given) or not set(methods) <= set(_METHODS) or not given:
        raise ValueError(f"must be one or a list of {', '.join(_METHODS)}")
    return methods


def _path(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError("must be the start of a path, like /dois")
    return value


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of names and texts")
    if any(name.lower() in _FRAMING for name in value):
        raise ValueError(f"must be without {' and '.join(_FRAMING)}")
    if not all(_TOKEN.fullmatch(name) for name in value):
        raise ValueError("must have names that HTTP allows")
    return {name: _text(text) for name, text in value.items()}


def _retry_after(value: Any) -> str:
    return _text(value) if isinstance(value, str) else str(_integer(0)(value))


def _anything(value: Any) -> Any:
    return value


# Some systems' clocks cannot wait for much longer than a day.
_SECONDS = _number(0, 86_400)
_MATCH = {"doi": Option(_doi), "method": Option(_methods), "path": Option(_path)}
_COMMON = {
    "kind": Option(_anything, is_required=True),
    "match": Option(_anything),
    "share": Option(_number(0, 1), 1.0),
    "seed": Option(_integer()),
    "times": Option(_integer(1)),
    "after": Option(_integer(0), 0),
}
#: The kinds of faults, with the keys of each in addition to the common ones.
KINDS: dict[str, dict[str, Option]] = {
    "latency": {"seconds": Option(_span, is_required=True)},
    "status": {
        "status": Option(_integer(200, 599), is_required=True),
        "body": Option(_anything),
        "content_type": Option(_text),
        "headers": Option(_headers),
        "processed": Option(_flag, False),
    },
    "rate_limit": {"retry_after": Option(_retry_after)},
    "hang": {"seconds": Option(_SECONDS, 600)},
    "reset": {},
    "no_answer": {"reset": Option(_flag, False)},
    "wrong_state": {"state": Option(_text, "draft")},
    "html": {
        "status": Option(_integer(200, 599), 200),
        "processed": Option(_flag, True),
    },
    "garbage": {},
    "stale_list": {"seconds": Option(_SECONDS)},
    "ignore_write": {},
}
_RATE = {
    "requests": Option(_integer(1), is_required=True),
    "seconds": Option(_number(0.001, 86_400), is_required=True),
    "retry_after": Option(_flag, False),
}
