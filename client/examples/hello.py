#!/usr/bin/env python3
"""hello.py [SOCKET] - open a session, enter one order, wait until it is durable, read what became of it.

Without SOCKET: the instance "holdfast", started on its defaults.
"""
import sys

import holdfast as hf

if sys.argv[1:] and sys.argv[1].startswith("-"):
    print(f"usage: {sys.argv[0]} [SOCKET]", file=sys.stderr)
    sys.exit(64)
with hf.Session.open("hello_py", socket_path=sys.argv[1] if len(sys.argv) > 1 else None) as me:
    demo = me.instrument("DEMO")
    order = hf.NewOrder(
        instrument=demo.id, id=1, side=hf.Side.BUY, price=100 * demo.tick, quantity=10 * demo.lot
    )
    me.wait_for(me.submit(order), hf.Level.DURABLE, timeout=1)  # submitted, it is processed exactly once
    for report in me.reports():
        what = "accepted" if report.type == hf.ReportType.ACCEPTED else report.reason_text
        print(f"report {report.number} of LSN {report.lsn}: order {report.client_id} {what}")
    me.close()  # cancels the order and ends the session; without it, both would stay
