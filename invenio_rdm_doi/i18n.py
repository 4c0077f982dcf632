# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Texts that are kept in English and translated where they are shown."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the message catalog, as in gettext; return it unchanged.

    The text is a constant, or is stored with a DOI or an account. Its readers have
    different languages, so that it is translated where it is shown.
    """
    return text
