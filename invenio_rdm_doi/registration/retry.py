# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""When to try again."""

from __future__ import annotations

import random


def backoff(failures: int, base: float, cap: float) -> float:
    """Seconds to wait: exponential, with full jitter, so that many do not come at once.

    Source: "Exponential Backoff And Jitter" (full jitter),
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.

    :param failures: how many attempts have failed, this one not counted.
    :param base: the longest first wait, in seconds.
    :param cap: the longest wait, in seconds.
    """
    # 2**64 times any base is beyond any cap; a float has no such power of thousands.
    return jitter(min(cap, base * 2 ** min(failures, 64)))


def jitter(longest: float) -> float:
    """Any time up to the longest."""
    return random.uniform(0, longest)
