"""The watch of a trigger.

Carries the state of one trigger from tick to tick and tells what is decided, in the same turn.
Which ticks may change that state is its place; what they do to it is the domain's.
"""

import asyncio
from datetime import datetime

from backstay.broker.doors.market import Rebased, Triggered
from backstay.broker.watch.reading import first_past
from backstay.broker.watch.seats import Bench, Heard, Place
from backstay.domain.ticks import triggers
from backstay.domain.ticks.danger import Watched
from backstay.domain.ticks.levels import Crossing, threshold
from backstay.domain.ticks.sources import price_of, told_price
from backstay.domain.ticks.triggers import (
    OVER,
    Fired,
    Missed,
    TickRole,
    Trigger,
    TriggerDecision,
    TriggerState,
    Waiting,
)


class ArmedSeat:
    """One trigger. It tells what it decides, once, and then waits for its end."""

    __slots__ = (
        "_bench",
        "_has_ended",
        "_rebased",
        "_state",
        "_trigger",
        "_triggered",
        "name",
        "number",
        "placed",
    )
    reduces = False

    def __init__(self, name: str, number: int, bench: Bench, trigger: Trigger) -> None:
        self.name = name
        self.number = number
        self.placed: Place | None = None
        self._bench = bench
        self._trigger = trigger
        self._state: TriggerState = triggers.begin(trigger)
        self._has_ended = False
        self._triggered: Triggered | None = None
        self._rebased: Rebased | None = None

    def begin(self, state: TriggerState | None, triggered: Triggered, rebased: Rebased) -> None:
        """Take the seat. Nobody has watched since an earlier watch came to `state`."""
        self._triggered = triggered
        self._rebased = rebased
        if state is not None:
            self._state = triggers.resume(self._trigger, state)
        self._bench.settle(self)

    @property
    def state(self) -> TriggerState:
        """How far it has come."""
        return self._state

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick of its instrument came."""
        return self._bench.good_at

    def retrigger(self, trigger: Trigger) -> None:
        """Watch another trigger instead, anew; ValueError if this one has fired."""
        self._bench.catch_up()
        if self._has_ended or isinstance(self._state, Fired):
            raise ValueError(f"the watch of {self.name} is over")
        self._trigger = trigger
        self._state = triggers.begin(trigger)
        self._bench.settle(self)

    def end(self) -> None:
        """Watch it no longer."""
        if self._has_ended:
            return
        self._has_ended = True
        self._bench.settle(self)
        self._bench.leave(self)

    @property
    def is_over(self) -> bool:
        """Whether nothing can change it any more."""
        return self._has_ended or isinstance(self._state, OVER)

    def place(self) -> Place | None:
        """Where it waits. On the near side, in hours in which ticks count, only the level can
        change anything; where they are but watched, nothing can.
        """
        state, trigger = self._state, self._trigger
        role = self._bench.role(trigger.premarket)
        if self._has_ended or isinstance(state, Fired | Missed) or role is TickRole.IGNORED:
            return None
        if not isinstance(state, Waiting):
            return Place(trigger.source, is_hot=True)
        if role is TickRole.WATCHED:
            return None
        level = state.level
        if role is TickRole.COUNTED:
            level = threshold(trigger.when, level, trigger.breach_pct)
        rung = first_past(trigger.when, level)
        if trigger.when is Crossing.ABOVE:
            return Place(trigger.source, rise=rung)
        return Place(trigger.source, fall=rung)

    def watched(self) -> Watched:
        """How far the price is from the level."""
        state, trigger = self._state, self._trigger
        level = trigger.price if isinstance(state, Fired | Missed) else state.level
        price = price_of(self._bench.quote, trigger.source)
        return Watched(self.name, trigger.when, level, price)

    def hear(self, heard: Heard) -> None:
        """Let a tick decide."""
        if self.is_over:
            return
        trigger = self._trigger
        price = told_price(heard.tick, trigger.source)
        if price is None:
            return
        role = self._bench.role(trigger.premarket)
        state, decision = triggers.on_tick(trigger, self._state, price, role, heard.now)
        if decision is TriggerDecision.NOTHING:
            self._become(state)
            return
        self._state = state
        if self._triggered is not None:
            self._triggered(decision, state)
        # It hears no tick any more; its place is cleared once what it has sent is gone.
        asyncio.get_running_loop().call_soon(self._bench.settle, self)

    def resume(self) -> None:
        """Ticks may have been missed."""
        self._become(triggers.resume(self._trigger, self._state))

    def next_day(self) -> None:
        """A new trading day begins."""
        self._become(triggers.next_day(self._trigger, self._state))

    def _become(self, state: TriggerState) -> None:
        before, self._state = self._state, state
        self._bench.settle(self)
        if isinstance(before, Fired | Missed) or isinstance(state, Fired | Missed):
            return
        if state.level != before.level and self._rebased is not None:
            self._rebased(state)
