# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Proof that no DOI is lost and no restricted metadata leaks during failures.

A repository with two Celery workers and a local DataCite runs through a random but
repeatable story: records are published, edited, restricted, deleted and restored while
DataCite fails in every way that ends by itself, workers are killed, and the broker, the
database and DataCite are restarted. When the trouble has ended, everything must have
recovered automatically. The run reports:

* *lost*: DOIs for which DataCite does not serve the expected data;
* *leaked*: requests with metadata of a record that was restricted, see
  :meth:`tests.chaos.traffic.Traffic.leaks`;
* *stuck*: registrations that are not at rest;
* *overlaps*: concurrent deliveries of one DOI, see
  :meth:`tests.chaos.traffic.Traffic.overlaps`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from demo.site import CHECKOUT, Instance
from invenio_rdm_doi.tasks import nudge
from stack.processes import ProcessError, exit_on_signals, say, tail
from stack.services import Services

from ..support.sandbox_client import SHORT, is_from_the_product
from .interference import repaired
from .judge import Judge, dropped, unsettled
from .sandbox import ACCOUNTS, PRESS_PREFIX, ChaosSandbox, Entry
from .story import Story
from .traffic import Traffic
from .trouble import Trouble, Worker

CONNECT_SECONDS, READ_SECONDS = 1, 2
SETTINGS = {
    "RETRY_BASE": 1,
    "RETRY_CAP": 5,
    "TIMEOUT": (CONNECT_SECONDS, READ_SECONDS),
    "RATE": (100_000, 10),
    "ACCOUNTS": {
        "press": {
            "username": ACCOUNTS[1].symbol,
            "password": ACCOUNTS[1].password,
            "prefixes": [PRESS_PREFIX],
            "communities": ["press"],
        }
    },
}
"""The default settings, with shorter waits."""

GRACE_SECONDS = 2 * (CONNECT_SECONDS + READ_SECONDS)
"""The longest time from a claim until its last request begins, plus a margin.

The request may be sent again with another event after the first one was answered.
"""

NUDGE_SECONDS = 2
"""Seconds between two nudges; the schedule's minute is too long for this test."""

SHOWN = 5
CHECKS = ("lost", "leaked", "stuck", "overlaps", "pids", "dropped", "unrepaired")


@contextmanager
def repository(
    directory: Path | None,
) -> Iterator[tuple[Services, ChaosSandbox, list[Worker]]]:
    """Run the whole stack, with the REST application in this process."""
    # Do not use existing services, because the test restarts them.
    for name in [name for name in os.environ if name.startswith("INVENIO_")]:
        del os.environ[name]
    os.environ["PYTHONPATH"] = str(CHECKOUT)
    for name, value in SETTINGS.items():
        os.environ[f"INVENIO_RDM_RECORDS_DOI_DATACITE_{name}"] = repr(value)
    with Services(directory, environ={}) as services:
        sandbox = ChaosSandbox(services.directory)
        workers: list[Worker] = []
        try:
            sandbox.start()
            os.environ[sandbox.variable] = sandbox.location
            instance = Instance(services)
            say("setting up the instance")
            instance.set_up()
            os.environ.update(instance.environ)
            for number in (1, 2):
                log = services.directory / f"worker-{number}.log"
                workers.append(Worker(number, instance, log))
                workers[-1].start()
            from invenio_app.factory import create_api

            app = create_api(RATELIMIT_ENABLED=False)
            app.logger.setLevel("ERROR")
            with app.app_context():
                yield services, sandbox, workers
        except Exception:
            for worker in workers:
                say(tail(worker.log))
            raise
        finally:
            for worker in workers:
                worker.kill()  # there is nothing left that it should finish
            sandbox.close()


class Beat:
    """A replacement for the schedule that wakes the workers more often."""

    def __init__(self) -> None:
        """Wake the workers at the first call."""
        self._last = 0.0

    def __call__(self) -> None:
        """Wake the workers if the interval has passed."""
        if time.monotonic() >= self._last + NUDGE_SECONDS:
            nudge()
            self._last = time.monotonic()


def live(story: Story, trouble: Trouble, beat: Beat) -> None:
    """Run through the story and its trouble."""
    number, begin, last = 0, time.monotonic(), 0.0
    while number < len(story.plan):
        story.go(number)
        beat()
        trouble.go(number)
        number += 1
        if time.monotonic() > last + 5:
            last = time.monotonic()
            say(f"turn {number} of {len(story.plan)} after {last - begin:.0f} s")


def settle(beat: Beat, seconds: float) -> bool:
    """Wait until everything is at rest; return False after the given time."""
    end, last = time.monotonic() + seconds, 0.0
    while left := len(unsettled()):
        if time.monotonic() > end:
            return False
        beat()
        time.sleep(0.25)
        if time.monotonic() > last + 5:
            last = time.monotonic()
            say(f"  {left} registrations are not at rest yet")
    return True


def judge(
    story: Story, trouble: Trouble, sandbox: ChaosSandbox, entries: list[Entry]
) -> tuple[dict[str, list[str]], Counter[str]]:
    """Return the errors by kind, and some counts."""
    traffic = Traffic(entries, trouble.kills, READ_SECONDS, GRACE_SECONDS)
    found = Judge(story.families, sandbox, entries).judge()
    found["leaked"] += traffic.leaks(story.secrets)
    found["overlaps"] = traffic.overlaps()
    found["dropped"] = dropped(entries)
    counts = Counter({"attempts": sum(map(len, traffic.spans.values()))})
    counts["requests without an attempt"] = traffic.strays()
    return found, counts


def faults(entries: list[Entry]) -> Counter[str]:
    """Count the requests by the fault that they met."""
    return Counter(
        (
            f"{entry['fault']} {entry['status']}"
            if entry["fault"] in ("status", "html") and entry["status"]
            else entry["fault"]
        )
        for entry in entries
        if entry["fault"]
    )


def keep_payloads(entries: list[Entry]) -> None:
    """Append all payloads to the file ``DOI_PAYLOADS`` for the independent judge."""
    if "DOI_PAYLOADS" in os.environ:
        with open(os.environ["DOI_PAYLOADS"], "a") as file:
            file.writelines(
                json.dumps(entry["body"]) + "\n"
                for entry in entries
                if entry["method"] in ("POST", "PUT")
                and entry["doi"]
                and is_from_the_product(entry)
                # The body is incomplete if the worker was killed while sending it.
                and entry["body"] is not None
                and set(entry["body"]["data"]["attributes"]) - SHORT
            )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Run the whole test, from an empty directory to the result."""
    begin = time.monotonic()
    chance = random.Random(options.seed)
    say(f"seed {options.seed}")
    with repository(options.directory) as (services, sandbox, workers):
        beat, story = Beat(), Story(chance, options.dois)
        trouble = Trouble(
            chance, len(story.plan), options.dois, services, sandbox, workers
        )
        for worker in workers:
            worker.wait()
        say(f"everything runs after {time.monotonic() - begin:.0f} s")
        started = time.monotonic()
        live(story, trouble, beat)
        say("the trouble ends")
        trouble.end()
        ended = time.monotonic()
        settled = settle(beat, options.seconds)
        at_rest = time.monotonic()
        if not settled:
            say(f"error: not everything was at rest after {options.seconds} s")
        say("DOIs are changed and lost at DataCite")
        unrepaired = repaired(chance, sandbox, lambda: settle(beat, options.seconds))
        entries = sandbox.requests()
        keep_payloads(entries)
        say(f"judging {len(entries)} requests")
        found, traffic = judge(story, trouble, sandbox, entries)
        found["unrepaired"] = unrepaired
        story.close()
    counts = story.counts + trouble.counts + traffic
    return {
        "benchmark": "chaos",
        "seed": options.seed,
        "dois": len({v.doi for v in story.versions}) + len(story.families),
        **{name.replace(" ", "_"): counts[name] for name in sorted(counts)},
        "faults": dict(sorted(faults(entries).items())),
        "requests": len(entries),
        "story_seconds": round(ended - started, 1),
        "settle_seconds": round(at_rest - ended, 1),
        **{name: len(found[name]) for name in CHECKS},
        "seconds": round(time.monotonic() - begin, 1),
        "details": {name: found[name][:SHOWN] for name in CHECKS if found[name]},
    }


def show(result: dict[str, Any]) -> None:
    """Print the result in readable form."""
    for name, value in result.items():
        if isinstance(value, dict):
            for kind, what in value.items():
                for line in what if isinstance(what, list) else [what]:
                    print(f"    {kind:<28}{line}")
        else:
            print(f"{name.replace('_', ' '):<32}{value}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the test; return 0 without lost, leaked, stuck or overlapping deliveries."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--dois", type=int, default=1000, help="how many in the end")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    parser.add_argument(
        "--seconds", type=float, default=180, help="to come to rest at the end"
    )
    parser.add_argument("--directory", type=Path, help="keep logs and data here")
    options = parser.parse_args(arguments)
    try:
        with exit_on_signals():
            result = run(options)
    except (ProcessError, OSError) as error:
        say(f"error, with seed {options.seed}: {error}")
        return 1
    show(result)
    result.pop("details")
    print(json.dumps(result), flush=True)
    return int(any(result[name] for name in CHECKS))


if __name__ == "__main__":
    sys.exit(main())
