# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Additions to InvenioRDM's pages: templates, scripts and their data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask, current_app, g
from flask_webpackext import current_manifest
from flask_webpackext.errors import ManifestKeyNotFoundError
from invenio_access import action_factory
from invenio_access.permissions import Permission
from invenio_db import db
from jinja2 import TemplateError, nodes
from markupsafe import Markup, escape

from .. import hooks
from ..choices.options import form_defaults
from ..proxies import current_doi
from . import panel

FORM_TEMPLATE = "APP_RDM_DEPOSIT_FORM_TEMPLATE"
SIDE_BAR = "APP_RDM_DETAIL_SIDE_BAR_TEMPLATES"
SCRIPTS_TEMPLATE = "THEME_JAVASCRIPT_TEMPLATE"
RECORD_TEMPLATE = "APP_RDM_RECORD_LANDING_PAGE_TEMPLATE"

OURS = {
    FORM_TEMPLATE: "invenio_rdm_doi/deposit.html",
    SCRIPTS_TEMPLATE: "invenio_rdm_doi/javascript.html",
    RECORD_TEMPLATE: "invenio_rdm_doi/record/landing.html",
}
BLOCKS = {
    "form": (FORM_TEMPLATE, "javascript"),
    "scripts": (SCRIPTS_TEMPLATE, None),
    "record": (RECORD_TEMPLATE, "record_body"),
}
"""Hook -> the setting, and the block that this package's template extends."""

ENDPOINTS = ("record_from_pid", "record_detail", "record_latest", "deposit_edit")

RECORD_PANEL = "invenio_rdm_doi/record/panel.html"
BEFORE = "invenio_app_rdm/records/details/side_bar/details.html"
"""InvenioRDM's panel with the DOI; this package's panel is placed above it."""

administration = action_factory("administration-access")


def use(app: Flask, form_only: bool = False) -> dict[str, str]:
    """Install this package's templates, which wrap those of the site.

    A site's own deposit template remains in use: this package's template extends it.

    :param form_only: install only the template of the deposit form.
    :returns: the replaced templates by setting.
    """
    replaced = {}
    for name, template in OURS.items():
        if app.config.get(name) and (name == FORM_TEMPLATE or not form_only):
            replaced[name] = app.config[name]
            app.config[name] = template
    if not form_only:
        _add_record_panel(app)
        _note_hooks(app, replaced)
    return replaced


def _note_hooks(app: Flask, replaced: Mapping[str, str]) -> None:
    """Note which of InvenioRDM's templates, blocks and endpoints exist."""
    if "invenio_app_rdm_records" not in app.blueprints:
        # The REST application, or a site with its own pages.
        if "invenio_rdm_doi" in app.blueprints and find_spec("invenio_app_rdm"):
            hooks.note(app, "pages", False)
        return
    for name, (setting, block) in BLOCKS.items():
        found = setting in replaced
        if found and block:
            found = has_block(app, replaced[setting], block)
        hooks.note(app, name, found)
    hooks.note(app, "side_bar", _has_place_in_side_bar(app))
    for endpoint in ENDPOINTS:
        known = f"invenio_app_rdm_records.{endpoint}" in app.view_functions
        hooks.note(app, "pages", known)


def _has_place_in_side_bar(app: Flask) -> bool:
    """Return whether the status of the DOI is shown where it should be.

    A site's own list may lack InvenioRDM's panel, but not InvenioRDM's default list.
    """
    templates = app.config.get(SIDE_BAR) or []
    default = getattr(import_module("invenio_app_rdm.config"), SIDE_BAR, [])
    if [name for name in templates if name != RECORD_PANEL] == default:
        return BEFORE in templates
    return RECORD_PANEL in templates


def has_block(app: Flask, template: str, block: str) -> bool:
    """Return whether a template, or one that it extends, has a block.

    A template that is missing or has an error has none: it must not stop the start.
    """
    try:
        source = app.jinja_env.loader.get_source(app.jinja_env, template)[0]  # type: ignore[union-attr]
        tree = app.jinja_env.parse(source)
    except (TemplateError, UnicodeError):
        return False
    if any(found.name == block for found in tree.find_all(nodes.Block)):
        return True
    parent = next(tree.find_all(nodes.Extends), None)
    if parent is None:
        return False
    match parent.template:
        case nodes.Const(value=str(name)):
            return has_block(app, name, block)
        case nodes.Getattr(node=nodes.Name(name="config"), attr=setting):
            return has_block(app, str(app.config.get(setting)), block)
    return False


def _add_record_panel(app: Flask) -> None:
    """Add the panel with the DOI's status to the side bar of the record page."""
    # A new list, because all applications of a process share InvenioRDM's default.
    templates = list(app.config.get(SIDE_BAR) or [])
    if not templates or RECORD_PANEL in templates:
        return
    place = templates.index(BEFORE) if BEFORE in templates else len(templates)
    app.config[SIDE_BAR] = [*templates[:place], RECORD_PANEL, *templates[place:]]


def context() -> dict[str, Callable[..., Any]]:
    """Return the functions that this package's templates call."""
    return {
        "rdm_doi_template": replaced_template,
        "rdm_doi_script": script,
        "rdm_doi_form": form,
        "rdm_doi_record": panel.record,
        "rdm_doi_shown": panel.shown,
    }


def replaced_template(name: str) -> str:
    """Return the site's own template, which this package's template wraps."""
    return current_doi.templates[name]


def script(entry: str) -> Markup:
    """Return the tags of a bundle, or nothing if the assets were built without it.

    The page is then InvenioRDM's original; ``invenio webpack buildall`` fixes this.
    """
    try:
        # The same as in templates: a chunk already on the page is not loaded twice.
        return escape(current_manifest[f"{entry}.js"])
    except ManifestKeyNotFoundError:
        if entry not in _missing:
            _missing.add(entry)
            current_app.logger.warning(
                "doi.assets.missing: the pages were built without %s; "
                'run "invenio webpack buildall"',
                entry,
                extra={"entry": entry},
            )
        return Markup("")


_missing: set[str] = set()
"""Bundles reported as missing; each is reported once per process."""


def form(draft: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the initial data of the deposit form's field.

    :param draft: the draft of the page; without ``id`` if it was never saved.
    """
    if not current_doi.enabled:
        may_configure = Permission(administration).allows(g.identity)
        return {"enabled": False, "may_configure": may_configure}
    state = None
    if draft and draft.get("id"):
        try:
            state = current_doi.service.read_draft(g.identity, draft["id"]).data
        except Exception:
            # The form works without it; saving the draft reports the error.
            current_app.logger.exception(
                "doi.form.error", extra={"record": draft["id"]}
            )
            db.session.rollback()
    return {"enabled": True, "state": state, **form_defaults(current_doi.settings)}
