# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Signals to which sites can connect their own functions."""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace
from flask import current_app
from invenio_db import db

logger = logging.getLogger(__name__)

_signals = Namespace()

delivered = _signals.signal("doi-delivered")
"""Sent when a delivery has ended and its outcome is committed.

The sender is the application. Keyword arguments: ``doi``, ``account`` (its name),
``kind`` (``record`` or ``concept``), ``revision`` (the delivered one) and ``outcome``
(``done``, ``unchanged``, ``retry``, ``rejected``, ``paused``, or ``lost``: another
worker continues with it); if known, also ``state`` (at DataCite), ``http_status``,
``code`` and ``reason`` (of the error).

Receivers run in the worker between two deliveries: they must be fast, and must leave
the session without a transaction. Their exceptions are logged and ignored.
"""


def send(signal: NamedSignal, event: dict[str, Any]) -> None:
    """Send a signal; the exceptions of receivers are logged and ignored."""
    if not signal.receivers:
        return
    application = _application()
    for receiver in list(signal.receivers_for(application)):
        try:
            receiver(application, **event)
        except Exception:
            logger.exception("doi.signal.failed", extra={"signal": signal.name})
            db.session.rollback()


def _application() -> Any:
    proxy: Any = current_app
    return proxy._get_current_object()
