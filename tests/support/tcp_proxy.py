# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""A TCP proxy that can make a service unavailable and available again."""

from __future__ import annotations

import socket
import threading


class Proxy:
    """A port that forwards to a service; when down, it refuses connections."""

    def __init__(self, host: str, port: int):
        self.target = (host, port)
        self.port = 0
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()

    def up(self) -> None:
        """Accept connections, always on the same port."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def silent(self) -> None:
        """Accept connections without an answer; to be called after :meth:`down`."""
        self._listener = socket.create_server(("127.0.0.1", self.port))

    def down(self) -> None:
        """Refuse connections, and break existing ones."""
        with self._lock:
            listener, self._listener = self._listener, None
            connections = list(self._open)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was closed already

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    # The connection arrived at the last moment, and must be closed.
                    client.close()
                    return
                server = socket.create_connection(self.target)
                self._open |= {client, server}
            for ends in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=ends, daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._open -= {source, sink}
