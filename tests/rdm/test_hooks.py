# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A hook that finds nothing in InvenioRDM is logged and listed by ``check``."""

from __future__ import annotations

import logging
import re
from copy import copy
from pathlib import Path

import pytest
from flask.templating import DispatchingJinjaLoader
from invenio_app.factory import create_api, create_ui
from invenio_app_rdm import config as pages_host
from invenio_rdm_records import config as host
from invenio_rdm_records.services.components import (
    DefaultRecordsComponents,
    ParentPIDsComponent,
    PIDsComponent,
)
from invenio_rdm_records.services.config import RDMRecordServiceConfig
from invenio_rdm_records.services.pids import PIDManager, PIDsService

from invenio_rdm_doi.hooks import HOOKS, Hooks
from invenio_rdm_doi.rdm import unit_of_work
from invenio_rdm_doi.ui import templates

ROOT = Path(__file__).parents[2]
SERIALIZERS = "invenio_rdm_records.resources.serializers"


@pytest.fixture()
def make_app(app_config, instance_path):
    """Return a function that creates an application."""

    def make(factory=create_ui, **changes):
        return factory(**{**app_config, **changes})

    return make


def missing(app):
    return set(app.extensions["invenio-rdm-doi"].hooks.missing)


@pytest.mark.parametrize("factory", [create_ui, create_api])
def test_every_hook_finds_its_place(make_app, factory):
    assert missing(make_app(factory)) == set()


def without(component):
    return [one for one in DefaultRecordsComponents if one is not component]


def external_without_validators():
    found = []
    for provider in host.RDM_PERSISTENT_IDENTIFIER_PROVIDERS:
        provider = copy(provider)
        if provider.name == "external":
            provider._validators = []
        found.append(provider)
    return found


def identifiers_without_datacite():
    doi = {**host.RDM_PERSISTENT_IDENTIFIERS["doi"], "providers": ["external"]}
    return {**host.RDM_PERSISTENT_IDENTIFIERS, "doi": doi}


def exporter(name, serializer):
    entry = {
        **pages_host.APP_RDM_RECORD_EXPORTERS[name],
        "serializer": f"{SERIALIZERS}:{serializer}",
    }
    return {**pages_host.APP_RDM_RECORD_EXPORTERS, name: entry}


CHANGED_SETTINGS = [
    ("identifiers", "RDM_PERSISTENT_IDENTIFIERS", identifiers_without_datacite()),
    (
        "external_provider",
        "RDM_PERSISTENT_IDENTIFIER_PROVIDERS",
        external_without_validators(),
    ),
    ("components", "RDM_RECORDS_SERVICE_COMPONENTS", without(PIDsComponent)),
    ("components", "RDM_RECORDS_SERVICE_COMPONENTS", without(ParentPIDsComponent)),
    (
        "export.json",
        "APP_RDM_RECORD_EXPORTERS",
        exporter("datacite-json", "DataCite50JSONSerializer"),
    ),
    (
        "export.xml",
        "APP_RDM_RECORD_EXPORTERS",
        exporter("datacite-xml", "DataCite50XMLSerializer"),
    ),
    (
        "export.dcat",
        "APP_RDM_RECORD_EXPORTERS",
        exporter("dcat-ap", "DCAT4Serializer"),
    ),
    (
        "export.oai",
        "OAISERVER_METADATA_FORMATS",
        {
            "datacite": {
                "serializer": "invenio_rdm_records.oai:datacite5_etree",
                "schema": "http://schema.datacite.org/meta/kernel-5/metadata.xsd",
                "namespace": "http://datacite.org/schema/kernel-5",
            }
        },
    ),
    ("form", "APP_RDM_DEPOSIT_FORM_TEMPLATE", "invenio_app_rdm/macros/doi.html"),
    ("form", "APP_RDM_DEPOSIT_FORM_TEMPLATE", "a_site/renamed.html"),
    ("record", "APP_RDM_RECORD_LANDING_PAGE_TEMPLATE", "invenio_theme/page.html"),
    ("scripts", "THEME_JAVASCRIPT_TEMPLATE", ""),
    ("side_bar", "APP_RDM_DETAIL_SIDE_BAR_TEMPLATES", []),
]


@pytest.mark.parametrize(("hook", "setting", "value"), CHANGED_SETTINGS)
def test_a_renamed_entry_of_a_setting_is_noticed(
    make_app, caplog, hook, setting, value
):
    with caplog.at_level(logging.WARNING):
        app = make_app(**{setting: value})
    assert missing(app) == {hook}
    (record,) = [r for r in caplog.records if r.message.startswith("doi.hook.missing")]
    assert record.hook == hook
    assert HOOKS[hook].effect in record.message


@pytest.mark.parametrize(
    ("hook", "cls", "name"),
    [
        ("pid_manager", PIDManager, "create"),
        ("pid_manager", PIDManager, "_get_provider"),
        ("pid_service", PIDsService, "resolve"),
    ],
)
def test_a_renamed_method_is_noticed(make_app, monkeypatch, hook, cls, name):
    monkeypatch.delattr(cls, name)
    assert missing(make_app(create_api)) == {hook}


def test_a_renamed_link_is_noticed(make_app, monkeypatch):
    monkeypatch.delitem(RDMRecordServiceConfig.links_item, "self_doi")
    assert missing(make_app(create_api)) == {"links"}


def test_a_renamed_setting_is_noticed(make_app, monkeypatch):
    monkeypatch.delattr(host, "RDM_OPTIONAL_DOI_VALIDATOR")
    assert missing(make_app(create_api)) == {"optional_doi"}


def test_a_renamed_attribute_of_an_operation_is_noticed(make_app, monkeypatch):
    class Renamed:
        def __init__(self, task):
            self.task = task

    monkeypatch.setattr(unit_of_work, "TaskOp", Renamed)
    assert missing(make_app(create_api)) == {"unit_of_work"}


def test_a_renamed_endpoint_is_noticed(make_app, monkeypatch):
    monkeypatch.setattr(templates, "ENDPOINTS", ("record_from_pid", "renamed"))
    assert missing(make_app()) == {"pages"}


def test_a_renamed_panel_is_noticed(make_app, monkeypatch):
    name = "APP_RDM_DETAIL_SIDE_BAR_TEMPLATES"
    panels = [panel for panel in getattr(pages_host, name) if panel != templates.BEFORE]
    monkeypatch.setattr(pages_host, name, panels)
    assert missing(make_app()) == {"side_bar"}


def test_a_template_with_an_error_does_not_stop_the_start(make_app, monkeypatch):
    get_source = DispatchingJinjaLoader.get_source

    def broken(loader, environment, template):
        if template == "a_site/broken.html":
            return "{% block javascript %}", template, None
        return get_source(loader, environment, template)

    monkeypatch.setattr(DispatchingJinjaLoader, "get_source", broken)
    app = make_app(APP_RDM_DEPOSIT_FORM_TEMPLATE="a_site/broken.html")
    assert missing(app) == {"form"}


def test_a_wrong_name_is_an_error():
    with pytest.raises(KeyError):
        Hooks().note("unknown", True)


def test_a_sites_own_choice_is_not_a_missing_hook(make_app):
    app = make_app(
        APP_RDM_RECORD_EXPORTERS=exporter("datacite-json", "")
        | {"datacite-json": {"serializer": "a_site.serializers:DataCiteJSON"}},
        RDM_OPTIONAL_DOI_VALIDATOR=None,
        APP_RDM_RECORD_LANDING_PAGE_TEMPLATE="invenio_app_rdm/records/detail.html",
        APP_RDM_DETAIL_SIDE_BAR_TEMPLATES=["a_site/panel.html"],
    )
    assert missing(app) == set()


def test_check_lists_it(run, running_app, monkeypatch):
    status, output = run("check")
    assert "All hooks into InvenioRDM are in place." in output
    monkeypatch.setattr(
        running_app.extensions["invenio-rdm-doi"].hooks,
        "missing",
        {"form": HOOKS["form"]},
    )
    status, output = run("check")
    assert status == 1
    assert "The hook 'form' was not found in InvenioRDM." in output
    assert "APP_RDM_DEPOSIT_FORM_TEMPLATE" in " ".join(output.split())


def test_the_documentation_lists_every_hook():
    text = (ROOT / "docs" / "integration.rst").read_text()
    named = re.findall(r"^   \* - ``([a-z_.]+)``", text, re.M)
    assert sorted(named) == sorted(HOOKS)
    described = set(re.findall(r"``((?:rdm|ui)/[a-z_/]+\.py)``", text))
    package = ROOT / "invenio_rdm_doi"
    modules = {
        path.relative_to(package).as_posix()
        for folder in ("rdm", "ui")
        for path in (package / folder).rglob("*.py")
        if path.name != "__init__.py" or path.parent.name == "exports"
    }
    assert described == modules
