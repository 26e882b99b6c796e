"""The way into a position: from the plan to the entry and its stop on the wire.

Owns the watch for the trigger and what has to be true before it may begin: a plan that works, good
data, limits that agree, intents that are written.
"""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from backstay.domain.figures import plain
from backstay.domain.lifecycle import Happened
from backstay.domain.limits.check import verdicts
from backstay.domain.limits.codes import RefusalCode
from backstay.domain.limits.facts import Touch, TriggerPrice
from backstay.domain.limits.kill import Halt
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.plan.rules import trigger_rule
from backstay.domain.plan.sizing import Sized, sized
from backstay.domain.plan.timing import overdue
from backstay.domain.plan.trade import TradePlan
from backstay.domain.sessions.calendar import next_open
from backstay.domain.ticks import triggers
from backstay.domain.ticks.quotes import GoodTick
from backstay.domain.ticks.sources import told_price
from backstay.domain.ticks.triggers import (
    Confirming,
    Fired,
    Missed,
    TickRole,
    Trigger,
    TriggerDecision,
    TriggerState,
    Waiting,
    tick_role,
)
from backstay.domain.trade.opening import first_orders
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.progress import Progress
from backstay.lab.rehearsal.story import Story
from backstay.lab.telling import Who
from backstay.lab.words import short

_NO_DATA = Halt("the data is not confirmed")


class _Ready(NamedTuple):
    """What is approved and written before the trigger is watched, and the trigger."""

    entry: OrderIntent
    protection: OrderIntent
    first_exit: OrderIntent
    trigger: Trigger

    @property
    def orders(self) -> tuple[OrderIntent, OrderIntent, OrderIntent]:
        return self.entry, self.protection, self.first_exit


class Opening:
    """The entry of one trade, and the stop that leaves with it."""

    def __init__(self, plan: TradePlan, desk: Desk, progress: Progress, story: Story) -> None:
        self._plan = plan
        self._desk = desk
        self._progress = progress
        self._story = story
        self._ready: _Ready | None = None
        self._watch: _Watch | None = None

    def begin(self) -> None:
        """Size the plan and derive its first orders, if it works here and now."""
        plan, scene, story = self._plan, self._desk.scene, self._story
        trigger = plan.entry.trigger
        if trigger is None:
            self._reject("the rehearsal plays an entry that waits for a trigger")
            return
        if not scene.is_of(plan.instrument):
            self._reject("the tape is about another contract")
            return
        size = sized(plan, scene.instruments[0], trigger.price)
        late = overdue(plan, story.now)
        if late or not isinstance(size, Sized):
            complaints = late if isinstance(size, Sized) else (*late, *size.complaints)
            self._reject("; ".join(map(str, complaints)))
            return
        orders = first_orders(plan, scene.account, scene.instruments[0], size, scene.profile)
        if orders.protection is None:
            self._reject("the rehearsal plays a stop at the broker")
            return
        self._ready = _Ready(
            orders.entry, orders.protection, orders.first_exit, trigger_rule(trigger)
        )
        self._desk.book = self._desk.book.halted(_NO_DATA)
        state = self._progress.after(Happened.VALIDATED)
        what = f"{plan.id} is trade {orders.entry.key.trade}"
        story.tell(Who.RULES, what, f"{state}; same id is same trade")
        self._tell_size(size)

    def on_tick(self, tick: GoodTick, touch: Touch | None, *, is_confirmed: bool) -> None:
        """Arm on the first good tick of confirmed data; enter on the one that fires."""
        if self._ready is None:
            return
        if self._watch is None:
            if is_confirmed:
                self._arm(self._ready)
        elif self._watch.on_tick(tick) is TriggerDecision.FIRE:
            self._enter(self._ready, touch)

    def _tell_size(self, size: Sized) -> None:
        stops, losses = size.stops, size.losses
        what = f"{plain(size.quantity)} at {size.entry_price}, stop {stops.stop} / {stops.disaster}"
        why = f"loses {losses.at_stop}, unattended {losses.at_disaster}"
        self._story.tell(Who.RULES, what, why)

    def _arm(self, ready: _Ready) -> None:
        """Ask for everything that the trade may send, write it down, and watch the trigger."""
        desk, now = self._desk, self._story.now
        desk.book = desk.book.lifted(_NO_DATA)
        why = "no doubt left, and a good tick"
        self._story.tell(Who.RULES, "the data is confirmed good", why)
        facts = desk.facts(TriggerPrice(ready.trigger.price))
        said = verdicts(ready.entry, facts, desk.book, desk.scene.settings, now)
        agreed = sum(verdict.passed for verdict in said)
        value = next(verdict.text for verdict in said if verdict.code is RefusalCode.ORDER_VALUE)
        self._story.tell(Who.RULES, f"{agreed} of {len(said)} limits agree to the entry", value)
        refused = desk.approve(ready.orders, facts)
        if refused is not None:
            self._reject(refused.reason)
            return
        names = "  ".join(short(order.key) for order in ready.orders)
        why = "entry, stop, exit: before any byte"
        self._story.tell(Who.RULES, f"written: {names}", why)
        self._watch = _Watch(ready.trigger, desk, self._story)

    def _enter(self, ready: _Ready, touch: Touch | None) -> None:
        """The entry and its stop leave in the very turn in which the trigger has fired."""
        if self._desk.send(ready.entry, "held back until its stop is there", touch) is not None:
            return
        self._desk.send(ready.protection, "attached; transmits both")
        self._progress.after(Happened.RISK_SUBMITTED)

    def _reject(self, why: str) -> None:
        self._ready = None
        self._story.tell(Who.RULES, f"refused: {self._progress.after(Happened.REJECTED)}", why)


class _Watch:
    """An armed trigger; it tells of each tick that changes it or nearly does."""

    def __init__(self, rule: Trigger, desk: Desk, story: Story) -> None:
        self._rule = rule
        self._state: TriggerState = triggers.begin(rule)
        self._desk = desk
        self._story = story

    def on_tick(self, tick: GoodTick) -> TriggerDecision:
        """What a good tick lets happen."""
        price = told_price(tick, self._rule.source)
        if price is None:
            return TriggerDecision.NOTHING
        before, now = self._state, self._story.now
        self._state, decision = triggers.on_tick(self._rule, before, price, self._role(), now)
        level = self._rule.price
        match self._state:
            case Fired() if decision is TriggerDecision.FIRE:
                why = f"{self._rule.when} {level}, seen to cross: fires"
            case Missed() if decision is TriggerDecision.MISSED:
                why = f"crossed {level} unseen: {self._rule.if_missed}"
            case Confirming(ticks=ticks):
                why = f"{ticks} of {self._rule.confirm_ticks} ticks {self._rule.when} {level}"
            case Waiting() if price == level:
                why = f"only touches {level}"
            case Waiting() if not isinstance(before, Waiting):
                why = f"seen before it crosses {level}"
            case _:
                return decision
        self._story.tell(Who.MARKET, f"{self._rule.source} {price}", why)
        return decision

    def _role(self) -> TickRole:
        zone = ZoneInfo(self._desk.scene.instruments[0].time_zone)
        now, opens = self._story.now, next_open(self._desk.scene.calendar, self._story.now)
        today = now.astimezone(zone).date()
        before_open = opens is not None and opens.astimezone(zone).date() == today
        return tick_role(self._rule.premarket, self._desk.phase, before_open=before_open)
