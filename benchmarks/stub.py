# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A minimal DataCite in a separate process, which uses almost no processor time.

It validates nothing and keeps only states, so that a benchmark measures the client. The
sandbox, which validates everything, is too slow for that.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import requests

STATES = {"publish": "findable", "register": "registered", "hide": "registered"}


class Stub:
    """The data of the stub: the state of each DOI, and the number of writes."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.writes = 0
        self.latency = 0.0

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                method, path, _version = first.split(" ")
                headers = dict(
                    line.lower().split(": ", 1) for line in lines if ": " in line
                )
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if self.latency and path.startswith("/dois"):
                    await asyncio.sleep(self.latency)
                status, answer = self.answer(method, path, body)
                text = json.dumps(answer).encode()
                writer.write(
                    f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(text)}\r\n\r\n".encode() + text
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, object]:
        """Return the status and the JSON of one answer."""
        if path == "/_stub":
            if method == "POST":
                self.latency = json.loads(body)["latency"]
                self.states, self.writes = {}, 0
            return 200, {"findable": self._findable(), "writes": self.writes}
        if method not in ("PUT", "POST"):
            return 404, {"errors": [{"status": "404", "title": "Not found"}]}
        self.writes += 1
        attributes = json.loads(body)["data"]["attributes"]
        in_path = path.partition("?")[0].removeprefix("/dois").strip("/")
        doi = unquote(in_path) or attributes["doi"]
        event = attributes.pop("event", None)
        state = STATES.get(event) or self.states.get(doi, "draft")
        self.states[doi] = state
        data = {"id": doi, "type": "dois", "attributes": attributes | {"state": state}}
        return (201 if method == "POST" else 200), {"data": data}

    def _findable(self) -> int:
        return sum(state == "findable" for state in self.states.values())


async def _main(stub: Stub) -> None:
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, limit=1 << 24)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running() -> Iterator[str]:
    """Run a stub; yield its URL, without a slash at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stub"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def reset(address: str, latency: float) -> None:
    """Delete all data of the stub.

    :param latency: seconds before each answer from now on.
    """
    answer = requests.post(f"{address}/_stub", json={"latency": latency}, timeout=10)
    answer.raise_for_status()


def count(address: str) -> dict[str, int]:
    """Return the numbers of ``findable`` DOIs and of ``writes`` received."""
    counted: dict[str, int] = requests.get(f"{address}/_stub", timeout=10).json()
    return counted


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    asyncio.run(_main(Stub()))
