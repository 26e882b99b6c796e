"""The market: one door to what is listed, what it costs, and when it can be traded.

An instrument that nobody watches costs nothing; asked for, it catches up. What it shows doesn't
depend on who has looked before. Listeners hear only of what is watched, of what somebody moves by
hand, and of calendars.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Unpack

from backstay.gateway.agenda import Agenda, Appointment
from backstay.gateway.chance import Chance
from backstay.gateway.market import history, hours
from backstay.gateway.market.bars import bars
from backstay.gateway.market.catalogue import CATALOGUE, Listing
from backstay.gateway.market.depth import depth
from backstay.gateway.market.grid import RULES
from backstay.gateway.market.listings import Listings
from backstay.gateway.market.mover import QuoteChange
from backstay.gateway.market.movers import Movers
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.tape import Tape
from backstay.gateway.market.tape_player import TapePlayer
from backstay.gateway.market.words import (
    Chain,
    Greeks,
    Instrument,
    Level,
    News,
    Phase,
    PhaseChanged,
    Quote,
    Split,
)
from backstay.gateway.messages.data_replies import Bar
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.times import broker_day
from backstay.gateway.values.contract import Contract


class Market:
    """What can be traded and at which prices."""

    def __init__(
        self,
        agenda: Agenda,
        chance: Chance,
        tape: Tape | None = None,
        catalogue: Sequence[Listing] = CATALOGUE,
        walk: Walk = Walk(),  # noqa: B008 - a frozen value
    ) -> None:
        self._agenda = agenda
        self._listings = Listings(catalogue, self._today)
        self._movers = Movers(chance, walk, self._listings)
        self._listeners: list[Callable[[News], None]] = []
        self._watchers: dict[int, int] = {}
        self._appointments: dict[int, Appointment] = {}
        self._phases: dict[str, tuple[int, int, Phase]] = {}
        self._player = TapePlayer(agenda, tape, self) if tape else None

    def start(self) -> None:
        """Put what will happen by itself on the agenda: calendars, and the tape."""
        for calendar in hours.HOURS:
            self._await_phase(calendar)
        if self._player:
            self._player.start()

    def listen(self, listener: Callable[[News], None]) -> None:
        """Tell `listener` all news from now on, after those who asked before it."""
        self._listeners.append(listener)

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        """Everything that a client's description may mean."""
        return self._listings.find(contract)

    def instrument(self, con_id: int) -> Instrument | None:
        """What `con_id` names, also if it has expired."""
        return self._listings.instrument(con_id)

    def named(self, name: str) -> Instrument | None:
        """The instrument with this symbol, local symbol (without its blanks) or con_id."""
        return self._listings.named(name)

    def chains(self, under_con_id: int, symbol: str) -> tuple[Chain, ...]:
        """The options of an underlying that are listed today, by exchange and trading class."""
        return self._listings.chains(under_con_id, symbol)

    def rule(self, rule_id: int) -> tuple[PriceStep, ...] | None:
        """A market rule: its price increments."""
        return RULES.get(rule_id)

    def quote(self, con_id: int) -> Quote:
        """What is displayed now."""
        mover = self._movers.mover(con_id)
        if con_id not in self._watchers:
            mover.settle(self._agenda.now_ns)
        return mover.quote

    def depth(self, con_id: int, taking: str) -> tuple[Level, ...]:
        """What somebody who buys (`BUY`) or sells would meet at once, best first."""
        return depth(self._known(con_id), self.quote(con_id), taking)

    def phase(self, con_id: int) -> Phase:
        """What its market does now."""
        return self._span(self._known(con_id).calendar)[2]

    def next_phase_change_ns(self, con_id: int) -> int:
        """When that changes."""
        return self._span(self._known(con_id).calendar)[1]

    def trading_hours(self, instrument: Instrument, days: int) -> str:
        """Its whole hours on some calendar days from today on, as IB writes them."""
        return hours.trading_hours(instrument.calendar, self._today(), days)

    def liquid_hours(self, instrument: Instrument, days: int) -> str:
        """Its regular hours likewise."""
        return hours.liquid_hours(instrument.calendar, self._today(), days)

    def is_fast(self, con_id: int) -> bool:
        """Whether its price has moved much within the last seconds."""
        return self._movers.is_fast(con_id, self._agenda.now_ns)

    def greeks(self, con_id: int) -> Greeks | None:
        """What the prices of an option are made from; None for anything else, and once expired."""
        return self._movers.greeks(con_id, self._agenda.now_ns)

    def bars(
        self,
        instrument: Instrument,
        end_ns: int,
        duration: str,
        bar_size: str,
        what: str,
        use_rth: bool,
    ) -> tuple[Bar, ...]:
        """History up to `end_ns`, and never later than now; a ValueError says what is wrong.

        A bar shorter than a day is dated by its first second since 1970, another by its day.
        """
        asked = history.asked(duration, bar_size, what, use_rth=use_rth)
        mover = self._movers.mover(instrument.con_id)
        mover.settle(self._agenda.now_ns)
        span = partial(self._movers.span, instrument.con_id)
        return bars(mover, asked, min(end_ns, self._agenda.now_ns), span)

    def watch(self, con_id: int) -> None:
        """Let it move by itself, and tell; as often unwatched as watched, it rests again."""
        mover = self._movers.mover(con_id)
        if con_id not in self._watchers:
            mover.settle(self._agenda.now_ns)
            self._await_step(con_id)
        self._watchers[con_id] = self._watchers.get(con_id, 0) + 1

    def unwatch(self, con_id: int) -> None:
        """Watch it once less; one that nobody watches is left alone."""
        count = self._watchers.get(con_id, 0)
        if count > 1:
            self._watchers[con_id] = count - 1
        elif count:
            del self._watchers[con_id]
            self._appointments.pop(con_id).call_off()

    def inject(self, con_id: int, **change: Unpack[QuoteChange]) -> None:
        """Display (`bid`, `ask`, sizes) and print (`last`) what is given, and stand there."""
        mover = self._movers.mover(con_id)
        self._movers.note_price(con_id, self._agenda.now_ns)
        self._tell(mover.put(self._agenda.now_ns, **change))
        self._await_step_anew(con_id)

    def show(self, con_id: int, **change: Unpack[QuoteChange]) -> None:
        """Display likewise what stands there already: nobody is told, and nothing comes of it."""
        self._movers.mover(con_id).put(self._agenda.now_ns, **change)
        self._await_step_anew(con_id)

    def stands(self, con_id: int) -> bool:
        """Whether it stands where somebody has put it, and moves only by hand."""
        return self._movers.mover(con_id).held

    def is_watched(self, con_id: int) -> bool:
        """Whether anybody watches it."""
        return con_id in self._watchers

    def hold(self, con_id: int) -> None:
        """Let it stand where it is until `walk`."""
        mover = self._movers.mover(con_id)
        mover.hold(self._agenda.now_ns)
        self._await_step_anew(con_id)

    def walk(self, con_id: int) -> None:
        """Let it move by itself again, on from where it stands."""
        self._movers.release(con_id, self._agenda.now_ns)
        self._await_step_anew(con_id)

    def halt(self, con_id: int) -> None:
        """Halt its trading, and that of its options, until `resume`."""
        mover = self._movers.mover(con_id)
        self._tell(mover.halt(self._agenda.now_ns))
        self._await_step_anew(con_id)

    def resume(self, con_id: int) -> None:
        """End a halt; where it walks, it does so from where its path is by now."""
        mover = self._movers.mover(con_id)
        self._tell(mover.resume(self._agenda.now_ns))
        self._await_step_anew(con_id)

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Have each share of a stock become `ratio` shares: first for who has any, or orders in it,
        then its prices. Its options stay as they are.
        """
        instrument = self._known(con_id)
        if instrument.contract.sec_type != "STK" or not ratio.is_finite() or ratio <= 0:
            raise ValueError(f"{instrument.contract.symbol} can't be split {ratio} for 1")
        self._tell(Split(instrument, ratio))
        self._tell(self._movers.split(con_id, ratio, self._agenda.now_ns))
        self._await_step_anew(con_id)

    def scale(self, con_id: int, price: float) -> None:
        """Let its path, before and after, be such that it is at `price` now."""
        self._movers.scale(con_id, price, self._agenda.now_ns)

    def _today(self) -> date:
        return broker_day(self._agenda.now_ns)

    def _known(self, con_id: int) -> Instrument:
        return self._movers.mover(con_id).instrument

    def _tell(self, news: News | None) -> None:
        if news is not None:
            for listener in self._listeners:
                listener(news)

    def _step(self, con_id: int) -> None:
        moved = self._movers.mover(con_id).settle(self._agenda.now_ns)
        self._await_step(con_id)
        self._tell(moved)

    def _await_step(self, con_id: int) -> None:
        due_ns = self._movers.mover(con_id).next_step_ns(self._agenda.now_ns)
        self._appointments[con_id] = self._agenda.at(due_ns, "step", partial(self._step, con_id))

    def _await_step_anew(self, con_id: int) -> None:
        if con_id in self._watchers:
            self._appointments[con_id].call_off()
            self._await_step(con_id)

    def _await_phase(self, calendar: str) -> None:
        due_ns = hours.next_change_ns(calendar, self._agenda.now_ns)
        self._agenda.at(due_ns, "hours", partial(self._change_phase, calendar))

    def _change_phase(self, calendar: str) -> None:
        self._await_phase(calendar)
        now_ns = self._agenda.now_ns
        self._tell(PhaseChanged(calendar, hours.phase_at(calendar, now_ns), now_ns))

    def _span(self, calendar: str) -> tuple[int, int, Phase]:
        """From when to when which phase lasts; kept until it is over, for it is asked for often."""
        now_ns = self._agenda.now_ns
        span = self._phases.get(calendar)
        if span is None or not span[0] <= now_ns < span[1]:
            until_ns = hours.next_change_ns(calendar, now_ns)
            span = self._phases[calendar] = now_ns, until_ns, hours.phase_at(calendar, now_ns)
        return span
