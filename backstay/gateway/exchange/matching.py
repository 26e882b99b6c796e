"""What an order gets from what is displayed, or from what has printed.

An aggressor walks the levels that it may pay, each up to what nobody has taken of it yet. What was
taken stays taken until that side of the quote changes. A resting limit also fills when a trade
prints through its price, at its own price, up to the size of the print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.exchange.doors import Action
from backstay.gateway.market.words import Level, Quote
from backstay.gateway.values.order import Order

_ZERO = Decimal(0)
ADDED, REMOVED = 1, 2
"""IB's words for liquidity: the order rested, or it took."""


@dataclass(frozen=True, slots=True)
class Fill:
    """So many shares at one price."""

    price: Decimal
    shares: Decimal


def action_of(order: Order) -> Action:
    """The side that the order takes."""
    return "BUY" if order.action == "BUY" else "SELL"


def limit_of(order: Order) -> Decimal | None:
    """The worst price that it takes; None when any will do."""
    return order.limit_price if order.order_type in {"LMT", "STP LMT"} else None


def is_within(order: Order, price: Decimal) -> bool:
    """Whether it may trade at `price`."""
    limit = limit_of(order)
    if limit is None:
        return True
    return price <= limit if order.action == "BUY" else price >= limit


def is_touched(order: Order, quote: Quote) -> bool:
    """Whether what is displayed is of any interest to it."""
    met = quote.ask if order.action == "BUY" else quote.bid
    return met is not None and is_within(order, met)


def walk(
    order: Order, wanted: Decimal, levels: Iterable[Level], taken: "Taken"
) -> tuple[Fill, ...]:
    """The fills of an order that wants so many shares, level by level."""
    fills = []
    for level in levels:
        if wanted <= 0 or not is_within(order, level.price):
            break
        shares = min(wanted, level.size - taken.at(action_of(order), level.price))
        if shares > 0:
            fills.append(Fill(level.price, shares))
            wanted -= shares
    return tuple(fills)


def through(order: Order, wanted: Decimal, price: Decimal, size: Decimal) -> Fill | None:
    """What a resting limit gets when `size` prints at a price better than its own."""
    limit = limit_of(order)
    if limit is None or wanted <= 0 or size <= 0:
        return None
    if not (price < limit if order.action == "BUY" else price > limit):
        return None
    return Fill(limit, min(wanted, size))


def urgency(order: Order) -> tuple[bool, Decimal]:
    """How it sorts among orders on its side: market orders first, then who pays more."""
    limit = limit_of(order)
    if limit is None:
        return (False, _ZERO)
    return (True, -limit if order.action == "BUY" else limit)


class Taken:
    """How much of the displayed sizes of one instrument is gone."""

    __slots__ = ("_faces", "_gone")

    def __init__(self) -> None:
        self._gone: dict[tuple[Action, Decimal], Decimal] = {}
        self._faces: dict[Action, tuple[Decimal | None, Decimal]] = {}

    @property
    def is_any(self) -> bool:
        """Whether anything is gone."""
        return bool(self._gone)

    def at(self, taking: Action, price: Decimal) -> Decimal:
        """What is gone at one price."""
        return self._gone.get((taking, price), _ZERO)

    def take(self, taking: Action, fill: Fill) -> None:
        """Some of it is gone."""
        self._gone[taking, fill.price] = self.at(taking, fill.price) + fill.shares

    def look(self, quote: Quote) -> None:
        """A side that shows something else than when it was last looked at is there in full."""
        self._show("BUY", (quote.ask, quote.ask_size))
        self._show("SELL", (quote.bid, quote.bid_size))

    def _show(self, taking: Action, face: tuple[Decimal | None, Decimal]) -> None:
        if self._faces.get(taking) != face:
            self._faces[taking] = face
            self._gone = {at: gone for at, gone in self._gone.items() if at[0] != taking}
