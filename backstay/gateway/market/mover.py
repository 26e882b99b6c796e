"""One instrument's quote: it follows its track, or stands where somebody has put it.

Nothing happens between two looks: `settle` catches up, from one step to the next or over days, and
comes to the same quote either way. Whole minutes are caught up from their summaries.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from backstay.gateway.market.grid import at_or_above, at_or_below, nearest
from backstay.gateway.market.holidays import last_trading_day
from backstay.gateway.market.hours import (
    MINUTE_NS,
    STOCKS,
    Session,
    next_opening_ns,
    session_begun,
    session_on,
)
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.record import Record
from backstay.gateway.market.silences import Silences
from backstay.gateway.market.tally import Tally
from backstay.gateway.market.track import Track
from backstay.gateway.market.words import Instrument, Moved, Quote


class QuoteChange(TypedDict, total=False):
    """What somebody wants displayed; what is left out stays."""

    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal
    ask_size: Decimal
    last: Decimal | None
    last_size: Decimal


class Mover:
    """An instrument and where it stands.

    `held`: it stands where it was put and doesn't follow its track. `halted`: somebody has halted
    it; the halts that its track knows by itself are not meant.
    """

    def __init__(self, instrument: Instrument, track: Track, walk: Walk) -> None:
        self.instrument = instrument
        self.track = track
        self.held = False
        self.halted = False
        self.silences = Silences()
        self.record = Record()
        self.quote = Quote(time_ns=0)
        self._steps = walk.steps
        self.step_ns = walk.step_ns
        self._tally = Tally()
        self._settled_ns = 0
        self._next_ns = 0
        self._day: date | None = None
        self._closes_ns = 0
        self._begins_ns = 0
        self._regular = (0, 0)
        self._minute = -1
        self._step = -1

    @property
    def stands(self) -> bool:
        """Whether it doesn't follow its track now."""
        return self.held or self.halted

    def settle(self, now_ns: int) -> Moved | None:
        """Catch up with `now_ns`; what has changed, if anything has."""
        if self._settled_ns <= now_ns < self._next_ns:
            return None
        before = self.quote
        if not self._begins_ns <= now_ns < self._closes_ns:
            self._turn_to(session_begun(self.instrument.calendar, now_ns))
        if self.stands:
            self._settled_ns, self._next_ns = now_ns, now_ns + 1
            if before.close != self._tally.close or before.volume != self._tally.volume:
                self.quote = self._with_tally(before)
            return self._moved(before, printed=False)
        minute, step = self.place(now_ns)
        printed = self._advance(minute, step)
        self._show(minute, step)
        self._settled_ns = self.quote.time_ns
        self._next_ns = max(self._settled_ns + self.step_ns, now_ns + 1)
        return self._moved(before, printed=printed)

    def next_step_ns(self, now_ns: int) -> int:
        """When it may move next: a step after this one, or after its market's next opening."""
        due_ns = now_ns + self.step_ns - (now_ns - self._begins_ns) % self.step_ns
        if due_ns < self._closes_ns and self._begins_ns <= now_ns and not self.stands:
            return due_ns
        return next_opening_ns(self.instrument.calendar, now_ns) + self.step_ns

    def place(self, time_ns: int) -> tuple[int, int]:
        """The minute and the step of an instant of the day it is at; the last ones after it."""
        elapsed_ns = max(0, min(time_ns, self._closes_ns - 1) - self._begins_ns)
        minute, rest_ns = divmod(elapsed_ns, MINUTE_NS)
        return minute, rest_ns // self.step_ns

    def place_at(self, now_ns: int) -> tuple[date, int, int]:
        """The day, minute and step that it comes to by `now_ns`, without going there."""
        session = session_begun(self.instrument.calendar, now_ns)
        begins_ns = session_on(STOCKS, session.day).opens_ns
        elapsed_ns = max(0, min(now_ns, session.closes_ns - 1) - begins_ns)
        minute, rest_ns = divmod(elapsed_ns, MINUTE_NS)
        return session.day, minute, rest_ns // self.step_ns

    @property
    def day(self) -> date:
        """The trading day it is at."""
        if self._day is None:
            raise RuntimeError(f"{self.instrument.contract.symbol} was never looked at")
        return self._day

    def put(self, now_ns: int, **change: Unpack[QuoteChange]) -> Moved | None:
        """Display what is given, and stand there."""
        self.hold(now_ns)
        before = self.quote
        after = replace(before, time_ns=now_ns, **change)
        printed = after.last is not None and ("last" in change or "last_size" in change)
        if printed and after.last is not None:
            regular = self._regular[0] <= self.place(now_ns)[0] < self._regular[1]
            self._tally.trade(after.last, after.last_size, now_ns, regular=regular)
            self.record.trade(after.last, after.last_size, now_ns)
        elif "last" in change:
            self._tally.last = None
        self.quote = self._with_tally(after)
        return self._moved(before, printed=printed)

    def hold(self, now_ns: int) -> None:
        """Stand still from now on."""
        self.settle(now_ns)
        self.held = True
        self.silences.begin(now_ns + 1)

    def release(self, now_ns: int) -> None:
        """Follow the track again; what it said in between didn't happen."""
        self.settle(now_ns)
        self.held = False
        self._go_on(now_ns)

    def halted_from(self) -> int | None:
        """The minute of the day in which somebody has halted it, if somebody has."""
        return self._minute if self.halted else None

    def halt(self, now_ns: int) -> Moved | None:
        """Stand still and say so."""
        self.settle(now_ns)
        self.halted = True
        self.silences.begin(now_ns + 1)
        return self._say_halted(now_ns, halted=True)

    def resume(self, now_ns: int) -> Moved | None:
        """Be halted no more."""
        self.settle(now_ns)
        self.halted = False
        self._go_on(now_ns)
        return self._say_halted(now_ns, halted=False)

    def split(self, now_ns: int, ratio: Decimal) -> Moved | None:
        """Show in new shares whatever was shown in old ones."""
        self.settle(now_ns)
        steps, before = self.instrument.steps, self.quote

        def repriced(price: Decimal) -> Decimal:
            return nearest(steps, price / ratio)

        self._tally.reprice(lambda price: None if price is None else repriced(price))
        self.record.reprice(repriced)
        bid = None if before.bid is None else at_or_below(steps, before.bid / ratio) or None
        ask = None if before.ask is None else at_or_above(steps, before.ask / ratio)
        self.quote = self._with_tally(replace(before, time_ns=now_ns, bid=bid, ask=ask))
        return self._moved(before, printed=False)

    def _say_halted(self, now_ns: int, *, halted: bool) -> Moved | None:
        before = self.quote
        self.quote = replace(before, time_ns=now_ns, halted=halted)
        return self._moved(before, printed=False)

    def _go_on(self, now_ns: int) -> None:
        if not self.stands:
            self.silences.end(now_ns + 1)
            self._minute, self._step = self.place(now_ns)
            self._next_ns = now_ns

    def _turn_to(self, session: Session) -> None:
        """Come to another day, or learn that the one it is at has ended."""
        if session.day == self._day:
            return
        if not self.stands:
            yesterday = last_trading_day(session.day)
            if self._day != yesterday:
                self._tally = Tally()
                self._enter(session_on(self.instrument.calendar, yesterday))
            self._advance(*self.place(self._closes_ns))
            if not self._tally.traded:
                self._tally = Tally()
        self._tally = self._tally.following()
        self._enter(session)

    def _enter(self, session: Session) -> None:
        layout = session_on(STOCKS, session.day)
        self._day = session.day
        self._begins_ns = layout.opens_ns
        self._closes_ns = session.closes_ns
        self._regular = (
            (session.regular_opens_ns - layout.opens_ns) // MINUTE_NS,
            (session.regular_closes_ns - layout.opens_ns) // MINUTE_NS,
        )
        self._minute, self._step = -1, self._steps - 1

    def _advance(self, minute: int, step: int) -> bool:
        """Count what is traded up to a place of this day; whether anything was."""
        printed = False
        if minute != self._minute:
            printed = self._count(self._minute, self._step + 1, self._steps)
            printed |= self._count_minutes(self._minute + 1, minute)
            self._minute, self._step = minute, -1
        printed |= self._count(minute, self._step + 1, step + 1)
        self._step = step
        return printed

    def _count(self, minute: int, first: int, after: int) -> bool:
        printed = False
        regular = self._regular[0] <= minute < self._regular[1]
        for step in range(first, after):
            trade = self.track.trade(self.day, minute, step)
            if trade is not None:
                printed = True
                time_ns = self._time_ns(minute, step)
                self._tally.trade(trade.price, trade.size, time_ns, regular=regular)
        return printed

    def _count_minutes(self, first: int, after: int) -> bool:
        """Whole minutes, in short; none of them is silent: what stands isn't here."""
        opens, closes = (max(first, min(edge, after)) for edge in self._regular)
        spans = ((first, opens, False), (opens, closes, True), (closes, after, False))
        traded = False
        for begins, ends, regular in spans:
            summary = self.track.span(self.day, begins, ends) if begins < ends else None
            if summary is not None:
                self._tally.summary(summary, regular=regular)
                traded = True
        if traded:
            self._date_last(first, after)
        return traded

    def _date_last(self, first: int, after: int) -> None:
        """What a summary doesn't say: when, and how much, was traded last in these minutes."""
        backwards = reversed(range(first, after))
        minute = next(each for each in backwards if self.track.summary(self.day, each))
        step = self.track.last_trade_step(self.day, minute)
        trade = self.track.trade(self.day, minute, step)
        if trade is not None:
            self._tally.last_size = trade.size
            self._tally.last_time_ns = self._time_ns(minute, step)

    def _show(self, minute: int, step: int) -> None:
        halt = self.track.halt(self.day)
        halted = halt is not None and halt[0] <= minute < halt[1]
        seen = (halt[0] - 1, self._steps - 1) if halt is not None and halted else (minute, step)
        bid, ask, bid_size, ask_size = self.track.face(self.day, *seen)
        tally = self._tally
        self.quote = Quote(
            self._time_ns(minute, step),
            bid,
            ask,
            bid_size,
            ask_size,
            tally.last,
            tally.last_size,
            tally.last_time_ns,
            tally.volume,
            tally.open,
            tally.high,
            tally.low,
            tally.close,
            halted,
        )

    def _with_tally(self, quote: Quote) -> Quote:
        tally = self._tally
        return replace(
            quote,
            last=tally.last,
            last_size=tally.last_size,
            last_time_ns=tally.last_time_ns,
            volume=tally.volume,
            open=tally.open,
            high=tally.high,
            low=tally.low,
            close=tally.close,
        )

    def _moved(self, before: Quote, *, printed: bool) -> Moved | None:
        after = self.quote
        if printed or (
            before.bid != after.bid
            or before.ask != after.ask
            or before.bid_size != after.bid_size
            or before.ask_size != after.ask_size
            or before.halted != after.halted
            or before.last != after.last
            or before.volume != after.volume
            or before.close != after.close
        ):
            return Moved(self.instrument, before, after, printed)
        return None

    def _time_ns(self, minute: int, step: int) -> int:
        return self._begins_ns + minute * MINUTE_NS + step * self.step_ns
