# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""No statement of a request, a worker or a listing scans a growing table.

``python -m benchmarks.scale`` does the same with a million rows.
"""

from __future__ import annotations

import pytest

from benchmarks.plans import empty, fill, look


@pytest.fixture()
def filled(repository, monkeypatch):
    # Use the method for large tables.
    monkeypatch.setattr("invenio_rdm_doi.registration.report.SMALL_PAGES", 0)
    fill(60_000, 20_000)
    yield
    empty()


def test_no_statement_scans_a_table_that_grows(filled):
    findings = list(look())
    assert len(findings) > 30
    for finding in findings:
        assert not finding.scans, f"{finding.what}: {finding.statement}\n{finding.plan}"
    most = {"claim": 1500, "begin": 1500, "versions": 60, "publish": 400, "show": 60}
    for finding in findings:
        assert finding.buffers < most.get(finding.what, 40_000), finding.plan
