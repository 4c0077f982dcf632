# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""The demo from start to end; ``run-demo.sh`` makes its environment and calls it."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence

import requests

from stack.processes import ProcessError, exit_on_signals, say, tail
from stack.services import Services

from .build_assets import built_assets
from .options import parse
from .site import Account, Instance
from .story import DataCite, Depositor, StoryError, run_story


class Progress:
    """Prints lines with the time since the start in front."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, line: str) -> None:
        """Print one line."""
        print(f"[{time.monotonic() - self._start:6.1f} s] {line}", flush=True)


def demo(options: argparse.Namespace, report: Progress) -> dict[str, object]:
    """Start everything, run the story, keep serving with ``--web``, and clean up."""
    static_folder = built_assets(report) if options.web else None
    report("Starting the services")
    with Services(options.directory, sandbox=True, report=report) as services:
        instance = Instance(services, static_folder)
        try:
            report("Setting up InvenioRDM: tables, indices, vocabularies, users")
            accounts = instance.set_up()
            report("Starting the web server and the worker")
            instance.start()
            report(f"InvenioRDM runs at {instance.url}")
            datacite = DataCite(services.location("sandbox"))
            depositor = Depositor(instance.url, accounts["depositor"].token)
            facts = run_story(depositor, datacite, report)
            if options.web:
                _introduce(instance, services, accounts, report)
                print(json.dumps(facts), flush=True)
                _serve(instance)
        except (StoryError, requests.RequestException):
            # The logs are about to be removed, and one of them may say why.
            for log in (*instance.logs, *services.logs):
                say(tail(log))
            raise
        finally:
            say("Stopping everything")
            instance.stop()
    return facts


def _introduce(
    instance: Instance,
    services: Services,
    accounts: dict[str, Account],
    report: Progress,
) -> None:
    report(f"The repository:     {instance.url}")
    for name, account in accounts.items():
        report(f"  log in as {name}: {account.email} / {account.password}")
        report(f"  or over REST:     -H 'Authorization: Bearer {account.token}'")
    report(f"The local DataCite: {services.location('sandbox')}")
    report(f"Logs:               {services.directory}")
    report(f"Commands:           . {instance.shell_file} && invenio doi check")
    report("Serving until Ctrl-C")


def _serve(instance: Instance) -> None:
    try:
        while (ended := instance.ended()) is None:
            time.sleep(1)
    except SystemExit as leaving:
        # Ctrl-C is how this is meant to end, so it is no error here.
        if leaving.code != 128 + signal.SIGINT:
            raise
        raise SystemExit(0) from None
    raise ProcessError(f"The {ended.name} has ended; {tail(ended.log)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if everything in it went as it should."""
    options = parse(arguments)
    try:
        with exit_on_signals():
            facts = demo(options, Progress())
    except requests.RequestException as error:
        say(f"error: no answer to a request: {error}")
        return 1
    except (ProcessError, StoryError, OSError) as error:
        say(f"error: {error}")
        return 1
    print(json.dumps(facts), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
