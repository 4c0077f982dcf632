# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The Celery application of the chaos test's workers.

``celery --app tests.chaos.worker worker``: InvenioRDM's own application with shorter
waits. The benchmark sets those waits that are settings. The ones below are not
settings, because no operator needs other values; with the default values a run would
mostly consist of waiting:

* A claim of a killed worker expires after four minutes, because an operator's DataCite
  may need half a minute for one answer. Here it takes less than half a minute. It is
  still the package's own formula, with the benchmark's time-outs: four whole exchanges
  and a margin, so that no claim can expire while its requests are in progress.
* The same applies to a killed worker's turn to probe whether DataCite is back.
* A killed worker's run holds its place for four seconds instead of thirty. Until then
  nothing is claimed, so no worker can be killed right after a claim.
* After an attempt without an answer, a DOI is compared with DataCite within seconds
  instead of minutes.
* The waits between two probes are shortened like those between two tries.
"""

from __future__ import annotations

from invenio_rdm_doi.registration import breaker, delivery, results, runners

LEASE_MARGIN = 5
"""Seconds; 60 by default."""

PROBE_SECONDS = 25
"""As long as a claim; 120 by default."""

PLACE_SECONDS, RENEW_SECONDS = 4, 1
"""Seconds; 30 and 5 by default."""

CHECK_DELAYS = {1: 3, 2: 2, 3: 1}
"""Seconds; 900, 300 and 60 by default."""

delivery.LEASE_MARGIN = LEASE_MARGIN
results.CHECK_DELAYS.update(CHECK_DELAYS)
breaker.PROBE_SECONDS = PROBE_SECONDS
runners.LEASE_SECONDS, runners.RENEW_SECONDS = PLACE_SECONDS, RENEW_SECONDS
breaker.FIRST_WAIT, breaker.LONGEST_WAIT = 1, 5

# The application forks its workers after this import, so all of them are patched.
from invenio_app.celery import celery  # noqa: E402

__all__ = ["celery"]
