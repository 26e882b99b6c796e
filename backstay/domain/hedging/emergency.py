"""The emergency hedge: at market, watched, three levels deep, then a person.

Owns one hedge from the exposed quantity to its end. Its law:

    a level opens only when every order before it is proven terminal and its fills are read.

So two hedges never chase one exposure, and the quantity of a level, like the quantity a person is
called for, is exactly what is left. A level has five seconds; then its order is cancelled, which is
no guess about fills: the cancel has to be proven, and what has filled by then is read before
anything else is sent. A fill that comes after all that is booked all the same, and what is then too
much is handed over to be undone.

Each order moves through `TABLE`; the hedge follows from its orders. It knows nothing of legs,
prices and connections.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from backstay.domain.hedging.events import (
    AskBroker,
    CallOff,
    CancelHedge,
    CancelRefused,
    Escalate,
    FillsRead,
    HedgeCommand,
    HedgeEvent,
    OrderSeen,
    ReadFills,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind

LEVELS_MAX = 3
"""How many orders one hedge may send; after the last one a person is called."""

HEDGE_LIMIT = timedelta(seconds=5)
"""How long a level may work, in broker time, unless the plan says otherwise."""

CANCEL_CONFIRMED_WITHIN = timedelta(milliseconds=1500)
"""One second, and half a second of grace; then a person is told and the resolving goes on."""

FILLS_READ_WITHIN = timedelta(seconds=2)
ASK_AGAIN_AFTER = timedelta(seconds=5)

_ZERO = Decimal(0)


class Standing(StrEnum):
    """How far one order of the hedge is known to have come."""

    WORKING = "working"
    CANCELLING = "cancelling"
    OVER = "over"
    PROVEN = "proven"


class News(StrEnum):
    """What can be learned about one order."""

    ALIVE = "alive"
    ENDED = "ended"
    FILLED = "filled"
    READ = "read"
    CANCEL_REFUSED = "cancel refused"
    TIME_UP = "time up"


Ask = type[CancelHedge | AskBroker | ReadFills]

TABLE: dict[tuple[Standing, News], tuple[Standing, tuple[Ask, ...]]] = {
    (Standing.WORKING, News.ALIVE): (Standing.WORKING, ()),
    (Standing.WORKING, News.ENDED): (Standing.OVER, (ReadFills,)),
    (Standing.WORKING, News.FILLED): (Standing.PROVEN, ()),
    (Standing.WORKING, News.READ): (Standing.WORKING, ()),
    (Standing.WORKING, News.CANCEL_REFUSED): (Standing.WORKING, ()),
    (Standing.WORKING, News.TIME_UP): (Standing.CANCELLING, (CancelHedge,)),
    (Standing.CANCELLING, News.ALIVE): (Standing.CANCELLING, ()),
    (Standing.CANCELLING, News.ENDED): (Standing.OVER, (ReadFills,)),
    (Standing.CANCELLING, News.FILLED): (Standing.PROVEN, ()),
    (Standing.CANCELLING, News.READ): (Standing.CANCELLING, ()),
    (Standing.CANCELLING, News.CANCEL_REFUSED): (Standing.CANCELLING, (AskBroker,)),
    (Standing.CANCELLING, News.TIME_UP): (Standing.CANCELLING, (CancelHedge, AskBroker)),
    # An order shown as cancelled can be alive again, under a second permId; it is not wanted.
    (Standing.OVER, News.ALIVE): (Standing.CANCELLING, (CancelHedge,)),
    (Standing.OVER, News.ENDED): (Standing.OVER, ()),
    (Standing.OVER, News.FILLED): (Standing.PROVEN, ()),
    (Standing.OVER, News.READ): (Standing.PROVEN, ()),
    (Standing.OVER, News.CANCEL_REFUSED): (Standing.OVER, ()),
    (Standing.OVER, News.TIME_UP): (Standing.OVER, (ReadFills,)),
    (Standing.PROVEN, News.ALIVE): (Standing.CANCELLING, (CancelHedge,)),
    (Standing.PROVEN, News.ENDED): (Standing.PROVEN, ()),
    (Standing.PROVEN, News.FILLED): (Standing.PROVEN, ()),
    (Standing.PROVEN, News.READ): (Standing.PROVEN, ()),
    (Standing.PROVEN, News.CANCEL_REFUSED): (Standing.PROVEN, ()),
    (Standing.PROVEN, News.TIME_UP): (Standing.PROVEN, ()),
}

_PATIENCE = {
    Standing.CANCELLING: CANCEL_CONFIRMED_WITHIN,
    Standing.OVER: FILLS_READ_WITHIN,
}
"""How long an order may stay in a standing that the broker has to end, before a person is told."""

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
class HedgeOrder:
    """One level: what was sent, what has been heard of it, and when it is looked after next."""

    key: IntentKey
    quantity: Decimal
    look_at: datetime | None
    standing: Standing = Standing.WORKING
    filled: Decimal = _ZERO
    revision: int = 0
    person_told: bool = False


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
        return self.needed + self.undone - sum((order.filled for order in self.orders), _ZERO)

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
    hedge, commands = _take_in(hedge, event, now)
    hedge, consequences = _conclude(hedge, now)
    return hedge, commands + consequences


def _take_in(hedge: EmergencyHedge, event: HedgeEvent, now: datetime) -> Step:
    match event:
        case OrderSeen(key, over, filled, revision):
            order = _find(hedge, key)
            ending = News.FILLED if filled >= order.quantity else News.ENDED
            news = ending if over else News.ALIVE
            return _hear(hedge, order, news, now, (filled, revision))
        case FillsRead(key, filled, revision):
            return _hear(hedge, _find(hedge, key), News.READ, now, (filled, revision))
        case CancelRefused(key):
            return _hear(hedge, _find(hedge, key), News.CANCEL_REFUSED, now)
        case TimePassed():
            return _look_after(hedge, now)
        case _:
            assert_never(event)


def _find(hedge: EmergencyHedge, key: IntentKey) -> HedgeOrder:
    for order in hedge.orders:
        if order.key == key:
            return order
    raise ValueError(f"{key} is no order of the hedge that began with {hedge.orders[0].key}")


def _hear(
    hedge: EmergencyHedge,
    order: HedgeOrder,
    news: News,
    now: datetime,
    facts: tuple[Decimal, int] | None = None,
) -> Step:
    """Take one piece of news in; facts of a lower revision than the last ones change nothing."""
    filled, revision = facts or (order.filled, order.revision)
    if revision < order.revision:
        return hedge, ()
    standing, asks = TABLE[order.standing, news]
    heard = replace(order, standing=standing, filled=filled, revision=revision)
    if standing is not order.standing:
        look_at = now + _PATIENCE[standing] if standing in _PATIENCE else None
        heard = replace(heard, look_at=look_at, person_told=False)
    orders = tuple(heard if other.key == order.key else other for other in hedge.orders)
    return replace(hedge, orders=orders), tuple(ask(order.key) for ask in asks)


def _look_after(hedge: EmergencyHedge, now: datetime) -> Step:
    """Ask again for what is overdue; the first time for a silence, a person is told as well."""
    commands: tuple[HedgeCommand, ...] = ()
    for order in hedge.orders:
        if order.look_at is None or now < order.look_at:
            continue
        hedge, asks = _hear(hedge, order, News.TIME_UP, now)
        commands += asks
        if order.standing in _SILENCES:
            if not order.person_told:
                commands += (Escalate(_SILENCES[order.standing], hedge.unhedged),)
            asked = replace(order, look_at=now + ASK_AGAIN_AFTER, person_told=True)
            orders = tuple(asked if other.key == order.key else other for other in hedge.orders)
            hedge = replace(hedge, orders=orders)
    return hedge, commands


def _conclude(hedge: EmergencyHedge, now: datetime) -> Step:
    """What follows for the whole hedge from where its orders stand."""
    if any(order.standing is not Standing.PROVEN for order in hedge.orders):
        return _spare(hedge, now)
    if hedge.unhedged and hedge.level < LEVELS_MAX:
        return _go_deeper(hedge, now)
    commands: tuple[HedgeCommand, ...] = ()
    if hedge.unhedged != hedge.called_for:
        called = Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, hedge.unhedged)
        commands += (called if hedge.unhedged else CallOff(),)
    if hedge.surplus:
        commands += (UndoSurplus(hedge.surplus),)
    undone = hedge.undone + hedge.surplus
    return replace(hedge, called_for=hedge.unhedged, undone=undone), commands


def _spare(hedge: EmergencyHedge, now: datetime) -> Step:
    """Cancel an order that can only add to a surplus. While anything is unhedged the live order
    goes on, even for too much: a surplus can be traded back, an exposure can be lost on.
    """
    commands: tuple[HedgeCommand, ...] = ()
    if not hedge.unhedged:
        for order in hedge.orders:
            if order.standing is Standing.WORKING and order.filled < order.quantity:
                hedge, asks = _hear(hedge, order, News.TIME_UP, now)
                commands += asks
    return hedge, commands


def _go_deeper(hedge: EmergencyHedge, now: datetime) -> Step:
    """The next level, for exactly what is left."""
    key = hedge.orders[-1].key.next_generation()
    order = HedgeOrder(key, hedge.unhedged, now + hedge.limit)
    hedge = replace(hedge, orders=(*hedge.orders, order))
    return hedge, (SendHedge(key, hedge.level, order.quantity),)
