"""Holdfast from Python: trade at an order-matching daemon, read its market data, run its engine in a back-test.

    import holdfast as hf

    with hf.Session.open("me") as me:
        demo = me.instrument("DEMO")
        me.submit(hf.NewOrder(instrument=demo.id, id=1, side=hf.Side.BUY, price=100 * demo.tick, quantity=demo.lot))
        me.wait(1)
        for report in me.reports():
            print(report)

    Session     submit, reports, wait          Market     events, level books
    OwnOrders   what a session has open        Observer   state, sessions, depth
    Engine      the matching engine alone      errors     HoldfastError and its kinds

Enumerations (Side, Reason, Code...) and the tuples of answers (Status, Event...) are made from the C headers, whose
comments explain each: include/holdfast/*.h. `ffi` and `lib` are the C library itself, for calls that are not here.
A call into C costs about a microsecond and a half: submit_many(), reports() and Market.read() move many at a time.
"""
from . import _names
from ._abi import ffi
from ._library import lib
from ._names import *
from .commands import CancelOrder, Command, MassCancel, NewOrder, OpenOrders, RawCommand, ReduceOrder, ReplaceOrder
from .engine import Engine
from .errors import (
    Again,
    BadArgument,
    Busy,
    Denied,
    Halted,
    HistoryLost,
    HoldfastError,
    NoDaemon,
    ReportsLost,
    SessionGone,
    TimedOut,
    Unknown,
    is_retriable,
)
from .layout import layout
from .market import Book, Market
from .observer import Depth, Observer
from .own_orders import OwnOrder, OwnOrders
from .reports import CopyOf, Report
from .session import Session

__version__: str = ffi.string(lib.hf_version()).decode()
"""Of the C library that was loaded."""

__all__ = [
    "__version__",
    "Again",
    "BadArgument",
    "Book",
    "Busy",
    "CancelOrder",
    "Command",
    "CopyOf",
    "Denied",
    "Depth",
    "Engine",
    "Halted",
    "HistoryLost",
    "HoldfastError",
    "Market",
    "MassCancel",
    "NewOrder",
    "NoDaemon",
    "Observer",
    "OpenOrders",
    "OwnOrder",
    "OwnOrders",
    "RawCommand",
    "ReduceOrder",
    "ReplaceOrder",
    "Report",
    "ReportsLost",
    "Session",
    "SessionGone",
    "TimedOut",
    "Unknown",
    "ffi",
    "is_retriable",
    "layout",
    "lib",
]
__all__ += _names.__all__
