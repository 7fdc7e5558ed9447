"""Looking at an instance without a session: state, instruments, sessions, depth."""
from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple

from ._abi import ffi
from ._arguments import text, whole
from ._library import lib
from ._names import (
    DEPTH_LEVELS_MAX,
    Code,
    DepthLevel,
    Instrument,
    SessionRow,
    Status,
    depth_level_of,
    instrument_info_of,
    session_row_of,
    status_of,
)
from ._patience import open_patiently
from .errors import HoldfastError, check, check_open


class Depth(NamedTuple):
    """A book as of one moment, best levels first."""

    bids: list[DepthLevel]
    asks: list[DepthLevel]
    lsn: int


class Observer:
    """Open it with Observer.open()."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @classmethod
    def open(cls, *, instance: str = "holdfast", socket_path: str | None = None, patience: float = 0) -> Observer:
        handle = ffi.new("struct hf_observer **")
        names = [text(instance), text(socket_path)]
        code = open_patiently(patience, lambda slice_ns: int(lib.hf_observe_patiently(handle, *names, slice_ns)))
        check_open(code, socket_path or "instance " + instance)
        return cls(handle[0])

    def __enter__(self) -> Observer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.close()

    @property
    def handle(self) -> Any:
        """The struct hf_observer *, for calls of `lib` that are not here."""
        if self._handle is None:
            raise HoldfastError(Code.E_ARGUMENT, "this observer was closed")
        return self._handle

    def close(self) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            lib.hf_observer_close(handle)

    def status(self) -> Status:
        status = ffi.new("struct hf_status *")
        lib.hf_observer_status(self.handle, status)
        return status_of(status)

    def instrument(self, symbol: str) -> Instrument:
        """Look up an instrument; Unknown: there is none of this symbol."""
        info = ffi.new("struct hf_instrument_info *")
        check(lib.hf_observer_instrument(self.handle, text(symbol), info), f"instrument {symbol}")
        return instrument_info_of(info)

    def instruments(self) -> list[Instrument]:
        count = ffi.new("size_t *", self.status().instruments_max)
        rows = ffi.new("struct hf_instrument_info[]", count[0])
        lib.hf_observer_instruments(self.handle, rows, count)
        return [instrument_info_of(rows[i]) for i in range(count[0])]

    def sessions(self) -> list[SessionRow]:
        """The open sessions."""
        capacity = self.status().sessions_open + 16  # that open meanwhile
        while True:
            count = ffi.new("size_t *", capacity)
            rows = ffi.new("struct hf_session_row[]", capacity)
            check(lib.hf_observer_sessions(self.handle, rows, count), "sessions")
            if count[0] < capacity:
                return [session_row_of(rows[i]) for i in range(count[0])]
            capacity *= 2

    def depth(self, instrument: int, levels_max: int = DEPTH_LEVELS_MAX) -> Depth:
        """The best levels of a book, asked of the daemon; at most DEPTH_LEVELS_MAX a side."""
        whole("instrument", instrument, "uint32_t")
        whole("levels_max", levels_max, "uint32_t")
        sides = [ffi.new("struct hf_depth_level[]", levels_max) for _ in range(2)]
        counts = [ffi.new("size_t *") for _ in range(2)]
        lsn = ffi.new("uint64_t *")
        code = lib.hf_observer_depth(self.handle, instrument, levels_max, sides[0], counts[0], sides[1], counts[1], lsn)
        check(code, f"depth of instrument {instrument}")
        bids, asks = ([depth_level_of(side[i]) for i in range(count[0])] for side, count in zip(sides, counts))
        return Depth(bids, asks, lsn[0])
