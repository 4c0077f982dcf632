# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""Waiting times between attempts."""

from __future__ import annotations

import random


def backoff(failures: int, base: float, cap: float) -> float:
    """Return the seconds to wait: exponential with full jitter, to spread retries.

    Source: "Exponential Backoff And Jitter" (full jitter),
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.

    :param failures: the number of failed attempts, not counting this one.
    :param base: the longest first wait, in seconds.
    :param cap: the longest wait, in seconds.
    """
    # 2**64 times any base exceeds any cap; a float cannot hold 2 to the power of
    # thousands.
    return jitter(min(cap, base * 2 ** min(failures, 64)))


def jitter(longest: float) -> float:
    """Return a random time up to the longest."""
    return random.uniform(0, longest)
