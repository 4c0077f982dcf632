# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Proves that no DOI is lost and nothing restricted leaks, whatever goes wrong.

A repository with two Celery workers and a local DataCite lives through a random but
repeatable story: records are published, edited, restricted, deleted and restored,
while DataCite fails in every way that ends by itself, workers are killed, and broker,
database and DataCite are restarted. Then the trouble ends, and with it everything
must have come right by itself:

* *lost*: DOIs of which DataCite does not serve what it should;
* *leaked*: requests with metadata of a record that was restricted, see
  :meth:`tests.chaos.traffic.Traffic.leaks`;
* *stuck*: registrations that are not at rest;
* *overlaps*: deliveries of one DOI at the same time, see
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
from .interference import mended
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
"""Everything is as by default, only faster."""

GRACE_SECONDS = 2 * (CONNECT_SECONDS + READ_SECONDS)
"""The longest time from a claim until its last request begins, and some more: it may
be sent again with another event when the first request was answered."""

NUDGE_SECONDS = 2
"""The schedule looks for what is due once a minute; this test has no such time."""

SHOWN = 5
CHECKS = ("lost", "leaked", "stuck", "overlaps", "pids", "dropped", "unmended")


@contextmanager
def repository(
    directory: Path | None,
) -> Iterator[tuple[Services, ChaosSandbox, list[Worker]]]:
    """The whole stack, running, with the REST application in this process."""
    # Not on somebody's services: they are going to be restarted.
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
    """Wakes the workers now and then, as the schedule does, only more often."""

    def __init__(self) -> None:
        """Begin with the first call."""
        self._last = 0.0

    def __call__(self) -> None:
        """Wake them, if it is time."""
        if time.monotonic() >= self._last + NUDGE_SECONDS:
            nudge()
            self._last = time.monotonic()


def live(story: Story, trouble: Trouble, beat: Beat) -> None:
    """Go through the story and its trouble."""
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
    """Wait until everything is at rest; False if it takes too long."""
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
    """What is wrong, by kind, and some numbers more."""
    traffic = Traffic(entries, trouble.kills, READ_SECONDS, GRACE_SECONDS)
    found = Judge(story.families, sandbox, entries).judge()
    found["leaked"] += traffic.leaks(story.secrets)
    found["overlaps"] = traffic.overlaps()
    found["dropped"] = dropped(entries)
    counts = Counter({"attempts": sum(map(len, traffic.spans.values()))})
    counts["requests without an attempt"] = traffic.strays()
    return found, counts


def faults(entries: list[Entry]) -> Counter[str]:
    """How many requests met which fault."""
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
    """Write all payloads to the file ``DOI_PAYLOADS``, for a judge of their own."""
    if "DOI_PAYLOADS" in os.environ:
        with open(os.environ["DOI_PAYLOADS"], "a") as file:
            file.writelines(
                json.dumps(entry["body"]) + "\n"
                for entry in entries
                if entry["method"] in ("POST", "PUT")
                and entry["doi"]
                and is_from_the_product(entry)
                # A worker was killed while it sent this: the body did not arrive whole.
                and entry["body"] is not None
                and set(entry["body"]["data"]["attributes"]) - SHORT
            )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, from an empty directory to the result."""
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
        say("somebody changes and loses DOIs at DataCite")
        unmended = mended(chance, sandbox, lambda: settle(beat, options.seconds))
        entries = sandbox.requests()
        keep_payloads(entries)
        say(f"judging {len(entries)} requests")
        found, traffic = judge(story, trouble, sandbox, entries)
        found["unmended"] = unmended
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
    """The result for people."""
    for name, value in result.items():
        if isinstance(value, dict):
            for kind, what in value.items():
                for line in what if isinstance(what, list) else [what]:
                    print(f"    {kind:<28}{line}")
        else:
            print(f"{name.replace('_', ' '):<32}{value}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 if nothing was lost, leaked, stuck or sent twice at once."""
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
