# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Settings of several accounts, and passwords from files and the environment."""

from __future__ import annotations

import json
import os

import pytest

from invenio_rdm_doi.settings.connection import PRODUCTION_URL, TEST_URL
from invenio_rdm_doi.settings.loader import ConfigurationError, load
from invenio_rdm_doi.settings.secret import Secret
from tests.settings.test_loader import HOST, own, problems

PHYSICS = {
    "username": "TEST.PHYSICS",
    "password": "hush-physics",
    "prefixes": ["10.2000", "10.2001"],
    "communities": ["physics"],
}
HISTORY = {
    "username": "TEST.HISTORY",
    "password": "hush-history",
    "prefixes": ["10.3000"],
    "communities": ["history", "0b6c0f4e-6f2b-4a55-8f0e-2c9c4d0c8a11"],
}


def accounts(**entries):
    """Return a configuration with accounts."""
    return own(ACCOUNTS=entries)


def changed(entry, **values):
    """Return an entry with some keys changed (None: removed)."""
    return {k: v for k, v in {**entry, **values}.items() if v is not None}


# Accounts


def test_the_plain_settings_are_the_account_default():
    settings = load(own())
    assert [account.name for account in settings.accounts] == ["default"]
    assert not settings.by_community


def test_accounts_have_names_prefixes_and_communities():
    settings = load(accounts(physics=PHYSICS, history=HISTORY))
    assert [a.name for a in settings.accounts] == ["default", "physics", "history"]
    physics = settings.account_named("physics")
    assert (physics.symbol, physics.password) == (
        "TEST.PHYSICS",
        Secret("hush-physics"),
    )
    assert physics.prefixes == ("10.2000", "10.2001") and physics.prefix == "10.2000"
    assert settings.prefixes == ("10.1234", "10.2000", "10.2001", "10.3000")
    assert settings.by_community


@pytest.mark.parametrize(
    "doi,name",
    [
        ("10.1234/x", "default"),
        ("10.2001/X", "physics"),
        ("10.3000/a/b", "history"),
        ("10.20000/x", None),
        ("10.9999/x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_doi_tells_its_account(doi, name):
    found = load(accounts(physics=PHYSICS, history=HISTORY)).account_of(doi)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    "community,name",
    [
        ({"physics", "11111111-1111-1111-1111-111111111111"}, "physics"),
        ({"0b6c0f4e-6f2b-4a55-8f0e-2c9c4d0c8a11"}, "history"),
        ({"poetry"}, "default"),
        ((), "default"),
    ],
)
def test_a_community_tells_its_account(community, name):
    settings = load(accounts(physics=PHYSICS, history=HISTORY))
    assert settings.serving(community).name == name


def test_what_an_account_does_not_say_is_as_in_the_plain_settings():
    plain = own(
        ACCOUNTS={"physics": PHYSICS},
        TEST_MODE=False,
        FORMAT="{prefix}/x.{id}",
        RESTRICTED="placeholder",
        RESERVE_REMOTELY=True,
        FORMER_HOSTS=["old.example.org"],
        TIMEOUT=(1, 2),
        CONTACT="doi@example.org",
    )
    default, physics = load(plain).accounts
    for name in (
        "test_mode",
        "api_url",
        "format",
        "restricted",
        "reserve_remotely",
        "former_hosts",
        "timeout",
        "contact",
        "rate",
    ):
        assert getattr(physics, name) == getattr(default, name), name
    assert physics.api_url == PRODUCTION_URL


def test_what_an_account_says_itself():
    entry = PHYSICS | {
        "test_mode": True,
        "format": "{prefix}/p.{id}",
        "restricted": "placeholder",
        "reserve_remotely": True,
        "former_hosts": ["physics.example.org"],
    }
    default, physics = load(own(ACCOUNTS={"physics": entry}, TEST_MODE=False)).accounts
    assert (default.api_url, physics.api_url) == (PRODUCTION_URL, TEST_URL)
    assert (default.rate, physics.rate) == ((2400, 300), (600, 300))
    assert physics.format == "{prefix}/p.{id}" and default.format == "{prefix}/{id}"
    assert physics.restricted == "placeholder" and default.restricted == "withhold"
    assert physics.reserve_remotely and not default.reserve_remotely
    assert physics.former_hosts == ("physics.example.org",)


def test_the_mode_of_an_account_wins_over_the_address_of_the_others():
    config = own(ACCOUNTS={"physics": PHYSICS | {"test_mode": True}})
    config["RDM_RECORDS_DOI_DATACITE_API_URL"] = "http://127.0.0.1:5051"
    default, physics = load(config).accounts
    assert default.api_url == "http://127.0.0.1:5051/"
    assert physics.api_url == TEST_URL


def test_accounts_at_one_address_have_one_rate():
    config = accounts(physics=PHYSICS | {"api_url": "https://api.example.org"})
    default, physics = load(config).accounts
    assert default.address != physics.address
    config = own(
        TEST_MODE=False,
        API_URL="https://api.example.org",
        ACCOUNTS={
            "physics": PHYSICS
            | {"api_url": "https://api.example.org/", "test_mode": True}
        },
    )
    default, physics = load(config).accounts
    assert default.rate == physics.rate == (600, 300)


# Errors in the entries


@pytest.mark.parametrize(
    "entries,setting,said",
    [
        ({"x": changed(PHYSICS, prefixes=None)}, "['x']['prefixes']", "is missing"),
        ({"x": changed(PHYSICS, prefixes=[])}, "['x']['prefixes']", "is missing"),
        ({"x": PHYSICS | {"prefixes": "10.2000"}}, "['x']['prefixes']", "['10.2000']"),
        ({"x": PHYSICS | {"prefixes": [10.2]}}, "['x']['prefixes']", "loses zeros"),
        ({"x": PHYSICS | {"prefixes": ["10.1234"]}}, "['x']['prefixes']", "plain"),
        (
            {"x": PHYSICS, "y": HISTORY | {"prefixes": ["10.2001"]}},
            "['y']['prefixes']",
            "10.2001 is in the account 'x', too",
        ),
        (
            {"x": PHYSICS, "y": HISTORY | {"communities": ["Physics"]}},
            "['y']['communities']",
            "physics is in the account 'x', too",
        ),
        ({"x": PHYSICS | {"communities": "a"}}, "['x']['communities']", "a list"),
        ({"x": PHYSICS | {"communities": [1]}}, "['x']['communities']", "a list"),
        ({"x": changed(PHYSICS, username=None)}, "['x']['username']", "is missing"),
        ({"x": changed(PHYSICS, password=None)}, "['x']['password']", "is missing"),
        ({"x": PHYSICS | {"prefixs": []}}, "['x']['prefixs']", "'prefixes'"),
        ({"x": PHYSICS | {"PREFIXES": []}}, "['x']['PREFIXES']", "'prefixes'"),
        ({"x": PHYSICS | {"test_mode": "maybe"}}, "['x']['test_mode']", "True or"),
        ({"x": PHYSICS | {"format": "{prefix}/x"}}, "['x']['format']", "{id}"),
        ({"x": PHYSICS | {"format": "10.1234/{id}"}}, "['x']['format']", "{prefix}/"),
        ({"x": PHYSICS | {"restricted": "no"}}, "['x']['restricted']", "withhold"),
        ({"x": PHYSICS | {"api_url": "ftp://x"}}, "['x']['api_url']", "https"),
        ({"x": PHYSICS | {"former_hosts": "x"}}, "['x']['former_hosts']", "list"),
        ({"default": PHYSICS}, "['default']", "plain settings"),
        ({"": PHYSICS}, "['']", "needs a name"),
        ({3: PHYSICS}, "[3]", "needs a name"),
        ({"x": "TEST.PHYSICS"}, "['x']", "dictionary"),
        ([PHYSICS], "", "dictionary"),
        (
            {"x": PHYSICS | {"prefixes": ["10.5072"], "test_mode": False}},
            "['x']['prefixes']",
            "for tests",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_write(entries, setting, said):
    found = problems(own(ACCOUNTS=entries))
    assert said in found[f"ACCOUNTS{setting}"], found
    assert "hush" not in str(found)


def test_all_accounts_are_complained_about_at_once():
    found = problems(accounts(x={}, y=changed(HISTORY, password=None)))
    assert {
        "ACCOUNTS['x']['username']",
        "ACCOUNTS['x']['password']",
        "ACCOUNTS['x']['prefixes']",
        "ACCOUNTS['y']['password']",
    } <= set(found)


def test_what_is_wrong_with_the_plain_settings_is_said_once():
    with pytest.raises(ConfigurationError) as error:
        load(own(TIMEOUT="x", ACCOUNTS={"x": PHYSICS, "y": HISTORY}))
    settings = [problem.setting for problem in error.value.problems]
    assert settings == ["RDM_RECORDS_DOI_DATACITE_TIMEOUT"]


def test_secrets_of_accounts_are_in_no_repr():
    settings = load(accounts(physics=PHYSICS, history=HISTORY))
    assert "hush" not in repr(settings)


def test_accounts_from_the_environment_may_be_json():
    text = json.dumps({"physics": PHYSICS | {"test_mode": True, "api_url": None}})
    assert "true" in text and "null" in text
    physics = load(own(ACCOUNTS=text)).account_named("physics")
    assert physics.prefixes == ("10.2000", "10.2001")
    found = problems(own(ACCOUNTS=text[:-1]))["ACCOUNTS"]
    assert "must be a dictionary" in found and "hush" not in found


def test_an_account_may_have_an_api_key():
    entry = changed(PHYSICS, username=None, password="DC.hush.key")
    settings = load(accounts(physics=entry | {"repository": "TEST.PHYSICS"}))
    physics = settings.account_named("physics")
    assert physics.bearer and physics.symbol == "TEST.PHYSICS"


# Passwords from files


@pytest.fixture()
def secret_file(tmp_path):
    def write(content):
        path = tmp_path / "password"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_a_password_file_may_end_with_a_line_break(secret_file, ending):
    path = secret_file(f"from the file{ending}")
    settings = load(own(PASSWORD=None, PASSWORD_FILE=path))
    assert settings.account.password == Secret("from the file")
    entry = changed(PHYSICS, password=None, password_file=path)
    settings = load(accounts(physics=entry))
    assert settings.others[0].password == Secret("from the file")


@pytest.mark.parametrize(
    "content,said",
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("hush\nhush", "several lines"),
        (b"\xff\xfe", "UTF-8"),
        ("hush" * 2000, "too large"),
        ("hush \n", "blank"),
    ],
)
def test_a_password_file_that_cannot_be_right(secret_file, content, said):
    path = secret_file(content)
    found = problems(own(PASSWORD=None, PASSWORD_FILE=path))
    assert said in found["PASSWORD_FILE"] and "hush" not in found["PASSWORD_FILE"]
    assert "PASSWORD" not in found
    entry = changed(PHYSICS, password=None, password_file=path)
    assert said in problems(accounts(x=entry))["ACCOUNTS['x']['password_file']"]


def test_a_password_file_that_is_missing_or_none(tmp_path):
    for path, said in (
        (str(tmp_path / "none"), "no such file"),
        (str(tmp_path), "not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("password", 'begins with "/"'),
        (5, 'begins with "/"'),
    ):
        found = problems(own(PASSWORD=None, PASSWORD_FILE=path))
        assert said in found["PASSWORD_FILE"], path


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_password_file_that_may_not_be_read(secret_file):
    path = secret_file("hush")
    os.chmod(path, 0)
    found = problems(own(PASSWORD=None, PASSWORD_FILE=path))
    assert "cannot be read" in found["PASSWORD_FILE"]


def test_a_password_file_of_a_broken_disk(secret_file, monkeypatch):
    """The file permissions are not the reason, and the test may run as root."""

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    path = secret_file("hush")
    monkeypatch.setattr("pathlib.Path.open", refuse)
    found = problems(own(PASSWORD=None, PASSWORD_FILE=path))
    assert "cannot be read (Permission denied)" in found["PASSWORD_FILE"]


def test_two_passwords_that_differ_are_refused_and_two_equal_ones_are_not(secret_file):
    path = secret_file("hush-hush\n")
    assert load(own(PASSWORD_FILE=path)).account.password == Secret("hush-hush")
    other = secret_file("another\n")
    assert (
        "another password than" in problems(own(PASSWORD_FILE=other))["PASSWORD_FILE"]
    )
    host = HOST | {"RDM_RECORDS_DOI_DATACITE_PASSWORD_FILE": other}
    assert "another password than" in problems(host)["PASSWORD_FILE"]


# Passwords from the environment


def test_a_password_from_the_environment(monkeypatch):
    entry = changed(PHYSICS, password=None, password_env="PHYSICS_PASSWORD")
    found = problems(accounts(x=entry))["ACCOUNTS['x']['password_env']"]
    assert "PHYSICS_PASSWORD of the environment, which is not set" in found
    monkeypatch.setenv("PHYSICS_PASSWORD", "hush-environment")
    account = load(accounts(x=entry)).others[0]
    assert account.password == Secret("hush-environment")
    for wrong in (["A"], "hush-hush", "", "HUSH hush"):
        bad = changed(PHYSICS, password=None, password_env=wrong)
        found = problems(accounts(x=bad))["ACCOUNTS['x']['password_env']"]
        # The value may be the password, in the wrong place.
        assert "name of a variable" in found and "hush" not in found


def test_a_password_in_the_place_of_a_file_is_not_shown():
    found = problems(own(PASSWORD=None, PASSWORD_FILE="hush-hush"))
    assert "path of a file" in found["PASSWORD_FILE"] and "hush" not in str(found)
