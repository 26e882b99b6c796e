"""What trades make of one position: quantity, cost and realised profit, exactly.

A position is its quantity (negative when short) and its cost: what was paid for what is still open,
with the commissions of opening it, negative for what was received. Closing a part takes its share
of the cost away; a trade through zero is split, its commission in proportion. At every moment

    realised - change of the cost = the cash that came in

to the last digit. The trades of the day are kept, so that a correction is what it says: the day as
it would have been, and not two more trades.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from backstay.gateway.account.money import ZERO, shared
from backstay.gateway.values.execution import Execution, Side

_COST_UNIT = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as the ledger keeps it; `realized` is since midnight."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """The cost of one, with the multiplier and the commissions; 0 when flat."""
        if not self.quantity:
            return ZERO
        return (self.cost / self.quantity).quantize(_COST_UNIT, ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution as it is booked: bought when `quantity` is positive, sold when negative."""

    exec_id: str
    quantity: Decimal
    price: Decimal
    commission: Decimal


FLAT = Holding()


def signed(execution: Execution) -> Decimal:
    """The executed quantity, negative for a sale."""
    return execution.shares if execution.side is Side.BOUGHT else -execution.shares


def cash_flow(quantity: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
    """The cash that comes in for a trade, before its commission."""
    return -(quantity * price * multiplier)


def closed_part(held: Decimal, traded: Decimal) -> Decimal:
    """How much of `traded` closes what is held, with the sign of `traded`."""
    if held * traded >= 0:
        return ZERO
    return traded if abs(traded) <= abs(held) else -held


def booked(held: Holding, trade: Trade, multiplier: Decimal) -> Holding:
    """The position after `trade`."""
    closing = closed_part(held.quantity, trade.quantity)
    opening = trade.quantity - closing
    closing_commission = shared(trade.commission, closing, trade.quantity)
    cost_out = shared(held.cost, -closing, held.quantity) if closing else ZERO
    proceeds = cash_flow(closing, trade.price, multiplier)
    cost_in = opening * trade.price * multiplier + trade.commission - closing_commission
    return Holding(
        quantity=held.quantity + trade.quantity,
        cost=held.cost - cost_out + cost_in,
        realized=held.realized + proceeds - closing_commission - cost_out,
    )


class PositionLedger:
    """One position: what it was at midnight, and the trades since."""

    __slots__ = ("_multiplier", "_trades", "holding", "opening", "opening_value")

    def __init__(self, multiplier: Decimal, opening: Holding, opening_value: Decimal) -> None:
        self.opening = opening
        self.opening_value = opening_value
        self.holding = opening
        self._multiplier = multiplier
        self._trades: dict[int, Trade] = {}

    def book(self, number: int, trade: Trade) -> Decimal | None:
        """Book `trade`; what it realised, if it closed anything."""
        before = self.holding
        self._trades[number] = trade
        self.holding = booked(before, trade, self._multiplier)
        return _realized(before, self.holding, trade)

    def number_of(self, exec_id: str) -> int | None:
        """Under which number an execution of today was booked."""
        for number, trade in self._trades.items():
            if trade.exec_id == exec_id:
                return number
        return None

    def correct(self, number: int, trade: Trade | None) -> Decimal | None:
        """Have `trade` (or nothing) in the place of one of today; what it realises there."""
        if trade is None:
            del self._trades[number]
        else:
            self._trades[number] = trade
        realized: Decimal | None = None
        self.holding = self.opening
        for each, kept in self._trades.items():
            before = self.holding
            self.holding = booked(before, kept, self._multiplier)
            if each == number:
                realized = _realized(before, self.holding, kept)
        return realized

    def split(self, ratio: Decimal) -> None:
        """Each share is `ratio` shares, as if today had been traded in them; no money moves."""
        self.opening = replace(self.opening, quantity=self.opening.quantity * ratio)
        self.holding = replace(self.holding, quantity=self.holding.quantity * ratio)
        for number, trade in self._trades.items():
            quantity, price = trade.quantity * ratio, trade.price / ratio
            self._trades[number] = replace(trade, quantity=quantity, price=price)

    def trades(self) -> Iterable[tuple[int, Trade]]:
        """The trades of today with their numbers, in the order in which they were booked."""
        return self._trades.items()

    def begin_day(self, value: Decimal) -> None:
        """It is midnight and the position is worth `value`: what is realised counts anew."""
        self._trades.clear()
        self.holding = replace(self.holding, realized=ZERO)
        self.opening = self.holding
        self.opening_value = value

    def daily(self, value: Decimal) -> Decimal:
        """What was won or lost since midnight, the position being worth `value` now."""
        paid = self.holding.cost - self.opening.cost - self.holding.realized
        return value - self.opening_value - paid


def _realized(before: Holding, after: Holding, trade: Trade) -> Decimal | None:
    if not closed_part(before.quantity, trade.quantity):
        return None
    return after.realized - before.realized
