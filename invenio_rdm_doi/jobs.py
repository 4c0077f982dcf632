# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Job types of invenio-jobs, which show schedules and let users change them.

They are optional: Celery beat has the same tasks.
"""

from __future__ import annotations

from typing import Any

from invenio_i18n import lazy_gettext as _
from invenio_jobs.jobs import JobType

from . import nightly, tasks


class DOIJob(JobType):
    """A task of this package; it takes no arguments."""

    @classmethod
    def build_task_arguments(
        cls, job_obj: Any, since: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return no arguments: the tasks store their own progress."""
        return {}


class DeliverJob(DOIJob):
    """The delivery of registrations that are due."""

    id = "doi_deliver"
    title = _("DOIs: deliver")
    description = _("Delivers the DOIs that are due to DataCite.")
    task = tasks.deliver


class ReconcileJob(DOIJob):
    """The comparison of records, PIDStore and registrations."""

    id = "doi_reconcile"
    title = _("DOIs: reconcile")
    description = _("Finds differences between records, PIDStore and registrations.")
    task = nightly.reconcile


class AuditJob(DOIJob):
    """The comparison of registrations with DataCite's list."""

    id = "doi_audit"
    title = _("DOIs: audit")
    description = _("Compares the DOIs that DataCite confirmed with its current list.")
    task = nightly.audit


class CleanUpJob(DOIJob):
    """The deletion of old attempts."""

    id = "doi_clean_up"
    title = _("DOIs: clean up")
    description = _("Deletes old attempts and keeps their number.")
    task = nightly.clean_up
