"""One level of an emergency hedge: what is known of its order, and what follows from news of it.

Owns the life of one order from its sending to the proof that nothing more can come of it: it is
over, and its fills have been read after that. `TABLE` is the whole law. Stale news, of a lower
revision than the last, changes nothing; a newer one may well say that an order thought dead is
alive. What the hedge as a whole makes of it is no business of an order.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from backstay.domain.hedging.events import (
    AskBroker,
    CancelHedge,
    CancelRefused,
    FillsRead,
    OrderSeen,
    ReadFills,
)
from backstay.domain.ids import IntentKey

CANCEL_CONFIRMED_WITHIN = timedelta(milliseconds=1500)
"""One second, and half a second of grace; then a person is told and the resolving goes on."""

FILLS_READ_WITHIN = timedelta(seconds=2)


class Standing(StrEnum):
    """How far an order is known to have come."""

    WORKING = "working"
    CANCELLING = "cancelling"
    OVER = "over"
    PROVEN = "proven"


class News(StrEnum):
    """What can be learned about an order."""

    ALIVE = "alive"
    ENDED = "ended"
    FILLED = "filled"
    READ = "read"
    CANCEL_REFUSED = "cancel refused"
    TIME_UP = "time up"


Request = CancelHedge | AskBroker | ReadFills

TABLE: dict[tuple[Standing, News], tuple[Standing, tuple[type[Request], ...]]] = {
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
"""How long an order may stay in a standing that only the broker can end."""


@dataclass(frozen=True, slots=True)
class HedgeOrder:
    """What was sent on one level, what has been heard of it, and when it is looked after next.

    `person_told` is whether a person has heard of the silence that it stands in.
    """

    key: IntentKey
    quantity: Decimal
    look_at: datetime | None
    standing: Standing = Standing.WORKING
    filled: Decimal = Decimal(0)
    revision: int = 0
    person_told: bool = False

    @property
    def is_proven(self) -> bool:
        """Whether it is over and all its fills have been read."""
        return self.standing is Standing.PROVEN

    @property
    def may_still_fill(self) -> bool:
        """Whether it works, uncancelled, with a quantity left."""
        return self.standing is Standing.WORKING and self.filled < self.quantity


Heard = tuple[HedgeOrder, tuple[Request, ...]]


def hear(order: HedgeOrder, event: OrderSeen | FillsRead | CancelRefused, now: datetime) -> Heard:
    """The order after an event that names it, and what is to be asked of the broker."""
    return _move(order, *_news_of(order, event), now)


def _news_of(
    order: HedgeOrder, event: OrderSeen | FillsRead | CancelRefused
) -> tuple[News, Decimal, int]:
    """What an event says of the order: the news, what has filled, and as of which revision."""
    match event:
        case OrderSeen(_, over, filled, revision):
            ending = News.FILLED if filled >= order.quantity else News.ENDED
            return ending if over else News.ALIVE, filled, revision
        case FillsRead(_, filled, revision):
            return News.READ, filled, revision
        case CancelRefused():
            return News.CANCEL_REFUSED, order.filled, order.revision
        case _:
            assert_never(event)


def give_up(order: HedgeOrder, now: datetime) -> Heard:
    """The order when its time is up, or when it is no longer wanted."""
    return _move(order, News.TIME_UP, order.filled, order.revision, now)


def _move(order: HedgeOrder, news: News, filled: Decimal, revision: int, now: datetime) -> Heard:
    if revision < order.revision:
        return order, ()
    standing, requests = TABLE[order.standing, news]
    moved = replace(order, standing=standing, filled=filled, revision=revision)
    if standing is not order.standing:
        look_at = now + _PATIENCE[standing] if standing in _PATIENCE else None
        moved = replace(moved, look_at=look_at, person_told=False)
    return moved, tuple(request(order.key) for request in requests)
