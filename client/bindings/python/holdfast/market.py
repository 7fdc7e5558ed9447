"""Market data: every event in order, and level books that keep themselves right.

    with Market.open() as market:
        book = market.book(market.instrument("DEMO").id)
        while True:
            market.wait(1)
            market.poll()                       # the books follow
            print(book.best(Side.BUY), book.best(Side.SELL))
"""
from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from ._abi import ffi
from ._arguments import ns, text, whole
from ._library import SLICE_NS, lib
from ._names import (
    BookFacts,
    Code,
    DepthLevel,
    Event,
    Instrument,
    MarketFacts,
    MarketOpenFlag,
    Side,
    Status,
    depth_level_of,
    instrument_info_of,
    market_book_facts_of,
    market_event_of,
    market_facts_of,
    status_of,
)
from ._patience import open_patiently
from .errors import HoldfastError, check, check_open, error_of, is_retriable

_BATCH_EVENTS = 512
_LEVELS_MAX = 4096


class Book:
    """The level book of one instrument; made by Market.book(). Empty until Market.poll() has built it. One that is
    dropped closes itself, as at the end of a `with`."""

    def __init__(self, market: Market, handle: Any) -> None:
        self._market = market
        self._book = handle

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_book", None) is not None:
            self.close()

    @property
    def handle(self) -> Any:
        """The struct hf_market_book *."""
        if self._book is None or not self._market.is_open:
            raise HoldfastError(Code.E_ARGUMENT, "this book, or its market, was closed")
        return self._book

    def levels(self, side: Side, count_max: int = 10) -> list[DepthLevel] | None:
        """The best levels of one side, best first. None: the book is being built, poll() goes on with it."""
        levels = ffi.new("struct hf_depth_level[]", whole("count_max", count_max, "uint32_t"))
        count = lib.hf_market_book_levels(self.handle, side, levels, count_max)
        if count == Code.AGAIN:
            return None
        check(count)
        return [depth_level_of(levels[i]) for i in range(count)]

    def best(self, side: Side) -> DepthLevel | None:
        """None: that side is empty, or the book is being built."""
        levels = self.levels(side, 1)
        return levels[0] if levels else None

    def facts(self) -> BookFacts:
        facts = ffi.new("struct hf_market_book_facts *")
        lib.hf_market_book_facts(self.handle, facts)
        return market_book_facts_of(facts)

    @property
    def is_whole(self) -> bool:
        """Whether the book is what the engine's was; False while it is being built."""
        return bool(self.facts().whole)

    @property
    def last(self) -> int | None:
        """Price of the last trade, or of an operator's reference; None: there is none."""
        facts = self.facts()
        return facts.last_price if facts.has_last else None

    def close(self) -> None:
        if self._book is not None and self._market.is_open:
            lib.hf_market_book_close(self._book)
        self._book = None


class Market:
    """Open it with Market.open(). It belongs to one thread at a time, its books too."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._events = ffi.new("struct hf_market_event[]", _BATCH_EVENTS)
        self.trouble = Code.OK
        """Why the last poll or wait had nothing: OK, AGAIN, TIMEOUT, E_NO_DAEMON, E_STUCK."""

    @classmethod
    def open(
        cls,
        *,
        instance: str = "holdfast",
        socket_path: str | None = None,
        durable: bool = False,
        patience: float = 0,
    ) -> Market:
        """Map the market data of an instance; the first event will be the next that happens.

        durable: show what is durable only. patience: seconds to try again while the daemon is being restarted.
        """
        handle = ffi.new("struct hf_market **")
        names = [text(instance), text(socket_path)]
        flags = MarketOpenFlag.DURABLE if durable else 0
        code = open_patiently(
            patience, lambda slice_ns: int(lib.hf_market_open_patiently(handle, *names, flags, slice_ns))
        )
        check_open(code, f"market data of {socket_path or 'instance ' + instance}")
        return cls(handle[0])

    def __enter__(self) -> Market:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.close()

    @property
    def is_open(self) -> bool:
        return self._handle is not None

    @property
    def handle(self) -> Any:
        """The struct hf_market *, for calls of `lib` that are not here."""
        if self._handle is None:
            raise HoldfastError(Code.E_ARGUMENT, "this market was closed")
        return self._handle

    def close(self) -> None:
        """Frees its books, too."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            lib.hf_market_close(handle)

    def book(self, instrument: int) -> Book:
        """Keep the level book of an instrument (its id), which need not exist yet."""
        book = ffi.new("struct hf_market_book **")
        whole("instrument", instrument, "uint32_t")
        check(lib.hf_market_book_open(self.handle, instrument, book), f"book of instrument {instrument}")
        return Book(self, book[0])

    def read(self, count_max: int = _BATCH_EVENTS) -> list[Event]:
        """The next events, at most so many; the books have them when it returns. Who was lapped sees it by their
        numbers, and in facts(). Empty: none now, and `trouble` says whether the daemon is there."""
        count = self._settle(lib.hf_market_read_many(self.handle, self._events, min(whole("count_max", count_max), _BATCH_EVENTS)))
        return [market_event_of(self._events[i]) for i in range(count)]

    def read_raw(self, count_max: int = _BATCH_EVENTS) -> memoryview:
        """The same as bytes, 64 an event; see holdfast.layout() for arrays of them."""
        events = ffi.new("struct hf_market_event[]", whole("count_max", count_max, "uint32_t"))
        count = self._settle(lib.hf_market_read_many(self.handle, events, count_max))
        return memoryview(ffi.buffer(events, count * ffi.sizeof("struct hf_market_event")))

    def poll(self) -> int:
        """Read what is there for the books alone; returns how many events."""
        return self._settle(lib.hf_market_poll(self.handle, ffi.NULL, ffi.NULL))

    def _settle(self, count: int) -> int:
        if count < 0 and not is_retriable(count):
            raise error_of(count)
        self.trouble = Code(min(int(count), 0))
        return max(int(count), 0)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is something to read. False: not in the time given."""
        limit_ns = ns(timeout)
        deadline_ns = None if limit_ns is None else time.monotonic_ns() + limit_ns
        while True:
            left_ns = SLICE_NS if deadline_ns is None else max(0, deadline_ns - time.monotonic_ns())
            code = lib.hf_market_wait(self.handle, min(left_ns, SLICE_NS))
            if code == Code.OK:
                self.trouble = Code.OK
                return True
            self._settle(code)
            if left_ns == 0 and deadline_ns is not None:
                return False

    def facts(self) -> MarketFacts:
        facts = ffi.new("struct hf_market_facts *")
        lib.hf_market_facts(self.handle, facts)
        return market_facts_of(facts)

    def instrument(self, symbol: str) -> Instrument:
        """Look up an instrument; Unknown: there is none of this symbol."""
        info = ffi.new("struct hf_instrument_info *")
        check(lib.hf_market_instrument(self.handle, text(symbol), info), f"instrument {symbol}")
        return instrument_info_of(info)

    def status(self) -> Status:
        status = ffi.new("struct hf_status *")
        lib.hf_market_status(self.handle, status)
        return status_of(status)
