"""Position against live stops, from the broker's data alone.

It trusts nothing that we believe to have: not the ledger, not the intents. It asks of each position
whether live orders would close exactly that much of it, on the right side, for as long as it is
held, in the hours in which it is held, and at a price at which a stop still is one. An exit that is
running counts for its quantity; what it is for is not judged.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
)
from backstay.domain.prices import percent_of
from backstay.domain.sides import Side, side_that_closes

STOP_AWAY_PCT_MAX = Decimal(25)
"""A stop farther from the market than this protects in name only."""


class Fault(StrEnum):
    """What can be wrong with the protection of a position."""

    UNPROTECTED = "no live order would close it"
    TOO_LITTLE = "live orders would close less than is open"
    TOO_MUCH = "live orders would close more than is open"
    WRONG_SIDE = "the stop would add to the position"
    EXPIRES = "the stop ends with the day or at a date"
    SLEEPS = "the stop sleeps in hours in which the position is held"
    TOO_FAR = "the stop is too far from the market to protect"


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """A living order of one contract, as the broker lists it; foreign ones have no key."""

    key: IntentKey | None
    side: Side
    remaining: Decimal
    terms: OrderTerms
    time_in_force: TimeInForce
    outside_regular_hours: bool
    oca_name: str | None = None

    @property
    def is_stop(self) -> bool:
        """Whether it rests until a trigger."""
        return isinstance(self.terms, Stop | StopLimit)


@dataclass(frozen=True, slots=True)
class Held:
    """A position as the broker reports it, and the market price to judge its stops by."""

    instrument: Instrument
    quantity: Decimal
    outside_regular_hours: bool
    market_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, the quantity that it leaves unprotected or over, and the order it is about."""

    fault: Fault
    con_id: int
    quantity: Decimal
    key: IntentKey | None = None


def audit(held: Held, orders: tuple[LiveOrder, ...]) -> tuple[Finding, ...]:
    """Everything that is wrong with the protection of one position; nothing if it stands well.

    Foreign orders count for what they would close, for they will: whose they are does not matter.
    """
    con_id = held.instrument.con_id
    if not held.quantity:
        return tuple(
            Finding(Fault.TOO_MUCH, con_id, order.remaining, order.key)
            for order in orders
            if order.is_stop and order.key is not None
        )
    closing = side_that_closes(held.quantity)
    about_orders = [
        Finding(fault, con_id, order.remaining, order.key)
        for order in orders
        if order.is_stop
        for fault in _faults(held, order, closing)
    ]
    return (*_quantity_findings(held, orders, closing), *about_orders)


def _quantity_findings(
    held: Held, orders: tuple[LiveOrder, ...], closing: Side
) -> tuple[Finding, ...]:
    would_close = closing_quantity(tuple(order for order in orders if order.side is closing))
    surplus = would_close - abs(held.quantity)
    con_id = held.instrument.con_id
    if surplus > 0:
        return (Finding(Fault.TOO_MUCH, con_id, surplus),)
    if not would_close:
        return (Finding(Fault.UNPROTECTED, con_id, abs(held.quantity)),)
    return (Finding(Fault.TOO_LITTLE, con_id, -surplus),) if surplus else ()


def closing_quantity(orders: tuple[LiveOrder, ...]) -> Decimal:
    """What orders of one side could fill together; the members of a group fill only once."""
    alone = sum((o.remaining for o in orders if o.oca_name is None), Decimal(0))
    groups: dict[str, Decimal] = {}
    for order in orders:
        if order.oca_name is not None:
            largest = max(groups.get(order.oca_name, Decimal(0)), order.remaining)
            groups[order.oca_name] = largest
    return alone + sum(groups.values(), Decimal(0))


def _faults(held: Held, order: LiveOrder, closing: Side) -> tuple[Fault, ...]:
    """What is wrong with one stop."""
    if order.side is not closing:
        return (Fault.WRONG_SIDE,) if order.key is not None else ()
    faults = []
    if order.time_in_force is not TimeInForce.GOOD_TILL_CANCELLED:
        faults.append(Fault.EXPIRES)
    plain = isinstance(order.terms, Stop)
    if held.outside_regular_hours and (plain or not order.outside_regular_hours):
        faults.append(Fault.SLEEPS)
    if _is_too_far(held.market_price, order):
        faults.append(Fault.TOO_FAR)
    return tuple(faults)


def _is_too_far(market_price: Decimal | None, order: LiveOrder) -> bool:
    if market_price is None or not isinstance(order.terms, Stop | StopLimit):
        return False
    away = (market_price - order.terms.trigger) * -order.side.sign
    return away > percent_of(market_price, STOP_AWAY_PCT_MAX)
