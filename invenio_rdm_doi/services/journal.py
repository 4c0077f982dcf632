# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Writes down what people do by hand: who, what, and to which DOI or account."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger(__name__)


def write(identity: Any, action: str, target: str) -> None:
    """Write down an action of a person.

    :param action: ``retry``, ``fix``, ``mark``, ``unmark`` or ``resume``.
    :param target: a DOI, or the name of an account.
    """
    user = getattr(identity, "id", None)
    logger.info(
        "doi.by_hand",
        extra={"action": action, "target": target, "user": str(user)},
    )
