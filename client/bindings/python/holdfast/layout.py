"""Where the fields of a C struct lie, for arrays of them: numpy.dtype(holdfast.layout("struct hf_market_event"))."""
from __future__ import annotations

from typing import Any

from ._abi import ffi


def layout(struct: str) -> dict[str, Any]:
    """Names, formats and offsets of the fields, unnamed unions among them, as numpy.dtype() takes them."""
    ctype = ffi.typeof(struct)
    fields = list(_fields(ctype, 0))
    return {
        "names": [name for name, _, _ in fields],
        "formats": [kind for _, kind, _ in fields],
        "offsets": [offset for _, _, offset in fields],
        "itemsize": ffi.sizeof(ctype),
    }


def _fields(ctype: Any, base: int) -> Any:
    for name, field in ctype.fields:
        if name == "":
            yield from _fields(field.type, base + field.offset)
        else:
            yield name, _format(field.type), base + field.offset


def _format(kind: Any) -> str:
    """As numpy writes it: "<u8", "S16", "(2,)<u8"."""
    if kind.kind == "array":
        if kind.item.cname == "char":
            return f"S{kind.length}"
        return f"({kind.length},){_format(kind.item)}"
    signed = int(ffi.cast(kind, -1)) < 0
    return f"<{'i' if signed else 'u'}{ffi.sizeof(kind)}"
