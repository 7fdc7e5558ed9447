#!/usr/bin/env python3
"""market_maker.py [SOCKET [SYMBOL]] - quotes one tick around the last price.

Filled, it moves its quotes; a daemon that is restarted it waits for; killed and started again it has the position
that it had. It keeps no file: the reports of its session, read again from the first, tell all that it has done.
SIGTERM ends it; its quotes are cancelled then.
"""
import signal
import sys
import time

import holdfast as hf


def quote(me: hf.Session, mine: hf.OwnOrders, what: hf.Instrument, side: hf.Side, price: int) -> None:
    """One side's quote as it should be."""
    size = 10 * what.lot
    new_id = me.facts().last_submitted + 1  # never used before
    live = mine.any(what.id, side)
    if live is None:
        me.submit(hf.NewOrder(instrument=what.id, id=new_id, side=side, price=price, quantity=size))
    elif (live.price, live.open) != (price, size):
        me.submit(hf.ReplaceOrder(target=live.id, id=new_id, price=price, quantity=live.executed + size))


def make_market(socket_path: str | None, symbol: str) -> None:
    mine = hf.OwnOrders()
    session = hf.Session.open(
        "maker_py", socket_path=socket_path, cancel_on_disconnect=True, next_report=1, patience=60
    )
    with session as me, hf.Market.open(socket_path=socket_path, patience=60) as market:
        what = me.instrument(symbol)
        book = market.book(what.id)
        while True:
            try:
                me.wait(0.02)
            except hf.ReportsLost:  # the log of them was removed
                mine.clear()
                me.submit(hf.OpenOrders())  # the position counts from now on
            for report in me.reports():
                mine.apply(report)
                if report.type == hf.ReportType.FILL:
                    deed = "bought" if report.side == hf.Side.BUY else "sold"
                    position = mine.positions[what.id]
                    print(f"{deed} {report.quantity} at {report.price}, position {position}", flush=True)
                elif report.type == hf.ReportType.REJECTED:
                    print("refused:", report.reason_text, flush=True)
                    time.sleep(0.1)  # not again at once
            market.poll()  # the book follows what has happened
            if book.is_whole and mine.is_current(me):
                middle = 100 * what.tick if book.last is None else book.last
                quote(me, mine, what, hf.Side.BUY, middle - what.tick)
                quote(me, mine, what, hf.Side.SELL, middle + what.tick)


def main(socket_path: str | None = None, symbol: str = "DEMO") -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            make_market(socket_path, symbol)
        except (hf.HistoryLost, hf.SessionGone):
            pass  # anew: a tail of the log was lost, or the session was taken away


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("-"):
        print(f"usage: {sys.argv[0]} [SOCKET [SYMBOL]]", file=sys.stderr)
        sys.exit(64)
    main(*sys.argv[1:])
