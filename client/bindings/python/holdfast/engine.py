"""The matching engine as an object, without daemon, shared memory or disk: for back-tests and simulators."""
from __future__ import annotations

from types import TracebackType
from typing import Any

from ._abi import ffi
from ._arguments import assign, bad, encoded, text, whole
from ._library import lib
from ._names import SLOT_BYTES, Code, DepthLevel, Side, depth_level_of
from .commands import Command, Slots
from .errors import HoldfastError, check
from .reports import Report, report_from

class Engine:
    """Limits are those of struct hf_engine_limits, by name; the rest are HF_ENGINE_LIMITS_DEFAULT."""

    def __init__(self, **limits: int) -> None:
        self._handle: Any = None
        self._answers: list[tuple[int, Report]] = []
        self._slots = Slots(2)
        self._on_report = ffi.callback("hf_engine_report_fn", self._collect)
        handle = ffi.new("struct hf_engine **")
        capacities = ffi.new("struct hf_engine_limits *")
        lib.hf_engine_limits_default(capacities)
        assign(capacities, **limits)
        check(lib.hf_engine_create(handle, capacities), "engine")
        self._handle = handle[0]

    def _collect(self, _context: Any, session: int, report: Any) -> None:
        memory = ffi.buffer(report, report.slots * SLOT_BYTES)
        self._answers.append((session, report_from(memory, 0)[0]))

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        handle, self._handle = getattr(self, "_handle", None), None
        if handle is not None:
            lib.hf_engine_destroy(handle)

    @property
    def handle(self) -> Any:
        """The struct hf_engine *, for calls of `lib` that are not here."""
        if self._handle is None:
            raise HoldfastError(Code.E_ARGUMENT, "this engine was closed")
        return self._handle

    def add_instrument(
        self,
        symbol: str,
        *,
        tick: int = 1,
        lot: int = 1,
        price_min: int,
        price_max: int,
        quantity_max: int,
        flags: int = 0,
    ) -> int:
        """Returns its id."""
        instrument = ffi.new("uint32_t *")
        info = ffi.new("struct hf_instrument_info *")
        name = encoded(symbol)
        if len(name) >= len(info.symbol):
            raise bad(f"instrument {symbol}: a symbol has at most {len(info.symbol) - 1} bytes")
        info.symbol = name
        assign(info, tick=tick, lot=lot, flags=flags, price_min=price_min, price_max=price_max)
        assign(info, quantity_max=quantity_max)
        check(lib.hf_engine_add_instrument(self.handle, info, instrument), f"instrument {symbol}")
        return int(instrument[0])

    def open_session(self, name: str) -> int:
        """Returns its number."""
        session = int(lib.hf_engine_open_session(self.handle, text(name)))
        if session == 0:
            raise bad(f"session {name}: the name is bad or in use, or no slot is free")
        return session

    def apply(self, session: int, command: Command, time_ns: int) -> list[tuple[int, Report]]:
        """Apply a command. Returns its reports, each with the session that it is for."""
        self._answers = []
        slots = self._slots.write_one(command)
        whole("session", session, "uint32_t")
        whole("time_ns", time_ns)
        check(lib.hf_engine_apply(self.handle, session, slots, time_ns, self._on_report, ffi.NULL), "no such session")
        return self._answers

    def tick(self, time_ns: int) -> list[tuple[int, Report]]:
        """Let time pass: GTD orders expire."""
        self._answers = []
        lib.hf_engine_tick(self.handle, whole("time_ns", time_ns), self._on_report, ffi.NULL)
        return self._answers

    def depth(self, instrument: int, side: Side, count_max: int = 10) -> list[DepthLevel]:
        whole("instrument", instrument, "uint32_t")
        levels = ffi.new("struct hf_depth_level[]", whole("count_max", count_max, "uint32_t"))
        count = lib.hf_engine_depth(self.handle, instrument, side, levels, count_max)
        return [depth_level_of(levels[i]) for i in range(count)]

    @property
    def digest(self) -> int:
        """Equal digests mean equal outputs."""
        return int(lib.hf_engine_digest(self.handle))
