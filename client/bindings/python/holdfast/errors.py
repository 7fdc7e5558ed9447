"""Exceptions: what the C library says by negative codes, with its words.

HoldfastError is the base of all; where a code asks the application for something of its own, or Python has a name
for it (TimeoutError, PermissionError...), it has a class.
"""
from __future__ import annotations

from typing import Any

from ._abi import ffi
from ._library import lib
from ._names import Code


class HoldfastError(Exception):
    """A call failed; `code` says why, str() says it in words."""

    submitted = 0
    """Of submit_many(): how many commands, the first so many, were submitted before it failed."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words or words_of(code))
        self.code = Code(code)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, str(self)), self.__dict__


class Again(HoldfastError):
    """No room in the command ring: read reports, then try again. (Opening: the daemon recovers.)"""


class TimedOut(HoldfastError, TimeoutError):
    """The daemon did not answer in time."""


class NoDaemon(HoldfastError, ConnectionError):
    """No daemon answers for this instance."""


class Busy(HoldfastError):
    """Somebody else holds it and is alive."""


class Denied(HoldfastError, PermissionError):
    """This user is not allowed to do that."""


class Unknown(HoldfastError, LookupError):
    """There is no such name."""


class BadArgument(HoldfastError, ValueError):
    """An argument is out of its range."""


class Halted(HoldfastError):
    """The daemon has stopped accepting; its status says why. Call the operator."""


class HistoryLost(HoldfastError):
    """A tail of the log was lost: accept_history(), or open the session anew."""


class SessionGone(HoldfastError):
    """The session was closed or taken away; open it anew."""


class ReportsLost(HoldfastError):
    """Reports `first` to `last` are lost; those that follow list the open orders."""

    def __init__(self, code: int, words: str = "", first: int = 0, last: int = 0) -> None:
        super().__init__(code, words)
        self.first = first
        self.last = last


_CLASSES: dict[Code, type[HoldfastError]] = {
    Code.AGAIN: Again,
    Code.TIMEOUT: TimedOut,
    Code.E_NO_DAEMON: NoDaemon,
    Code.E_BUSY: Busy,
    Code.E_DENIED: Denied,
    Code.E_UNKNOWN: Unknown,
    Code.E_ARGUMENT: BadArgument,
    Code.E_HALTED: Halted,
    Code.E_HISTORY: HistoryLost,
    Code.E_SESSION: SessionGone,
    Code.LOST: ReportsLost,
}


def words_of(code: int) -> str:
    words: bytes = ffi.string(lib.hf_strerror(code))
    return words.decode()


def open_words() -> str:
    """Why the last opening of this thread failed; empty when it did not."""
    words: bytes = ffi.string(lib.hf_open_error())
    return words.decode()


def error_of(code: int, words: str = "") -> HoldfastError:
    """The exception for a code, not raised."""
    try:
        return _CLASSES.get(Code(code), HoldfastError)(code, words)
    except ValueError:  # of a later library
        return HoldfastError(Code.E_PROTOCOL, f"unknown code {code}")


def check(code: int, what: str = "") -> None:
    """Raise unless all is well. `what` goes before the words."""
    if code < 0:
        raise error_of(code, f"{what}: {words_of(code)}" if what else "")


def check_open(code: int, what: str) -> None:
    """As check(), with the words of the opening, which may begin with `what` themselves."""
    if code < 0:
        words = open_words() or words_of(code)
        raise error_of(code, words if words.startswith(what + ":") else f"{what}: {words}")


def is_retriable(code: int) -> bool:
    """Whether the same call may go well later although nobody does anything about it."""
    return bool(lib.hf_error_is_retriable(code))
