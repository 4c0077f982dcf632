# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Audits as ``invenio doi audit --fix`` runs them."""

from __future__ import annotations

from invenio_rdm_doi.audit import runs
from invenio_rdm_doi.audit.audit import Audit
from invenio_rdm_doi.audit.models import AuditFinding, Job
from invenio_rdm_doi.proxies import current_doi


def audit_and_fix() -> set[tuple[str, str]]:
    """Run an audit of each account; return the findings as pairs of DOI and problem."""
    found = set()
    for account in current_doi.settings.accounts:
        run = runs.begin(Job.AUDIT, account.id)
        walk = Audit(current_doi.settings, account, current_doi.client(account), run)
        walk.fix = True
        assert walk.go_on()
        rows = AuditFinding.query.filter_by(account=account.id, run_id=run.id)
        found |= {(row.doi, row.problem.value) for row in rows}
    return found
