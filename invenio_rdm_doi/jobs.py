# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Job types of invenio-jobs: schedules can be seen and changed on the Jobs page.

Everything works without them, too: Celery beat has the same tasks.
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
        """Return nothing: the tasks know themselves where they were."""
        return {}


class DeliverJob(DOIJob):
    """Deliver what is due."""

    id = "doi_deliver"
    title = _("DOIs: deliver")
    description = _("Brings DataCite up to date about the DOIs that are due.")
    task = tasks.deliver


class ReconcileJob(DOIJob):
    """Compare records, PIDStore and registrations."""

    id = "doi_reconcile"
    title = _("DOIs: reconcile")
    description = _("Finds where records, PIDStore and registrations disagree.")
    task = nightly.reconcile


class AuditJob(DOIJob):
    """Compare the registrations with DataCite's list."""

    id = "doi_audit"
    title = _("DOIs: audit")
    description = _("Compares what DataCite confirmed with what it lists now.")
    task = nightly.audit


class CleanUpJob(DOIJob):
    """Delete old attempts."""

    id = "doi_clean_up"
    title = _("DOIs: clean up")
    description = _("Deletes old attempts, and keeps how many there were.")
    task = nightly.clean_up
