"""One client's session: submit commands, read reports, wait.

    with Session.open("me") as me:
        demo = me.instrument("DEMO")
        seq = me.submit(NewOrder(instrument=demo.id, id=1, side=Side.BUY, price=100, quantity=5))
        me.wait_for(seq, Level.DURABLE)
        for report in me.reports():
            print(report)

A session belongs to one thread at a time, and to the process that opened it. Calls that wait let other threads run.
"""
from __future__ import annotations

import os
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any
from weakref import WeakSet

from ._abi import ffi
from ._arguments import FOR_EVER_NS, assign, ns, text, whole
from ._library import SLICE_NS, lib
from ._names import (
    Code,
    Instrument,
    Level,
    OpenFlag,
    SessionFacts,
    Status,
    instrument_info_of,
    session_facts_of,
    status_of,
)
from ._patience import open_patiently
from .commands import Command, Slots
from .errors import BadArgument, HoldfastError, ReportsLost, SessionGone, check, check_open, error_of, is_retriable
from .reports import Report, reports_in

_BATCH_SLOTS = 256
_PARENTS = "this session belongs to the process that forked this one; a child opens a session of its own"


class Session:
    """Open it with Session.open(); as a context manager it detaches in the end: the session and its orders stay,
    unless it was opened to cancel on disconnect."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._is_parents = False
        _open_here.add(self)
        self._slots = Slots(_BATCH_SLOTS)
        self._reports = ffi.new("struct hf_report[]", _BATCH_SLOTS)
        self._memory = ffi.buffer(self._reports)
        self._read: deque[Report] = deque()
        self.trouble = Code.OK
        """Why the last wait in vain was in vain: OK, TIMEOUT, E_NO_DAEMON, E_STUCK, GAP."""

    @classmethod
    def open(
        cls,
        session: str,
        *,
        instance: str = "holdfast",
        socket_path: str | None = None,
        cancel_on_disconnect: bool = False,
        durable: bool = False,
        create: bool = True,
        command_slots: int = 0,
        report_slots: int = 0,
        timeout: float = 0,
        next_report: int = 0,
        patience: float = 0,
    ) -> Session:
        """Open a session, or resume it where the last client of that name left off.

        The options are those of struct hf_client_options; times are seconds. `patience` is how long to try again
        while the daemon is being restarted, say.
        """
        names = [text(instance), text(socket_path), text(session)]
        options = ffi.new("struct hf_client_options *")
        options.size = ffi.sizeof("struct hf_client_options")
        options.instance, options.socket_path, options.session = names
        options.flags = (
            (OpenFlag.CANCEL_ON_DISCONNECT if cancel_on_disconnect else 0)
            | (OpenFlag.DURABLE if durable else 0)
            | (0 if create else OpenFlag.NO_CREATE)
        )
        assign(options, command_slots=command_slots, report_slots=report_slots, next_report=next_report)
        options.timeout_ns = FOR_EVER_NS if (timeout_ns := ns(timeout)) is None else timeout_ns
        handle = ffi.new("struct hf_client **")
        code = open_patiently(patience, lambda slice_ns: cls._try_open(handle, options, slice_ns))
        check_open(code, f"session {session}")
        return cls(handle[0])

    @staticmethod
    def _try_open(handle: Any, options: Any, patience_ns: int) -> int:
        options.patience_ns = patience_ns
        return int(lib.hf_open(handle, options))

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.detach()

    @property
    def handle(self) -> Any:
        """The struct hf_client *, for calls of `lib` that are not here."""
        if self._handle is None:
            raise SessionGone(Code.E_SESSION, _PARENTS if self._is_parents else "this session was detached or closed")
        return self._handle

    def detach(self) -> None:
        """Leave the session as it is and free the handle; open() resumes it. What was read counts as released
        when the loop over reports() had it behind it."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            lib.hf_detach(handle)

    def _leave_to_parent(self) -> None:
        """In a forked child: what it has is a copy, which goes without the session noticing."""
        self._is_parents = self._handle is not None
        self._read.clear()
        self.detach()

    def close(self) -> None:
        """End the session: its open orders are cancelled, its name is free."""
        check(lib.hf_close(self.handle), "close")
        self._handle = None

    # Submitting

    def submit(self, command: Command) -> int:
        """Submit a command and return its number: from here on it is processed exactly once. Again: the ring is
        full; read reports and try again."""
        seq = ffi.new("uint64_t *")
        check(lib.hf_submit(self.handle, self._slots.write_one(command), seq))
        return int(seq[0])

    def submit_many(self, commands: Sequence[Command]) -> int:
        """Submit commands in order, as far as there is room; returns how many. One call into C for a hundred. An
        exception's `submitted` says how many were before it: the first so many."""
        done = 0
        try:
            while done < len(commands):
                ends = self._slots.write(commands, done)
                taken = lib.hf_submit_many(self.handle, self._slots.memory, ends[-1], ffi.NULL)
                if taken == Code.AGAIN:
                    break
                check(taken)
                done += bisect_right(ends, taken)
                if taken < ends[-1]:
                    break
        except HoldfastError as error:
            error.submitted = done
            raise
        return done

    # Reading

    def reports(self) -> Iterator[Report]:
        """Each report that is there now, once. They are given back to the engine, and will not come again, when
        the loop asks for more than it was handed; an exception that ends the program lets those that were not
        come again to its next run."""
        while True:
            while self._read:
                yield self._read.popleft()
            lib.hf_release(self.handle)
            if not self._fill():
                return

    def _fill(self) -> bool:
        count = lib.hf_read_many(self.handle, self._reports, _BATCH_SLOTS)
        self._read.extend(reports_in(self._memory, count))
        return bool(count)

    def read_raw(self, count_max: int = _BATCH_SLOTS) -> memoryview:
        """Copies of the next slots, whole reports, as bytes; see holdfast.layout() for arrays of them. Release
        them with release(). Not to be mixed with a reports() that was left before its end."""
        slots = ffi.new("struct hf_report[]", whole("count_max", count_max, "uint32_t"))
        count = lib.hf_read_many(self.handle, slots, count_max)
        return memoryview(ffi.buffer(slots, count * ffi.sizeof("struct hf_report")))

    def release(self) -> None:
        """What was read by read_raw() does not come again."""
        lib.hf_release(self.handle)

    # Waiting

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until reports() has something; missing reports are fetched meanwhile. False: not in the time
        given; `trouble` says whether the daemon is there. ReportsLost, HistoryLost, SessionGone, Halted are
        raised, each when it happens."""
        if self._read:
            return True
        return self._in_slices(timeout, lambda slice_ns: lib.hf_wait_report(self.handle, slice_ns))

    def wait_for(self, seq: int, level: Level = Level.DURABLE, timeout: float | None = None) -> bool:
        """Wait until a command has reached a level. False: not in the time given."""
        whole("seq", seq)
        whole("level", level, "uint32_t")
        try:
            return self._in_slices(timeout, lambda slice_ns: lib.hf_wait(self.handle, seq, level, slice_ns))
        except BadArgument as error:
            words = f"command {seq} was never submitted, or the instance makes nothing durable (memory mode)"
            raise BadArgument(error.code, words) from None

    def wait_durable(self, lsn: int, timeout: float | None = None) -> bool:
        """Wait until a position of the log is durable."""
        whole("lsn", lsn)
        try:
            return self._in_slices(timeout, lambda slice_ns: lib.hf_wait_durable_lsn(self.handle, lsn, slice_ns))
        except BadArgument as error:
            words = f"LSN {lsn} is not there yet, or the instance makes nothing durable (memory mode)"
            raise BadArgument(error.code, words) from None

    def _in_slices(self, timeout: float | None, wait: Any) -> bool:
        limit_ns = ns(timeout)
        deadline_ns = None if limit_ns is None else time.monotonic_ns() + limit_ns
        while True:
            left_ns = SLICE_NS if deadline_ns is None else max(0, deadline_ns - time.monotonic_ns())
            code = int(wait(min(left_ns, SLICE_NS)))
            if self._settle(code):
                return True
            if left_ns == 0 and deadline_ns is not None:
                return False

    def _settle(self, code: int) -> bool:
        """True: reached; False: not yet; all else is raised."""
        if code == Code.LOST:
            facts = self.facts()
            words = f"reports {facts.lost_first} to {facts.lost_last} are lost"
            raise ReportsLost(code, words, facts.lost_first, facts.lost_last)
        if code < 0 and not is_retriable(code):
            raise error_of(code)
        self.trouble = Code(code)
        return code == Code.OK

    def maintain(self) -> bool:
        """Housekeeping, for who reads without ever waiting; every few milliseconds. False: not all is well, and
        `trouble` says what; raises as wait()."""
        return self._settle(int(lib.hf_maintain(self.handle)))

    @property
    def durable_lsn(self) -> int:
        return int(lib.hf_durable_lsn(self.handle))

    # Facts

    def facts(self) -> SessionFacts:
        facts = ffi.new("struct hf_session_facts *")
        lib.hf_facts(self.handle, facts)
        return session_facts_of(facts)

    def is_last_command(self, seq: int) -> bool:
        """Whether the answer to command `seq` answers all that was submitted: facts().last_submitted is one more
        where the last command takes two slots."""
        return bool(lib.hf_is_last_command(self.handle, whole("seq", seq)))

    def accept_history(self) -> SessionFacts:
        """After HistoryLost: go on. Submit again what went behind facts.last_submitted."""
        facts = ffi.new("struct hf_session_facts *")
        lib.hf_accept_history(self.handle, facts)
        return session_facts_of(facts)

    def instrument(self, symbol: str) -> Instrument:
        """Look up an instrument; Unknown: there is none of this symbol."""
        info = ffi.new("struct hf_instrument_info *")
        check(lib.hf_instrument(self.handle, text(symbol), info), f"instrument {symbol}")
        return instrument_info_of(info)

    def status(self) -> Status:
        status = ffi.new("struct hf_status *")
        lib.hf_status(self.handle, status)
        return status_of(status)


_open_here: WeakSet[Session] = WeakSet()


def _forked() -> None:
    for session in list(_open_here):
        session._leave_to_parent()


os.register_at_fork(after_in_child=_forked)
