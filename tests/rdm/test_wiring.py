# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Integration of the package with a site's own configuration."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from celery import current_app as current_celery
from invenio_app.factory import create_api, create_ui
from invenio_db import db
from invenio_drafts_resources.services.records.components import ServiceComponent
from invenio_pidstore.models import PersistentIdentifier
from invenio_rdm_records import config as host
from invenio_rdm_records.resources.config import record_serializers
from invenio_rdm_records.resources.serializers import DataCite45JSONSerializer
from invenio_rdm_records.services.components import (
    DefaultRecordsComponents,
    ParentPIDsComponent,
    PIDsComponent,
)
from invenio_rdm_records.services.pids.providers import (
    DataCitePIDProvider as HostProvider,
)

from invenio_rdm_doi.ext import InvenioRDMDOI
from invenio_rdm_doi.links import landing_page
from invenio_rdm_doi.rdm.choice_component import DOIChoiceComponent
from invenio_rdm_doi.rdm.components import DOIComponent
from invenio_rdm_doi.rdm.exports.serializers import DataCite47JSONSerializer
from invenio_rdm_doi.rdm.host_components import DOIParentPIDsComponent, DOIPIDsComponent
from invenio_rdm_doi.rdm.provider import DataCitePIDProvider
from invenio_rdm_doi.registration.history import Attempt
from invenio_rdm_doi.registration.models import Kind, Registration
from invenio_rdm_doi.settings.loader import ConfigurationError
from tests.support.repository import doi_of

PROVIDERS = "RDM_PERSISTENT_IDENTIFIER_PROVIDERS"
PARENT_PROVIDERS = "RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS"
COMPONENTS = "RDM_RECORDS_SERVICE_COMPONENTS"


class SiteComponent(ServiceComponent):
    """A component added by a site."""


@pytest.fixture()
def make_app(app_config, instance_path):
    """Return a function that creates an application; None removes a setting."""

    def make(factory=create_api, **changes):
        config = {**app_config, **changes}
        return factory(**{k: v for k, v in config.items() if v is not None})

    return make


def off(app_config, **changes):
    """Return a configuration without any setting of this package."""
    return {
        key: None for key in app_config if key.startswith("RDM_RECORDS_DOI_DATACITE_")
    } | changes


def provider(app, setting=PROVIDERS):
    (found,) = [p for p in app.config[setting] if p.name == "datacite"]
    return found


def test_the_provider_takes_the_place_of_the_hosts(make_app):
    app = make_app()
    assert isinstance(provider(app), DataCitePIDProvider)
    assert provider(app).kind is Kind.RECORD
    assert provider(app, PARENT_PROVIDERS).kind is Kind.CONCEPT
    assert [p.name for p in app.config[PROVIDERS]] == [
        p.name for p in host.RDM_PERSISTENT_IDENTIFIER_PROVIDERS
    ]


def test_the_hosts_own_lists_are_not_changed(make_app):
    make_app()
    (found,) = [
        p for p in host.RDM_PERSISTENT_IDENTIFIER_PROVIDERS if p.name == "datacite"
    ]
    assert isinstance(found, HostProvider)
    assert DOIComponent not in DefaultRecordsComponents


def test_a_sites_own_providers_and_labels_stay(make_app):
    own = SimpleNamespace(name="urn", label="URN")
    mine = HostProvider("datacite", label=None)
    mine.label = "Our DOI"
    app = make_app(**{PROVIDERS: [own, mine, *host_others()]})
    names = [p.name for p in app.config[PROVIDERS]]
    assert names == ["urn", "datacite", "crossref", "external", "oai"]
    assert app.config[PROVIDERS][0] is own
    assert provider(app).label == "Our DOI"


def host_others():
    return [p for p in host.RDM_PERSISTENT_IDENTIFIER_PROVIDERS if p.name != "datacite"]


def around(components):
    """Return the components as this package changes them."""
    ours = {
        PIDsComponent: DOIPIDsComponent,
        ParentPIDsComponent: DOIParentPIDsComponent,
    }
    expected = [ours.get(component, component) for component in components]
    # Right before the component that decides on DOIs, and after all others.
    expected.insert(expected.index(DOIPIDsComponent), DOIChoiceComponent)
    return [*expected, DOIComponent]


def test_a_sites_own_components_stay(make_app):
    components = [SiteComponent, *DefaultRecordsComponents]
    app = make_app(**{COMPONENTS: components})
    assert app.config[COMPONENTS] == around(components)


def test_the_components_are_added_once(make_app):
    components = [DOIComponent, *DefaultRecordsComponents, DOIChoiceComponent]
    app = make_app(**{COMPONENTS: components})
    assert app.config[COMPONENTS] == around(DefaultRecordsComponents)


def test_the_services_use_provider_and_component(make_app):
    app = make_app()
    with app.app_context():
        service = app.extensions["invenio-rdm-records"].records_service
        assert [type(c) for c in service.components].count(DOIComponent) == 1
        providers = service.config.pids_providers["doi"]
        assert isinstance(providers["datacite"], DataCitePIDProvider)
        assert providers["default"] == "datacite"


def test_the_effective_values_are_written_back_for_the_host(make_app, sandbox_server):
    app = make_app()
    assert app.config["DATACITE_ENABLED"] is True
    assert app.config["DATACITE_USERNAME"] == "TEST.REPO"
    assert app.config["DATACITE_PREFIX"] == "10.1234"
    assert app.config["DATACITE_ADDITIONAL_PREFIXES"] == ["10.5678"]
    assert app.config["DATACITE_TEST_MODE"] is True


def test_a_callable_format_survives_the_hosts_start(make_app):
    def make_doi(prefix, record):
        return f"{prefix}/x.{record.pid.pid_value}"

    app = make_app(RDM_RECORDS_DOI_DATACITE_FORMAT=make_doi)
    assert app.config["DATACITE_FORMAT"] is make_doi


def test_the_schedule_has_the_delivery_and_keeps_the_sites_entries(make_app):
    entry = {"task": "site.task", "schedule": 60}
    app = make_app(CELERY_BEAT_SCHEDULE={"site": entry})
    schedule = app.config["CELERY_BEAT_SCHEDULE"]
    assert schedule["site"] == entry
    assert (
        schedule["invenio-rdm-doi-deliver"]["task"] == "invenio_rdm_doi.tasks.deliver"
    )
    assert schedule["invenio-rdm-doi-deliver"]["schedule"].total_seconds() == 60


def test_the_night_compares_and_tidies_up(make_app):
    schedule = make_app().config["CELERY_BEAT_SCHEDULE"]
    for name in ("reconcile", "audit", "clean-up"):
        task = schedule[f"invenio-rdm-doi-{name}"]["task"]
        assert task in current_celery.tasks, task


def start_lines(caplog):
    return [r for r in caplog.records if getattr(r, "code", "") == "start.adopt"]


def test_the_first_start_with_dois_tells_to_adopt_them(
    running_app, make_app, caplog, repository, record_data
):
    record = repository.publish(record_data)
    make_app()
    assert start_lines(caplog) == []
    db.session.execute(sa.delete(Attempt))
    db.session.execute(sa.delete(Registration))
    db.session.execute(
        sa.update(PersistentIdentifier)
        .where(PersistentIdentifier.pid_value == doi_of(record))
        .values(status="R")
    )
    db.session.commit()
    make_app()
    (line,) = start_lines(caplog)
    assert "invenio doi adopt" in line.getMessage()
    caplog.clear()
    make_app(SQLALCHEMY_DATABASE_URI="postgresql+psycopg2://nobody@127.0.0.1:1/x")
    assert start_lines(caplog) == [], "the start does not need the database"
    db.session.execute(
        sa.delete(PersistentIdentifier).where(PersistentIdentifier.pid_type == "doi")
    )
    db.session.commit()


def test_jobs_can_be_scheduled_by_administrators(make_app):
    app = make_app()
    with app.app_context():
        jobs = dict(app.extensions["invenio-jobs"].jobs)
    ours = {name for name in jobs if name.startswith("doi_")}
    assert ours == {"doi_deliver", "doi_reconcile", "doi_audit", "doi_clean_up"}
    for name in ours:
        assert jobs[name].build_task_arguments(None) == {}
        assert jobs[name].task.name in current_celery.tasks


def test_the_landing_page_exists(make_app):
    app = make_app(create_ui)
    assert any(
        "<any(" in rule.rule and "doi" in rule.rule for rule in app.url_map.iter_rules()
    )


# Switched off


def test_the_commands_about_metadata_work_before_it_is_switched_on(make_app):
    """InvenioRDM has no URLs for DOIs then."""
    app = make_app(create_ui, RDM_RECORDS_DOI_DATACITE_ENABLED=False)
    with app.app_context():
        page = landing_page("10.1234/x")
    assert page == "https://repository.example.org/doi/10.1234/x"


@pytest.mark.parametrize("explicitly", [True, False])
def test_off_leaves_the_host_as_it_was(make_app, app_config, explicitly):
    enabled = {"RDM_RECORDS_DOI_DATACITE_ENABLED": False if explicitly else None}
    app = make_app(**off(app_config, **enabled))
    assert isinstance(provider(app), HostProvider)
    assert app.config["DATACITE_ENABLED"] is False
    with app.app_context():
        service = app.extensions["invenio-rdm-records"].records_service
        assert DOIComponent not in [type(c) for c in service.components]
    schedule = app.config.get("CELERY_BEAT_SCHEDULE") or {}
    assert "invenio-rdm-doi-deliver" not in schedule


def test_explicitly_off_leaves_the_hosts_own_support_on(make_app, app_config):
    app = make_app(
        **off(
            app_config,
            RDM_RECORDS_DOI_DATACITE_ENABLED=False,
            DATACITE_ENABLED=True,
            DATACITE_USERNAME="HOST.REPO",
            DATACITE_PASSWORD="hush",
            DATACITE_PREFIX="10.4321",
        )
    )
    assert isinstance(provider(app), HostProvider)
    assert app.config["DATACITE_ENABLED"] is True


# Drop-in replacement


def test_an_instance_with_datacite_settings_only_is_taken_over(
    make_app, app_config, caplog
):
    with caplog.at_level("INFO"):
        app = make_app(
            **off(
                app_config,
                DATACITE_ENABLED=True,
                DATACITE_USERNAME="HOST.REPO",
                DATACITE_PASSWORD="hush-hush",
                DATACITE_PREFIX="10.4321",
                DATACITE_FORMAT="{prefix}/host.{id}",
            )
        )
    assert isinstance(provider(app), DataCitePIDProvider)
    settings = app.extensions["invenio-rdm-doi"].settings
    assert settings.account.symbol == "HOST.REPO"
    assert settings.account.format == "{prefix}/host.{id}"
    assert app.config["RDM_RECORDS_DOI_DATACITE_ENABLED"] is True
    (line,) = [r.getMessage() for r in caplog.records if "doi.start:" in r.getMessage()]
    assert "taken over from DATACITE_*" in line
    assert "HOST.REPO" in line
    assert "hush-hush" not in caplog.text


# Invalid settings


def test_bad_settings_stop_the_start_with_all_problems(make_app):
    with pytest.raises(ConfigurationError) as error:
        make_app(
            RDM_RECORDS_DOI_DATACITE_PREFIX="nonsense",
            RDM_RECORDS_DOI_DATACITE_FORMAT="{prefix}/x",
        )
    assert len(error.value.problems) == 2


def test_the_password_is_in_no_repr(make_app):
    app = make_app()
    extension: InvenioRDMDOI = app.extensions["invenio-rdm-doi"]
    with app.app_context():
        shown = (
            f"{extension.settings!r} {extension.client()!r} {extension.delivery()!r}"
        )
    assert "sandbox-password" not in shown


@pytest.mark.parametrize("export", [True, False])
def test_the_export_is_the_hosts_where_the_site_wants_that(make_app, export):
    app = make_app(RDM_RECORDS_DOI_DATACITE_EXPORT=export)
    handlers = app.config.get("RDM_RECORDS_SERIALIZERS") or record_serializers
    serializer = handlers["application/vnd.datacite.datacite+json"].serializer
    assert isinstance(serializer, DataCite47JSONSerializer) is export
    assert isinstance(serializer, DataCite45JSONSerializer) is not export
