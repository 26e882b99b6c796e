"""What is known of an instrument's prices, and which ticks are bad.

Owns the fold of single ticks into a quote and the judgement of each: good, or bad for a reason that
has a name. It does not know what a price is used for. The broker sends one field at a time and only
when it changes, so no price is stale for being old: it stands until the next tick of its field.

The law: **a bad tick decides nothing, and what it makes doubtful is forgotten.** A tick older than
what is known is dropped. Any other whose price can't be used makes its field unknown, because what
was known before has been superseded by something unreadable. A crossed quote forgets nothing: a
moving market crosses for as long as one of its two ticks is on the way. It holds its news back, and
the tick that uncrosses it tells all of it: no price is lost, and none is counted twice.

A wild price is not a flaw. Measured against the last good one, a real gap looks just the same, and
a stop that is blind to gaps is worth nothing. A lone bad print is what confirmation is for.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field


class TickField(StrEnum):
    """The three prices that the broker streams."""

    BID = "bid"
    ASK = "ask"
    LAST = "last"


class Feed(StrEnum):
    """IB's four types of market data, of which only the first may decide anything."""

    REAL_TIME = "real-time"
    FROZEN = "frozen"
    DELAYED = "delayed"
    DELAYED_FROZEN = "delayed and frozen"


class Flaw(StrEnum):
    """Why a tick, or a whole quote, decides nothing."""

    NOT_REAL_TIME = "not real-time"
    HALTED = "halted"
    OUT_OF_ORDER = "out of order"
    LATE = "late"
    FROM_THE_FUTURE = "from the future"
    MISSING = "missing"
    NOT_A_NUMBER = "not a number"
    NEGATIVE = "negative"
    ZERO = "zero"
    CROSSED = "crossed"


@dataclass(frozen=True, slots=True)
class TickRules:
    """How old a tick may be, how far ahead of our clock, and whether its instrument is an option.

    Broker stamps can be whole seconds, so a tick that has only just happened can look a second old.
    """

    is_option: bool
    age_max: timedelta = timedelta(seconds=2)
    ahead_max: timedelta = timedelta(seconds=1)

    def __post_init__(self) -> None:
        if self.age_max <= timedelta(0):
            raise ValueError(f"the greatest age of a tick is {self.age_max}; it must be above 0")
        if self.ahead_max < timedelta(0):
            raise ValueError(f"a tick may be {self.ahead_max} ahead; that can't be below 0")


class RawTick(NamedTuple):
    """One field as it came off the wire, not to be believed yet.

    `at` is when it happened, not when it came: the old print that a new subscription starts with is
    late. A tick is made for every message and never leaves the edge, so it checks nothing; `judge`
    does.
    """

    field: TickField
    price: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """The prices that stand, each with the stamp of the last tick of it that was believed.

    None is no price: not heard yet, no longer known or, of an option, that nobody quotes it.
    `held_back` names the fields that have ticked since the quote was last uncrossed.
    """

    feed: Feed
    is_halted: bool = False
    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None
    bid_at: datetime | None = None
    ask_at: datetime | None = None
    last_at: datetime | None = None
    held_back: tuple[TickField, ...] = ()

    def __post_init__(self) -> None:
        for price in (self.bid, self.ask, self.last):
            if price is not None and price <= 0:
                raise ValueError(f"a quote holds the price {price}; a price is above 0")

    @property
    def flaw(self) -> Flaw | None:
        """Why nothing may be decided on this quote now, or None. Equal bid and ask are no flaw."""
        if self.feed is not Feed.REAL_TIME:
            return Flaw.NOT_REAL_TIME
        if self.is_halted:
            return Flaw.HALTED
        if self.bid is not None and self.ask is not None and self.bid > self.ask:
            return Flaw.CROSSED
        return None

    def stamp(self, field: TickField) -> datetime | None:
        """When the last tick of `field` that was believed happened."""
        if field is TickField.LAST:
            return self.last_at
        return self.bid_at if field is TickField.BID else self.ask_at

    def interrupted(self) -> "Quote":
        """The quote after ticks may have been lost: no price of it is known to stand."""
        return Quote(self.feed, self.is_halted)

    def from_feed(self, feed: Feed) -> "Quote":
        """The quote once its data is of another type: nothing that the old one said is kept."""
        return self if feed is self.feed else Quote(feed, self.is_halted)

    def halted(self) -> "Quote":
        """The quote in a halt: what was quoted before is void, and so is what is indicated now."""
        return self if self.is_halted else Quote(self.feed, is_halted=True)

    def resumed(self) -> "Quote":
        """The quote after a halt, waiting for the first price of the resumed market."""
        return Quote(self.feed) if self.is_halted else self


@dataclass(frozen=True, slots=True)
class GoodTick:
    """A tick that may decide: the quote that it leads to, and the fields that it brings news of."""

    quote: Quote
    news: tuple[TickField, ...]
    kind: Literal["good"] = "good"


@dataclass(frozen=True, slots=True)
class BadTick:
    """A tick that decides nothing: why, and what may still be believed after it."""

    quote: Quote
    flaw: Flaw
    kind: Literal["bad"] = "bad"


JudgedTick = Annotated[GoodTick | BadTick, Field(discriminator="kind")]

_NOBODY_QUOTES = (Decimal(0), Decimal(-1))
_ALONE = {field: (field,) for field in TickField}


def judge(quote: Quote, tick: RawTick, rules: TickRules, now: datetime) -> GoodTick | BadTick:
    """Whether `tick` may decide anything, and the quote after it."""
    if quote.feed is not Feed.REAL_TIME:
        return BadTick(quote, Flaw.NOT_REAL_TIME)
    if quote.is_halted:
        return BadTick(quote, Flaw.HALTED)
    known_at = quote.stamp(tick.field)
    if known_at is not None and tick.at < known_at:
        return BadTick(quote, Flaw.OUT_OF_ORDER)
    price = tick.price
    flaw = _flaw_of_stamp(tick.at, rules, now) or _flaw_of_price(price)
    if flaw is not None:
        if not _is_withdrawal(tick, flaw, rules):
            return BadTick(_updated(quote, tick.field, None, known_at, quote.held_back), flaw)
        price = None
    after = _updated(quote, tick.field, price, tick.at, ())
    news = _with_news(quote.held_back, tick.field)
    contradiction = after.flaw
    if contradiction is not None:
        return BadTick(replace(after, held_back=news), contradiction)
    return GoodTick(after, news)


def _flaw_of_stamp(at: datetime, rules: TickRules, now: datetime) -> Flaw | None:
    age = now - at
    if age > rules.age_max:
        return Flaw.LATE
    return Flaw.FROM_THE_FUTURE if -age > rules.ahead_max else None


def _flaw_of_price(price: Decimal | None) -> Flaw | None:
    if price is None:
        return Flaw.MISSING
    if not price.is_finite():
        return Flaw.NOT_A_NUMBER
    if price > 0:
        return None
    return Flaw.NEGATIVE if price else Flaw.ZERO


def _is_withdrawal(tick: RawTick, flaw: Flaw, rules: TickRules) -> bool:
    """Whether the tick is IB's way to say that nobody quotes this side of an option (0 or -1)."""
    return (
        rules.is_option
        and tick.field is not TickField.LAST
        and flaw in (Flaw.ZERO, Flaw.NEGATIVE)
        and tick.price in _NOBODY_QUOTES
    )


def _with_news(held_back: tuple[TickField, ...], field: TickField) -> tuple[TickField, ...]:
    if not held_back:
        return _ALONE[field]
    return held_back if field in held_back else (*held_back, field)


def _updated(
    quote: Quote,
    field: TickField,
    price: Decimal | None,
    at: datetime | None,
    held_back: tuple[TickField, ...],
) -> Quote:
    """The quote with one field anew. Spelled out, because `replace` is several times slower."""
    bid, ask, last = quote.bid, quote.ask, quote.last
    bid_at, ask_at, last_at = quote.bid_at, quote.ask_at, quote.last_at
    if field is TickField.LAST:
        last, last_at = price, at
    elif field is TickField.BID:
        bid, bid_at = price, at
    else:
        ask, ask_at = price, at
    return Quote(quote.feed, False, bid, ask, last, bid_at, ask_at, last_at, held_back)
