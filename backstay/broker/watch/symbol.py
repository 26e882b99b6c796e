"""One instrument, from the wire to whoever is woken.

Owns the instrument's quote and its ladders. A tick is read, folded and judged by the domain; a good
one wakes whoever waits for such a price, in the same turn or with the batch. Bid and ask carry no
stamp, so they happened when they were read; one that repeats what stands proves that the line
lives, and is no news: nothing has happened that could confirm anything.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backstay.broker.doors.market import Catalogue, Feeds, Subscription
from backstay.broker.doors.wire import Now
from backstay.broker.notices import Notice, Tell
from backstay.broker.watch.hours import Hours, hours_at
from backstay.broker.watch.ladder import Ladders
from backstay.broker.watch.lull import Lull, Meaning
from backstay.broker.watch.prints import Prints
from backstay.broker.watch.reading import Reader
from backstay.broker.watch.seats import Heard, Seat
from backstay.broker.watch.silence import Silence, told
from backstay.broker.watch.trust import Trust
from backstay.broker.watch.turns import Turns, Woken
from backstay.broker.watch.voided import Voided
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.ticks.freshness import FreshnessDecision
from backstay.domain.ticks.quotes import Feed, GoodTick, Quote, RawTick, TickField, TickRules, judge
from backstay.domain.ticks.sources import GoodPrice, PriceSource, standing_price
from backstay.domain.ticks.triggers import PremarketPolicy, TickRole

_BID, _ASK, _LAST = 1, 2, 4
_LAST_SECOND, _RT_VOLUME, _HALTED = 45, 48, 49
_NEWS = {_BID: (TickField.BID,), _ASK: (TickField.ASK,)}
_DELAYED_PRICES = frozenset((66, 67, 68))
_FEEDS = {1: Feed.REAL_TIME, 2: Feed.FROZEN, 3: Feed.DELAYED, 4: Feed.DELAYED_FROZEN}
_HALT_BY_VALUE = {b"0": False, b"1": True, b"2": True}
"""Not halted, halted, halted for volatility; -1 is not known."""


@dataclass(frozen=True, slots=True)
class Around:
    """What every instrument needs of the rest."""

    catalogue: Catalogue
    feeds: Feeds
    turns: Turns
    reader: Reader
    now: Now
    read_at: Now
    tell: Tell
    vacated: Callable[["Symbol"], None]


class Symbol:
    """The prices of one instrument, and everybody who watches them."""

    def __init__(self, instrument: Instrument, around: Around) -> None:
        self.instrument = instrument
        self.now = around.now
        self._quote = Quote(Feed.FROZEN)
        self.underlying: Symbol | None = None
        self.seats: dict[Seat, Sequence[Subscription]] = {}
        self._around = around
        self._turns = around.turns
        self._read = around.reader.price
        self._rules = TickRules(is_option=instrument.is_option)
        self._prints = Prints(around.reader)
        self._trust = Trust(self.now())
        self._silence = Silence(self.now())
        self._voided = Voided()
        self._hours = self._hours_now(self.now())
        self._hours_end = self._hours.until
        self._lull = Lull(around.reader, around.read_at, self._hours_end)
        self._collects = around.turns.collects
        self._collected: list[Heard] = []
        self._ladders = Ladders()
        self.options: dict[Symbol, None] = {}

    # --- what comes from the wire ---------------------------------------------------------

    def on_price(self, tick_type: int, price: bytes) -> None:
        """A tickPrice message."""
        meaning = self._lull.take(tick_type, price)
        if meaning is Meaning.NOTHING:
            return
        if meaning is Meaning.NEWS:
            self._tell_watches(GoodTick(self.quote, _NEWS[tick_type]), self._around.read_at())
            return
        if tick_type == _BID:
            value, quote = self._read(price), self.quote
            if value == quote.bid and value is not None:
                self._repeated(quote)
            else:
                now = self.now()
                self._fold(RawTick(TickField.BID, value, now), now)
        elif tick_type == _ASK:
            value, quote = self._read(price), self.quote
            if value == quote.ask and value is not None:
                self._repeated(quote)
            else:
                now = self.now()
                self._fold(RawTick(TickField.ASK, value, now), now)
        elif tick_type == _LAST:
            tick = self._prints.on_last(price)
            if tick is not None:
                self._fold(tick, self.now())
        elif tick_type in _DELAYED_PRICES:
            self._become(Feed.DELAYED)

    def on_text(self, tick_type: int, value: bytes) -> None:
        """A tickString message: 45 is the time of the last trade, 48 the real-time volume."""
        if tick_type == _RT_VOLUME:
            now = self.now()
            tick = self._prints.on_volume(value, now)
            if tick is not None:
                self._fold(tick, now)
        elif tick_type == _LAST_SECOND:
            self._prints.on_second(value)

    def on_generic(self, tick_type: int, value: bytes) -> None:
        """A tickGeneric message: 49 says whether trading is halted."""
        if tick_type != _HALTED:
            return
        is_halted = _HALT_BY_VALUE.get(value.partition(b".")[0])
        if is_halted is not None:
            self._voided.by_halt(is_on=is_halted)
            self._have(self.quote.halted() if is_halted else self.quote.resumed())

    def on_data_type(self, data_type: int) -> None:
        """A marketDataType message: 1 real-time, 2 frozen, 3 delayed, 4 delayed and frozen."""
        self._become(_FEEDS.get(data_type, Feed.DELAYED_FROZEN))

    # --- what the watches ask -------------------------------------------------------------

    @property
    def quote(self) -> Quote:
        """The prices that stand."""
        if self._lull.is_behind:
            self._quote = self._lull.caught_up(self._quote)
        return self._quote

    def _have(self, quote: Quote) -> None:
        """These prices stand from now on, and nothing is known yet of what follows from them."""
        self._quote = quote
        self._lull.end()
        self._lull.is_behind = False

    @property
    def good_at(self) -> datetime | None:
        """When the last good tick came."""
        return self._lull.good_at

    @property
    def is_live(self) -> bool:
        """Whether the data is confirmed good, by the newest report."""
        self._hear_report(self.now())
        return self._trust.is_live

    @property
    def underlying_price(self) -> GoodPrice | None:
        """Of an option: the price of its underlying's own good quote, if that is heard."""
        if self.underlying is None:
            return None
        return standing_price(self.underlying.quote, PriceSource.LAST)

    def touch(self) -> Touch | None:
        """The best prices; None before any good tick."""
        if self.good_at is None:
            return None
        quote = self.quote
        return Touch(quote.bid, quote.ask, self.good_at, quote.flaw)

    def role(self, policy: PremarketPolicy) -> TickRole:
        """What ticks are to a trigger now."""
        return self._hours.role(policy)

    def catch_up(self) -> None:
        """Have the ticks that were collected looked at: what comes next happens after them."""
        self._turns.catch_up()

    @property
    def lacks_a_side(self) -> bool:
        """Whether nobody bids, or nobody asks."""
        return self.quote.bid is None or self.quote.ask is None

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches it, or an option that leans on it."""
        return bool(self.seats or self.options)

    def join(self, seat: Seat, claims: Sequence[Subscription]) -> None:
        """Somebody watches from now on; hours may have changed while nothing was heard."""
        now = self.now()
        self.catch_up()
        self._look_at_hours(now)
        self._silence.on_watch(now)
        self.seats[seat] = claims

    def begin(self) -> None:
        """The line is claimed. Another may have had it before, and has heard of what kind it is."""
        report = self._around.feeds.report(self.instrument.con_id)
        if report is not None:
            self._have(Quote(report.feed))

    def leave(self, seat: Seat) -> None:
        """Somebody watches no more, and gives up what was claimed for it."""
        for claim in self.seats.pop(seat, ()):
            claim.end()
        self._around.vacated(self)

    def settle(self, seat: Seat) -> None:
        """Give a watch the place that it needs now."""
        before, after = seat.placed, seat.place()
        if before == after:
            return
        seat.placed = after
        self._ladders.move(seat, before, after)
        self._lull.end()

    def lean_on(self, underlying: "Symbol") -> None:
        """Have an option judged by its underlying's prices, too."""
        self.underlying = underlying
        underlying.options[self] = None
        underlying.tell_all()

    def tell_all(self) -> None:
        """Whatever comes next may mean something to somebody."""
        self._lull.end()

    def let_go(self) -> None:
        """Nobody watches the option any more."""
        if self.underlying is not None:
            self.underlying.options.pop(self, None)
            self.underlying = None

    # --- what else happens ----------------------------------------------------------------

    def interrupted(self) -> None:
        """Ticks may have been missed: nothing that was known is known to stand."""
        now = self.now()
        self.catch_up()
        self._have(self.quote.interrupted())
        self._trust.on_interrupted(now)
        self.resume()
        for option in self.options:
            if option.lacks_a_side:
                option.resume()

    def beat(self, now: datetime) -> None:
        """Once a second: hours, reports, what is void, and silence."""
        if now >= self._hours_end:
            self._look_at_hours(now)
        self._hear_report(now)
        if self._voided.is_due(self.quote):
            self._around.feeds.ask_anew(self.instrument.con_id)
        if not self.seats:
            return
        due = self._hours.ticks_are_due and not self.quote.is_halted
        decision = self._silence.look(self.good_at, due, now)
        if decision is FreshnessDecision.NOTHING:
            return
        seats = sorted(self.seats, key=lambda seat: (not seat.reduces, seat.name))
        text = told(decision, [seat.name for seat in seats], self.good_at)
        self._around.tell(Notice(IncidentKind.TICKS_STALE, self.instrument.symbol, text, now))

    def take(self) -> Iterable[Woken]:
        """Whoever is woken by what was collected; it counts as looked at from now on."""
        collected, self._collected = self._collected, []
        woken: dict[Seat, None] = {}
        for heard in collected:
            self._wake(heard.tick, woken)
        return [(seat, collected) for seat in woken]

    def _fold(self, tick: RawTick, now: datetime) -> None:
        judged = judge(self.quote, tick, self._rules, now)
        self._have(judged.quote)
        if isinstance(judged, GoodTick):
            self._lull.good_at = now
            if not self._trust.is_live:
                self._prove(tick.at, now)
            if now >= self._hours_end:
                self._look_at_hours(now)
            if not self._tell_watches(judged, now):
                self._begin_lull()
        else:
            self._voided.by_tick(tick.field, judged.flaw)

    def _begin_lull(self) -> None:
        """From here on nobody has to be told of a price that wakes nobody."""
        quote = self.quote
        is_unquoted = self._rules.is_option and self.lacks_a_side
        if self._collects or self.options or is_unquoted or not self._trust.is_live:
            return
        if quote.flaw is not None or quote.held_back:
            return
        self._lull.begin(quote, *self._ladders.windows, self._hours_end)

    def _tell_watches(self, tick: GoodTick, now: datetime) -> bool:
        """Whether there was anybody to be told."""
        if self._collects:
            self.collect(Heard(tick, now, self.underlying_price))
            for option in self.options:
                option.collect(option.by_underlying(now))
            return True
        woken: dict[Seat, None] = {}
        self._wake(tick, woken)
        work: list[Woken] = []
        if woken:
            ticks = (Heard(tick, now, self.underlying_price),)
            work = [(seat, ticks) for seat in woken]
        for option in self.options:
            work += option.woken_by_underlying(now)
        self._turns.look(work)
        return bool(work)

    def collect(self, heard: Heard) -> None:
        """Keep a tick until the batch is looked at."""
        self._collected.append(heard)
        self._turns.collect(self)

    def by_underlying(self, now: datetime) -> Heard:
        """A good tick of the option's underlying, as the option hears it."""
        return Heard(GoodTick(self.quote, ()), now, self.underlying_price, by_underlying=True)

    def woken_by_underlying(self, now: datetime) -> Iterable[Woken]:
        """Whoever may be judged anew because the option's underlying has ticked."""
        woken: dict[Seat, None] = {}
        if self.lacks_a_side:
            self._wake_guards(woken)
        ticks = (self.by_underlying(now),)
        return [(seat, ticks) for seat in woken]

    def _wake(self, tick: GoodTick, woken: dict[Seat, None]) -> None:
        self._ladders.wake(tick, woken)
        quote = tick.quote
        if self._rules.is_option and (quote.bid is None or quote.ask is None):
            self._wake_guards(woken)

    def _wake_guards(self, woken: dict[Seat, None]) -> None:
        """Guards of an option that is not quoted where they would close hear everything."""
        woken.update((seat, None) for seat in self.seats if seat.reduces)

    def _repeated(self, quote: Quote) -> None:
        if quote.flaw is None:
            now = self.now()
            self._lull.good_at = now
            if not self._trust.is_live:
                self._prove(now, now)

    def _prove(self, happened_at: datetime, now: datetime) -> None:
        """A good tick confirms the data, if nothing else is wrong with it."""
        self._hear_report(now)
        self._trust.on_good_tick(happened_at, now)

    def _become(self, feed: Feed) -> None:
        """Data of another type: of what the market did meanwhile nothing is known."""
        if feed is self.quote.feed:
            return
        self.catch_up()
        self._have(self.quote.from_feed(feed))
        self._hear_report(self.now())
        self.resume()

    def resume(self) -> None:
        """Nobody has watched for a while."""
        for seat in tuple(self.seats):
            self._turns.safely(seat, seat.resume)

    def _hear_report(self, now: datetime) -> None:
        report = self._around.feeds.report(self.instrument.con_id)
        self._trust.on_report(report, self.quote.feed, now)
        if not self._trust.is_live:
            self._lull.end()

    def _hours_now(self, now: datetime) -> Hours:
        con_id = self.instrument.con_id
        catalogue = self._around.catalogue
        return hours_at(catalogue.calendar(con_id), catalogue.zone_name(con_id), now)

    def _look_at_hours(self, now: datetime) -> None:
        """What ticks are may have changed; a new trading day begins like the first."""
        before, after = self._hours, self._hours_now(now)
        if after.day is None:
            after = after.on(before.day)
        self._hours_end = after.until
        if after.is_like(before):
            self._hours = after
            self._lull.last_until(after.until)
            return
        self.catch_up()
        self._hours = after
        has_new_day = before.day is not None and before.day != after.day
        for seat in tuple(self.seats):
            if has_new_day:
                self._turns.safely(seat, seat.next_day)
            self.settle(seat)
