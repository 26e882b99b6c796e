"""The watch as it would be if it were slow: everybody hears every tick.

It calls the domain's rules one after the other for each watch, with no ladder and no places, and is
what the quick one is measured against.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from backstay.domain.edge.guards import Guard
from backstay.domain.sessions import calendar as sessions
from backstay.domain.sides import Side
from backstay.domain.ticks import guarding, stops, triggers
from backstay.domain.ticks.danger import Watched, most_in_danger_first
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.levels import closing_side, moved
from backstay.domain.ticks.quotes import Feed, GoodTick, Quote, RawTick, TickField, TickRules, judge
from backstay.domain.ticks.sources import GoodPrice, price_of, standing_price, told_price
from backstay.domain.ticks.stops import HOLDING, Breached, StopRule, StopState, look_again_at
from backstay.domain.ticks.triggers import Fired, Missed, TickRole, Trigger, TriggerState, tick_role
from backstay.domain.ticks.worth import Basis, lacks_touch, substitute_price
from tests.broker.watch.scene import CALENDAR, ZONE

REPEATED = timedelta(milliseconds=100)
SMALL = Decimal("1e-20")


@dataclass
class SlowTrigger:
    name: str
    trigger: Trigger
    state: TriggerState

    @property
    def is_over(self) -> bool:
        return isinstance(self.state, Fired | Missed)


@dataclass
class SlowGuard:
    name: str
    guard: Guard
    guarded: Guarded
    reached: StopState = HOLDING
    is_over: bool = False
    due: datetime | None = None
    look_at: datetime | None = None
    asked_as: int = 0
    """Of looks at one instant, the one that was asked for first comes first."""

    @property
    def target_rule(self) -> StopRule:
        rule = self.guard.rules.stop
        return replace(rule, crossing=rule.crossing.opposite, breach_pct=Decimal(0))

    @property
    def near_target(self) -> Decimal:
        assert self.guard.target is not None
        return moved(self.guard.rules.stop.crossing, self.guard.target.price, SMALL)

    @property
    def closing(self) -> Side:
        return closing_side(self.guard.rules.stop.crossing)


_Slow = TypeVar("_Slow", "SlowTrigger", "SlowGuard")


class Everybody:
    """Tells what is decided in the same words as the scene's log."""

    def __init__(self, now: datetime, is_live: Callable[[], bool], *, is_option: bool) -> None:
        self.quote = Quote(Feed.REAL_TIME)
        self.underlying: Decimal | None = None
        self.good_at: datetime | None = None
        self.entries: list[tuple[str, str]] = []
        self.triggers: list[SlowTrigger] = []
        self.guards: list[SlowGuard] = []
        self._is_live = is_live
        self._asked = 0
        self._rules = TickRules(is_option=is_option)
        self._day = self._day_at(now)

    def arm(self, name: str, trigger: Trigger) -> None:
        self.triggers.append(SlowTrigger(name, trigger, triggers.begin(trigger)))

    def watch(self, name: str, guard: Guard, now: datetime) -> None:
        each = SlowGuard(name, guard, guard.guarded)
        self.guards.append(each)
        standing = self._standing(each, now)
        stop = guard.guarded.level.stop
        each.guarded, _ = guarding.move_stop(guard.rules, guard.guarded, stop, standing, now)
        if guard.target is not None:
            each.reached, _ = stops.on_move(
                each.target_rule, each.near_target, each.reached, self._own_standing(each), now
            )
        self._schedule(each, now)

    def raw(self, field: TickField, price: Decimal | None, now: datetime) -> None:
        """A tick; a bid or ask that repeats what stands is none."""
        self.look(now)
        standing = {TickField.BID: self.quote.bid, TickField.ASK: self.quote.ask}.get(field)
        if price is not None and price == standing:
            self.good_at = self.good_at if self.quote.flaw else now
            return
        judged = judge(self.quote, RawTick(field, price, now), self._rules, now)
        self.quote = judged.quote
        if isinstance(judged, GoodTick):
            self.good_at = now
            self._new_day(now)
            self._tell(judged, now)

    def tell_underlying(self, price: Decimal, now: datetime) -> None:
        self.look(now)
        self.underlying = price
        self._tell(GoodTick(self.quote, ()), now, by_underlying=True)

    def interrupted(self, now: datetime) -> None:
        self.look(now)
        self.quote = self.quote.interrupted()
        self._resume(now)

    def become(self, feed: Feed, now: datetime) -> None:
        self.look(now)
        if feed is not self.quote.feed:
            self.quote = self.quote.from_feed(feed)
            self._resume(now)

    def halt(self, is_halted: bool, now: datetime) -> None:
        self.look(now)
        self.quote = self.quote.halted() if is_halted else self.quote.resumed()

    def look(self, now: datetime) -> None:
        """Let time pass up to now: whatever is due by then is looked at, at its time."""
        while due := [
            each for each in self.guards if each.look_at is not None and each.look_at <= now
        ]:
            each = min(due, key=lambda one: (one.look_at or now, one.asked_as))
            at = each.look_at
            assert at is not None
            self._look_at(each, at)

    def _look_at(self, each: SlowGuard, at: datetime) -> None:
        rules, is_live = each.guard.rules, self._is_live()
        standing = self._standing(each, at)
        each.guarded, _ = guarding.on_time(rules, each.guarded, standing, is_live, at)
        if not each.guarded.has_fired and each.guard.target is not None:
            each.reached, _ = stops.on_time(
                each.target_rule, each.near_target, each.reached,
                self._own_standing(each), is_live, at,
            )  # fmt: skip
        each.look_at = None
        self._conclude(each)
        self._schedule(each, at)

    def _tell(self, tick: GoodTick, now: datetime, *, by_underlying: bool = False) -> None:
        for guard in self._in_order(self.guards):
            self._tell_guard(guard, tick, now, by_underlying=by_underlying)
        for trigger in self._in_order(self.triggers):
            self._tell_trigger(trigger, tick, now)

    def _tell_trigger(self, each: SlowTrigger, tick: GoodTick, now: datetime) -> None:
        price = told_price(tick, each.trigger.source)
        if price is None:
            return
        role = self._role(each, now)
        before = each.state
        each.state, decision = triggers.on_tick(each.trigger, before, price, role, now)
        self._note_level(each, before)
        if decision is not triggers.TriggerDecision.NOTHING:
            self.entries.append((each.name, decision.value))

    def _note_level(self, each: SlowTrigger, before: TriggerState) -> None:
        if isinstance(before, Fired | Missed) or isinstance(each.state, Fired | Missed):
            return
        if before.level != each.state.level:
            self.entries.append((each.name, f"rebased {each.state.level}"))

    def _tell_guard(
        self, each: SlowGuard, tick: GoodTick, now: datetime, *, by_underlying: bool
    ) -> None:
        if each.is_over:
            return
        before, rules = each.guarded, each.guard.rules
        if self._lacks_touch(each):
            terms = each.guard.instrument.option
            assert terms is not None
            underlying = None if self.underlying is None else GoodPrice(self.underlying)
            worth = substitute_price(self.quote, each.closing, terms, underlying, now)
            if worth is None:
                return
            own = worth.is_news(tick.news)
            if own or (by_underlying and worth.basis is Basis.UNDERLYING):
                each.guarded, _ = guarding.on_substitute(rules, before, worth.price, now)
        else:
            price = told_price(tick, each.guard.source)
            if price is None:
                return
            each.guarded, _ = guarding.on_tick(rules, before, price, now)
            if not each.guarded.has_fired and each.guard.target is not None:
                each.reached, _ = stops.on_tick(
                    each.target_rule, each.near_target, each.reached, price, now
                )
        self._conclude(each)
        is_open = each in [one for one in self.guards if not one.is_over]
        if is_open and each.guarded.level.stop != before.level.stop:
            self.entries.append((each.name, f"moved {each.guarded.level.stop}"))
        self._schedule(each, now)

    def _conclude(self, each: SlowGuard) -> None:
        if each.guarded.has_fired:
            self.entries.append((each.name, "stop"))
        elif isinstance(each.reached, stops.Fired):
            self.entries.append((each.name, "target"))
        else:
            return
        each.is_over = True

    def _schedule(self, each: SlowGuard, now: datetime) -> None:
        pairs = ((each.guard.rules.stop, each.guarded.breach), (each.target_rule, each.reached))
        open_breaches = [(rule, state) for rule, state in pairs if isinstance(state, Breached)]
        due = min((look_again_at(*pair) for pair in open_breaches), default=None)
        if each.is_over or due is None:
            each.due = each.look_at = None
        elif due != each.due or each.look_at is None:
            each.due = due
            each.look_at = due if due > now else now + REPEATED
            self._asked += 1
            each.asked_as = self._asked

    def _resume(self, now: datetime) -> None:
        for each in self.guards:
            each.guarded, each.reached = guarding.resume(each.guarded), HOLDING
            self._schedule(each, now)
        for armed in self.triggers:
            armed.state = triggers.resume(armed.trigger, armed.state)

    def _new_day(self, now: datetime) -> None:
        day = self._day_at(now)
        if day == self._day:
            return
        self._day = day
        for each in self.triggers:
            before = each.state
            each.state = triggers.next_day(each.trigger, before)
            self._note_level(each, before)

    def _role(self, each: SlowTrigger, now: datetime) -> TickRole:
        phase = sessions.phase(CALENDAR, now)
        opens_today = any(
            session.opens_at > now and session.opens_at.date() == now.date()
            for session in CALENDAR.regular
        )
        return tick_role(each.trigger.premarket, phase, before_open=opens_today)

    def _day_at(self, now: datetime) -> object:
        return sessions.trading_day(CALENDAR, now, ZoneInfo(ZONE))

    def _lacks_touch(self, each: SlowGuard) -> bool:
        is_option = each.guard.instrument.is_option
        return is_option and lacks_touch(self.quote, each.closing)

    def _own_standing(self, each: SlowGuard) -> GoodPrice | None:
        if self._lacks_touch(each):
            return None
        return standing_price(self.quote, each.guard.source)

    def _standing(self, each: SlowGuard, now: datetime) -> GoodPrice | None:
        terms = each.guard.instrument.option
        if not self._lacks_touch(each) or terms is None:
            return standing_price(self.quote, each.guard.source)
        underlying = None if self.underlying is None else GoodPrice(self.underlying)
        worth = substitute_price(self.quote, each.closing, terms, underlying, now)
        return None if worth is None else worth.price

    def _in_order(self, watches: Sequence[_Slow]) -> list[_Slow]:
        by_name = {each.name: each for each in watches}
        watched = [self._watched(each) for each in watches]
        return [by_name[one.name] for one in most_in_danger_first(watched)]

    def _watched(self, each: SlowTrigger | SlowGuard) -> Watched:
        if isinstance(each, SlowGuard):
            price = price_of(self.quote, each.guard.source)
            crossing = each.guard.rules.stop.crossing
            return Watched(each.name, crossing, each.guarded.level.stop, price)
        state = each.state
        level = each.trigger.price if isinstance(state, Fired | Missed) else state.level
        price = price_of(self.quote, each.trigger.source)
        return Watched(each.name, each.trigger.when, level, price)
