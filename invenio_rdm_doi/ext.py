# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Flask extension: wires the settings into InvenioRDM's configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from flask import Flask
from invenio_rdm_records.services.components import DefaultRecordsComponents

from . import config
from .choices import kinds as transitions
from .datacite.budget import Budget
from .datacite.client import DataCiteClient
from .rdm.components import DOIChoiceComponent, DOIComponent
from .rdm.error_handlers import replace_error_handlers
from .rdm.events import listen
from .rdm.exports import replace_exports
from .rdm.external_provider import with_own_prefixes
from .rdm.provider import PROVIDER_NAME, DataCitePIDProvider
from .registration.breaker import Breaker
from .registration.delivery import Delivery
from .registration.models import Kind
from .resources import DOIResource, DOIResourceConfig
from .services import DOIService, DOIServiceConfig
from .settings.loader import NAMESPACE, load
from .settings.model import Settings
from .tasks import BEAT_SCHEDULE
from .ui import templates as pages


class InvenioRDMDOI:
    """Invenio-RDM-DOI extension."""

    def __init__(self, app: Flask | None = None):
        """Constructor."""
        self.settings = Settings(enabled=False)
        self.service: DOIService | None = None
        self.resource: DOIResource | None = None
        self.templates: dict[str, str] = {}
        self._client: tuple[int, DataCiteClient] | None = None
        if app:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Flask application initialization.

        The host's blueprints look at ``DATACITE_ENABLED`` when they are made, so that
        it has to be set before; the rest waits for :func:`finalize_app`.

        :raises ConfigurationError: with everything that is wrong.
        """
        app.extensions["invenio-rdm-doi"] = self
        self.settings = load(app.config)
        if self.settings.enabled:
            self._write_back(app)
            self.service = DOIService(DOIServiceConfig)
            self.resource = DOIResource(DOIResourceConfig.build(app), self.service)
            replace_error_handlers(app)

    def wire(self, app: Flask) -> None:
        """Plug the provider and the component into the host's configuration."""
        if not self.settings.enabled:
            if f"{NAMESPACE}ENABLED" not in app.config:
                # Nobody decided that there are no DOIs: the form says what is missing.
                self.templates = pages.use(app, form_only=True)
            return
        self.templates = pages.use(app)
        pages.add_record_panel(app)
        # Once more: the host turns a callable FORMAT into text at its own start.
        self._write_back(app)
        # New lists: the host's defaults are shared by all applications of a process.
        for name, kind in (
            ("RDM_PERSISTENT_IDENTIFIER_PROVIDERS", Kind.RECORD),
            ("RDM_PARENT_PERSISTENT_IDENTIFIER_PROVIDERS", Kind.PARENT),
        ):
            app.config[name] = self._with_provider(app.config[name], kind)
        app.config["RDM_RECORDS_SERVICE_COMPONENTS"] = _with_component(
            app.config.get("RDM_RECORDS_SERVICE_COMPONENTS") or DefaultRecordsComponents
        )
        app.config["CELERY_BEAT_SCHEDULE"] = BEAT_SCHEDULE | (
            app.config.get("CELERY_BEAT_SCHEDULE") or {}
        )
        transitions.use(app.config)
        listen()
        if self.settings.export:
            replace_exports(app)
        self._announce(app)

    def _write_back(self, app: Flask) -> None:
        for name in vars(config):
            if name.startswith(NAMESPACE):
                app.config.setdefault(name, getattr(config, name))
        app.config[f"{NAMESPACE}ENABLED"] = True
        # The host's views, links and serializers read these.
        app.config.update(self.settings.host_config())

    def client(self) -> DataCiteClient:
        """The account's client: one, with one pool of connections, per process."""
        # A connection must not be shared with the process that this was forked from.
        if self._client is None or self._client[0] != os.getpid():
            account = self.settings.account
            budget = Budget(
                *self.settings.rate, self.settings.rate_storage, account.api_url
            )
            self._client = (os.getpid(), DataCiteClient(account, budget))
        return self._client[1]

    def breaker(self) -> Breaker:
        """The account's health."""
        return Breaker(self.settings.account)

    def delivery(self) -> Delivery:
        """A delivery for the configured account."""
        return Delivery(self.settings, self.client(), self.breaker())

    def _with_provider(self, providers: Iterable[Any], kind: Kind) -> list[Any]:
        """The same providers, with this package's in the place of ``datacite``."""
        replaced = [self._replaced(provider, kind) for provider in providers]
        if not any(provider.name == PROVIDER_NAME for provider in replaced):
            replaced.append(DataCitePIDProvider(self.settings, kind))
        return replaced

    def _replaced(self, provider: Any, kind: Kind) -> Any:
        if provider.name == PROVIDER_NAME:
            return DataCitePIDProvider(self.settings, kind, label=provider.label)
        if hasattr(provider, "_validators"):
            return with_own_prefixes(provider, self.settings.account.prefixes)
        return provider

    def _announce(self, app: Flask) -> None:
        account = self.settings.account
        app.logger.info(
            "doi.start: registering DOIs for %s (%s) at %s%s",
            account.username,
            ", ".join(account.prefixes),
            account.api_url,
            (
                "; settings taken over from DATACITE_*"
                if self.settings.source == "host"
                else ""
            ),
            extra={
                "account": account.username,
                "api_url": account.api_url,
                "test_mode": self.settings.test_mode,
                "source": self.settings.source,
            },
        )


def _with_component(components: Iterable[type]) -> list[type]:
    """The same components, with this package's around them.

    One before the host's components, which decide on the DOIs, and one after them.
    """
    ours = (DOIChoiceComponent, DOIComponent)
    others = [component for component in components if component not in ours]
    return [DOIChoiceComponent, *others, DOIComponent]


def finalize_app(app: Flask) -> None:
    """Wire at the end, when the host has filled in its own defaults."""
    app.extensions["invenio-rdm-doi"].wire(app)
