# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The hooks into InvenioRDM, and which of them found their place.

A release of InvenioRDM, or a site's own configuration, can rename what a hook depends
on. The hook then has no effect. Such hooks are logged when the application starts
(``doi.hook.missing``), and ``invenio doi check`` lists them. See
``docs/integration.rst``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask

from .i18n import N_


@dataclass(frozen=True)
class Hook:
    """A place in InvenioRDM that this package depends on.

    :param place: the setting, class, template block or endpoint of InvenioRDM.
    :param effect: the consequence if it does not exist.
    """

    place: str
    effect: str


HOOKS = {
    "identifiers": Hook(
        "RDM_PERSISTENT_IDENTIFIERS and RDM_PARENT_PERSISTENT_IDENTIFIERS: "
        "'doi' with the provider 'datacite'",
        N_("No new DOIs are created."),
    ),
    "external_provider": Hook(
        "the validator BlockedPrefixes of the provider 'external'",
        N_(
            "Depositors can enter DOIs with a prefix of this repository as existing "
            "DOIs."
        ),
    ),
    "pid_manager": Hook(
        "PIDManager.create and PIDManager._get_provider",
        N_("Reserving a DOI fails for drafts that already have one."),
    ),
    "pid_service": Hook(
        "PIDsService.resolve",
        N_("Landing pages of DOIs do not resolve in every spelling."),
    ),
    "components": Hook(
        "RDM_RECORDS_SERVICE_COMPONENTS: PIDsComponent and ParentPIDsComponent",
        N_(
            "The choice in the deposit form may not be applied before a draft gets a "
            "DOI."
        ),
    ),
    "unit_of_work": Hook(
        "the operations of a unit of work, and the task of a TaskOp",
        N_("Publishing fails while the broker is down."),
    ),
    "optional_doi": Hook(
        "RDM_OPTIONAL_DOI_VALIDATOR",
        N_("New versions can have a kind of DOI that the previous version excludes."),
    ),
    "links": Hook(
        "links 'doi', 'self_doi' and 'self_doi_html' of records and drafts",
        N_("Drafts without a DOI have links to https://doi.org/."),
    ),
    "export.json": Hook(
        "the exporter 'datacite-json' and its serializer",
        N_("The export as DataCite JSON differs from the metadata sent to DataCite."),
    ),
    "export.xml": Hook(
        "the exporter 'datacite-xml' and its serializer",
        N_("The export as DataCite XML differs from the metadata sent to DataCite."),
    ),
    "export.dcat": Hook(
        "the exporter 'dcat-ap' and its serializer",
        N_("The export as DCAT-AP differs from the metadata sent to DataCite."),
    ),
    "export.oai": Hook(
        "the OAI-PMH formats 'datacite' and 'oai_datacite'",
        N_("The metadata offered to harvesters differ from those sent to DataCite."),
    ),
    "form": Hook(
        "APP_RDM_DEPOSIT_FORM_TEMPLATE and its block 'javascript'",
        N_("The deposit form has InvenioRDM's own DOI field."),
    ),
    "scripts": Hook(
        "THEME_JAVASCRIPT_TEMPLATE",
        N_("The list of uploads does not mark uploads whose DOI needs attention."),
    ),
    "record": Hook(
        "APP_RDM_RECORD_LANDING_PAGE_TEMPLATE and its block 'record_body'",
        N_(
            "The record page shows DOIs that do not resolve, and no notice of "
            "failures."
        ),
    ),
    "side_bar": Hook(
        "APP_RDM_DETAIL_SIDE_BAR_TEMPLATES: the panel 'details'",
        N_(
            "The record page shows the status of the DOI at the end of the side bar, "
            "or not at all."
        ),
    ),
    "pages": Hook(
        "endpoints record_from_pid, record_detail, record_latest and deposit_edit of "
        "the blueprint 'invenio_app_rdm_records'",
        N_("DOIs lead to SITE_UI_URL/doi/…, and links to records may be wrong."),
    ),
}
"""All hooks that can find nothing, by name."""


@dataclass
class Hooks:
    """The hooks of an application."""

    missing: dict[str, Hook] = field(default_factory=dict)

    def note(self, name: str, found: bool) -> None:
        """Note whether a hook found its place.

        :raises KeyError: if there is no such hook in :data:`HOOKS`.
        """
        hook = HOOKS[name]
        if not found:
            self.missing[name] = hook

    def log(self, app: Flask) -> None:
        """Log each hook that found nothing."""
        for name, hook in sorted(self.missing.items()):
            app.logger.warning(
                "doi.hook.missing: %s was not found: %s. %s",
                name,
                hook.place,
                hook.effect,
                extra={"hook": name, "code": "hook.missing"},
            )


def note(app: Flask, name: str, found: bool) -> None:
    """Note whether a hook of an application found its place.

    A hook with several places is missing if one of them is.
    """
    hooks: Hooks = app.extensions["invenio-rdm-doi"].hooks
    hooks.note(name, found)
