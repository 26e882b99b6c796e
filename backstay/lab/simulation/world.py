"""One run, put together: the venue, the engine, the workers, a person, and what goes wrong.

Owns what is scheduled when, and that everybody who is told of something is told. It decides nothing
about what is right: that is for the judge, who hears everything as it happens.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from backstay.gateway.times import ZONE
from backstay.lab.oracle import happenings
from backstay.lab.simulation.cues import Cues
from backstay.lab.simulation.journal import Source
from backstay.lab.simulation.marks import AWAY, NIGHT, hand_mark, move_mark, strike_mark
from backstay.lab.simulation.person import Person
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.scenario import (
    Act,
    ByHand,
    Halt,
    Hand,
    Kill,
    Move,
    Print,
    Role,
    Scenario,
    Split,
    Strike,
)
from backstay.lab.simulation.staff import Staff
from backstay.lab.simulation.striking import Striking
from backstay.lab.simulation.venue import NIGHTLY, Venue
from backstay.lab.virtual_time import VirtualLoop

TICK_SECONDS = 2.0
TICK_SECONDS_WHILE_AWAY = 600.0


class World:
    """Has everything of a scenario happen at its moment."""

    def __init__(
        self,
        scenario: Scenario,
        venue: Venue,
        staff: Staff,
        person: Person,
        striking: Striking,
        recorder: Recorder,
        cues: Cues,
    ) -> None:
        self._scenario = scenario
        self._venue = venue
        self._staff = staff
        self._person = person
        self._striking = striking
        self._recorder = recorder
        self._cues = cues
        self._is_away = False
        self._going: asyncio.Task[None] | None = None
        self._next_tick: asyncio.TimerHandle | None = None

    def begin(self, loop: VirtualLoop) -> None:
        """Everybody comes, and everything waits for its moment."""
        scenario = self._scenario
        self._staff.come()
        for move in scenario.moves:
            loop.call_at(move.seconds, self._move, move)
        for number, asked in enumerate(scenario.trades):
            self._cues.on(asked.cue, partial(self._person.submit, number))
        for hand in scenario.hands:
            self._cues.on(hand.cue, partial(self._hand, hand))
        for strike in scenario.strikes:
            self._cues.on(strike.cue, partial(self._strike, strike), self._striking.whose(strike))
        for away in scenario.away:
            loop.call_at(away.from_seconds, self._go_away, loop)
            loop.call_at(away.to_seconds, self._come_back, loop)
        if scenario.nightly_restart:
            loop.call_at(_seconds_to_night(scenario.begins), self._night)
        self._tick(loop)

    def quiet(self) -> None:
        """From now on nothing goes wrong any more."""
        self._cues.quiet()
        self._striking.quiet()
        self._staff.come()
        self._recorder.happened(happenings.Quiet())
        self._recorder.told(Source.STRIKE, {"what": "quiet"})

    # --- what happens ---

    def _tick(self, loop: VirtualLoop) -> None:
        """Prices go on, and time passes for the judge."""
        if not self._is_away:
            self._recorder.happened(happenings.ShownAgain())
            self._venue.show_again()
        self._recorder.judge.now(loop.now_ns)
        seconds = TICK_SECONDS_WHILE_AWAY if self._is_away else TICK_SECONDS
        self._next_tick = loop.call_later(seconds, self._tick, loop)

    def _night(self) -> None:
        """The gateway restarts, as it does every night; who is there feels it."""
        if self._staff.processes:
            self._recorder.senses.had_effect(NIGHT)

    def _move(self, move: Move) -> None:
        recorder = self._recorder
        match move:
            case Print(symbol=symbol, price=price, spread=spread):
                line = {"what": "print", "symbol": symbol, "price": str(price)}
                recorder.told(Source.MARKET, line)
                half, con_id = spread / 2, self._venue.con_id(symbol)
                shown = happenings.Shown(con_id, price - half, price + half, price)
                recorder.happened(shown)
            case Halt(symbol=symbol, lasts_seconds=seconds):
                recorder.told(Source.MARKET, {"what": "halt", "symbol": symbol})
                recorder.happened(happenings.Halted(self._venue.con_id(symbol)))
                self._cues.later(seconds, partial(self._resume, symbol))
            case Split(symbol=symbol, ratio=ratio):
                line = {"what": "split", "symbol": symbol, "ratio": str(ratio)}
                recorder.told(Source.MARKET, line)
                recorder.happened(happenings.SplitMade(self._venue.con_id(symbol), ratio))
            case _:
                assert_never(move)
        self._venue.move(move)
        if mark := move_mark(move):
            recorder.senses.had_effect(mark)

    def _resume(self, symbol: str) -> None:
        self._recorder.told(Source.MARKET, {"what": "resumed", "symbol": symbol})
        self._recorder.happened(happenings.HaltEnded(self._venue.con_id(symbol)))
        self._venue.resume(symbol)

    def _hand(self, hand: Hand) -> None:
        self._recorder.senses.had_effect(hand_mark(hand))
        match hand:
            case Act():
                self._person.act(hand)
            case Kill():
                self._person.kill(hand)
            case ByHand():
                for ref in self._venue.by_hand(hand):
                    line = {"what": f"{hand.what} in TWS", "symbol": hand.symbol, "ref": ref}
                    self._recorder.told(Source.HAND, line)
            case _:
                assert_never(hand)

    def _strike(self, strike: Strike) -> None:
        self._recorder.told(Source.STRIKE, {"what": strike_mark(strike), **_details(strike)})
        self._striking.strike(strike)

    def _go_away(self, loop: VirtualLoop) -> None:
        self._is_away = True
        self._recorder.senses.had_effect(AWAY)
        self._recorder.told(Source.STRIKE, {"what": AWAY})
        self._going = loop.create_task(self._staff.go())

    def _come_back(self, loop: VirtualLoop) -> None:
        self._is_away = False
        if self._next_tick is not None:
            self._next_tick.cancel()
        self._tick(loop)
        self._recorder.told(Source.STRIKE, {"what": "back"})
        self._staff.come()


def _seconds_to_night(begins: datetime) -> float:
    """How long it is from there to the gateway's next nightly restart."""
    here = begins.astimezone(ZONE)
    night = datetime.combine(here.date(), NIGHTLY, here.tzinfo)
    return ((night if night > here else night + timedelta(days=1)) - here).total_seconds()


def _details(strike: Strike) -> dict[str, object]:
    given = {name: getattr(strike, name) for name in strike.__slots__}
    given.pop("cue", None)
    given.pop("kind", None)
    return {
        name: value.value if isinstance(value, Role) else value for name, value in given.items()
    }
