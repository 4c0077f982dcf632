# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""An HTTP server for a sandbox, in a thread."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from .accounts import Account
from .app import create_app
from .exchanges import LARGEST_BODY
from .fault_answers import ENDING, RESET
from .fault_scripts import read_rate
from .rates import RateLimit
from .sandbox import Sandbox


class PortInUse(OSError):
    """The server cannot listen on that address."""


class _Handler(WSGIRequestHandler):
    """A handler for HTTP/1.1 with persistent connections.

    Werkzeug's own handler closes every connection after one answer. This one can keep
    it open: the body is always read before the application runs, and the answer is
    complete before its first byte is sent, so its length is known.
    """

    protocol_version = "HTTP/1.1"
    # Header and body are sent in one packet, immediately: no 40 ms wait for an ACK.
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = self.make_environ()
        self.environ["wsgi.input"] = io.BytesIO(self._body(self.environ))
        chunks, status, headers = run_wsgi_app(
            self.server.app, self.environ, buffered=True
        )
        body = b"".join(chunks)
        if ENDING in headers:
            self._end(with_reset=headers[ENDING] == RESET)
            return
        code, _, message = status.partition(" ")
        self.send_response(int(code), message)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _end(self, with_reset: bool) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        if with_reset:
            # Without lingering, closing discards unsent data and sends a RST. It has to
            # happen first, because a shutdown by the server would send a FIN.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def _body(self, environ: dict[str, Any]) -> bytes:
        """Read the body; one that is too large is received completely but discarded."""
        if environ.get("wsgi.input_terminated"):
            return cast(bytes, environ["wsgi.input"].read())
        try:
            left = max(0, int(environ.get("CONTENT_LENGTH") or 0))
        except ValueError:
            left = 0
        if left <= LARGEST_BODY:
            return self.rfile.read(left)
        while left > 0 and (thrown_away := self.rfile.read(min(left, 1 << 20))):
            left -= len(thrown_away)
        return b""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Log nothing; ``/_sandbox/log`` has all requests."""


class _Server(ThreadedWSGIServer):
    """A threaded server that can end all connections."""

    def __init__(self, listener: socket.socket, app: Any) -> None:
        host, port = listener.getsockname()[:2]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(host, port, app, _Handler, fd=listener.fileno())
        listener.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End persistent connections; otherwise they would still be served."""
        with self._lock:
            for request in self._open:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client has closed it already


class SandboxServer:
    """A sandbox that is served at an address.

    It can be used as a context manager. ``stop`` and ``start`` may be called
    repeatedly; the address and the DOIs remain the same, even without a data file.
    """

    def __init__(
        self,
        accounts: Iterable[Account] | None = None,
        port: int = 0,
        data: str | Path | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        """Prepare a sandbox; port 0 means any free port, chosen at the first start."""
        self.host = host
        self.port = port
        self.app = create_app(accounts, data)
        self.sandbox = cast(Sandbox, self.app.extensions["datacite-sandbox"])
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Start answering, or raise PortInUse."""
        if self._server is not None:
            return
        self._server = _Server(_listen(self.host, self.port), self.app)
        self.sandbox.faults.resume()
        self.port = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"datacite-sandbox:{self.port}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, free the port and end open connections."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self.sandbox.faults.abandon()
        self._thread.join()
        self._server = self._thread = None

    def close(self) -> None:
        """Stop for good and close the data file."""
        self.stop()
        self.sandbox.store.close()

    def clear(self) -> None:
        """Remove all DOIs, faults and the rate limit, and empty the log."""
        self.sandbox.clear()

    def fault(self, **fault: Any) -> None:
        """Add a fault, as ``POST /_sandbox/faults`` does, or raise ScriptError."""
        self.sandbox.faults.add(fault)

    def faults(self) -> list[dict[str, Any]]:
        """Return the active faults and how often each fired."""
        return self.sandbox.faults.as_json()

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.sandbox.faults.clear()

    def rate(self, requests: int, seconds: float, retry_after: bool = False) -> None:
        """Limit the API requests per ``seconds``; answer 429 to further ones."""
        self.sandbox.rate = RateLimit(
            **read_rate(
                {"requests": requests, "seconds": seconds, "retry_after": retry_after}
            )
        )

    def clear_rate(self) -> None:
        """Remove the rate limit."""
        self.sandbox.rate = None

    def log(self, doi: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Return the log of API requests, as ``GET /_sandbox/log`` does."""
        return self.sandbox.journal.entries(doi, since)

    def summary(self, doi: str | None = None, since: int = 0) -> dict[str, Any]:
        """Return the summary of the log, as ``GET /_sandbox/log?summary=1`` does."""
        return self.sandbox.journal.summary(doi, since)

    def __enter__(self) -> SandboxServer:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop and close."""
        self.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise PortInUse(f"cannot listen on {host}, port {port}: {reason}") from error
    return listener
