"""What is passed to the C library, made of what Python has; what does not fit is a BadArgument that names it."""
from __future__ import annotations

import math
import operator
from typing import Any

from ._abi import ffi
from ._names import Code
from .errors import BadArgument

FOR_EVER_NS = 1 << 62


def bad(words: str) -> BadArgument:
    return BadArgument(Code.E_ARGUMENT, words)


def ns(seconds: float | None) -> int | None:
    """Seconds as the C library counts them; None is for ever, and so is inf."""
    if seconds is None or seconds == math.inf:
        return None
    if math.isnan(seconds):
        raise bad("a time is a number of seconds, not nan")
    return min(max(0, round(seconds * 1e9)), FOR_EVER_NS) if seconds > 0 else 0


def text(value: str | None) -> Any:
    """A C string that lives as long as what is returned; NULL for none."""
    return ffi.NULL if value is None else ffi.new("char[]", encoded(value))


def encoded(value: str) -> bytes:
    raw = value.encode(errors="surrogateescape")
    if b"\0" in raw:
        raise bad(f"{value!r} has a byte 0 in it")
    return raw


def whole(name: str, value: int, ctype: str = "uint64_t") -> int:
    """A whole number that fits a type of C."""
    fault = misfit(value, ctype)
    if fault is not None:
        raise bad(f"{name}={value!r} {fault}")
    return value


def misfit(value: object, ctype: Any) -> str | None:
    """What is wrong with a value for an integer of this type; None: nothing."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return "is no whole number"
    bits = 8 * ffi.sizeof(ctype)
    signed = int(ffi.cast(ctype, -1)) < 0
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return None if low <= number <= high else f"is not from {low} to {high}"


def assign(target: Any, **values: int) -> None:
    """Set fields of a struct."""
    for name, value in values.items():
        kinds = {field: about.type for field, about in ffi.typeof(target).item.fields}
        if name not in kinds or kinds[name].kind != "primitive":
            raise bad(f"{name}: there is no such field in {ffi.typeof(target).item.cname}")
        setattr(target, name, whole(name, value, kinds[name]))
