# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Checks of prefixes, and of the FORMAT from which DOIs are made."""

from __future__ import annotations

from string import Formatter
from typing import Any

from ..doi import DOI_MAX_LENGTH, PREFIX_PATTERN, is_valid_doi
from .metadata import Complain

TEST_PREFIX = "10.5072"
"""Always reserved for tests; no account can register DOIs with it."""

SAMPLE_ID = "abcde-fgh12"
"""A record identifier in InvenioRDM's form, to test a FORMAT with."""


def check_prefix(prefix: Any, complain: Complain, in_environment: str) -> None:
    """Check one prefix.

    :param in_environment: how to write it in the environment.
    """
    if isinstance(prefix, str) and PREFIX_PATTERN.fullmatch(prefix):
        return
    hint = (
        "It is a number here, which loses zeros at its end. In the environment, "
        f"write quotes within quotes: {in_environment}."
        if isinstance(prefix, float | int)
        else "It has no slash and no https://."
    )
    complain(
        f"{prefix!r} is not a DOI prefix. Write 10., then four or five digits, "
        f'in quotes, such as "10.1234". {hint}'
    )


def check_format(
    value: Any, prefixes: tuple[str, ...], complain: Complain, setting: str
) -> None:
    """Check a FORMAT, as far as this is possible without a record.

    :param setting: name of the setting in which a function may be written.
    """
    if callable(value):
        return
    if isinstance(value, str) and value.startswith("<function"):
        complain(
            "DATACITE_FORMAT is a function, which InvenioRDM turns into "
            f"text at its start. Write the function into {setting}."
        )
        return
    if not isinstance(value, str) or "{id}" not in value:
        complain(
            f"{value!r} must contain {{id}}, else all records would get the same "
            'DOI. Write "{prefix}/{id}".'
        )
        return
    try:
        fields = {name for _text, name, *_rest in Formatter().parse(value) if name}
        if fields - {"prefix", "id"}:
            raise KeyError(fields)
        sample = value.format(prefix=prefixes[0], id=SAMPLE_ID)
    except (KeyError, IndexError, ValueError, AttributeError):
        complain(f"{value!r} can only contain {{prefix}} and {{id}} in braces.")
        return
    _check_sample(value, sample, prefixes, complain)


def _check_sample(
    value: str, sample: str, prefixes: tuple[str, ...], complain: Complain
) -> None:
    if len(sample) > DOI_MAX_LENGTH:
        complain(
            f"makes DOIs of {len(sample)} characters; {DOI_MAX_LENGTH} is the "
            "most. Write a shorter one."
        )
    elif sample.partition("/")[0] not in prefixes:
        complain(f"{value!r} must start with {{prefix}}/, to make DOIs of your prefix.")
    elif PREFIX_PATTERN.fullmatch(prefixes[0]) and not is_valid_doi(sample):
        complain(
            f"{value!r} makes DOIs such as {sample!r}, which DataCite refuses. Use "
            "letters without accents, digits and - . _ ; ( ) / : * ~ $ = only."
        )
