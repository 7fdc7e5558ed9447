"""What a session has in the market, kept by its reports alone."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ._names import ReportType, Side
from .reports import Report
from .session import Session


@dataclass(slots=True)
class OwnOrder:
    id: int
    order_id: int
    instrument: int
    side: Side
    price: int
    stop_price: int
    open: int
    executed: int


class OwnOrders:
    """Live orders by client id, and positions.

    Fed with all reports of a session from the first on (Session.open(next_report=1)) it is complete, and nothing
    need be kept elsewhere. After ReportsLost: clear(), then submit OpenOrders(), whose answer fills it again;
    positions are then those since. After HistoryLost what was applied may not have happened: begin anew, with
    another OwnOrders and the session opened again from its first report on. Busted trades are not taken out of
    positions.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.orders: dict[int, OwnOrder] = {}
        self.positions: defaultdict[int, int] = defaultdict(int)
        """Bought less sold, by instrument."""
        self._answered = 0

    def apply(self, report: Report) -> None:
        """Copies of other sessions' reports are passed over."""
        if report.copy_of is not None:
            return
        self._answered = max(self._answered, report.command)
        match report.type:
            case ReportType.ACCEPTED | ReportType.REPLACED | ReportType.ORDER:
                self._enter(report)
            case ReportType.FILL:
                self._fill(report)
            case ReportType.REDUCED | ReportType.TRIGGERED:
                self._update(report)
            case ReportType.CANCELLED:
                self.orders.pop(report.client_id, None)

    def any(self, instrument: int, side: Side) -> OwnOrder | None:
        """Any live order of an instrument and side."""
        return next((o for o in self.orders.values() if o.instrument == instrument and o.side == side), None)

    def is_current(self, session: Session) -> bool:
        """Whether every command that the session submitted has been answered."""
        return session.is_last_command(self._answered)

    def _enter(self, r: Report) -> None:
        self.orders.pop(r.previous_client_id, None)
        self.orders[r.client_id] = OwnOrder(
            r.client_id, r.order_id, r.instrument, r.side, r.price, r.stop_price, r.leaves, r.executed
        )

    def _fill(self, r: Report) -> None:
        order = self.orders.get(r.client_id)
        if order is None:
            return  # entered before the first report that was seen
        self.positions[order.instrument] += r.quantity if order.side == Side.BUY else -r.quantity
        order.executed += r.quantity
        order.open = r.leaves
        if order.price == 0:
            order.price = r.price  # MARKET_TO_LIMIT: the rest lies there
        if order.open == 0:
            del self.orders[r.client_id]

    def _update(self, r: Report) -> None:
        order = self.orders.get(r.client_id)
        if order is not None:
            order.open = r.leaves
            if r.type == ReportType.TRIGGERED:
                order.stop_price = 0
