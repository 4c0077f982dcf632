# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Catalogs: ``python -m tools.translations [--new LANGUAGE]``.

This extracts the messages of Python, templates and JavaScript, updates all catalogs,
and compiles them. Messages that need a translation then have no ``msgstr`` in the
``.po`` files.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from babel.messages.pofile import read_po

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "invenio_rdm_doi"
JAVASCRIPT = PACKAGE / "assets/semantic-ui/translations/invenio_rdm_doi"


UPDATE = ("--no-fuzzy-matching", "--ignore-obsolete")
"""A guess from a similar message is worse than none."""


@dataclass(frozen=True)
class Domain:
    """One set of catalogs.

    :param options: options of ``pybabel extract``.
    :param languages: folder with a folder for each language.
    :param catalog: path of a catalog in the folder of its language.
    """

    options: tuple[str, ...]
    template: Path
    languages: Path
    catalog: str

    def catalogs(self) -> dict[str, Path]:
        """Return the existing catalogs by language."""
        found = self.languages.glob(f"*/{self.catalog}")
        return {path.relative_to(self.languages).parts[0]: path for path in found}


DOMAINS = (
    Domain(
        options=("-F", "babel.ini", "--add-comments", "NOTE"),
        template=PACKAGE / "translations/messages.pot",
        languages=PACKAGE / "translations",
        catalog="LC_MESSAGES/messages.po",
    ),
    Domain(
        options=("-F", "babel-js.ini", "--no-default-keywords", "-k", "i18next.t"),
        template=JAVASCRIPT / "translations.pot",
        languages=JAVASCRIPT / "messages",
        catalog="messages.po",
    ),
)


def pybabel(*arguments: str | Path) -> None:
    """Run Babel, and stop if it fails."""
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", *arguments]
    subprocess.run(command, cwd=CHECKOUT, check=True)


def to_json(catalog: Path) -> dict[str, str]:
    """Return a catalog in i18next's format, with translated messages only."""
    with open(catalog, "rb") as file:
        return {m.id: m.string for m in read_po(file) if m.id and m.string}


def compile_catalog(catalog: Path) -> None:
    """Make the file for run time: JSON for JavaScript, ``.mo`` for Python."""
    if JAVASCRIPT in catalog.parents:
        text = json.dumps(to_json(catalog), ensure_ascii=False, indent=2)
        catalog.with_name("translations.json").write_text(text + "\n")
    else:
        pybabel("compile", "-i", catalog, "-o", catalog.with_suffix(".mo"))


def main() -> None:
    """Extract, update, compile."""
    parser = argparse.ArgumentParser(prog="python -m tools.translations")
    parser.add_argument("--new", metavar="LANGUAGE", help="start this language")
    options = parser.parse_args()
    about = ("--project", "invenio-rdm-doi", "--version", version("invenio-rdm-doi"))
    holder = ("--copyright-holder", "The invenio-rdm-doi developers")
    for domain in DOMAINS:
        pybabel(
            "extract",
            *domain.options,
            *about,
            *holder,
            "-o",
            domain.template,
            PACKAGE.name,
        )
        if options.new and options.new not in domain.catalogs():
            path = domain.languages / options.new / domain.catalog
            path.parent.mkdir(parents=True, exist_ok=True)
            pybabel("init", "-l", options.new, "-i", domain.template, "-o", path)
        for language, path in domain.catalogs().items():
            pybabel(
                "update", *UPDATE, "-l", language, "-i", domain.template, "-o", path
            )
            compile_catalog(path)


if __name__ == "__main__":
    main()
