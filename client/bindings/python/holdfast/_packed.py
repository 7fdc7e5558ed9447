"""C structs read and written as tuples, by the struct module: a tenth of what field by field would cost."""
from __future__ import annotations

import struct
from typing import Any

from ._abi import ffi

_FORMATS = {(1, False): "B", (2, False): "H", (4, False): "I", (8, False): "Q", (4, True): "i", (8, True): "q"}


def packed(ctype: str, *names: str) -> struct.Struct:
    """Of these fields, ascending by their place; what lies between them is skipped, and written as zeros."""
    form = "<"
    end = 0
    for name in names:
        offset, kind = _field(ffi.typeof(ctype), name)
        size = ffi.sizeof(kind)
        signed = int(ffi.cast(kind, -1)) < 0
        form += "x" * (offset - end) + _FORMATS[size, signed]
        end = offset + size
    return struct.Struct(form + "x" * (ffi.sizeof(ctype) - end))


def find_type(ctype: str, name: str) -> Any:
    """Type of a field; None: there is none of this name."""
    found = _search(ffi.typeof(ctype), name)
    return None if found is None else found[1]


def _field(ctype: Any, name: str) -> tuple[int, Any]:
    """Offset and type of a field, be it of an unnamed member."""
    found = _search(ctype, name)
    if found is None:
        raise AttributeError(f"{ctype.cname} has no field {name}")
    return found


def _search(ctype: Any, wanted: str) -> tuple[int, Any] | None:
    for name, field in ctype.fields:
        if name == wanted:
            return field.offset, field.type
        inner = _search(field.type, wanted) if name == "" else None
        if inner is not None:
            return field.offset + inner[0], inner[1]
    return None
