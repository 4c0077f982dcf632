# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Settings without an application: accepted, taken over and refused values."""

from __future__ import annotations

from copy import deepcopy
from types import SimpleNamespace

import pytest
from flask import Config

from invenio_rdm_doi.rdm import host_settings
from invenio_rdm_doi.settings.connection import PRODUCTION_URL, TEST_URL
from invenio_rdm_doi.settings.loader import ConfigurationError, load
from invenio_rdm_doi.settings.model import MetadataSettings, Off, Settings
from invenio_rdm_doi.settings.secret import Secret

OWN = {
    "RDM_RECORDS_DOI_DATACITE_ENABLED": True,
    "RDM_RECORDS_DOI_DATACITE_USERNAME": "TEST.REPO",
    "RDM_RECORDS_DOI_DATACITE_PASSWORD": "hush-hush",
    "RDM_RECORDS_DOI_DATACITE_PREFIX": "10.1234",
}
HOST = {
    "DATACITE_ENABLED": True,
    "DATACITE_USERNAME": "HOST.REPO",
    "DATACITE_PASSWORD": "hush-hush",
    "DATACITE_PREFIX": "10.4321",
    "DATACITE_TEST_MODE": False,
    "DATACITE_FORMAT": "{prefix}/host.{id}",
    "DATACITE_ADDITIONAL_PREFIXES": ["10.9999"],
}
HOST_DEFAULTS = {
    "DATACITE_ENABLED": False,
    "DATACITE_USERNAME": "",
    "DATACITE_PASSWORD": "",
    "DATACITE_PREFIX": "",
    "DATACITE_TEST_MODE": True,
    "DATACITE_FORMAT": "{prefix}/{id}",
    "DATACITE_ADDITIONAL_PREFIXES": [],
}


def own(**values):
    """Return a complete configuration, with some settings changed (None: removed)."""
    config = {**HOST_DEFAULTS, **OWN}
    config |= {f"RDM_RECORDS_DOI_DATACITE_{k}": v for k, v in values.items()}
    return {k: v for k, v in config.items() if v is not None}


def problems(config):
    """Return the messages of all problems by setting."""
    with pytest.raises(ConfigurationError) as error:
        load(config)
    return {
        problem.setting.removeprefix("RDM_RECORDS_DOI_DATACITE_"): problem.message
        for problem in error.value.problems
    }


def test_defaults_are_safe():
    settings = load(own())
    assert isinstance(settings, Settings)
    assert settings.account.test_mode
    assert settings.account.api_url == TEST_URL
    assert settings.account.prefixes == ("10.1234",)
    assert settings.account.timeout == (5, 30)
    assert settings.account.format == "{prefix}/{id}"


def test_production_is_a_choice():
    assert load(own(TEST_MODE=False)).account.api_url == PRODUCTION_URL


def test_api_url_wins_over_the_mode():
    settings = load(own(TEST_MODE=False, API_URL="https://proxy.example.org/datacite"))
    assert settings.account.api_url == "https://proxy.example.org/datacite/"


def test_disabled_by_default():
    assert load(HOST_DEFAULTS) == Off()


def test_passwords_are_in_no_repr():
    assert "hush" not in repr(load(own()))


# Taking over DATACITE_*


def test_host_settings_are_taken_over():
    settings = load(HOST)
    assert isinstance(settings, Settings)
    assert settings.source == "host"
    assert settings.account.symbol == "HOST.REPO"
    assert settings.account.username == Secret("HOST.REPO")
    assert settings.account.prefixes == ("10.4321", "10.9999")
    assert settings.account.format == "{prefix}/host.{id}"
    assert settings.account.api_url == PRODUCTION_URL


def test_own_settings_complete_the_hosts():
    settings = load({**HOST, "RDM_RECORDS_DOI_DATACITE_CONTACT": "doi@example.org"})
    assert settings.account.contact == "doi@example.org"
    assert settings.source == "host"


def test_explicitly_off_wins_over_the_host():
    assert load({**HOST, "RDM_RECORDS_DOI_DATACITE_ENABLED": False}) == Off()


def test_explicitly_off_does_not_ask_for_credentials():
    assert load({"RDM_RECORDS_DOI_DATACITE_ENABLED": False}) == Off()


def test_settings_that_differ_are_refused_and_both_are_named():
    found = problems({**HOST, **OWN, "RDM_RECORDS_DOI_DATACITE_TEST_MODE": True})
    assert set(found) == {"USERNAME", "PREFIX", "TEST_MODE"}
    assert "DATACITE_USERNAME" in found["USERNAME"]
    assert "'10.1234' and '10.4321'" in found["PREFIX"]


def test_passwords_that_differ_are_not_shown():
    found = problems({**HOST, "RDM_RECORDS_DOI_DATACITE_PASSWORD": "quiet"})
    assert "quiet" not in found["PASSWORD"]
    assert "hush" not in found["PASSWORD"]


def test_equal_settings_are_fine():
    config = {**HOST, "RDM_RECORDS_DOI_DATACITE_PREFIX": "10.4321"}
    assert load(config).account.prefix == "10.4321"


def test_effective_values_for_the_host():
    app = SimpleNamespace(config={})
    host_settings.use(app, load(own(ADDITIONAL_PREFIXES=["10.5678"])))
    host = app.config
    assert host["DATACITE_ENABLED"] is True
    assert host["DATACITE_USERNAME"] == "TEST.REPO"
    assert host["DATACITE_PREFIX"] == "10.1234"
    assert host["DATACITE_ADDITIONAL_PREFIXES"] == ["10.5678"]
    assert host["DATACITE_TEST_MODE"] is True
    assert set(host) == set(HOST_DEFAULTS)


# Refusals


def test_all_problems_are_reported_at_once():
    found = problems(
        {
            "RDM_RECORDS_DOI_DATACITE_ENABLED": True,
            "RDM_RECORDS_DOI_DATACITE_PREFIX": "doi:10.1234",
            "RDM_RECORDS_DOI_DATACITE_FORMAT": "{prefix}/x",
            "RDM_RECORDS_DOI_DATACITE_API_URL": "http://api.example.org",
            "RDM_RECORDS_DOI_DATACITE_USER": "TEST.REPO",
        }
    )
    assert set(found) == {
        "USERNAME",
        "PASSWORD",
        "PREFIX",
        "FORMAT",
        "API_URL",
        "USER",
    }


def test_a_typo_is_not_ignored_even_when_off():
    found = problems({"RDM_RECORDS_DOI_DATACITE_ENABELD": True})
    assert "RDM_RECORDS_DOI_DATACITE_ENABLED?" in found["ENABELD"]


def test_an_unknown_name_without_a_near_one_lists_the_known():
    assert "PREFIX" in problems(own(QQQQ=1))["QQQQ"]


@pytest.mark.parametrize(
    "prefix", ["1234", "10.12", "10.123456", "https://doi.org/10.1234", "10.1234/", ""]
)
def test_malformed_prefixes(prefix):
    assert '"10.1234"' in problems(own(PREFIX=prefix))["PREFIX"]


def test_a_prefix_without_quotes_loses_zeros():
    assert "quotes" in problems(own(PREFIX=10.5280))["PREFIX"]


def test_additional_prefixes_are_checked_too():
    found = problems(own(ADDITIONAL_PREFIXES=["10.5678", "5678"]))
    assert "'5678'" in found["ADDITIONAL_PREFIXES"]
    assert "list" in problems(own(ADDITIONAL_PREFIXES="10.5678"))["ADDITIONAL_PREFIXES"]


@pytest.mark.parametrize(
    "format_, said",
    [
        ("{prefix}/always-the-same", "must contain {id}"),
        ("{prefix}/{id}/{year}", "{prefix} and {id}"),
        ("{prefix}/{id}{", "{prefix} and {id}"),
        ("{prefix}/größe.{id}", "DataCite refuses"),
        ("{prefix}/a+{id}", "DataCite refuses"),
        ("{prefix}/{id} ", "DataCite refuses"),
        ("{prefix}/" + 250 * "x" + "{id}", "255"),
        ("zenodo.{id}", "must start with {prefix}/"),
        ("10.9999/{id}", "must start with {prefix}/"),
        (17, "must contain {id}"),
    ],
)
def test_formats_that_would_make_bad_dois(format_, said):
    assert said in problems(own(FORMAT=format_))["FORMAT"]


def test_a_format_may_be_callable():
    assert callable(
        load(own(FORMAT=lambda prefix, record: f"{prefix}/x")).account.format
    )


def test_a_callable_that_the_host_turned_into_text():
    host = {**HOST, "DATACITE_FORMAT": "<function make_doi at 0x7f0000000000>"}
    assert "is a function" in problems(host)["FORMAT"]


@pytest.mark.parametrize(
    "url, said",
    [
        ("http://api.example.org", "unencrypted"),
        ("ftp://api.example.org", "not an address"),
        ("api.datacite.org", "not an address"),
        ("https://me:secret@api.example.org", "must not contain"),
        (5, "not an address"),
    ],
)
def test_api_urls_that_are_refused(url, said):
    assert said in problems(own(API_URL=url))["API_URL"]


def test_secrets_in_an_api_url_are_not_repeated():
    found = problems(own(API_URL="https://me:secret@api.example.org"))
    assert "secret" not in found["API_URL"]


@pytest.mark.parametrize("host", ["127.0.0.1:5555", "localhost", "[::1]:5555"])
def test_plain_http_is_for_this_machine_only(host):
    assert load(own(API_URL=f"http://{host}")).account.api_url == f"http://{host}/"


def test_production_with_a_test_prefix():
    assert "tests" in problems(own(TEST_MODE=False, PREFIX="10.5072"))["PREFIX"]
    assert load(own(TEST_MODE=True, PREFIX="10.5072")).account.prefix == "10.5072"


@pytest.mark.parametrize("timeout", [0, -1, (5,), (5, 0), "30", None.__class__])
def test_time_outs_that_are_refused(timeout):
    assert "(5, 30)" in problems(own(TIMEOUT=timeout))["TIMEOUT"]


def test_one_time_out_for_both():
    assert load(own(TIMEOUT=7)).account.timeout == (7, 7)


@pytest.mark.parametrize("contact", ["nobody", "a b@example.org", "x@y\r\nEvil: 1"])
def test_contacts_that_are_refused(contact):
    assert "e-mail" in problems(own(CONTACT=contact))["CONTACT"]


@pytest.mark.parametrize("name", ["ENABLED", "TEST_MODE"])
def test_switches_are_true_or_false(name):
    assert "True or False" in problems(own(**{name: "no"}))[name]


def test_retries():
    assert "RETRY_BASE" in problems(own(RETRY_BASE=-1))
    assert "RETRY_CAP" in problems(own(RETRY_BASE=100, RETRY_CAP=10))


def test_the_error_names_every_setting_in_full():
    with pytest.raises(ConfigurationError) as error:
        load(own(PREFIX="x", TIMEOUT=0))
    assert "RDM_RECORDS_DOI_DATACITE_PREFIX" in str(error.value)
    assert "RDM_RECORDS_DOI_DATACITE_TIMEOUT" in str(error.value)
    assert "[config.prefix]" in str(error.value)


# Metadata


def test_publishers_get_their_identifiers_in_datacites_words():
    settings = load(
        OWN
        | {
            "RDM_RECORDS_DOI_DATACITE_PUBLISHER_IDENTIFIERS": {
                "CERN": "https://ror.org/01ggx4157",
                "Zenodo": "https://doi.org/10.17616/R3QP53",
                "Our  Archive": {
                    "identifier": "a-7",
                    "scheme": "Our List",
                    "scheme_uri": "https://example.org/list",
                },
            }
        }
    )
    assert settings.metadata.publishers == {
        "cern": {
            "publisherIdentifier": "https://ror.org/01ggx4157",
            "publisherIdentifierScheme": "ROR",
            "schemeUri": "https://ror.org",
        },
        "zenodo": {
            "publisherIdentifier": "https://doi.org/10.17616/R3QP53",
            "publisherIdentifierScheme": "re3data",
            "schemeUri": "https://www.re3data.org",
        },
        "our archive": {
            "publisherIdentifier": "a-7",
            "publisherIdentifierScheme": "Our List",
            "schemeUri": "https://example.org/list",
        },
    }


def test_dumpers_are_imported():
    name = "RDM_RECORDS_DOI_DATACITE_DUMPERS"
    settings = load(OWN | {name: ["copy:deepcopy", dict]})
    assert settings.metadata.dumpers == (deepcopy, dict)


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("PUBLISHER_IDENTIFIERS", ["CERN"], "must be like"),
        ("PUBLISHER_IDENTIFIERS", {"CERN": "01ggx4157"}, "the identifier of 'CERN'"),
        ("PUBLISHER_IDENTIFIERS", {"CERN": {"identifier": "x"}}, "of 'CERN'"),
        ("PUBLISHER_IDENTIFIERS", {"C": {"identifier": "", "scheme": "x"}}, "of 'C'"),
        ("PUBLISHER_IDENTIFIERS", {"C": "https://ror.org/"}, "of 'C'"),
        ("DUMPERS", "copy:deepcopy", "must be a list"),
        ("DUMPERS", ["no_such_module:function"], "cannot be imported"),
        ("DUMPERS", [7], "7 is not a function"),
        ("EXPORT", "yes", "must be True or False"),
    ],
)
def test_settings_of_metadata_are_checked(name, value, message):
    with pytest.raises(ConfigurationError) as raised:
        load(OWN | {f"RDM_RECORDS_DOI_DATACITE_{name}": value})
    (problem,) = raised.value.problems
    assert problem.setting == f"RDM_RECORDS_DOI_DATACITE_{name}"
    assert problem.code == f"config.{name.lower()}"
    assert message in problem.message


def test_metadata_can_be_tried_before_registration_is_switched_on():
    settings = load(
        {
            "RDM_RECORDS_DOI_DATACITE_ENABLED": False,
            "RDM_RECORDS_DOI_DATACITE_DUMPERS": ["copy:deepcopy", "no_such:thing"],
        }
    )
    assert settings == Off(MetadataSettings(dumpers=(deepcopy,)))


# Values as they arrive from files and from the environment


@pytest.mark.parametrize("name", ["USERNAME", "PASSWORD"])
@pytest.mark.parametrize("value", [" TEST.REPO", "TEST.REPO\n", "\tTEST.REPO"])
def test_blanks_around_credentials_are_found(name, value):
    found = problems(own(**{name: value}))
    assert "blank or a line break" in found[name]
    assert value not in found[name]


@pytest.mark.parametrize("contact", ["dój@example.org", "doi@exämple.org", "a@b\x00c"])
def test_a_contact_that_no_header_takes_is_found(contact):
    assert "not an e-mail address" in problems(own(CONTACT=contact))["CONTACT"]


@pytest.mark.parametrize("value", ["rediss-cluster://x", "postgresql://x/y"])
def test_a_storage_that_limits_does_not_know_is_found(value):
    assert "not a storage" in problems(own(RATE_STORAGE=value))["RATE_STORAGE"]


@pytest.mark.parametrize(
    "value",
    ["{prefix}/{id.x}", "{prefix}/{id[0]}", "{prefix}/{id.__class__}", "{prefix}/{id"],
)
def test_a_format_can_only_name_prefix_and_identifier(value):
    assert "FORMAT" in problems(own(FORMAT=value))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.datacite.org/dois",
        "https://api.datacite.org/?page=1",
        "https://proxy.example.org/a/../b",
        "https://proxy.example.org/a%2Fb",
        "https://proxy.example.org/#x",
        "https://doi.org/",
        "https://proxy.example.org:many/",
    ],
)
def test_an_api_url_is_an_address_alone(url):
    assert "API_URL" in problems(own(API_URL=url, TEST_MODE=False))


def test_the_mode_fits_the_address():
    test = own(TEST_MODE=True, API_URL="https://API.datacite.org")
    assert "production system" in problems(test)["TEST_MODE"]
    production = own(TEST_MODE=False, API_URL="https://api.test.datacite.org/")
    assert "test system" in problems(production)["TEST_MODE"]


def test_the_environment_gives_text_and_numbers():
    settings = load(
        own(ENABLED="true", TEST_MODE="False", PASSWORD=12345, EXPORT="FALSE")
    )
    assert not settings.account.test_mode
    assert settings.exports == frozenset()
    assert settings.account.password == Secret("12345")


@pytest.mark.parametrize("prefix", [10.123, 10])
def test_a_prefix_is_never_a_number(prefix):
    """As numbers, 10.1230 and 10.123 would be the same."""
    message = problems(own(PREFIX=prefix))["PREFIX"]
    assert "INVENIO_RDM_RECORDS_DOI_DATACITE_PREFIX='\"10.1234\"'" in message


KEY = "DC." + "k" * 32


@pytest.mark.parametrize(
    "values, bearer",
    [
        ({"USERNAME": KEY, "PASSWORD": "", "REPOSITORY": "TEST.REPO"}, False),
        ({"USERNAME": "TEST.REPO", "PASSWORD": KEY}, False),
        ({"USERNAME": "", "PASSWORD": KEY, "REPOSITORY": "TEST.REPO"}, True),
    ],
)
def test_an_api_key_is_a_secret_wherever_it_stands(values, bearer):
    account = load(own(**values)).account
    assert (account.symbol, account.bearer, account.uses_key) == (
        "TEST.REPO",
        bearer,
        True,
    )
    assert KEY not in f"{account!r} {account.id} {account.username} {account.password}"


def test_a_key_as_user_name_needs_the_repository():
    found = problems(own(USERNAME=KEY, PASSWORD=""))
    assert set(found) == {"REPOSITORY"}
    assert KEY not in str(found)


def test_secrets_are_in_no_repr_of_the_settings():
    settings = load(own(RATE_STORAGE="redis://:redis-password@127.0.0.1:6379/0") | {})
    assert "redis-password" not in repr(settings)
    assert "hush-hush" not in repr(settings)


def test_secrets_are_in_no_frame_of_a_refused_configuration():
    """An error reporter collects the repr of the variables of each frame."""
    config = Config("/", own(PREFIX="wrong"))
    with pytest.raises(ConfigurationError) as raised:
        load(config)
    ours = [
        entry.frame.f_locals
        for entry in raised.traceback
        if "invenio_rdm_doi" in str(entry.path)
        and "tests" not in str(entry.path.relative_to(entry.path.parents[1]))
    ]
    assert ours
    assert "hush-hush" not in repr(ours)


@pytest.mark.parametrize("token", ["short", 7, "with a space in the middle", "ä" * 20])
def test_a_token_that_is_none_is_complained_about_and_not_shown(token):
    with pytest.raises(ConfigurationError) as raised:
        load(OWN | {"RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN": token})
    (problem,) = raised.value.problems
    assert problem.setting == "RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN"
    assert str(token) not in str(problem)


def test_a_token_is_a_secret():
    settings = load(OWN | {"RDM_RECORDS_DOI_DATACITE_METRICS_TOKEN": "x" * 16})
    assert settings.metrics_token.reveal() == "x" * 16
    assert "x" * 16 not in repr(settings)
