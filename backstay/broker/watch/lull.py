"""Bids and asks while nothing but prices changes.

As long as a quote is good, a bid or ask that does not cross it is good, too. It is remembered, and
folded into the quote when somebody looks at that; and between the prices at which anybody would be
woken nobody has to be told of it. So a flood of such ticks costs little, and whoever looks sees
what they would have come to one by one.

Where a lull ends is not decided here: whatever may change what a price means ends it, and the next
good tick that is looked at in full begins another.
"""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from backstay.broker.doors.wire import Now
from backstay.broker.watch.reading import Reader
from backstay.domain.ticks.quotes import Feed, Quote

_BID, _ASK = 1, 2
_NOBODY_BIDS, _NOBODY_ASKS = Decimal(0), Decimal("Infinity")

Window = tuple[Decimal, Decimal]
"""Any price strictly between the two wakes nobody."""

EVERYTHING: Window = (Decimal(-1), Decimal("Infinity"))
NO_WINDOW: Window = (Decimal("Infinity"), Decimal(-1))


class Meaning(Enum):
    """What a price means."""

    UNKNOWN = "it has to be looked at in full"
    NOTHING = "it is remembered, and nobody has to be told"
    NEWS = "it is remembered and good, and somebody may be woken by it"


_UNKNOWN, _NOTHING, _NEWS = Meaning


class Lull:
    """The newest bid and ask of one instrument, and whether a tick of them means anything."""

    __slots__ = (
        "_ask",
        "_ask_above",
        "_ask_at",
        "_ask_below",
        "_bid",
        "_bid_above",
        "_bid_at",
        "_bid_below",
        "_is_on",
        "_prices",
        "_read",
        "_read_at",
        "_until",
        "good_at",
        "is_behind",
    )

    def __init__(self, reader: Reader, read_at: Now, until: datetime) -> None:
        self.good_at: datetime | None = None
        """When the last good tick came, in a lull or not."""

        self.is_behind = False
        """Whether the quote has to be brought up to date."""

        self._prices = reader.good
        self._read = reader.price
        self._read_at = read_at
        self._until = until
        self._bid = self._ask = _NOBODY_BIDS
        self._bid_at = self._ask_at = until
        self._bid_above, self._bid_below = self._ask_above, self._ask_below = NO_WINDOW
        self._is_on = False

    def take(self, tick_type: int, letters: bytes) -> Meaning:
        """Take a price in, if it is known what it means."""
        if not self._is_on:
            return _UNKNOWN
        price = self._prices.get(letters)
        if price is None:
            self._read(letters)
            price = self._prices.get(letters)
            if price is None:
                return _UNKNOWN
        if tick_type == _BID:
            return self._take_bid(price)
        return self._take_ask(price) if tick_type == _ASK else _UNKNOWN

    def _take_bid(self, price: Decimal) -> Meaning:
        at = self._read_at()
        if price > self._ask or at >= self._until:
            return _UNKNOWN
        self.good_at = at
        if price == self._bid:
            return _NOTHING
        self._bid, self._bid_at, self.is_behind = price, at, True
        return _NOTHING if self._bid_above < price < self._bid_below else _NEWS

    def _take_ask(self, price: Decimal) -> Meaning:
        at = self._read_at()
        if price < self._bid or at >= self._until:
            return _UNKNOWN
        self.good_at = at
        if price == self._ask:
            return _NOTHING
        self._ask, self._ask_at, self.is_behind = price, at, True
        return _NOTHING if self._ask_above < price < self._ask_below else _NEWS

    def begin(self, quote: Quote, bids: Window, asks: Window, until: datetime) -> None:
        """The quote is good, and until then a price means something only outside its window."""
        self._bid_above, self._bid_below = bids
        self._ask_above, self._ask_below = asks
        self._bid = _NOBODY_BIDS if quote.bid is None else quote.bid
        self._ask = _NOBODY_ASKS if quote.ask is None else quote.ask
        self._bid_at, self._ask_at = quote.bid_at or until, quote.ask_at or until
        self._until = until
        self._is_on = True

    def last_until(self, until: datetime) -> None:
        """Hours go on as they are, and so may a lull."""
        self._until = until

    def end(self) -> None:
        """Every price has to be looked at in full."""
        self._is_on = False

    def caught_up(self, quote: Quote) -> Quote:
        """The quote with everything that was remembered since the lull began."""
        self.is_behind = False
        bid, bid_at, ask, ask_at = quote.bid, quote.bid_at, quote.ask, quote.ask_at
        if self._bid is not _NOBODY_BIDS:
            bid, bid_at = self._bid, self._bid_at
        if self._ask is not _NOBODY_ASKS:
            ask, ask_at = self._ask, self._ask_at
        return Quote(Feed.REAL_TIME, False, bid, ask, quote.last, bid_at, ask_at, quote.last_at)
