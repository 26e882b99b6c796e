"""One instrument's prices, folded tick by tick.

Owns the quote and whether its data is confirmed, and tells of each tick that decides nothing.
"""

from datetime import datetime

from backstay.domain.limits.facts import Touch
from backstay.domain.ticks import feeds
from backstay.domain.ticks.feeds import Confirmed, FeedReport
from backstay.domain.ticks.quotes import BadTick, Feed, GoodTick, Quote, TickRules, judge
from backstay.lab.rehearsal.story import Story
from backstay.lab.rehearsal.tape import Tick
from backstay.lab.telling import Who

CONNECTED = FeedReport(
    is_connected=True, is_subscribed=True, lines_used=1, lines_max=100, feed=Feed.REAL_TIME
)


class Market:
    """What is known of the prices, and since when they may be believed."""

    def __init__(self, *, is_option: bool, story: Story) -> None:
        self.quote = Quote(Feed.REAL_TIME)
        self.bad_ticks = 0
        self._heard_at: datetime | None = None
        self._rules = TickRules(is_option)
        self._story = story
        self._feed, _ = feeds.on_report(feeds.begin(story.now), CONNECTED, story.now)

    @property
    def is_confirmed(self) -> bool:
        """Whether the data is known to be good."""
        return isinstance(self._feed, Confirmed)

    @property
    def touch(self) -> Touch | None:
        """The best prices; None before the first good tick."""
        if self._heard_at is None:
            return None
        return Touch(self.quote.bid, self.quote.ask, self._heard_at, self.quote.flaw)

    def hear(self, tick: Tick) -> GoodTick | None:
        """The tick if it may decide anything; else it is told why not."""
        judged = judge(self.quote, tick.raw, self._rules, tick.at)
        self.quote = judged.quote
        match judged:
            case BadTick(flaw=flaw):
                self.bad_ticks += 1
                price = "none" if tick.raw.price is None else tick.raw.price
                what = f"{tick.raw.field} {price}"
                self._story.tell(Who.MARKET, what, f"decides nothing: {flaw}")
                return None
            case GoodTick():
                self._heard_at = tick.at
                self._feed, _ = feeds.on_good_tick(self._feed, tick.raw.at, tick.at)
                return judged
