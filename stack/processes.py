# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Starting, awaiting and stopping child processes, always with a time limit."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

HOST = "127.0.0.1"

#: A function that receives progress messages of one line.
Report = Callable[[str], None]


class ProcessError(RuntimeError):
    """A child process failed; the message has the reason and the end of the log."""


def say(message: str) -> None:
    """Print a line of progress to stderr, apart from a program's output."""
    print(message, file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log, indented, under a heading with its path."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError as error:
        text = [f"(cannot be read: {error})"]
    body = "\n".join(f"  | {line[:500]}" for line in text or ["(empty)"])
    return f"last lines of {log}:\n{body}"


def free_port(preferred: int) -> int:
    """Return the preferred port if it is free, otherwise another free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            # A port whose last connections are still closing counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise ProcessError(f"No free port on {HOST}.")


def wait_until(check: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Return whether the check became true within the time limit."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Turn signals that end a process into ``SystemExit``, so that clean-up runs.

    Further signals during the clean-up are ignored, as it has its own time limits.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        for handled in numbers:
            signal.signal(handled, signal.SIG_IGN)
        raise SystemExit(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


class _Guardian:
    """Notifies a helper process of the clean-up needed when this process dies."""

    def __init__(self) -> None:
        self._owner = 0
        self._pipe: subprocess.Popen[str] | None = None

    def note(self, *line: str | int) -> None:
        if self._owner != os.getpid():
            self._owner = os.getpid()
            self._pipe = subprocess.Popen(
                [sys.executable, "-IS", str(Path(__file__).with_name("guardian.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                text=True,
            )
        assert self._pipe and self._pipe.stdin
        print(json.dumps(line), file=self._pipe.stdin, flush=True)


_guardian = _Guardian()


def make_temporary_directory(prefix: str) -> Path:
    """Make a directory that is removed at the end of this process at the latest."""
    path = Path(tempfile.mkdtemp(prefix=prefix))
    _guardian.note("directory", str(path))
    return path


def remove_directory(path: Path) -> None:
    """Remove a directory made by :func:`make_temporary_directory`."""
    shutil.rmtree(path, ignore_errors=True)
    _guardian.note("removed", str(path))


class Child:
    """A child process with a log, in its own process group.

    It has its own group because Ctrl-C must reach only the parent: children are stopped
    in a given order, together with all processes that they forked.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: pwd.struct_passwd | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.log = log
        self._environ = environ
        self._cwd = cwd
        self._user = user
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id; available only while the process is started."""
        if self._process is None:
            raise ProcessError(f"{self.name} is not started.")
        return self._process.pid

    def start(self) -> None:
        """Start the process; do not wait until it is ready."""
        if self.running:
            raise ProcessError(f"{self.name} is running already.")
        other_user: dict[str, Any] = {}
        if self._user is not None:
            other_user = {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": [],
            }
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            try:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environ,
                    cwd=self._cwd,
                    start_new_session=True,
                    **other_user,
                )
            except OSError as error:
                raise ProcessError(f"{self.name} cannot be started: {error}") from error
        _guardian.note("started", self._process.pid, int(self._stop_signal))

    def output(self) -> bytes:
        """Return the output of the process since its start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read()

    def wait_ready(self, check: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready; raise an error if it ends or takes too long."""
        if not wait_until(lambda: not self.running or check(), seconds):
            self._fail(f"was not ready within {seconds:.0f} s")
        if not self.running:
            self._fail("ended while it was starting")

    def wait(self, seconds: float) -> None:
        """Wait for a command to end; raise an error if it fails or takes too long."""
        if not wait_until(lambda: not self.running, seconds):
            self._fail(f"did not end within {seconds:.0f} s")
        assert self._process
        if self._process.returncode:
            self._fail("failed")
        self.stop()

    def _fail(self, what: str) -> None:
        status = self._process.poll() if self._process else None
        self.stop()
        ended = "" if status is None else f" (exit status {status})"
        raise ProcessError(f"{self.name} {what}{ended}; {tail(self.log)}")

    def stop(self, seconds: float = 10.0) -> None:
        """Stop the process and all that it forked, gracefully first."""
        process, self._process = self._process, None
        if process is None:
            return
        group = process.pid
        if process.poll() is None:
            _signal_group(group, self._stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        _signal_group(group, signal.SIGKILL)
        process.wait(seconds)
        _guardian.note("stopped", group)

    def kill(self) -> None:
        """Kill it like a crash: immediately, without any clean-up."""
        process, self._process = self._process, None
        if process is not None:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait(10)
            _guardian.note("stopped", process.pid)


def _signal_group(group: int, number: int) -> None:
    # An empty group is the desired result.
    with suppress(ProcessLookupError):
        os.killpg(group, number)
