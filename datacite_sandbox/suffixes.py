# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Random suffixes (lupo helpable.rb, spec/concerns/helpable_spec.rb:20)."""

from __future__ import annotations

import re
import secrets

from .errors import UnexpectedError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LIMIT = 2**30 - 1
_PREFIX = re.compile(r"(10\.\d{4,5}).*")


def random_dois(prefix: str, number: str | None = None, size: int = 1) -> list[str]:
    """Return ``size`` DOIs under ``prefix``; ``number`` makes the suffix predictable.

    Text after a slash in ``prefix`` precedes the suffix. A bad prefix is one of the
    cases that DataCite answers with status 500.
    """
    match = _PREFIX.fullmatch(prefix)
    if match is None:
        raise UnexpectedError("No valid prefix found")
    shoulder = prefix.partition("/")[2]
    start = f"{match[1]}/{shoulder}-" if shoulder else f"{match[1]}/"
    wanted = int("".join(re.findall(r"\d+", number or "")) or 0)
    numbers = (wanted or secrets.randbelow(_LIMIT) for _ in range(size))
    return list(dict.fromkeys(start + _encode(value) for value in numbers))


def _encode(value: int) -> str:
    """Encode in Crockford's base32: padded to 6, 2 check digits, groups of 4."""
    digits, rest = "", value
    while rest:
        rest, index = divmod(rest, 32)
        digits = _ALPHABET[index] + digits
    text = f"{digits:0>6}{97 - value * 100 % 97 + 1:02d}"
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
