"""The C library, loaded."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ._abi import ffi
from ._names import LIBRARY


def _candidates() -> list[str]:
    named = os.environ.get("HOLDFAST_LIBRARY")
    return [named] if named else [LIBRARY, *_under_own_prefix()]


def _under_own_prefix() -> list[str]:
    """Where the library lies when both were installed under a prefix that the loader does not know."""
    prefix = next((p for p in Path(__file__).resolve().parents if p.name == "lib"), None)
    if prefix is None:
        return []
    return [str(path) for path in (prefix / LIBRARY, *prefix.glob("*/" + LIBRARY)) if path.exists()]


def _load() -> Any:
    problems = []
    for path in _candidates():
        try:
            return ffi.dlopen(path)
        except OSError as problem:
            problems.append(str(problem))
    raise ImportError(
        "the library of holdfast cannot be loaded; install it, or name it in HOLDFAST_LIBRARY: " + "; ".join(problems)
    )


lib: Any = _load()

SLICE_NS = 50_000_000
"""Waits are cut into slices of this, so that signals (Ctrl-C) are looked at in between."""
