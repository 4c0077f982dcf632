# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A server in front of the sandbox that gives odd answers about one DOI."""

from __future__ import annotations

import http.client
import socketserver
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

Part = bytes | float
"""Bytes to send, or seconds to wait before the next ones."""

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class HostileServer:
    """A raw server that forwards requests about all other DOIs to the sandbox.

    ``answer`` holds the parts of the answer about ``odd``; None forwards these
    requests, too.
    """

    def __init__(self, behind: str):
        self.behind = urlsplit(behind).netloc
        self.odd = ""
        self.answer: Iterable[Part] | None = None
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 20

            def handle(self) -> None:
                try:
                    owner._exchange(self)
                except OSError:
                    return  # the client gave up

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> HostileServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _exchange(self, handler: socketserver.StreamRequestHandler) -> None:
        request = handler.rfile.readline(65536).decode("latin-1").split()
        if len(request) != 3:
            return
        method, target, _version = request
        headers = {}
        while (line := handler.rfile.readline(65536)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        answer = self.answer
        about = f"{target} {body[:300].decode('utf-8', 'replace')}".lower()
        if answer is not None and self.odd and self.odd.lower() in about:
            for part in answer:
                if isinstance(part, bytes):
                    handler.wfile.write(part)
                    handler.wfile.flush()
                else:
                    time.sleep(part)
            return
        connection = http.client.HTTPConnection(self.behind, timeout=20)
        sent = {name: value for name, value in headers.items() if name not in HOP}
        connection.request(method, target, body or None, sent)
        response = connection.getresponse()
        content = response.read()
        head = f"HTTP/1.1 {response.status} {response.reason}\r\n" + "".join(
            f"{name}: {value}\r\n"
            for name, value in response.getheaders()
            if name.lower() not in HOP
        )
        head += f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        handler.wfile.write(head.encode("latin-1") + content)
        connection.close()
