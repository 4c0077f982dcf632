# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The Celery application of the chaos test's workers.

``celery --app tests.chaos.worker worker``: InvenioRDM's own, with shorter waits.
Those that are settings, the benchmark sets; these here are none, because no operator
needs others. With them a run would mostly consist of waiting:

* A claim of a killed worker comes back after four minutes, as an operator's DataCite
  may need half a minute for one answer. Here it takes less than half a minute. It is
  still the package's own formula, with the benchmark's time-outs in it: four whole
  exchanges and a margin, so that none can end while its requests are under way.
* So does a killed worker's turn to probe whether DataCite is back.
* A killed worker's run holds its place for four seconds and not for thirty. Until then
  nothing is claimed, so no worker can be killed right after a claim.
* A DOI is compared with DataCite seconds, and not minutes, after an attempt without an
  answer.
* The waits between two probes are shorter as those between two tries are.
"""

from __future__ import annotations

from invenio_rdm_doi.registration import breaker, delivery, results, runners

LEASE_MARGIN = 5
"""Seconds; 60 by default."""

PROBE_SECONDS = 25
"""As long as a claim; 120 by default."""

PLACE_SECONDS, RENEW_SECONDS = 4, 1
"""30 and 5 by default."""

CHECK_DELAYS = {1: 3, 2: 2, 3: 1}
"""Seconds; 900, 300 and 60 by default."""

delivery.LEASE_MARGIN = LEASE_MARGIN
results.CHECK_DELAYS.update(CHECK_DELAYS)
breaker.PROBE_SECONDS = PROBE_SECONDS
runners.LEASE_SECONDS, runners.RENEW_SECONDS = PLACE_SECONDS, RENEW_SECONDS
breaker.FIRST_WAIT, breaker.LONGEST_WAIT = 1, 5

# The application forks its workers after this module is imported: all are patched.
from invenio_app.celery import celery  # noqa: E402

__all__ = ["celery"]
