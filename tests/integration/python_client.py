"""python_client.py - every class of the Python module against a real daemon.

  python_client.py SOCKET            instrument DEMO, whose book is empty; prints "ok" when all is as it should be
  python_client.py restart SOCKET    trades for as long as standard input stays open, over restarts of the daemon;
                                     prints "ready", and in the end the reports that it has read
  python_client.py lost SOCKET       falls behind by more than session.lag_max, 1024, and goes on with its open orders
"""
from __future__ import annotations

import math
import os
import pickle
import select
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import holdfast as hf
from holdfast import ReportType, Side

PATIENCE = 60.0


def raises(kind: type[BaseException], call: Callable[..., object], *args: object, **named: object) -> str:
    """The words of the exception, which must come."""
    try:
        call(*args, **named)
    except kind as error:
        return str(error)
    raise AssertionError(f"{call} does not raise {kind}")


class Answers:
    """The reports of a session, one by one, waited for."""

    def __init__(self, session: hf.Session) -> None:
        self.session = session
        self.there = session.reports()

    def next(self) -> hf.Report:
        report = next(self.there, None)
        while report is None:
            assert self.session.wait(PATIENCE)
            self.there = self.session.reports()
            report = next(self.there, None)
        return report

    def expect(self, kind: ReportType, **fields: object) -> hf.Report:
        report = self.next()
        assert report.type == kind, report
        for name, value in fields.items():
            assert getattr(report, name) == value, (name, value, report)
        return report


def open_session(socket: str, name: str, **options: object) -> hf.Session:
    return hf.Session.open(name, socket_path=socket, patience=PATIENCE, **options)  # type: ignore[arg-type]


def check_names() -> None:
    assert int(hf.Code.E_BUSY) == -6 and int(hf.Reason.POST_ONLY) == 18 and hf.QUANTITY_MAX == 1 << 43
    assert hf.CommandFlag.POST_ONLY | hf.CommandFlag.ON == 5
    assert hf.__version__ == f"{hf.VERSION_MAJOR}.{hf.VERSION_MINOR}.{hf.VERSION_PATCH}"
    assert hf.is_retriable(hf.Code.TIMEOUT) and not hf.is_retriable(hf.Code.LOST)
    report = hf.layout("struct hf_report")
    assert report["itemsize"] == 64 and report["offsets"][report["names"].index("price")] == 40


def check_opening(socket: str) -> None:
    words = raises(hf.BadArgument, hf.Session.open, "no spaces", socket_path=socket)
    assert words.startswith("session no spaces: the session's name must be"), words
    raises(ValueError, hf.Session.open, "", socket_path=socket)
    raises(ConnectionError, hf.Session.open, "x", socket_path="/nonexistent", patience=0.1)
    raises(hf.Unknown, hf.Session.open, "x", socket_path=socket, create=False)
    with open_session(socket, "first") as first:
        assert first.facts().resumed == 0
        assert "first" in raises(hf.Busy, hf.Session.open, "first", socket_path=socket)
    raises(hf.SessionGone, first.facts)
    second = open_session(socket, "first")
    assert second.facts().resumed == 1
    second.close()
    second.detach()
    raises(hf.NoDaemon, hf.Market.open, socket_path="/nonexistent")
    raises(hf.NoDaemon, hf.Observer.open, socket_path="/nonexistent")


def check_orders(me: hf.Session, demo: hf.Instrument) -> None:
    answers = Answers(me)
    bid, lot = 100 * demo.tick, demo.lot
    seq = me.submit(hf.NewOrder(instrument=demo.id, id=1, side=Side.BUY, price=bid, quantity=5 * lot))
    assert me.wait_for(seq, hf.Level.DURABLE, PATIENCE)
    entered = answers.expect(ReportType.ACCEPTED, client_id=1, price=bid, quantity=5 * lot, command=seq, side=Side.BUY)
    assert entered.order_id == entered.lsn <= me.durable_lsn and entered.instrument == demo.id
    assert me.wait_durable(entered.lsn, PATIENCE)
    assert raises(hf.BadArgument, me.wait_for, seq + 99).startswith(f"command {seq + 99} was never submitted")
    raises(ValueError, me.wait_durable, entered.lsn + 99999)
    me.submit(hf.ReplaceOrder(target=1, id=2, price=bid - demo.tick, quantity=8 * lot))
    answers.expect(ReportType.REPLACED, previous_client_id=1, client_id=2, order_id=entered.order_id, total=8 * lot)
    me.submit(hf.ReduceOrder(order_id=entered.order_id, quantity=2 * lot))
    answers.expect(ReportType.REDUCED, leaves=6 * lot, price=0, order_id=entered.order_id)
    me.submit(
        hf.NewOrder(
            instrument=demo.id,
            id=3,
            side=Side.SELL,
            quantity=lot,
            type=hf.OrderType.MARKET,
            time_in_force=hf.TimeInForce.IOC,
        )
    )
    answers.expect(ReportType.ACCEPTED, client_id=3)
    maker = answers.expect(ReportType.FILL, maker=True, price=bid - demo.tick, leaves=5 * lot, command=0, order_id=0)
    answers.expect(ReportType.FILL, maker=False, trade_lsn=maker.trade_lsn, trade_index=maker.trade_index, leaves=0)
    me.submit(hf.OpenOrders())
    answers.expect(ReportType.ORDER, order_id=entered.order_id, executed=lot, leaves=5 * lot)
    answers.expect(ReportType.DONE, command_type=hf.CommandType.OPEN_ORDERS, quantity=1, list_goes_on_behind=0)
    me.submit(hf.CancelOrder(id=77))
    refused = answers.expect(ReportType.REJECTED, reason=hf.Reason.UNKNOWN_ORDER, order_id=0)
    assert refused.reason_text == "no live order has this id"
    me.submit(hf.CancelOrder(order_id=entered.order_id))
    answers.expect(ReportType.CANCELLED, reason=hf.Reason.REQUESTED, order_id=entered.order_id, leaves=0)


def check_two_slots(me: hf.Session, demo: hf.Instrument) -> None:
    answers = Answers(me)
    stop = hf.NewOrder(
        instrument=demo.id,
        id=10,
        side=Side.BUY,
        quantity=4 * demo.lot,
        type=hf.OrderType.STOP,
        stop_price=500 * demo.tick,
    )
    iceberg = hf.NewOrder(
        instrument=demo.id,
        id=11,
        side=Side.BUY,
        price=90 * demo.tick,
        quantity=20 * demo.lot,
        post_only=True,
        display=5 * demo.lot,
    )
    assert me.submit_many([stop, iceberg, iceberg, hf.CancelOrder(id=10), hf.MassCancel(side=Side.BUY)]) == 5
    answers.expect(ReportType.ACCEPTED, client_id=10)
    answers.expect(ReportType.ACCEPTED, client_id=11)
    answers.expect(ReportType.REJECTED, reason=hf.Reason.DUPLICATE_ID)
    answers.expect(ReportType.CANCELLED, client_id=10)
    answers.expect(ReportType.CANCELLED, reason=hf.Reason.MASS_CANCELLED)
    answers.expect(ReportType.DONE, command_type=hf.CommandType.MASS_CANCEL, quantity=1)
    raw = hf.ffi.new("struct hf_command *", {"type": hf.CommandType.CANCEL, "slots": 1, "client_order_id": 99})
    me.submit(hf.RawCommand(raw))
    answers.expect(ReportType.REJECTED, client_id=99, command_type=hf.CommandType.CANCEL)
    raw.reserved[0] = 7
    for _ in range(2 * hf.METRICS_WAIT_EVERY):  # where the library puts the time, too
        me.submit(hf.RawCommand(raw))
        answers.expect(ReportType.REJECTED, client_id=99, reason=hf.lib.hf_command_check(raw))
    raises(ValueError, me.submit, hf.RawCommand(b"short"))
    raises(hf.BadArgument, me.submit, hf.NewOrder(instrument=-1, id=1, side=Side.BUY, quantity=1))


def check_partly_submitted(me: hf.Session, demo: hf.Instrument) -> None:
    """Whoever passes a bad command is told which field, and how many were submitted before."""
    answers = Answers(me)
    many: list[hf.Command] = [hf.CancelOrder(id=id) for id in range(1, 301)]
    many[279] = hf.NewOrder(instrument=demo.id, id=280, side=Side.BUY, quantity=1, price=100.5)  # type: ignore[arg-type]
    before = me.facts().last_submitted
    try:
        me.submit_many(many)
        raise AssertionError("half a price was taken")
    except hf.BadArgument as error:
        assert error.submitted == me.facts().last_submitted - before and 0 < error.submitted < 280, error.submitted
        assert str(error).endswith("price=100.5 is no whole number"), error
        for id in range(1, error.submitted + 1):
            answers.expect(ReportType.REJECTED, client_id=id)
    words = raises(hf.BadArgument, me.submit, hf.NewOrder(instrument=1 << 32, id=1, side=Side.BUY, quantity=1))
    assert f"instrument={1 << 32} is not from 0 to" in words, words
    words = raises(hf.BadArgument, me.submit, hf.CancelOrder(order_id=-1))
    assert "order_id=-1 is not" in words, words
    assert "no command" in raises(hf.BadArgument, me.submit, None)


def check_current_after_two_slots(socket: str, demo: hf.Instrument) -> None:
    """A command of two slots is answered under its first one's number; the rest of a MARKET_TO_LIMIT has its price."""
    mine = hf.OwnOrders()
    with open_session(socket, "current") as me:
        answers = Answers(me)
        stop = hf.NewOrder(
            instrument=demo.id,
            id=1,
            side=Side.BUY,
            quantity=demo.lot,
            type=hf.OrderType.STOP,
            stop_price=500 * demo.tick,
        )
        sell = hf.NewOrder(instrument=demo.id, id=2, side=Side.SELL, price=99 * demo.tick, quantity=demo.lot)
        to_limit = hf.NewOrder(
            instrument=demo.id,
            id=3,
            side=Side.BUY,
            quantity=3 * demo.lot,
            type=hf.OrderType.MARKET_TO_LIMIT,
        )
        assert mine.is_current(me)
        for command in (stop, hf.CancelOrder(id=1), sell):
            me.submit(command)
            assert not mine.is_current(me)
            mine.apply(answers.next())
            assert mine.is_current(me)
        me.submit(to_limit)
        for _ in range(3):  # accepted, and both sides' fill
            mine.apply(answers.next())
        assert (mine.orders[3].price, mine.orders[3].open) == (99 * demo.tick, 2 * demo.lot)
        me.close()


def check_forked(socket: str) -> None:
    """A child has nothing of its parent's session, and does not end it."""
    me = open_session(socket, "parent")
    child = os.fork()
    if child == 0:
        try:
            words = raises(hf.SessionGone, me.submit, hf.CancelOrder(id=1))
            assert "belongs to the process that forked" in words, words
            open_session(socket, "child").close()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert me.wait_for(me.submit(hf.CancelOrder(id=1)), hf.Level.SEQUENCED, PATIENCE)
    me.close()


def check_arguments(socket: str, me: hf.Session) -> None:
    """What does not fit is a BadArgument that says what."""
    refused: list[dict[str, Any]] = [{"command_slots": -1}, {"next_report": -1}, {"timeout": math.nan}]
    refused.append({"patience": math.nan})
    for named in refused:
        raises(hf.BadArgument, hf.Session.open, "x", socket_path=socket, **named)
    assert "command_slots=-1" in raises(hf.BadArgument, hf.Session.open, "x", socket_path=socket, command_slots=-1)
    hf.Session.open("patient", socket_path=socket, patience=math.inf, timeout=math.inf).close()
    assert "seq=-1" in raises(hf.BadArgument, me.wait_for, -1)
    raises(hf.BadArgument, me.wait_durable, 1 << 64)
    raises(hf.BadArgument, me.instrument, "DEMO\0junk")
    raises(hf.BadArgument, me.read_raw, -1)
    assert "orders_max=-1" in raises(hf.BadArgument, hf.Engine, orders_max=-1)
    assert "no_such" in raises(hf.BadArgument, hf.Engine, no_such=1)
    words = raises(hf.NoDaemon, hf.Observer.open, socket_path="/nonexistent")
    assert words.count("/nonexistent") == 1, words
    error = hf.ReportsLost(hf.Code.LOST, "some", 3, 4)
    error.submitted = 7
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (hf.ReportsLost, "some", hf.Code.LOST)
    assert (again.first, again.last, again.submitted) == (3, 4, 7)
    assert str(pickle.loads(pickle.dumps(hf.TimedOut(hf.Code.TIMEOUT, "late")))) == "late"


def check_reading(socket: str, me: hf.Session, demo: hf.Instrument) -> None:
    """Loops over reports that are broken off, left by an exception, finished."""
    before = me.facts().last_report
    orders: list[hf.Command] = [
        hf.NewOrder(instrument=demo.id, id=id, side=Side.BUY, price=demo.tick, quantity=demo.lot)
        for id in range(1000, 1600)
    ]
    assert me.submit_many(orders) == 600
    assert me.wait_for(me.facts().last_submitted, hf.Level.DURABLE, PATIENCE)
    numbers = []
    for report in me.reports():
        numbers.append(report.number)
        if len(numbers) == 40:
            break
    try:
        for report in me.reports():
            numbers.append(report.number)
            if len(numbers) == 300:
                raise KeyError("half-way")
    except KeyError:
        pass
    assert numbers == list(range(before + 1, before + 301))
    released = me.facts().last_released
    assert before + 200 < released < before + 300, "a batch is given back when all of it was seen"
    me.detach()
    with open_session(socket, "me") as again:
        raw = again.read_raw(2)
        assert len(raw) == 128 and struct.unpack_from("<Q", raw) == (released + 1,)
        again.release()
        assert [r.number for r in again.reports()] == list(range(released + 3, before + 601))
        assert again.facts().last_released == before + 600 and not again.wait(0)
        assert again.trouble == hf.Code.TIMEOUT and again.maintain()


def check_own_orders(socket: str, demo: hf.Instrument) -> None:
    mine = hf.OwnOrders()
    with open_session(socket, "me", next_report=1) as me:
        while not mine.is_current(me):
            assert me.wait(PATIENCE)
            for report in me.reports():
                mine.apply(report)
    assert len(mine.orders) == 600 and mine.positions[demo.id] == 0  # it traded with itself
    order = mine.any(demo.id, Side.BUY)
    assert order is not None and order.open == demo.lot and mine.any(demo.id, Side.SELL) is None


def check_market(socket: str, me: hf.Session, demo: hf.Instrument) -> None:
    with hf.Market.open(socket_path=socket, patience=PATIENCE) as market:
        assert market.instrument("DEMO").id == demo.id and market.read() == []
        book = market.book(demo.id)
        raises(hf.Busy, market.book, demo.id)
        del book  # closes it
        with market.book(demo.id):
            raises(hf.Busy, market.book, demo.id)
        book = market.book(demo.id)
        assert book.levels(Side.BUY) is None and book.best(Side.BUY) is None
        end = time.monotonic() + PATIENCE
        while not book.is_whole and time.monotonic() < end:
            market.poll()
        bid = book.best(Side.BUY)
        assert bid is not None and (bid.price, bid.orders) == (demo.tick, 600) and book.last == 99 * demo.tick
        seen = market.facts().number
        me.submit(hf.NewOrder(instrument=demo.id, id=30, side=Side.SELL, price=105 * demo.tick, quantity=demo.lot))
        assert market.wait(PATIENCE)
        (event,) = market.read()
        assert (event.type, event.side, event.number) == (hf.MarketType.ADD, Side.SELL, seen + 1)
        assert book.levels(Side.SELL) == [hf.DepthLevel(105 * demo.tick, demo.lot, 1)]
        me.submit(hf.CancelOrder(id=30))
        assert market.wait(PATIENCE) and len(market.read_raw()) == 64 and not market.wait(0)
        assert market.status().state == hf.State.RUNNING and book.levels(Side.SELL) == []
    raises(hf.HoldfastError, book.best, Side.BUY)
    book.close()
    market.close()


def check_observer(socket: str, demo: hf.Instrument) -> None:
    with hf.Observer.open(socket_path=socket) as watch:
        assert watch.status().trades == 1 and watch.status().io in ("mmap", "pmem", "direct")
        assert watch.instruments() == [watch.instrument("DEMO")] and watch.instruments()[0].tick == demo.tick
        assert [row.name for row in watch.sessions()] == ["me"]
        depth = watch.depth(demo.id)
        assert [level.orders for level in depth.bids] == [600] and depth.asks == [] and depth.lsn > 0
        raises(LookupError, watch.depth, 99)


def check_waiting(me: hf.Session) -> None:
    """Whoever waits lets other threads run, and Python look at signals."""
    counted = 0

    def count() -> None:
        nonlocal counted
        for _ in range(20):
            time.sleep(0.005)
            counted += 1

    thread = threading.Thread(target=count)
    thread.start()
    assert not me.wait(0.3)
    assert counted >= 5, counted
    thread.join()


def check_engine() -> None:
    with hf.Engine(orders_max=1024, session_orders_max=1024, extras_max=64, levels_max=256) as engine:
        acme = engine.add_instrument("ACME", price_min=1, price_max=1000, quantity_max=1000)
        raises(hf.Busy, engine.add_instrument, "ACME", price_min=1, price_max=1000, quantity_max=1000)
        alice, bob = engine.open_session("alice"), engine.open_session("bob")
        raises(ValueError, engine.open_session, "bob")
        engine.apply(alice, hf.NewOrder(instrument=acme, id=1, side=Side.BUY, price=50, quantity=7), 1)
        assert engine.depth(acme, Side.BUY) == [hf.DepthLevel(50, 7, 1)]
        before = engine.digest
        sell = hf.NewOrder(instrument=acme, id=1, side=Side.SELL, price=50, quantity=7)
        answers = engine.apply(bob, sell, 2)
        assert [(to, r.type) for to, r in answers] == [
            (bob, ReportType.ACCEPTED),
            (alice, ReportType.FILL),
            (bob, ReportType.FILL),
        ]
        assert engine.digest != before and engine.tick(3) == []
        raises(hf.BadArgument, engine.apply, 99, sell, 4)
        raises(hf.BadArgument, engine.apply, alice, sell, -1)
        limits = {"price_min": 1, "price_max": 1000, "quantity_max": 1000}
        words = raises(hf.BadArgument, engine.add_instrument, "A" * 99, **limits)
        assert "a symbol has at most" in words, words
        raises(hf.BadArgument, engine.add_instrument, "ODD", **(limits | {"tick": 1 << 63}))
    raises(ValueError, hf.Engine, orders_max=0)


def check_all(socket: str) -> None:
    check_names()
    check_engine()
    check_opening(socket)
    me = open_session(socket, "me")
    demo = me.instrument("DEMO")
    assert demo.symbol == "DEMO" and demo.phase == hf.Phase.OPEN
    raises(hf.Unknown, me.instrument, "NONE")
    assert me.status().state == hf.State.RUNNING
    check_waiting(me)
    check_orders(me, demo)
    check_two_slots(me, demo)
    check_partly_submitted(me, demo)
    check_arguments(socket, me)
    check_forked(socket)
    check_reading(socket, me, demo)
    check_own_orders(socket, demo)
    me = open_session(socket, "me")
    check_market(socket, me, demo)
    check_observer(socket, demo)
    me.close()
    check_current_after_two_slots(socket, demo)
    print("ok")


def input_is_open() -> bool:
    return not select.select([sys.stdin], [], [], 0)[0]


def trade_over_restarts(socket: str) -> None:
    """Every order is accepted once and numbered on, whatever happens to the daemon."""
    troubles = set()
    accepted = 0
    with open_session(socket, "restart") as me:
        demo = me.instrument("DEMO")
        print("ready", flush=True)
        while (going := input_is_open()) or accepted < me.facts().last_submitted:
            if going:
                order = hf.NewOrder(
                    instrument=demo.id,
                    id=me.facts().last_submitted + 1,
                    side=Side.BUY,
                    price=demo.tick,
                    quantity=demo.lot,
                    time_in_force=hf.TimeInForce.IOC,
                )
                try:
                    assert me.submit(order) == order.id
                except hf.Again:
                    pass
            me.wait(0.002)
            troubles.add(me.trouble)
            for report in me.reports():
                accepted += report.type == ReportType.ACCEPTED
                assert report.client_id == accepted and report.type in (ReportType.ACCEPTED, ReportType.CANCELLED)
        me.close()
    assert hf.Code.E_NO_DAEMON in troubles, troubles
    print("reports", accepted)


def fall_behind(socket: str) -> None:
    """A maker that sleeps through 3000 fills. Who takes reads, or it would not be read from."""
    maker = open_session(socket, "sleeper", report_slots=64)
    taker = open_session(socket, "taker")
    demo = maker.instrument("DEMO")
    buy = hf.NewOrder(instrument=demo.id, id=1, side=Side.BUY, price=demo.tick, quantity=5000 * demo.lot)
    assert maker.wait_for(maker.submit(buy), hf.Level.SEQUENCED, PATIENCE)
    sells: list[hf.Command] = [
        hf.NewOrder(
            instrument=demo.id,
            id=id,
            side=Side.SELL,
            price=demo.tick,
            quantity=demo.lot,
            time_in_force=hf.TimeInForce.IOC,
        )
        for id in range(1, 3001)
    ]
    done = fills = 0
    while fills < 3000:
        done += taker.submit_many(sells[done:])
        assert taker.wait(PATIENCE)
        fills += sum(report.type == ReportType.FILL for report in taker.reports())
    mine = hf.OwnOrders()
    lost: hf.ReportsLost | None = None
    expected = 1
    while not mine.is_current(maker) or lost is None:
        try:
            assert maker.wait(PATIENCE)
        except hf.ReportsLost as error:
            lost = error
            assert lost.first == expected < lost.last and str(lost) == f"reports {expected} to {lost.last} are lost"
            expected = lost.last + 1
            mine.clear()
            maker.submit(hf.OpenOrders())
        for report in maker.reports():
            assert report.number == expected, (report, expected)
            expected += 2 if report.type == ReportType.ORDER else 1
            mine.apply(report)
    order = mine.orders[1]
    assert (order.executed, order.open, order.side) == (3000 * demo.lot, 2000 * demo.lot, Side.BUY)
    maker.close()
    taker.close()
    print("ok")


if __name__ == "__main__":
    if sys.argv[1] == "lost":
        fall_behind(sys.argv[2])
    elif sys.argv[1] == "restart":
        trade_over_restarts(sys.argv[2])
    else:
        check_all(sys.argv[1])
