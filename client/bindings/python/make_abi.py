#!/usr/bin/env python3
"""make_abi.py COMPILER INCLUDE_DIR LIBRARY TARGET_DIR - what the Python module knows of the C headers.

Reads the public headers through the C compiler's preprocessor and writes, into TARGET_DIR,

    _abi.py     structs and functions, for cffi in ABI mode (its out-of-line form: quick to import)
    _names.py   every enumeration as an IntEnum or IntFlag, the structs of answers as NamedTuples

so that nothing of the headers stands a second time in a file that somebody would have to keep. LIBRARY is the
name by which the module loads the library (libholdfast.so.1).
"""
from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys

import cffi

# Enumerations get the name of theirs in CamelCase, without hf_; but for these.
CLASS_NAMES = {"hf_error": "Code"}
# Enumerations of bits, besides those whose name ends in _flag.
BITS = {"hf_set", "hf_set_instrument"}
# Structs that are answers, with the enumeration of a field where an integer holds one.
ANSWERS = {
    "hf_status": ("Status", {"state": "hf_state", "mode": "hf_mode"}),
    "hf_session_facts": ("SessionFacts", {}),
    "hf_market_facts": ("MarketFacts", {}),
    "hf_market_book_facts": ("BookFacts", {}),
    "hf_instrument_info": ("Instrument", {"phase": "hf_phase"}),
    "hf_session_row": ("SessionRow", {}),
    "hf_depth_level": ("DepthLevel", {}),
    "hf_market_event": ("Event", {"type": "hf_market_type", "side": "hf_side"}),
}
SKIPPED = re.compile(r"pad\d*|reserved\d*|magic$")


def preprocess(compiler: str, include: str, *options: str) -> str:
    source = "#include <holdfast/holdfast.h>\n#include <holdfast/record.h>\n"
    command = [*compiler.split(), "-E", *options, "-I", include, "-x", "c", "-std=c17", "-"]
    return subprocess.run(command, input=source, stdout=subprocess.PIPE, check=True, text=True).stdout


def own_lines(text: str) -> str:
    """What comes from Holdfast's headers, and not from the system's."""
    own = False
    kept = []
    for line in text.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            own = "/holdfast/" in marker.group(1)
        elif own:
            kept.append(line)
    return "\n".join(kept)


def without_assertions(text: str) -> str:
    """_Static_assert(...); goes, whatever parentheses it has."""
    while (start := text.find("_Static_assert")) >= 0:
        depth, end = 0, text.index("(", start)
        while True:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
            if depth == 0:
                break
        text = text[:start] + text[text.index(";", end) + 1 :]
    return text


def declarations(compiler: str, include: str) -> str:
    text = own_lines(preprocess(compiler, include)).replace("__extension__", "")
    text = re.sub(r"^#pragma.*$", "", text, flags=re.M)
    text = re.sub(r"\binline\b([^{;]*)\{[^}]*\}", r"\1;", without_assertions(text))  # a symbol as well
    return re.sub(r"\n\s*\n+", "\n", text)


def constants(compiler: str, include: str) -> dict[str, int]:
    """Macros that are integers."""
    found = {}
    for name, value in re.findall(r"^#define (HF_\w+) (.+)$", preprocess(compiler, include, "-dM"), re.M):
        value = re.sub(r"\(u?int\d+_t\)", "", value)
        value = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", value)
        if re.fullmatch(r"[0-9a-fA-Fx()<\s]+", value):
            found[name] = eval(value)  # digits, parentheses and shifts alone
    return dict(sorted(found.items()))


# Names


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.removeprefix("hf_").split("_"))


def class_name(enum: str) -> str:
    return CLASS_NAMES.get(enum, camel(enum))


def member_prefix(members: list[str]) -> str:
    common = os.path.commonprefix(members)
    return common[: common.rindex("_") + 1]


def enum_class(enum: str, members: dict[str, int]) -> str:
    base = "enum.IntFlag" if enum.endswith("_flag") or enum in BITS else "enum.IntEnum"
    prefix = member_prefix(list(members)) if len(members) > 1 else lone_prefix(enum)
    lines = [f"class {class_name(enum)}({base}):", f'    """enum {enum}"""', ""]
    for member, value in sorted(members.items(), key=lambda pair: abs(pair[1])):
        lines.append(f"    {member.removeprefix(prefix)} = {value}")
    return "\n".join(lines) + "\n"


def lone_prefix(enum: str) -> str:
    """Prefix of the member of an enumeration that has one: HF_EPOCH_ of hf_epoch_flag."""
    return enum.removesuffix("_flag").removesuffix("_open").upper() + "_"


def flat_fields(struct: cffi.FFI.CType) -> list[tuple[str, cffi.FFI.CType]]:
    """Fields of a struct, those of its unnamed members among them."""
    fields = []
    for name, field in struct.fields:
        if name == "":
            fields += flat_fields(field.type)
        elif not SKIPPED.fullmatch(name):
            fields.append((name, field.type))
    return fields


def field_of(name: str, kind: cffi.FFI.CType, enums: dict[str, str]) -> tuple[str, str]:
    """Its type in Python, and how it is read from the C struct `c`."""
    if name in enums:
        return f"{class_name(enums[name])} | int", f"_named({class_name(enums[name])}, c.{name})"
    if kind.kind == "array":
        return "str", f"_text(c.{name})"
    return "int", f"c.{name}"


def answer_class(ffi: cffi.FFI, struct: str) -> str:
    name, enums = ANSWERS[struct]
    fields = [(field, *field_of(field, kind, enums)) for field, kind in flat_fields(ffi.typeof("struct " + struct))]
    lines = [f"class {name}(NamedTuple):", f'    """struct {struct}"""', ""]
    lines += [f"    {field}: {kind}" for field, kind, _ in fields]
    lines += ["", "", f"def {struct.removeprefix('hf_')}_of(c: Any) -> {name}:"]
    lines += [f"    return {name}(", *(f"        {how}," for _, _, how in fields), "    )", ""]
    return "\n".join(lines)


HEAD = '''"""Made by make_abi.py out of the C headers: their constants, and their answers as tuples.

What each means stands in include/holdfast/*.h at the name that is given here.
"""
# fmt: off
from __future__ import annotations

import enum
from typing import Any, NamedTuple, TypeVar

from ._abi import ffi

_E = TypeVar("_E", bound=enum.IntEnum)


def _named(kind: type[_E], value: int) -> _E | int:
    """A member; or the number, where a later daemon has one that this module does not know."""
    try:
        return kind(value)
    except ValueError:
        return value


def _text(field: Any) -> str:
    text: bytes = ffi.string(field)
    return text.decode("ascii", "replace")


LIBRARY = {library!r}
"""Name of the library whose headers these are."""

'''


def enumerations(text: str) -> list[str]:
    return re.findall(r"\benum (\w+)\s*\{", text)


def write_names(path: str, ffi: cffi.FFI, text: str, values: dict[str, int], library: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(HEAD.replace("{library!r}", repr(library)))
        classes = [class_name(enum) for enum in enumerations(text)] + [name for name, _ in ANSWERS.values()]
        exported = [name.removeprefix("HF_") for name in values] + classes
        file.write(f"__all__ = [\n{''.join(f'    {name!r},{chr(10)}' for name in exported)}]\n\n")
        for name, value in values.items():
            file.write(f"{name.removeprefix('HF_')} = {value}\n")
        for enum in enumerations(text):
            members = ffi.typeof("enum " + enum).relements
            file.write("\n\n" + enum_class(enum, members))
        for struct in ANSWERS:
            file.write("\n\n" + answer_class(ffi, struct))


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(f"usage: {sys.argv[0]} COMPILER INCLUDE_DIR LIBRARY TARGET_DIR")
    compiler, include, library, target = sys.argv[1:]
    text = declarations(compiler, include)
    ffi = cffi.FFI()
    ffi.cdef(text)
    ffi.set_source("holdfast._abi", None)
    os.makedirs(target, exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):  # it tells what it does
        ffi.emit_python_code(os.path.join(target, "_abi.py"))
    os.utime(os.path.join(target, "_abi.py"))  # what it leaves as it was is as new as the headers, too
    write_names(os.path.join(target, "_names.py"), ffi, text, constants(compiler, include), library)


if __name__ == "__main__":
    main()
