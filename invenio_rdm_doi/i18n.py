# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Texts that are stored in English and translated where they are shown."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the message catalog, as in gettext; return it unchanged.

    The text is stored with a DOI or an account. Readers have different languages;
    :func:`.services.words.advice` translates it for each of them.
    """
    return text
