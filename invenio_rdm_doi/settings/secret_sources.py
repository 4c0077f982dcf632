# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Reading of passwords from files and from the environment."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from .metadata import Complain

VARIABLE = re.compile("[A-Z][A-Z0-9_]*")

LARGEST = 4096
"""Maximum size of a password file in bytes; a larger file is something else."""


def from_file(path: Any, complain: Complain) -> str:
    """Return a file's content without trailing line breaks; empty if it is unusable.

    This is for container secrets, which are provided as files. No complaint contains
    the content of the file.
    """
    if not isinstance(path, str | os.PathLike) or not os.path.isabs(path):
        # The value is not shown: it may be the password itself, in the wrong place.
        complain(
            'is not the path of a file. Write a path that begins with "/", such as '
            '"/run/secrets/datacite"; a password itself belongs elsewhere.'
        )
        return ""
    found = _read(Path(path), complain)
    if found is None:
        return ""
    text = found.rstrip("\r\n")
    if not text.strip():
        complain(f"names {str(path)!r}, which is empty. Write the password into it.")
    elif "\n" in text or "\r" in text:
        complain(
            f"names {str(path)!r}, which has several lines. Write the password alone "
            "into it."
        )
        return ""
    return text


def _read(path: Path, complain: Complain) -> str | None:
    try:
        # Reading from a pipe or a device might never end.
        if not stat.S_ISREG(path.stat().st_mode):
            complain(f"names {str(path)!r}, which is not a regular file.")
            return None
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        complain(f"names {str(path)!r}, and there is no such file.")
        return None
    except OSError as error:
        complain(
            f"names {str(path)!r}, which cannot be read ({error.strerror}). Let the "
            "user that runs InvenioRDM read it."
        )
        return None
    if len(content) > LARGEST:
        complain(f"names {str(path)!r}, which is too large for a password.")
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        complain(f"names {str(path)!r}, which is not text in UTF-8.")
        return None


def from_environment(name: Any, complain: Complain) -> str:
    """Return the value of an environment variable; empty if it is not set."""
    if not isinstance(name, str) or not VARIABLE.fullmatch(name):
        # The value is not shown, for the same reason as in :func:`from_file`.
        complain(
            'must be the name of a variable, in capitals, such as "PHYSICS_PASSWORD".'
        )
        return ""
    value = os.environ.get(name, "")
    if not value.strip():
        complain(f"names the variable {name} of the environment, which is not set.")
    return value
