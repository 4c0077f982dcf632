# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Addresses of this site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app
from invenio_base import invenio_url_for
from werkzeug.routing import BuildError


def site_host() -> str:
    """Return the host of this site's pages, with its port if it has one."""
    return urlsplit(current_app.config.get("SITE_UI_URL") or "").netloc.lower()


def landing_pages() -> str:
    """Return the common beginning of all landing pages' addresses."""
    sample = "10.1234/x"
    return landing_page(sample).removesuffix(sample)


def record_page(recid: str) -> str:
    """Return the address of a record's own page."""
    try:
        return invenio_url_for("invenio_app_rdm_records.record_detail", pid_value=recid)
    except (BuildError, ValueError):
        return f"{current_app.config['SITE_UI_URL'].rstrip('/')}/records/{recid}"


def landing_page(doi: str) -> str:
    """Return the address to which a DOI leads: a redirect to the record's page.

    It is registered instead of ``/records/<id>``, so that addresses of records can
    change without an update at DataCite.
    """
    try:
        return invenio_url_for(
            "invenio_app_rdm_records.record_from_pid", pid_scheme="doi", pid_value=doi
        )
    except (BuildError, ValueError):
        # The site's pages are not made by Invenio-App-RDM, or the host has no addresses
        # for DOIs because DOI registration is off.
        return f"{current_app.config['SITE_UI_URL'].rstrip('/')}/doi/{doi}"
