# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""All visible texts can be translated, and have a German translation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask_babel import refresh

import invenio_rdm_doi

PACKAGE = Path(invenio_rdm_doi.__file__).parent
GERMAN = PACKAGE / "translations" / "de" / "LC_MESSAGES"
PAGES = PACKAGE / "assets/semantic-ui/translations/invenio_rdm_doi"
GERMAN_PAGES = PAGES / "messages" / "de"


def in_the_code() -> set[str]:
    """Return every message in the package's code and templates."""
    files = [
        ("**.py", "python"),
        ("**/templates/**.html", "jinja2"),
        ("**/templates/**.jinja", "jinja2"),
    ]
    found = extract_from_dir(PACKAGE, files)
    return {message for _file, _line, message, *_rest in found}


def in_the_pages() -> set[str]:
    """Return every message in the pages' JavaScript."""
    files = [("assets/semantic-ui/js/**.js", "javascript")]
    found = extract_from_dir(PACKAGE, files, keywords={"i18next.t": None})
    return {message for _file, _line, message, *_rest in found}


def catalog(path: Path) -> dict[str, str]:
    with open(path, "rb") as file:
        return {m.id: m.string for m in read_po(file) if m.id}


def test_the_template_has_every_message():
    assert set(catalog(PACKAGE / "translations" / "messages.pot")) == in_the_code()


def test_the_german_catalog_is_complete():
    german = catalog(GERMAN / "messages.po")
    assert set(german) == in_the_code()
    assert all(german.values())


def test_the_compiled_catalog_is_up_to_date():
    with open(GERMAN / "messages.mo", "rb") as file:
        compiled = {m.id: m.string for m in read_mo(file) if m.id}
    assert compiled == catalog(GERMAN / "messages.po")


@pytest.mark.parametrize("message", sorted(in_the_code()))
def test_translations_keep_the_placeholders(message):
    german = catalog(GERMAN / "messages.po")[message]
    names = r"%\((\w+)\)s"
    assert sorted(re.findall(names, german)) == sorted(re.findall(names, message))


def test_nothing_in_the_pages_escapes_the_extraction():
    sources = (PACKAGE / "assets/semantic-ui/js").rglob("*.js")
    calls = [
        call
        for source in sources
        for call in re.findall(r"\bi18next\s*\.t\(\s*(.)", source.read_text())
    ]
    assert len(in_the_pages()) <= len(calls)
    # Only string literals, which can be extracted without running the code.
    assert set(calls) <= {'"', "'"}


def test_the_pages_are_german_on_german_pages():
    assert set(catalog(PAGES / "translations.pot")) == in_the_pages()
    german = catalog(GERMAN_PAGES / "messages.po")
    assert set(german) == in_the_pages()
    assert all(german.values())
    compiled = json.loads((GERMAN_PAGES / "translations.json").read_text())
    assert compiled == german


@pytest.mark.parametrize("message", sorted(in_the_pages()))
def test_translations_of_the_pages_keep_the_placeholders(message):
    german = catalog(GERMAN_PAGES / "messages.po")[message]
    names = r"\{\{(\w+)\}\}"
    assert sorted(re.findall(names, german)) == sorted(re.findall(names, message))


def test_a_german_reader_gets_german(
    running_app, uploader, repository, record_data, monkeypatch
):
    monkeypatch.setitem(running_app.config, "I18N_LANGUAGES", [("de", "Deutsch")])
    # Languages are looked up once per process, the reader's once per context.
    for name in ("_locales_cache", "_languages_cache"):
        monkeypatch.setattr(running_app.extensions["invenio-i18n"], name, None)
    refresh()
    del record_data["metadata"]["publisher"]
    headers = {"Accept-Language": "de"}
    with running_app.test_client() as client:
        answer = uploader.login(client).post(
            "/records", json=record_data, headers=headers
        )
    reported = {e["field"]: e["messages"] for e in answer.json["errors"]}
    (message,) = reported["metadata.publisher"]
    refresh()
    assert message.startswith("Geben Sie einen Verlag ein")
