"""All of it, as the other rooms know it.

Owns one symbol for each instrument that is watched, from its first watch to its last. Every watch
holds a claim of its own on the data line, so a line is guarded as long as anything on it is.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from backstay.broker.doors.market import (
    ArmedWatch,
    Attendance,
    Catalogue,
    Feeds,
    GuardedWatch,
    Rank,
    Rebased,
    StopFired,
    StopMoved,
    Subscription,
    Triggered,
)
from backstay.broker.doors.wire import Now
from backstay.broker.health import Sign
from backstay.broker.notices import Tell
from backstay.broker.watch.armed import ArmedSeat
from backstay.broker.watch.attending import AttendingSeat
from backstay.broker.watch.guarded import GuardedSeat
from backstay.broker.watch.reading import Reader
from backstay.broker.watch.symbol import Around, Symbol
from backstay.broker.watch.turns import Turns
from backstay.domain.edge.guards import Guard
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Quote
from backstay.domain.ticks.triggers import Trigger, TriggerState

BEAT_SECONDS = 1.0


class TickWatch:
    """Ticks to decisions; implements the door of the watch. `run` is to be kept running."""

    def __init__(
        self,
        catalogue: Catalogue,
        feeds: Feeds,
        batch_window: timedelta,
        now: Now,
        tell: Tell,
        read_at: Now | None = None,
    ) -> None:
        """`read_at` is the time at which what is heard now was read, by default now."""
        self._now = now
        self._feeds = feeds
        turns = Turns(batch_window, tell, now)
        self._around = Around(
            catalogue, feeds, turns, Reader(), now, read_at or now, tell, self._on_vacated
        )
        self._numbers = count()
        self._symbols: dict[int, Symbol] = {}
        feeds.on_interrupted(self._on_interrupted)

    async def run(self, sign: Sign) -> None:
        """Look after hours, reports and silence, for ever."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            sign()
            now = self._now()
            for symbol in tuple(self._symbols.values()):
                symbol.beat(now)

    def arm(
        self,
        name: IntentKey,
        instrument: Instrument,
        trigger: Trigger,
        state: TriggerState | None,
        triggered: Triggered,
        rebased: Rebased,
    ) -> ArmedWatch | None:
        """Watch a trigger, from where an earlier watch of it had come; None without a data line."""
        claimed = self._claim(instrument, Rank.ARMED)
        if claimed is None:
            return None
        symbol, claim = claimed
        seat = ArmedSeat(str(name), next(self._numbers), symbol, trigger)
        symbol.join(seat, (claim,))
        seat.begin(state, triggered, rebased)
        return seat

    def attend(
        self,
        name: IntentKey | str,
        instrument: Instrument,
        side: Side,
        quoted: Callable[[], None],
        rank: Rank = Rank.ARMED,
    ) -> Attendance | None:
        """Wait for a good price to trade at now; None without a data line."""
        claimed = self._claim(instrument, rank)
        if claimed is None:
            return None
        symbol, claim = claimed
        seat = AttendingSeat(str(name), next(self._numbers), symbol, side, quoted)
        symbol.join(seat, (claim,))
        seat.begin()
        return seat

    def guard(
        self, name: IntentKey, guard: Guard, fired: StopFired, moved: StopMoved
    ) -> GuardedWatch | None:
        """Watch a guard's stop and target; None without a data line. Without one for its underlying
        an option is guarded all the same.
        """
        claimed = self._claim(guard.instrument, Rank.GUARDED)
        if claimed is None:
            return None
        symbol, claim = claimed
        claims = [claim]
        if guard.underlying is not None:
            leaned_on = self._claim(guard.underlying, Rank.GUARDED)
            if leaned_on is not None:
                symbol.lean_on(leaned_on[0])
                claims.append(leaned_on[1])
        seat = GuardedSeat(str(name), next(self._numbers), symbol, guard)
        symbol.join(seat, claims)
        seat.begin(fired, moved)
        return seat

    def quote(self, con_id: int) -> Quote | None:
        """The quote of an instrument that is watched."""
        symbol = self._symbols.get(con_id)
        return None if symbol is None else symbol.quote

    def touch(self, con_id: int) -> Touch | None:
        """Its best prices, when a tick last proved them alive, and what is wrong with them."""
        symbol = self._symbols.get(con_id)
        return None if symbol is None else symbol.touch()

    def is_live(self, con_id: int) -> bool:
        """Whether its data is confirmed good."""
        symbol = self._symbols.get(con_id)
        return symbol is not None and symbol.is_live

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick of any instrument came."""
        heard = (symbol.good_at for symbol in self._symbols.values())
        return max((at for at in heard if at is not None), default=None)

    def _claim(self, instrument: Instrument, rank: Rank) -> tuple[Symbol, Subscription] | None:
        """The instrument, and a claim on its line; None without a line for it."""
        known = self._symbols.get(instrument.con_id)
        symbol = known or Symbol(instrument, self._around)
        claim = self._feeds.want(instrument, symbol, rank)
        if claim is None:
            return None
        if known is None:
            self._symbols[instrument.con_id] = symbol
            symbol.begin()
        return symbol, claim

    def _on_vacated(self, symbol: Symbol) -> None:
        """Somebody has left; an instrument that nobody watches is forgotten."""
        if symbol.is_watched:
            return
        self._symbols.pop(symbol.instrument.con_id, None)
        underlying = symbol.underlying
        if underlying is not None:
            symbol.let_go()
            self._on_vacated(underlying)

    def _on_interrupted(self, con_id: int) -> None:
        symbol = self._symbols.get(con_id)
        if symbol is not None:
            symbol.interrupted()
