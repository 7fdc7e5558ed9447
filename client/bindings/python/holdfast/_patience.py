"""Opening with patience, in slices, so that signals (Ctrl-C) are looked at in between."""
from __future__ import annotations

import time
from collections.abc import Callable

from ._arguments import ns
from ._library import SLICE_NS
from .errors import is_retriable


def open_patiently(seconds: float | None, attempt: Callable[[int], int]) -> int:
    """What `attempt` returns, which is called with its share of the patience, until it goes well or time is over."""
    limit_ns = ns(seconds)
    deadline_ns = None if limit_ns is None else time.monotonic_ns() + limit_ns
    while True:
        left_ns = SLICE_NS if deadline_ns is None else max(0, deadline_ns - time.monotonic_ns())
        code = int(attempt(min(left_ns, SLICE_NS)))
        if left_ns == 0 or not is_retriable(code):
            return code
