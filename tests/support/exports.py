# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Shared helpers of the tests of exports."""

from __future__ import annotations

from typing import Any

from invenio_db import db
from invenio_rdm_records.proxies import current_rdm_records_service as service
from lxml import etree

from tests.metadata.test_xml import XSD

ACCEPT = {"Accept": "application/vnd.datacite.datacite+json"}


def sent(sandbox, doi):
    """Return the attributes of the last delivery, without empty ones."""
    (entry,) = sandbox.writes(doi)
    attributes = entry["body"]["data"]["attributes"]
    return {
        key: value
        for key, value in attributes.items()
        if value not in (None, []) and key != "event"
    }


HARD = {
    "resource_type": {"id": "poster"},
    "rights": [
        {
            "title": {"en": "Free for schools"},
            "description": {"nl": "Alleen in de klas."},
            "link": "https://example.org/vrij",
        }
    ],
    "dates": [{"date": "2020/2021", "type": {"id": "coverage"}}],
    "contributors": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Haan",
                "given_name": "Tineke",
            },
            "role": {"id": "translator"},
        }
    ],
}
"""Metadata that InvenioRDM's own exports cannot describe."""


def valid(text):
    """Check the document against the XSD, and return it."""
    document = etree.fromstring(text.encode() if isinstance(text, str) else text)
    XSD.assertValid(document)
    return document


def behind_the_index(record: Any, change: Any) -> None:
    """Change a published record in the database, but not in the search index."""
    service.indexer.refresh()
    found = service.record_cls.pid.resolve(record.id)
    change(found)
    found.commit()
    db.session.commit()


def restrict(record: Any) -> None:
    """Make the record restricted."""
    record.access.protection.set("restricted", "restricted")


def restrict_files(record: Any) -> None:
    """Make the record's files restricted."""
    record.access.protection.set("public", "restricted")


def delete(record: Any) -> None:
    """Mark the record as deleted."""
    record.deletion_status = "D"
