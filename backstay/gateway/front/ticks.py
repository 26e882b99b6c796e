"""What a change of a quote is in ticks: pure, computed once a change for all who hear of it.

A draft is a tick that lacks only its request id.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from backstay.gateway.market.words import Quote
from backstay.gateway.messages.data_replies import TickGeneric, TickPrice, TickSize, TickString
from backstay.gateway.messages.replies import Reply
from backstay.gateway.times import MILLISECOND_NS, SECOND_NS

Draft = tuple[Callable[..., Reply], tuple[Any, ...]]

BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE, HIGH, LOW, VOLUME, CLOSE, OPEN = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14,
)  # fmt: skip
LAST_TIME, RT_VOLUME, HALTED = 45, 48, 49
DELAYED = {
    BID: 66,
    ASK: 67,
    LAST: 68,
    BID_SIZE: 69,
    ASK_SIZE: 70,
    LAST_SIZE: 71,
    HIGH: 72,
    LOW: 73,
    VOLUME: 74,
    CLOSE: 75,
    OPEN: 76,
    LAST_TIME: 88,
    HALTED: 90,
}
"""What each field is called when it comes late."""

_NOTHING = Decimal(-1)
"""IB's price where there is none; its size is 0."""
_ZERO = Decimal(0)
_CAN_AUTO_EXECUTE = 1
_DAY_FIELDS = (("high", HIGH), ("low", LOW), ("open", OPEN), ("close", CLOSE))


def all_ticks(quote: Quote) -> tuple[Draft, ...]:
    """Everything that is known, as a new subscription hears it first."""
    drafts = _changes(Quote(quote.time_ns), quote, printed=quote.last is not None)
    return (*drafts, (TickGeneric, (HALTED, Decimal(int(quote.halted)))))


def moved_ticks(before: Quote, after: Quote, *, printed: bool) -> tuple[Draft, ...]:
    """What is new."""
    drafts = _changes(before, after, printed=printed)
    if after.halted is not before.halted:
        drafts.append((TickGeneric, (HALTED, Decimal(int(after.halted)))))
    return tuple(drafts)


def rt_volume_text(quote: Quote, average: Decimal) -> str:
    """`price;size;milliseconds;total volume;average price;single trade`."""
    time_ms = quote.last_time_ns // MILLISECOND_NS
    trade = f"{quote.last:f};{quote.last_size:f};{time_ms}"
    return f"{trade};{quote.volume:f};{average.normalize():f};true"


def is_complete(quote: Quote) -> bool:
    """Whether a snapshot of it lacks nothing."""
    return None not in {quote.bid, quote.ask, quote.last, quote.close}


def _changes(before: Quote, after: Quote, *, printed: bool) -> list[Draft]:
    """A price comes with its size, and then the size comes once more by itself, as from IB."""
    drafts: list[Draft] = []
    if after.bid != before.bid:
        _add_side(drafts, (BID, BID_SIZE), after.bid, after.bid_size)
    elif after.bid_size != before.bid_size:
        drafts.append((TickSize, (BID_SIZE, after.bid_size)))
    if after.ask != before.ask:
        _add_side(drafts, (ASK, ASK_SIZE), after.ask, after.ask_size)
    elif after.ask_size != before.ask_size:
        drafts.append((TickSize, (ASK_SIZE, after.ask_size)))
    if printed:
        _add_trade(drafts, before, after)
    if after.volume != before.volume:
        drafts.append((TickSize, (VOLUME, after.volume)))
    if (
        after.high is not before.high
        or after.low is not before.low
        or after.open is not before.open
        or after.close is not before.close
    ):
        _add_day(drafts, before, after)
    return drafts


def _add_side(
    drafts: list[Draft], fields: tuple[int, int], price: Decimal | None, size: Decimal
) -> None:
    if price is None:
        price, size = _NOTHING, _ZERO
    drafts.append((TickPrice, (fields[0], price, size, _CAN_AUTO_EXECUTE)))
    drafts.append((TickSize, (fields[1], size)))


def _add_trade(drafts: list[Draft], before: Quote, after: Quote) -> None:
    seconds = after.last_time_ns // SECOND_NS
    if seconds != before.last_time_ns // SECOND_NS:
        drafts.append((TickString, (LAST_TIME, str(seconds))))
    if after.last != before.last:
        drafts.append((TickPrice, (LAST, after.last, after.last_size)))
    drafts.append((TickSize, (LAST_SIZE, after.last_size)))


def _add_day(drafts: list[Draft], before: Quote, after: Quote) -> None:
    for name, field in _DAY_FIELDS:
        price = getattr(after, name)
        if price is not None and price != getattr(before, name):
            drafts.append((TickPrice, (field, price)))
