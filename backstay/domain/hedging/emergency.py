"""The emergency hedge: at market, watched, three levels deep, then a person.

Owns one hedge from the exposed quantity to its end. Its law:

    a level opens only when every order before it is proven terminal and its fills are read.

So two hedges never chase one exposure, and the quantity of a level, like the quantity a person is
called for, is exactly what is left. A level has five seconds; then its order is cancelled, which is
no guess about fills: the cancel has to be proven, and what has filled by then is read before
anything else is sent. A fill that comes after all that is booked all the same, and what is then too
much is handed over to be undone.

Each level's order lives by the table of `levels`; here is what follows for the whole. It knows
nothing of legs, prices and connections.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from backstay.domain.figures import total
from backstay.domain.hedging.events import (
    CallOff,
    Escalate,
    HedgeCommand,
    HedgeEvent,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.hedging.levels import HedgeOrder, Standing, give_up, hear
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind

LEVELS_MAX = 3
"""How many orders one hedge may send; after the last one a person is called."""

HEDGE_LIMIT = timedelta(seconds=5)
"""How long a level may work, in broker time, unless the plan says otherwise."""

ASK_AGAIN_AFTER = timedelta(seconds=5)
"""How often the broker is asked, for as long as it takes, what it has not answered."""

_ZERO = Decimal(0)

_SILENCES = {
    Standing.CANCELLING: IncidentKind.HEDGE_CANCEL_UNCONFIRMED,
    Standing.OVER: IncidentKind.HEDGE_FILLS_UNREAD,
}


class Phase(StrEnum):
    """Where the whole hedge stands; the last two are its ends."""

    WORKING = "working"
    CANCELLING = "cancelling"
    READING = "reading"
    COVERED = "covered"
    ESCALATED = "escalated"


_PHASES = (
    (Standing.CANCELLING, Phase.CANCELLING),
    (Standing.OVER, Phase.READING),
    (Standing.WORKING, Phase.WORKING),
)


@dataclass(frozen=True, slots=True)
class EmergencyHedge:
    """One hedge: the quantity that was exposed and the orders sent for it, oldest first.

    `undone` is the surplus that has been handed over to be undone and so covers nothing any more;
    `called_for` is the quantity that a person who was called believes unhedged.
    """

    needed: Decimal
    limit: timedelta
    orders: tuple[HedgeOrder, ...]
    undone: Decimal = _ZERO
    called_for: Decimal = _ZERO

    def __post_init__(self) -> None:
        if self.needed <= 0:
            raise ValueError(f"a hedge is for a quantity above 0, not for {self.needed}")
        if self.limit <= timedelta(0):
            raise ValueError(f"a hedge needs time to work; its limit is {self.limit}")
        if not 1 <= len(self.orders) <= LEVELS_MAX:
            raise ValueError(f"a hedge has 1 to {LEVELS_MAX} levels, not {len(self.orders)}")
        if self.orders[0].key.purpose is not Purpose.HEDGE:
            raise ValueError(f"{self.orders[0].key} is not the key of a hedge")

    @property
    def level(self) -> int:
        """How deep the hedge has gone, from 1."""
        return len(self.orders)

    @property
    def unhedged(self) -> Decimal:
        """The exposed quantity that no fill covers."""
        return max(self._left, _ZERO)

    @property
    def surplus(self) -> Decimal:
        """The filled quantity that covers nothing and has not been handed over yet."""
        return max(-self._left, _ZERO)

    @property
    def _left(self) -> Decimal:
        return self.needed + self.undone - total(order.filled for order in self.orders)

    @property
    def phase(self) -> Phase:
        """What the hedge waits for, or how it ended."""
        standings = {order.standing for order in self.orders}
        for standing, phase in _PHASES:
            if standing in standings:
                return phase
        return Phase.ESCALATED if self.unhedged else Phase.COVERED


Step = tuple[EmergencyHedge, tuple[HedgeCommand, ...]]


def open_hedge(
    needed: Decimal, first_key: IntentKey, now: datetime, limit: timedelta = HEDGE_LIMIT
) -> Step:
    """The first level, for exactly the exposed quantity."""
    hedge = EmergencyHedge(needed, limit, (HedgeOrder(first_key, needed, now + limit),))
    return hedge, (SendHedge(first_key, 1, needed),)


def due(hedge: EmergencyHedge) -> datetime | None:
    """When time alone changes something; None at an end."""
    return min((order.look_at for order in hedge.orders if order.look_at), default=None)


def decide(hedge: EmergencyHedge, event: HedgeEvent, now: datetime) -> Step:
    """The hedge after an event, and what is to be done now. News of a foreign order raises."""
    commands: tuple[HedgeCommand, ...]
    if isinstance(event, TimePassed):
        hedge, commands = _look_after(hedge, now)
    else:
        heard, commands = hear(_find(hedge, event.key), event, now)
        hedge = _with(hedge, heard)
    hedge, consequences = _conclude(hedge, now)
    return hedge, commands + consequences


def _find(hedge: EmergencyHedge, key: IntentKey) -> HedgeOrder:
    for order in hedge.orders:
        if order.key == key:
            return order
    raise ValueError(f"{key} is no order of the hedge that began with {hedge.orders[0].key}")


def _with(hedge: EmergencyHedge, changed: HedgeOrder) -> EmergencyHedge:
    orders = tuple(changed if order.key == changed.key else order for order in hedge.orders)
    return replace(hedge, orders=orders)


def _look_after(hedge: EmergencyHedge, now: datetime) -> Step:
    """Ask again for what is overdue; the first time for a silence, a person is told as well."""
    commands: tuple[HedgeCommand, ...] = ()
    for order in hedge.orders:
        if order.look_at is None or now < order.look_at:
            continue
        late, requests = give_up(order, now)
        commands += requests
        if order.standing in _SILENCES:
            if not order.person_told:
                commands += (Escalate(_SILENCES[order.standing], hedge.unhedged),)
            late = replace(late, look_at=now + ASK_AGAIN_AFTER, person_told=True)
        hedge = _with(hedge, late)
    return hedge, commands


def _conclude(hedge: EmergencyHedge, now: datetime) -> Step:
    """What follows for the whole hedge from where its orders stand."""
    if not all(order.is_proven for order in hedge.orders):
        return _spare(hedge, now)
    if hedge.unhedged and hedge.level < LEVELS_MAX:
        return _go_deeper(hedge, now)
    undo = (UndoSurplus(hedge.surplus),) if hedge.surplus else ()
    ended = replace(hedge, called_for=hedge.unhedged, undone=hedge.undone + hedge.surplus)
    return ended, _call(hedge) + undo


def _call(hedge: EmergencyHedge) -> tuple[HedgeCommand, ...]:
    """What a person has to hear, if it is not what they have heard."""
    if hedge.unhedged == hedge.called_for:
        return ()
    if not hedge.unhedged:
        return (CallOff(),)
    return (Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, hedge.unhedged),)


def _spare(hedge: EmergencyHedge, now: datetime) -> Step:
    """Cancel an order that can only add to a surplus. While anything is unhedged the live order
    goes on, even for too much: a surplus can be traded back, an exposure can be lost on.
    """
    last = hedge.orders[-1]
    if hedge.unhedged or not last.may_still_fill:
        return hedge, ()
    cancelled, requests = give_up(last, now)
    return _with(hedge, cancelled), requests


def _go_deeper(hedge: EmergencyHedge, now: datetime) -> Step:
    """The next level, for exactly what is left."""
    key = hedge.orders[-1].key.next_generation()
    order = HedgeOrder(key, hedge.unhedged, now + hedge.limit)
    hedge = replace(hedge, orders=(*hedge.orders, order))
    return hedge, (SendHedge(key, hedge.level, order.quantity),)
