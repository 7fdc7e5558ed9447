"""python_abi.py COMPILER INCLUDE_DIR LIBRARY - what the Python module believes of the C library is so.

Sizes and offsets of every struct, and every constant, against the C compiler; the functions of the headers
against the symbols that the library exports, both ways: so that an inline function without a symbol, or a symbol
without a declaration, is found here too.
"""
from __future__ import annotations

import subprocess
import sys
from typing import Any

from holdfast import _names, ffi, lib


def fields_of(ctype: Any) -> list[str]:
    names = []
    for name, field in ctype.fields:
        names += [name] if name else fields_of(field.type)
    return names


def offset_of(ctype: Any, wanted: str) -> int | None:
    for name, field in ctype.fields:
        if name == wanted:
            return int(field.offset)
        if not name:
            inner = offset_of(field.type, wanted)
            if inner is not None:
                return int(field.offset) + inner
    return None


def claims() -> list[str]:
    """Each a condition that must hold in C."""
    conditions = []
    structs = [name for name in ffi.list_types()[1] if name.startswith("hf_")]
    for name in structs:
        ctype = ffi.typeof("struct " + name)
        try:
            ffi.sizeof(ctype)
        except ffi.error:
            continue  # a handle: nobody knows what is in it
        conditions.append(f"sizeof(struct {name}) == {ffi.sizeof(ctype)}")
        for field in fields_of(ctype):
            conditions.append(f"offsetof(struct {name}, {field}) == {offset_of(ctype, field)}")
    for name in vars(_names):
        if name.isupper() and name != "LIBRARY" and not name.startswith("_"):
            conditions.append(f"HF_{name} == {getattr(_names, name)}")
    for name in dir(lib):
        value = getattr(lib, name)
        if isinstance(value, int):
            conditions.append(f"{name} == ({value})")
    return conditions


def check_layout(compiler: str, include: str) -> int:
    lines = ["#include <holdfast/holdfast.h>", "#include <holdfast/record.h>"]
    conditions = claims()
    lines += [f'_Static_assert({condition}, "{condition}");' for condition in conditions]
    command = [compiler, "-std=c17", "-fsyntax-only", "-I", include, "-x", "c", "-"]
    subprocess.run(command, input="\n".join(lines) + "\n", text=True, check=True)
    return len(conditions)


def check_symbols(library: str) -> int:
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", library]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    exported = {line.split()[0].split("@")[0] for line in output.splitlines() if " T " in line}
    declared = {name for name in dir(lib) if name.startswith("hf_")}
    assert exported == declared, f"exported or declared alone: {sorted(exported ^ declared)}"
    return len(exported)


compiler, include, library = sys.argv[1:]
print(f"{check_layout(compiler, include)} sizes, offsets and constants, {check_symbols(library)} functions agree")
