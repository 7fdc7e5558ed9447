"""What a client asks: one class for each command; its fields are explained in command.h.

Prices and quantities are whole numbers in the instrument's units. Nothing is checked here but that each number
fits its field: the engine answers.
"""
from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from ._abi import ffi
from ._arguments import bad, misfit
from ._names import MESSAGE_SLOTS_MAX, SLOT_BYTES, CommandFlag, CommandType, OrderType, Side, TimeInForce
from ._packed import find_type, packed
from .errors import HoldfastError

_ORDER = packed(
    "struct hf_command",
    *("type", "slots", "side", "order_type", "time_in_force", "flags"),
    *("instrument", "account", "client_order_id", "price", "quantity"),
)
_CHANGE = packed(
    "struct hf_command",
    *("type", "slots", "flags", "target_client_order_id", "client_order_id", "price", "quantity"),
)
_MORE = packed("struct hf_command_more", "type", "slots", "display", "stop_price", "minimum", "expire_ns")


class Command:
    """Something that can be submitted."""

    __slots__ = ()

    def write(self, memory: Any, offset: int) -> int:
        """Fill one or two slots of a buffer. Returns how many."""
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class NewOrder(Command):
    """Enter an order. A market order has price 0 and time in force IOC or FOK."""

    instrument: int
    id: int
    side: Side
    quantity: int
    price: int = 0
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    account: int = 0
    display: int = 0
    stop_price: int = 0
    minimum: int = 0
    expire_ns: int = 0

    def write(self, memory: Any, offset: int) -> int:
        more = (self.display, self.stop_price, self.minimum, self.expire_ns)
        slots = 2 if any(more) else 1
        how = (self.side, self.type, self.time_in_force, _POST_ONLY if self.post_only else 0)
        what = (self.instrument, self.account, self.id, self.price, self.quantity)
        _ORDER.pack_into(memory, offset, _NEW, slots, *how, *what)
        if slots == 2:
            _MORE.pack_into(memory, offset + SLOT_BYTES, CommandType.MORE, 1, *more)
        return slots


@dataclass(slots=True, kw_only=True)
class CancelOrder(Command):
    """Cancel what is open of an order, named by its client id or by its order id."""

    id: int = 0
    order_id: int = 0

    def write(self, memory: Any, offset: int) -> int:
        _CHANGE.pack_into(memory, offset, CommandType.CANCEL, 1, *_name(self.id, self.order_id), 0, 0)
        return 1


@dataclass(slots=True, kw_only=True)
class ReplaceOrder(Command):
    """Change price and total quantity (executed and open) of order `target`, which is `id` from now on."""

    target: int
    id: int
    price: int
    quantity: int

    def write(self, memory: Any, offset: int) -> int:
        how = (self.target, self.id, self.price, self.quantity)
        _CHANGE.pack_into(memory, offset, CommandType.REPLACE, 1, 0, *how)
        return 1


@dataclass(slots=True, kw_only=True)
class ReduceOrder(Command):
    """Take `quantity` off what is open; the order keeps its place."""

    quantity: int
    id: int = 0
    order_id: int = 0

    def write(self, memory: Any, offset: int) -> int:
        _CHANGE.pack_into(memory, offset, CommandType.REDUCE, 1, *_name(self.id, self.order_id), 0, self.quantity)
        return 1


@dataclass(slots=True, kw_only=True)
class MassCancel(Command):
    """Cancel all orders of the session that match; what is 0 matches everything."""

    instrument: int = 0
    account: int = 0
    side: Side = Side.SIDE_NONE

    def write(self, memory: Any, offset: int) -> int:
        what = (self.instrument, self.account, 0, 0, 0)
        _ORDER.pack_into(memory, offset, CommandType.MASS_CANCEL, 1, self.side, 0, 0, 0, *what)
        return 1


@dataclass(slots=True, kw_only=True)
class OpenOrders(Command):
    """Ask for a page of the open orders, oldest first: a report ORDER for each, then DONE."""

    behind: int = 0
    count_max: int = 0

    def write(self, memory: Any, offset: int) -> int:
        _CHANGE.pack_into(memory, offset, CommandType.OPEN_ORDERS, 1, 0, 0, self.behind, 0, self.count_max)
        return 1


@dataclass(slots=True)
class RawCommand(Command):
    """Slots as they are: struct hf_command of `ffi`, or bytes. For commands without a class here."""

    slots: Any

    def write(self, memory: Any, offset: int) -> int:
        raw = bytes(ffi.buffer(self.slots)) if isinstance(self.slots, ffi.CData) else bytes(self.slots)
        count, rest = divmod(len(raw), SLOT_BYTES)
        if rest != 0 or not 1 <= count <= MESSAGE_SLOTS_MAX:
            raise bad(f"a command is one or two slots of {SLOT_BYTES} bytes, not {len(raw)} bytes")
        memory[offset : offset + len(raw)] = raw
        return count


_NEW = int(CommandType.NEW)
_POST_ONLY = int(CommandFlag.POST_ONLY)


def _name(client_id: int, order_id: int) -> tuple[int, int, int]:
    """Flags, target (0) and id of a command that names a live order."""
    return (CommandFlag.BY_ORDER_ID, 0, order_id) if order_id else (0, 0, client_id)


# Fields that have another name in struct hf_command.
_NAMES_IN_C = {
    "id": "client_order_id",
    "order_id": "client_order_id",
    "behind": "client_order_id",
    "target": "target_client_order_id",
    "type": "order_type",
    "count_max": "quantity",
}


def _fault(command: object) -> str | None:
    """Which field does not fit, and why; None: it is not that."""
    if not isinstance(command, Command):
        return "this is no command"
    for field in fields(command) if is_dataclass(command) else ():
        name = _NAMES_IN_C.get(field.name, field.name)
        kind = find_type("struct hf_command", name) or find_type("struct hf_command_more", name)
        value = getattr(command, field.name)
        fault = misfit(value, kind) if kind is not None else None
        if fault is not None:
            return f"{field.name}={value!r} {fault}"
    return None


class Slots:
    """Room for commands, used again and again."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.memory = ffi.new("struct hf_command[]", count)
        self._buffer = ffi.buffer(self.memory)

    def write(self, commands: Sequence[Command], begin: int) -> list[int]:
        """As many from `begin` on as fit. Returns behind how many slots each of them ends."""
        ends: list[int] = []
        used = 0
        for index in range(begin, len(commands)):
            if used + MESSAGE_SLOTS_MAX > self.count:
                break
            used += self._put(commands[index], used)
            ends.append(used)
        return ends

    def write_one(self, command: Command) -> Any:
        """One command, at the beginning."""
        self._put(command, 0)
        return self.memory

    def _put(self, command: Command, index: int) -> int:
        try:
            return command.write(self._buffer, index * SLOT_BYTES)
        except HoldfastError:
            raise
        except (struct.error, AttributeError, TypeError, ValueError) as error:
            raise bad(f"{command}: {_fault(command) or error}") from None
