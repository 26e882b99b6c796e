"""Position against live stops, from the broker's data alone.

It trusts nothing that we believe to have: not the ledger, not the intents. It asks of each position
whether live orders would close exactly that much of it, on the right side, for as long as it is
held, in the hours in which it is held, and at a price at which a stop still is one. An exit that is
running counts for its quantity; what it is for is not judged. Somebody else's MARKET that is still
there waits for another session, and their limit for a price that may never come: both will close,
so they count against what is too much, but neither protects.

No order can be for less than one, so of such a part nothing is asked: whoever guards or leaves it
tells of it.

A stop beside a living entry of its own leg is the one attached to that entry. It may ask for as
much as the entry can still fill, and until then it may be asleep; whether it is, the profile says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from backstay.domain.figures import total, whole
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument, InstrumentType
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
)
from backstay.domain.prices import percent_of
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.stops import rests_for_all_hours
from backstay.domain.sides import Side, side_that_closes

STOP_AWAY_PCT_MAX = {InstrumentType.STOCK: Decimal(25), InstrumentType.OPTION: Decimal(300)}
"""A stop farther from the market than this protects in name only. An option can lose or gain so
much in an hour that no stop below a multiple of its price is out of the ordinary.
"""


class Fault(StrEnum):
    """What can be wrong with the protection of a position."""

    UNPROTECTED = "no stop and no exit would close it"
    TOO_LITTLE = "live orders would close less than is open"
    TOO_MUCH = "live orders would close more than is open"
    WRONG_SIDE = "the order is to close and would add to the position"
    EXPIRES = "the stop ends with the day or at a date"
    SLEEPS = "the stop sleeps in hours in which the position is held"
    TOO_FAR = "the stop is too far from the market to protect"

    @property
    def incident(self) -> IncidentKind:
        """As what a person is told of it."""
        if self in {Fault.UNPROTECTED, Fault.TOO_LITTLE}:
            return IncidentKind.NAKED_POSITION
        return IncidentKind.PROTECTION_MISMATCH


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
    is_strange: bool = False
    """Of a type that is none of ours: it may be a stop."""

    @property
    def protects(self) -> bool:
        """Whether it closes the position where the price goes against it."""
        is_ours = self.key is not None
        return is_ours or self.is_strange or not isinstance(self.terms, Market | Limit)

    @property
    def is_stop(self) -> bool:
        """Whether it rests until a trigger."""
        return isinstance(self.terms, Stop | StopLimit)

    @property
    def is_to_reduce(self) -> bool:
        """Whether it is ours, and a stop or an exit."""
        return self.key is not None and self.key.purpose.effect is Effect.REDUCES

    @property
    def leg(self) -> tuple[str, int] | None:
        """The trade and the leg of it that the order belongs to, if it is ours."""
        return (self.key.trade, self.key.leg) if self.key else None


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


def audit(held: Held, orders: tuple[LiveOrder, ...], profile: BrokerProfile) -> tuple[Finding, ...]:
    """Everything that is wrong with the protection of one position; nothing if it stands well.

    Foreign orders count for what they would close, for they will; their stops are as good as ours.
    """
    con_id = held.instrument.con_id
    entries = {order.leg: order for order in orders if _opens(order)}
    if not held.quantity:
        return tuple(
            Finding(Fault.TOO_MUCH, con_id, order.remaining, order.key)
            for order in orders
            if order.is_to_reduce and order.leg not in entries
        )
    closing = side_that_closes(held.quantity)
    would_close = tuple(order for order in orders if order.side is closing)
    about_orders = [
        Finding(fault, con_id, order.remaining, order.key)
        for order in orders
        for fault in _faults(held, order, closing)
    ]
    return (*_quantity_findings(held, would_close, entries, profile), *about_orders)


def _opens(order: LiveOrder) -> bool:
    return order.key is not None and order.key.purpose.effect is Effect.OPENS


def _quantity_findings(
    held: Held,
    would_close: tuple[LiveOrder, ...],
    entries: Mapping[tuple[str, int] | None, LiveOrder],
    profile: BrokerProfile,
) -> Iterator[Finding]:
    """Whether the orders that would close the position come to its size."""
    size, con_id = abs(held.quantity), held.instrument.con_id
    attached = {order.leg for order in would_close if order.is_stop} & entries.keys()
    to_come = total(entries[leg].remaining for leg in attached)
    surplus = closing_quantity(would_close) - size - to_come
    if surplus > 0:
        yield Finding(Fault.TOO_MUCH, con_id, surplus)
    asleep = set() if profile.child_covers_partial_parent else attached
    awake = closing_quantity(
        tuple(
            order
            for order in would_close
            if order.protects and not (order.is_stop and order.leg in asleep)
        )
    )
    if not awake and whole(size):
        yield Finding(Fault.UNPROTECTED, con_id, size)
    elif awake < whole(size):
        yield Finding(Fault.TOO_LITTLE, con_id, size - awake)


def closing_quantity(orders: tuple[LiveOrder, ...]) -> Decimal:
    """What orders of one side could fill together; the members of a group fill only once."""
    alone = total(order.remaining for order in orders if order.oca_name is None)
    groups: dict[str, Decimal] = {}
    for order in orders:
        if order.oca_name is not None:
            largest = max(groups.get(order.oca_name, Decimal(0)), order.remaining)
            groups[order.oca_name] = largest
    return alone + total(groups.values())


def _faults(held: Held, order: LiveOrder, closing: Side) -> Iterator[Fault]:
    """What is wrong with one order, apart from its quantity."""
    if order.side is not closing:
        if order.is_to_reduce:
            yield Fault.WRONG_SIDE
        return
    if not order.is_stop:
        return
    if order.time_in_force is not TimeInForce.GOOD_TILL_CANCELLED:
        yield Fault.EXPIRES
    is_awake = isinstance(order.terms, StopLimit) and order.outside_regular_hours
    if rests_for_all_hours(held.instrument, held.outside_regular_hours) and not is_awake:
        yield Fault.SLEEPS
    if _is_too_far(held, order):
        yield Fault.TOO_FAR


def _is_too_far(held: Held, order: LiveOrder) -> bool:
    if held.market_price is None or not isinstance(order.terms, Stop | StopLimit):
        return False
    away = (held.market_price - order.terms.trigger) * -order.side.sign
    return away > percent_of(held.market_price, STOP_AWAY_PCT_MAX[held.instrument.type])
