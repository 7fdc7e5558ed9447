"""What the engine answers. A report is a tuple with a name for each field, meaning what it does in report.h.

A field that a type of report does not have is 0, whatever else lies at its place in the C struct.
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ._abi import ffi
from ._library import lib
from ._names import SLOT_BYTES, Reason, ReportFlag, ReportType, Side, _named
from ._packed import packed


class CopyOf(NamedTuple):
    """Whose report a drop copy is of."""

    session: int
    number: int


class Report(NamedTuple):
    type: ReportType | int
    number: int
    """Position among the reports of the session; one of two slots takes two numbers."""
    lsn: int
    time_ns: int
    client_id: int
    side: Side
    quantity: int
    """ACCEPTED: total; FILL: traded now; CANCELLED: cancelled now; DONE: orders concerned; else open."""
    order_id: int = 0
    """0 of a fill, which tells the client id alone, and of a reject."""
    instrument: int = 0
    price: int = 0
    leaves: int = 0
    """What of the order is open behind this report."""
    reason: Reason | int = Reason.NONE
    command: int = 0
    """Number of the command that this answers; 0: none."""
    command_type: int = 0
    maker: bool = False
    auction: bool = False
    trade_lsn: int = 0
    trade_index: int = 0
    previous_client_id: int = 0
    total: int = 0
    executed: int = 0
    stop_price: int = 0
    list_goes_on_behind: int = 0
    """DONE of a list of open orders: where the next page begins; 0: that was all."""
    copy_of: CopyOf | None = None

    @property
    def reason_text(self) -> str:
        words: bytes = ffi.string(lib.hf_reason_text(self.reason))
        return words.decode()


_SLOT = packed(
    "struct hf_report",
    *("number", "lsn", "type", "slots", "side", "flags", "instrument", "client_order_id", "time_ns"),
    *("price", "quantity", "leaves"),
)
_MORE = packed(
    "struct hf_report_more",
    *("type", "order_id", "previous_client_order_id", "total", "executed", "stop_price"),
)
_COPY = packed(
    "struct hf_report_copy",
    *("original_number", "type", "session"),
    *("order_id", "previous_client_order_id", "total", "executed", "stop_price"),
)
_TYPES = {int(kind): kind for kind in ReportType}
_SIDES = {int(side): side for side in Side}
_REASONS = {int(reason): reason for reason in Reason}
_MAKER, _AUCTION = int(ReportFlag.MAKER), int(ReportFlag.AUCTION)
_COPY_TYPE = int(ReportType.COPY)
_NO_SECOND = (0, 0, 0, 0, 0, None)

# What follows `quantity` in a Report, by type: from slot words whose meaning depends on it. `flags` is also the
# command's type; `detail` an instrument, a reason or a trade's index; `price` also an order id; `last` what is
# left, a command's number or a trade's LSN. `second` is what stands in the second slot.


def _of_accepted(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    return lsn, detail, price, quantity, Reason.NONE, last, 0, False, False, 0, 0, *second[1:5], 0, second[5]


def _of_rejected(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    reason = _REASONS.get(detail, detail)
    return 0, 0, 0, 0, reason, last, flags, False, False, 0, 0, 0, 0, 0, 0, 0, second[5]


def _of_fill(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    maker, auction = flags & _MAKER != 0, flags & _AUCTION != 0
    return 0, 0, price, last, Reason.NONE, 0, 0, maker, auction, lsn, detail, 0, 0, 0, 0, 0, second[5]


def _of_cancelled(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    reason = _REASONS.get(detail, detail)
    return price, 0, 0, 0, reason, last, 0, False, False, 0, 0, 0, 0, 0, 0, 0, second[5]


def _of_replaced(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    order_id, *more = second[:5]
    return order_id, detail, price, quantity, Reason.NONE, last, 0, False, False, 0, 0, *more, 0, second[5]


def _of_reduced(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    return price, detail, 0, quantity, Reason.NONE, last, 0, False, False, 0, 0, 0, 0, 0, 0, 0, second[5]


def _of_done(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    return 0, detail, 0, 0, Reason.NONE, last, flags, False, False, 0, 0, 0, 0, 0, 0, price, second[5]


def _of_busted(lsn: int, flags: int, detail: int, price: int, quantity: int, last: int, second: Any) -> Any:
    return 0, 0, price, 0, Reason.NONE, 0, 0, False, False, last, detail, 0, 0, 0, 0, 0, second[5]


_DETAILS = {
    int(ReportType.ACCEPTED): _of_accepted,
    int(ReportType.REJECTED): _of_rejected,
    int(ReportType.FILL): _of_fill,
    int(ReportType.CANCELLED): _of_cancelled,
    int(ReportType.REPLACED): _of_replaced,
    int(ReportType.REDUCED): _of_reduced,
    int(ReportType.TRIGGERED): _of_reduced,
    int(ReportType.ORDER): _of_replaced,
    int(ReportType.DONE): _of_done,
    int(ReportType.BUSTED): _of_busted,
}


def _second(memory: Any, offset: int) -> tuple[Any, ...]:
    """Order id, previous client id, total, executed, stop price, and whose copy it is."""
    number, kind, session, *more = _COPY.unpack_from(memory, offset)
    if kind == _COPY_TYPE:
        return *more, CopyOf(session, number)
    return *_MORE.unpack_from(memory, offset)[1:], None


def report_from(memory: Any, offset: int) -> tuple[Report, int]:
    """The report at an offset of a buffer, and how many bytes it takes."""
    slot = _SLOT.unpack_from(memory, offset)
    number, lsn, kind, slots, side, flags, detail, client_id, time_ns, price, quantity, last = slot
    second = _second(memory, offset + SLOT_BYTES) if slots == 2 else _NO_SECOND
    head = (_TYPES.get(kind, kind), number, lsn, time_ns, client_id, _SIDES[side], quantity)
    if kind not in _DETAILS:  # of a later daemon
        return Report(*head, copy_of=second[5]), slots * SLOT_BYTES
    details = _DETAILS[kind](lsn, flags, detail, price, quantity, last, second)
    return tuple.__new__(Report, head + details), slots * SLOT_BYTES


def reports_in(memory: Any, count: int) -> list[Report]:
    """The reports in the first `count` slots of a buffer, as Session.read_raw() gives them."""
    reports = []
    offset = 0
    while offset < count * SLOT_BYTES:
        report, length = report_from(memory, offset)
        reports.append(report)
        offset += length
    return reports
