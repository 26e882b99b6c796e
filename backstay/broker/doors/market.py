"""Contracts and prices: the catalogue, the feeds, and the watch that makes decisions of ticks."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from backstay.broker.doors.wire import TickSink
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    ResolveAnswer,
    VolatilityAnswer,
)
from backstay.domain.edge.guards import Exit, Guard, StopChange, Target
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.sessions.calendar import Calendar, MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.quotes import Quote
from backstay.domain.ticks.trails import Trail
from backstay.domain.ticks.triggers import Trigger, TriggerDecision, TriggerState


class Catalogue(Protocol):
    """Contracts, their price grids and their hours, asked for once and kept for a while."""

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """The contract that a plan names, or the nearest that exist."""

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """How much it has moved a day."""

    def calendar(self, con_id: int) -> Calendar | None:
        """Its sessions, if they are known."""

    def phase(self, con_id: int) -> MarketPhase:
        """What its market does now; unknown where the calendar is."""

    def zone_name(self, con_id: int) -> str | None:
        """The time zone of its exchange."""


class Rank(IntEnum):
    """Who gives up a market data line first: the highest number."""

    GUARDED = 0
    ARMED = 1
    WANTED = 2


class Subscription(Protocol):
    """Somebody's claim on the prices of an instrument; several share one line."""

    def end(self) -> None:
        """Give the claim up."""


class Feeds(Protocol):
    """Who hears which prices. Lines are a budget."""

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> Subscription | None:
        """Have the prices of an instrument heard; None if no line is left for this rank.

        The same instrument wanted twice shares its first sink's line; the watch has one sink each.
        """

    def report(self, con_id: int) -> FeedReport | None:
        """What is known of the instrument's line."""

    def ask_anew(self, con_id: int) -> None:
        """Have the prices that stand told once more: by itself comes only what changes."""

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        """Have it told (by contract) that ticks may have been missed."""


class Quotes(Protocol):
    """The prices that stand now."""

    def quote(self, con_id: int) -> Quote | None:
        """The quote of an instrument that is watched."""

    def touch(self, con_id: int) -> Touch | None:
        """Its best prices, when a tick last proved them alive, and what is wrong with them."""

    def is_live(self, con_id: int) -> bool:
        """Whether its data is confirmed good."""


class ArmedWatch(Protocol):
    """A trigger that is watched."""

    @property
    def state(self) -> TriggerState:
        """How far it has come."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def retrigger(self, trigger: Trigger) -> None:
        """Watch another trigger instead, anew."""

    def end(self) -> None:
        """Watch it no longer."""


class Attendance(Protocol):
    """Somebody who waits for a good price, whatever it is."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def again(self) -> None:
        """What was told has come to nothing: tell the next time, too."""

    def end(self) -> None:
        """Wait no longer."""


class GuardedWatch(Protocol):
    """A stop that is watched while it moves. What confirms it is told in the turn of the tick."""

    @property
    def guarded(self) -> Guarded:
        """Where the stop stands."""

    @property
    def trail(self) -> Trail | None:
        """The trail that moves it, as short as it is by now."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def aim(self, target: Target | None) -> None:
        """Watch this target from now on."""

    def rest(self, *, is_resting: bool) -> None:
        """Let no price decide on anything; afterwards the price that stands is seen anew."""

    def objection_to(self, change: StopChange) -> str:
        """Why the operator can't have it as the price stands; empty if he can."""

    def move_stop(self, stop: Decimal) -> None:
        """Put the stop where the operator wants it."""

    def break_even(self, entry_price: Decimal) -> None:
        """Put it at the entry's price, if that is tighter."""

    def tighten_trail(self, distance: Decimal) -> None:
        """Shorten the trail; ValueError where there is none, or it is not shorter."""

    def end(self) -> None:
        """Watch it no longer."""


Triggered = Callable[[TriggerDecision, TriggerState], None]
"""Told in the turn of the tick that decided: fire or missed."""

Rebased = Callable[[TriggerState], None]
"""Told when a trigger's level has moved, so that the order can be prepared anew."""

StopFired = Callable[[Exit, Guarded], None]
"""Told in the turn of the tick, or of the time, that confirmed a stop or reached a target. After
the target of a part the watch goes on.
"""

StopMoved = Callable[[Guarded], None]
"""Told when a trail has moved the stop."""


class Watch(Quotes, Protocol):
    """Ticks to decisions."""

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

    def attend(
        self,
        name: IntentKey | str,
        instrument: Instrument,
        side: Side,
        quoted: Callable[[], None],
        rank: Rank = Rank.ARMED,
    ) -> Attendance | None:
        """Wait for a good price to trade at now, and tell once; None without a data line."""

    def guard(
        self,
        name: IntentKey,
        guard: Guard,
        fired: StopFired,
        moved: StopMoved,
    ) -> GuardedWatch | None:
        """Watch a guard's stop and target; None without a data line."""
