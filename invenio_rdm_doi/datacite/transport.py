# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Sending of one request and reading of its answer, regardless of the other side.

* A request starts before a given time, connecting included, or is not sent: its content
  may be forbidden a moment later.
* The whole exchange has a deadline, by a clock that continues while the machine is
  suspended. A server that sends a byte every half second does not block a worker.
* The size of an answer is limited, also after decompression.
* The URL that is requested is exactly the intended one.
* The credentials are added when the request is sent, and no error leaves this module
  with stack frames that contain them.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ..timing import now
from .errors import InvalidDOI, NotSent, Unreachable, Unreadable

ANSWER_LIMIT = 4 * 1024 * 1024
"""Maximum size of an answer in bytes, to which four times the size of the sent body is
added: DataCite returns the metadata, and their XML in base64."""

LARGE_LIMIT = 64 * 1024 * 1024
"""The same limit for a page of a list."""

LARGE_SECONDS = 120
"""Minimum time limit for such an answer, in seconds."""

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answered:
    """An answer that was read completely."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class _Exchange:
    """The request that this thread is sending.

    :param start_by: the request starts before this time or is not sent.
    :param end_by: the answer has to be read before this time.
    """

    start_by: float
    end_by: float
    started: bool = False
    refused: bool = False


_current = threading.local()


class _TooLate(OSError):
    """The request was not sent, because its latest start time had passed."""


class _TimedReader(io.RawIOBase):
    """A reader of a socket that observes the exchange's deadline."""

    def __init__(self, sock: socket.socket, file: Any):
        self._sock = sock
        # The socket counts the files made from it, and stays open until they close.
        self._file = file
        self._timeout = sock.gettimeout()

    def close(self) -> None:
        self._file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        exchange: _Exchange | None = getattr(_current, "exchange", None)
        if exchange is not None:
            left = exchange.end_by - now()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(min(left, self._timeout or left))
        return self._sock.recv_into(buffer)


class _TimedResponse(http.client.HTTPResponse):
    """An answer that is read through a :class:`_TimedReader`."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any):
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(sock, self.fp))


class _PunctualMixin:
    """A connection on which a request starts in time or is not sent."""

    response_class = _TimedResponse

    _connecting = False

    def connect(self) -> None:
        # The request for a proxy's tunnel is not yet a request to DataCite.
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._connecting = False

    def send(self, data: Any) -> None:
        if not self._connecting:
            if self.sock is None and self.auto_open:  # type: ignore[attr-defined]
                self.connect()
            _start()
        super().send(data)  # type: ignore[misc]


def _start() -> None:
    """Record the start of this thread's request; refuse it if it is too late."""
    exchange: _Exchange | None = getattr(_current, "exchange", None)
    if exchange is not None and not exchange.started:
        if now() > exchange.start_by:
            exchange.refused = True
            raise _TooLate("the time to start had passed")
        exchange.started = True


class _PunctualHTTP(_PunctualMixin, HTTPConnection):  # type: ignore[misc]
    pass


class _PunctualHTTPS(_PunctualMixin, HTTPSConnection):  # type: ignore[misc]
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _PunctualHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PunctualHTTPS


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class _Adapter(HTTPAdapter):
    """An adapter whose connections observe the time limits of an exchange."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class Transport:
    """A pool of connections to one API URL. Thread-safe, like requests."""

    def __init__(
        self,
        base_url: str,
        timeout: tuple[float, float],
        headers: Mapping[str, str],
        authenticate: Callable[[requests.PreparedRequest], None],
        pool_size: int = 16,
    ):
        """Constructor; opens no connection.

        :param base_url: ends with a slash.
        :param timeout: seconds for (connect, the whole answer).
        :param authenticate: adds the credentials to a request.
        """
        self.base_url = base_url
        self.timeout = timeout
        self._authenticate = authenticate
        self._session = requests.Session()
        self._session.headers.update(headers)
        # A compressed answer could expand to a thousand times its received size.
        self._session.headers["Accept-Encoding"] = "identity"
        adapter = _Adapter(pool_connections=1, pool_maxsize=pool_size)
        self._session.mount(base_url, adapter)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes = b"",
        form: Mapping[str, Callable[[], str]] | None = None,
        content_type: str | None = None,
        authenticated: bool = True,
        start_by: float | None = None,
        large: bool = False,
    ) -> Answered:
        """Send one request.

        :param path: path below the base URL, percent-encoded.
        :param form: form fields, as functions so that no frame contains their values.
        :param start_by: latest start, by :func:`.timing.now`; None: no limit.
        :param large: whether the answer may be large and take longer.
        :raises NotSent: if the request could not start in time.
        :raises InvalidDOI: if another URL would be requested.
        :raises Unreachable: if there is no answer.
        :raises Unreadable: if the answer is too large, or its compression is unknown.
        """
        _current.last = None
        try:
            return self._send(
                method,
                path,
                params,
                body,
                form,
                content_type,
                authenticated,
                start_by,
                large,
            )
        except BaseException as error:
            failure = _without_frames(error, f"{method} /{path}", self.base_url)
        # Raised outside the handler, so that the error keeps neither the frames nor the
        # cause, in which an error reporter would find the credentials.
        raise failure

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: bytes,
        form: Mapping[str, Callable[[], str]] | None,
        content_type: str | None,
        authenticated: bool,
        start_by: float | None,
        large: bool,
    ) -> Answered:
        url = f"{self.base_url}{path}"
        if params:
            url += f"?{urlencode(params)}"
        request = requests.Request(method, url, data=body)
        if content_type:
            request.headers["Content-Type"] = content_type
        if form:
            request.data = {name: value() for name, value in form.items()}
        prepared = self._session.prepare_request(request)
        if prepared.url != url:
            raise InvalidDOI(f"The address {url!r} would become {prepared.url!r}.")
        # Credentials from ~/.netrc or from the session are not sent.
        prepared.headers.pop("Authorization", None)
        if authenticated:
            self._authenticate(prepared)
        connect, read = self.timeout
        if large:
            read = max(read, LARGE_SECONDS)
        begin = now()
        exchange = _Exchange(
            start_by=begin + connect + read if start_by is None else start_by,
            end_by=begin + connect + read,
        )
        _current.exchange = _current.last = exchange
        settings = self._session.merge_environment_settings(
            prepared.url, {}, True, None, None
        )
        try:
            with self._session.send(
                prepared,
                timeout=(connect, read),
                # A redirect would repeat a PUT as a GET and report a success.
                allow_redirects=False,
                **settings,
            ) as response:
                limit = (LARGE_LIMIT if large else ANSWER_LIMIT) + 4 * len(body)
                return Answered(
                    response.status_code,
                    dict(response.headers),
                    _read(response, limit),
                )
        finally:
            _current.exchange = None


def _read(response: requests.Response, limit: int) -> bytes:
    found = bytearray()
    while chunk := response.raw.read(CHUNK, decode_content=False):
        found += chunk
        if len(found) > limit:
            raise Unreadable(
                f"DataCite's answer has more than {limit} bytes.",
                http_status=response.status_code,
            )
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding in ("", "identity"):
        return bytes(found)
    if encoding not in ("gzip", "deflate"):
        raise Unreadable(
            "DataCite's answer is compressed in an unknown way.",
            http_status=response.status_code,
        )
    unpacker = zlib.decompressobj(47 if encoding == "gzip" else 15)
    try:
        text = unpacker.decompress(bytes(found), limit + 1)
    except zlib.error:
        text = b""
    if len(text) > limit or not text:
        raise Unreadable(
            "DataCite's compressed answer is broken, or too long.",
            http_status=response.status_code,
        )
    return text


def _without_frames(error: BaseException, doing: str, base_url: str) -> BaseException:
    """Return the error to raise instead, without the frames of the original one."""
    if isinstance(error, (InvalidDOI, NotSent, Unreadable)):
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    last: _Exchange | None = getattr(_current, "last", None)
    if last is not None and last.refused:
        return NotSent(f"{doing} was not sent: it could not start in time.")
    if isinstance(
        error,
        (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,
        ),
    ):
        unreachable = Unreachable(
            f"No answer from {base_url} to {doing}: {_cause(error)}."
        )
        unreachable.sent = last is not None and last.started
        return unreachable
    # A signal, or the end of a task's time limit: the same error without its frames.
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _cause(error: BaseException) -> str:
    """Return a short cause: the text of urllib3's errors is long and has addresses."""
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "no answer in time"
    if isinstance(error, (urllib3.exceptions.ReadTimeoutError,)):
        return "no answer in time"
    if isinstance(error, (requests.ConnectionError, OSError)):
        return "the connection failed or broke"
    return type(error).__name__
