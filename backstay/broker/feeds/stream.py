"""The line of one instrument, and who hears it.

Owns the passing on of ticks: each sink hears each tick once, however many claims it has here, and
the first tick after a doubt is proof of life before anybody hears it. When a line is asked for is
not its business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from backstay.broker.doors.market import Rank
from backstay.broker.doors.wire import TickSink
from backstay.broker.feeds.plan import Demand
from backstay.broker.feeds.stages import Stage, Standing
from backstay.domain.instruments import Instrument
from backstay.domain.ticks.quotes import Feed

_FEEDS = {1: Feed.REAL_TIME, 2: Feed.FROZEN, 3: Feed.DELAYED, 4: Feed.DELAYED_FROZEN}

_REAL_TIME = 1
_ALIVE = Stage.ALIVE


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """Somebody's claim on the prices of an instrument."""

    con_id: int
    sink: TickSink
    rank: Rank
    give_up: Callable[["Claim"], None]

    def end(self) -> None:
        """Give the claim up; what was given up once stays so."""
        self.give_up(self)


@dataclass(slots=True, eq=False)
class Stream:
    """One instrument's line. Between two requests the prices of none are passed on."""

    instrument: Instrument
    since: int
    ticked: Callable[["Stream"], None]
    """Called for each tick that comes while it is not proven alive."""

    delayed: Callable[["Stream"], None]
    """Called when the broker says that its prices are not of now."""

    standing: Standing = field(default_factory=Standing)
    feed: Feed = Feed.REAL_TIME
    request_id: int | None = None
    """The request that the broker may know of."""

    is_granted: bool = False
    """Whether one of the lines is its own, connected or not."""

    lingers_until: float = 0.0
    """With nobody left who wants it, how long it is kept."""

    claims: tuple[Claim, ...] = ()
    sinks: tuple[TickSink, ...] = ()

    @property
    def con_id(self) -> int:
        """Whose prices these are."""
        return self.instrument.con_id

    @property
    def rank(self) -> Rank | None:
        """The best of all claims."""
        return min((claim.rank for claim in self.claims), default=None)

    @property
    def demand(self) -> Demand:
        """What the plan has to know of it."""
        return Demand(self.con_id, self.rank, self.since, self.is_granted)

    def claim(self, claim: Claim) -> None:
        """One more who wants it."""
        self._have((*self.claims, claim))

    def give_up(self, claim: Claim) -> bool:
        """One fewer; whether this was a claim."""
        before = self.claims
        self._have(tuple(each for each in before if each is not claim))
        return self.claims != before

    def _have(self, claims: tuple[Claim, ...]) -> None:
        self.claims = claims
        # The watch claims an instrument once for each trade, with one sink for all of them.
        self.sinks = tuple({id(claim.sink): claim.sink for claim in claims}.values())

    def on_price(self, tick_type: int, price: bytes) -> None:
        """A price, for everybody."""
        if self.standing.stage is not _ALIVE:
            self.ticked(self)
        for sink in self.sinks:
            sink.on_price(tick_type, price)

    def on_text(self, tick_type: int, value: bytes) -> None:
        """A text, for everybody."""
        if not self.standing.is_alive:
            self.ticked(self)
        for sink in self.sinks:
            sink.on_text(tick_type, value)

    def on_generic(self, tick_type: int, value: bytes) -> None:
        """A figure, for everybody."""
        if not self.standing.is_alive:
            self.ticked(self)
        for sink in self.sinks:
            sink.on_generic(tick_type, value)

    def on_data_type(self, data_type: int) -> None:
        """What kind of prices come. One that is not known can't be of now."""
        self.feed = _FEEDS.get(data_type, Feed.DELAYED_FROZEN)
        if data_type != _REAL_TIME:
            self.delayed(self)
        for sink in self.sinks:
            sink.on_data_type(data_type)
