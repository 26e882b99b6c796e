"""What a watch is to the price ladder, and what it hears.

A watch has a place: either every tick of its source can change it, or none can before the price
has come to a rung. The place is given up and taken anew whenever its state has changed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from backstay.domain.ticks.danger import Watched
from backstay.domain.ticks.quotes import GoodTick, Quote
from backstay.domain.ticks.sources import GoodPrice, PriceSource
from backstay.domain.ticks.triggers import PremarketPolicy, TickRole


class Heard(NamedTuple):
    """A good tick, and when it came.

    `underlying` is the price of an option's underlying by then. A tick of the underlying itself is
    the option's unchanged quote, without any news of it.
    """

    tick: GoodTick
    now: datetime
    underlying: GoodPrice | None = None
    by_underlying: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a watch waits: for any price of its source, or for one at or past a rung."""

    source: PriceSource
    is_hot: bool = False
    rise: Decimal | None = None
    fall: Decimal | None = None


class Seat(Protocol):
    """A watch, as its instrument sees it."""

    name: str
    number: int
    placed: Place | None

    @property
    def is_over(self) -> bool:
        """Whether nothing can change it any more."""

    @property
    def reduces(self) -> bool:
        """Whether what it decides reduces risk; that is looked at first."""

    def place(self) -> Place | None:
        """Where it has to wait now; None for nothing."""

    def watched(self) -> Watched:
        """How much danger it is in."""

    def hear(self, heard: Heard) -> None:
        """Let a tick decide."""

    def resume(self) -> None:
        """Ticks may have been missed."""

    def next_day(self) -> None:
        """A new trading day begins."""


class Bench(Protocol):
    """An instrument, as its watches see it."""

    @property
    def quote(self) -> Quote:
        """The prices that stand."""

    @property
    def underlying_price(self) -> GoodPrice | None:
        """Of an option: the price of its underlying's own good quote, if that is heard."""

    @property
    def is_live(self) -> bool:
        """Whether the data is confirmed good."""

    @property
    def good_at(self) -> datetime | None:
        """When the last good tick came."""

    def now(self) -> datetime:
        """Broker time."""

    def role(self, policy: PremarketPolicy) -> TickRole:
        """What ticks are to a trigger now."""

    def catch_up(self) -> None:
        """Have the ticks that were collected looked at: what comes next happens after them."""

    def settle(self, seat: Seat) -> None:
        """Give a watch the place that it needs now."""

    def leave(self, seat: Seat) -> None:
        """Its watch has ended."""
