"""Bids and asks that nobody has to be told of.

As long as a quote is good and a price stays between those at which anybody would be woken, nothing
follows from it: it is remembered, and folded into the quote when somebody looks at that. So a flood
of such ticks costs little, and whoever looks sees what they would have come to one by one.

Where a lull ends is not decided here: whatever may change what a price means ends it, and the next
good tick that is looked at in full begins another.
"""

from datetime import datetime
from decimal import Decimal

from backstay.broker.doors import Now
from backstay.domain.ticks.quotes import Feed, Quote

_BID, _ASK = 1, 2
_NOBODY_BIDS, _NOBODY_ASKS = Decimal(0), Decimal("Infinity")

Window = tuple[Decimal, Decimal]
"""Any price strictly between the two wakes nobody."""

EVERYTHING: Window = (Decimal(-1), Decimal("Infinity"))
NO_WINDOW: Window = (Decimal("Infinity"), Decimal(-1))


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
        "_prices",
        "_read_at",
        "_until",
        "good_at",
        "is_behind",
    )

    def __init__(self, prices: dict[bytes, Decimal], read_at: Now, until: datetime) -> None:
        """`prices` are the good prices that some letters are known to say."""
        self.good_at: datetime | None = None
        """When the last good tick came, in a lull or not."""

        self.is_behind = False
        """Whether the quote has to be brought up to date."""

        self._prices = prices
        self._read_at = read_at
        self._until = until
        self._bid = self._ask = _NOBODY_BIDS
        self._bid_at = self._ask_at = until
        self.end()

    def takes(self, tick_type: int, letters: bytes) -> bool:
        """Whether nobody has to be told of this price; then it is remembered."""
        price = self._prices.get(letters)
        if price is None:
            return False
        if tick_type == _BID:
            if not self._bid_above < price < self._bid_below or price > self._ask:
                return False
            at = self._read_at()
            if at >= self._until:
                return False
            if price != self._bid:
                self._bid, self._bid_at, self.is_behind = price, at, True
        elif tick_type == _ASK:
            if not self._ask_above < price < self._ask_below or price < self._bid:
                return False
            at = self._read_at()
            if at >= self._until:
                return False
            if price != self._ask:
                self._ask, self._ask_at, self.is_behind = price, at, True
        else:
            return False
        self.good_at = at
        return True

    def begin(self, quote: Quote, bids: Window, asks: Window, until: datetime) -> None:
        """The quote is good, and until then only a price that leaves its window has to be told."""
        self._bid_above, self._bid_below = bids
        self._ask_above, self._ask_below = asks
        self._bid = _NOBODY_BIDS if quote.bid is None else quote.bid
        self._ask = _NOBODY_ASKS if quote.ask is None else quote.ask
        self._bid_at, self._ask_at = quote.bid_at or until, quote.ask_at or until
        self._until = until

    def end(self) -> None:
        """Every price has to be told."""
        self._bid_above, self._bid_below = NO_WINDOW
        self._ask_above, self._ask_below = NO_WINDOW

    def caught_up(self, quote: Quote) -> Quote:
        """The quote with everything that was remembered since the lull began."""
        self.is_behind = False
        bid, bid_at, ask, ask_at = quote.bid, quote.bid_at, quote.ask, quote.ask_at
        if self._bid is not _NOBODY_BIDS:
            bid, bid_at = self._bid, self._bid_at
        if self._ask is not _NOBODY_ASKS:
            ask, ask_at = self._ask, self._ask_at
        return Quote(Feed.REAL_TIME, False, bid, ask, quote.last, bid_at, ask_at, quote.last_at)
