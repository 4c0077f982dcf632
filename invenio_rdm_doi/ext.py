# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Flask extension."""

from __future__ import annotations

import os

from flask import Flask
from invenio_db import db
from sqlalchemy.exc import SQLAlchemyError

from . import config, nightly, rdm
from .datacite.budget import Budget
from .datacite.client import DataCiteClient
from .hooks import Hooks
from .notices import builders
from .notices import tasks as notices
from .registration import diagnosis
from .registration.breaker import Breaker
from .registration.delivery import Delivery
from .registration.run import Run
from .resources import DOIResource, DOIResourceConfig
from .resources.management import DOIManagementResource, DOIManagementResourceConfig
from .services import DOIService, DOIServiceConfig, words
from .services.audits import DOIAuditService
from .services.management import DOIManagementService
from .settings.connection import NAMESPACE
from .settings.loader import load
from .settings.model import Account, Broken, MetadataSettings, Off, Settings
from .settings.problem import ConfigurationError, Problem
from .starting import may_repair
from .tasks import BEAT_SCHEDULE
from .ui import templates

_Clients = tuple[
    int, dict[str, DataCiteClient], dict[tuple[str, tuple[int, int]], Budget]
]
"""(id of the process, clients by account, rate budgets by address and rate)"""


class InvenioRDMDOI:
    """Invenio-RDM-DOI extension.

    :ivar configured: the settings, :class:`~.settings.model.Off` or
        :class:`~.settings.model.Broken`.
    :ivar resource: the REST resource; None while DOI registration is off.
    :ivar management: the REST resource for DOI managers; None likewise.
    """

    def __init__(self, app: Flask | None = None):
        """Initialize the extension."""
        self.configured: Settings | Off | Broken = Off()
        self._service: DOIService | None = None
        self.resource: DOIResource | None = None
        self.management: DOIManagementResource | None = None
        self.templates: dict[str, str] = {}
        self.hooks = Hooks()
        self._clients: _Clients | None = None
        if app:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Initialize a Flask application.

        The host's blueprints read ``DATACITE_ENABLED`` when they are created, so that
        it has to be set here; :func:`finalize_app` does the rest.

        :raises ConfigurationError: if settings are wrong; with all problems.
        """
        app.extensions["invenio-rdm-doi"] = self
        self.configured = self._load(app)
        if self.enabled:
            self.init_config(app)
            rdm.use_early(app, self.settings)
            self.init_services(app)
            self.init_resources(app)

    def _load(self, app: Flask) -> Settings | Off | Broken:
        try:
            return load(app.config)
        except ConfigurationError as error:
            if not may_repair():
                raise
            problems = error.problems
        for problem in problems:
            app.logger.error(
                "doi.start.broken: %s", problem, extra={"code": problem.code}
            )
        return Broken(problems)

    def init_config(self, app: Flask) -> None:
        """Set the defaults of this package's settings."""
        for name in vars(config):
            if name.startswith(NAMESPACE):
                app.config.setdefault(name, getattr(config, name))
        app.config[f"{NAMESPACE}ENABLED"] = True

    def init_services(self, app: Flask) -> None:
        """Build the service."""
        self._service = DOIService(DOIServiceConfig.build(app))

    def init_resources(self, app: Flask) -> None:
        """Build the REST resources."""
        self.resource = DOIResource(DOIResourceConfig.build(app), self.service)
        self.management = DOIManagementResource(
            DOIManagementResourceConfig.build(app),
            DOIManagementService(DOIServiceConfig.build(app)),
            DOIAuditService(DOIServiceConfig.build(app)),
        )

    def finalize(self, app: Flask) -> None:
        """Integrate with the host, after the host has set its own defaults."""
        if isinstance(self.configured, Broken):
            rdm.use_refusing(app)
            return
        if not self.enabled:
            self._finalize_off(app)
            return
        self.templates = templates.use(app)
        rdm.use(app, self.settings)
        builders.use(app)
        app.jinja_env.globals["rdm_doi_words"] = words
        self.hooks.log(app)
        app.config["CELERY_BEAT_SCHEDULE"] = (
            BEAT_SCHEDULE
            | nightly.BEAT_SCHEDULE
            | notices.BEAT_SCHEDULE
            | (app.config.get("CELERY_BEAT_SCHEDULE") or {})
        )
        self._announce(app)

    def _finalize_off(self, app: Flask) -> None:
        if f"{NAMESPACE}ENABLED" not in app.config:
            # DOIs were not switched off explicitly: the form shows what is missing.
            self.templates = templates.use(app, form_only=True)
        elif not app.config.get("DATACITE_ENABLED"):
            app.logger.warning(
                "doi.start.off: DOI registration is off, and so is InvenioRDM's own. "
                "Records that have DOIs cannot be edited, restricted or deleted; see "
                "docs/operation.rst, 'Removing the package'.",
                extra={"code": "config.off"},
            )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the settings, in a command that runs despite them."""
        if isinstance(self.configured, Broken):
            return self.configured.problems
        return ()

    @property
    def enabled(self) -> bool:
        """Whether DOIs are registered."""
        return isinstance(self.configured, Settings)

    @property
    def settings(self) -> Settings:
        """The settings.

        :raises RuntimeError: if DOI registration is off; check :attr:`enabled` before.
        """
        if not isinstance(self.configured, Settings):
            raise RuntimeError("DOI registration is off (invenio-rdm-doi).")
        return self.configured

    @property
    def service(self) -> DOIService:
        """The service.

        :raises RuntimeError: if DOI registration is off; check :attr:`enabled` before.
        """
        if self._service is None:
            raise RuntimeError("DOI registration is off (invenio-rdm-doi).")
        return self._service

    @property
    def metadata_settings(self) -> MetadataSettings:
        """The metadata settings; available even while DOI registration is off."""
        return self.configured.metadata

    def client(self, account: Account | None = None) -> DataCiteClient:
        """Return an account's client: one per process, with one connection pool.

        :param account: the default one if None.
        """
        account = account or self.settings.account
        # Connections must not be shared with the process from which this was forked.
        if self._clients is None or self._clients[0] != os.getpid():
            self._clients = (os.getpid(), {}, {})
        clients = self._clients[1]
        # Compare the account itself: a test or a reload may have changed it.
        if account.name not in clients or clients[account.name].account != account:
            clients[account.name] = DataCiteClient(account, self.budget(account))
        return clients[account.name]

    def budget(self, account: Account) -> Budget:
        """Return the rate budget of an account's address, in this process."""
        if self._clients is None or self._clients[0] != os.getpid():
            self._clients = (os.getpid(), {}, {})
        budgets = self._clients[2]
        # One for all accounts at an address, even if there is no shared storage.
        key = (account.address, account.rate)
        if key not in budgets:
            budgets[key] = Budget(
                *account.rate, self.settings.rate_storage, account.address
            )
        return budgets[key]

    def account_of(self, doi: str | None) -> Account:
        """Return the account of a DOI; the default one if no account has its prefix."""
        return self.settings.account_of(doi) or self.settings.account

    def breaker(self, account: Account | None = None) -> Breaker:
        """Return an account's breaker.

        :param account: the default one if None.
        """
        return Breaker(account or self.settings.account)

    def delivery(self) -> Run:
        """Return a run, which delivers for all accounts."""
        return Run(
            [
                Delivery(self.settings, self.client(account), self.breaker(account))
                for account in self.settings.accounts
            ]
        )

    def _announce(self, app: Flask) -> None:
        if not may_repair() and _was_never_adopted(app):
            app.logger.warning(
                "doi.start.adopt: there are DOIs from before this package. Run "
                "'invenio doi adopt': it compares them with DataCite, and sends "
                "nothing.",
                extra={"code": "start.adopt"},
            )
        for account in self.settings.accounts:
            app.logger.info(
                "doi.start: registering DOIs for %s (%s) at %s%s",
                account.symbol,
                ", ".join(account.prefixes),
                account.api_url,
                (
                    "; settings taken over from DATACITE_*"
                    if self.settings.source == "host"
                    else ""
                ),
                extra={
                    "account": account.name,
                    "repository": account.symbol,
                    "api_url": account.api_url,
                    "test_mode": account.test_mode,
                    "source": self.settings.source,
                },
            )


def _was_never_adopted(app: Flask) -> bool:
    """Return whether there are DOIs but no registrations; False if unknown."""
    try:
        with app.app_context():
            try:
                return diagnosis.is_new_here()
            finally:
                # Processes that are forked from this one must not share a connection.
                db.session.remove()
                db.engine.dispose()
    except SQLAlchemyError:
        # The tables do not exist yet, or the database is down: 'check' reports it.
        return False


def finalize_app(app: Flask) -> None:
    """Finalize the application: integrate with the host and register the service."""
    extension = app.extensions["invenio-rdm-doi"]
    extension.finalize(app)
    if extension.enabled:
        registry = app.extensions["invenio-records-resources"].registry
        registry.register(extension.service)
