# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Clean-up after a parent process that could not do it itself.

Python cannot handle ``SIGKILL``. So :mod:`stack.processes` starts this script, which
reads notes about started processes from its standard input, and cleans up when that
pipe closes, however the parent ended. The lines are JSON lists::

    ["started", <process group>, <signal that stops it>]
    ["stopped", <process group>]
    ["directory", <path to remove at the end>]
    ["removed", <path that is already removed>]

It needs only the standard library, so that it starts fast.
"""

import json
import os
import shutil
import signal
import sys
import time
from typing import TextIO

GRACE_SECONDS = 5.0


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; return False if the group is empty."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _stop(groups: dict[int, int]) -> None:
    # The last one started may depend on the ones before it.
    for group, number in reversed(list(groups.items())):
        _signal_group(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline:
        if not any(_signal_group(group, 0) for group in groups):
            return
        time.sleep(0.1)
    for group in groups:
        _signal_group(group, signal.SIGKILL)


def main(lines: TextIO) -> None:
    """Read the parent's notes until the pipe closes, then clean up."""
    groups: dict[int, int] = {}
    directories: list[str] = []
    for line in lines:
        note, *arguments = json.loads(line)
        if note == "started":
            groups[arguments[0]] = arguments[1]
        elif note == "stopped":
            groups.pop(arguments[0], None)
        elif note == "directory":
            directories.append(arguments[0])
        elif note == "removed" and arguments[0] in directories:
            directories.remove(arguments[0])
    if groups:
        _stop(groups)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    # Ctrl-C and the like are for the parent; this process outlives it by design.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    main(sys.stdin)
