"""The watch over an open position: its stop, the trail that moves it, the stop at the broker.

Owns the engine's own stop, and when the one at the broker follows it. Leaving is `way_out`.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent, prices_of
from backstay.domain.plan.rules import judged_on, stop_rule, trail_rule
from backstay.domain.plan.trade import TradePlan
from backstay.domain.protection.follow import may_move, next_disaster_trigger
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.ticks import guarding
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import is_beyond
from backstay.domain.ticks.quotes import GoodTick
from backstay.domain.ticks.sources import GoodPrice, standing_price, told_price
from backstay.domain.ticks.stops import Breached, Fired, StopDecision, look_again_at
from backstay.domain.ticks.trails import Resting
from backstay.domain.trade.opening import held_outside_regular_hours
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.market import Market
from backstay.lab.rehearsal.story import Story
from backstay.lab.telling import Who


class PositionGuard:
    """The stop of one position that was entered at `entry_price`, over its stop at the broker."""

    def __init__(
        self, plan: TradePlan, entry_price: Decimal, stop: Decimal, shield: IntentKey, desk: Desk
    ) -> None:
        grid = desk.scene.instruments[0].grid
        trail = plan.stop.trail
        follows = trail_rule(trail, plan.side, entry_price) if trail is not None else None
        self._rules = GuardRules(stop_rule(plan.stop, plan.side), grid, follows)
        self._guarded = Guarded(Resting(stop))
        self._source = judged_on(plan.stop, plan.side, is_option=plan.instrument.is_option)
        self._plan = plan
        self._shield = shield
        self._desk = desk
        self._moved_at: datetime | None = None

    @property
    def stop(self) -> Decimal:
        """Where the engine's stop stands."""
        return self._guarded.level.stop

    @property
    def due(self) -> datetime | None:
        """When a breach has stood for long enough to be looked at again."""
        breach = self._guarded.breach
        return look_again_at(self._rules.stop, breach) if isinstance(breach, Breached) else None

    def on_tick(self, tick: GoodTick, story: Story) -> bool:
        """Whether the stop has fired on a good tick."""
        price = told_price(tick, self._source)
        if price is None:
            return False
        before = self._guarded
        self._guarded, decision = guarding.on_tick(self._rules, before, price, story.now)
        why = self._what_of(price, before, decision)
        if why:
            story.tell(Who.MARKET, f"{self._source} {price}", why)
        self._follow(story)
        return decision is StopDecision.FIRE

    def on_time(self, market: Market, story: Story) -> bool:
        """Whether the stop has fired because a breach still stands."""
        if self.due is None or self.due > story.now:
            return False
        standing = standing_price(market.quote, self._source)
        self._guarded, decision = guarding.on_time(
            self._rules, self._guarded, standing, market.is_confirmed, story.now
        )
        fires = decision is StopDecision.FIRE
        what = f"{self._source} stands at {standing}"
        why = f"still past {self.stop}: the stop fires" if fires else f"back from {self.stop}"
        story.tell(Who.MARKET, what, why)
        return fires

    def _what_of(self, price: GoodPrice, before: Guarded, decision: StopDecision) -> str:
        """What a tick did, in words; nothing where it did nothing worth a line."""
        rule, stop = self._rules.stop, before.level.stop
        match decision, self._guarded.breach:
            case StopDecision.FIRE, Fired(by=by):
                return f"past {stop}, sure by {by}: fires"
            case StopDecision.LOOK_AGAIN, Breached(ticks=ticks):
                far = f"past {stop} by {rule.breach_pct} %"
                return f"{far}: tick {ticks} of {rule.confirm_ticks}"
            case StopDecision.RECOVERED, _:
                return f"back from {stop}: no breach"
            case _:
                pass
        if is_beyond(rule.crossing, price, stop):
            return f"past {stop}, but not by {rule.breach_pct} %"
        return self._what_moved(before)

    def _what_moved(self, before: Guarded) -> str:
        level, candidate = self._guarded.level, before.level.candidate
        if level.stop != before.level.stop:
            return f"two agree: stop moved to {level.stop}"
        if isinstance(level, Resting) and candidate and not level.candidate:
            return f"{candidate} was a lone print: no trail"
        return ""

    def _follow(self, story: Story) -> None:
        """Move the stop at the broker after the engine's, if that is worth a message by now."""
        standing = self._desk.intent(self._shield)
        trigger, percent = prices_of(standing.terms)[0], self._plan.stop.disaster_pct
        if percent is None:
            return
        wanted = next_disaster_trigger(
            standing.side, trigger, self.stop, percent, standing.instrument.grid
        )
        if wanted is None:
            return
        if self._moved_at and not may_move(self._moved_at, story.now, is_degraded=False):
            return
        moved = self._at(standing, wanted)
        why = f"changed in place, {percent} % wider"
        if self._desk.send(moved, why) is None:
            self._moved_at = story.now

    def _at(self, standing: OrderIntent, trigger: Decimal) -> OrderIntent:
        """The same order with the terms of a disaster stop at `trigger`."""
        there = disaster_stop(
            standing.key,
            standing.account,
            standing.instrument,
            -standing.signed_quantity,
            trigger,
            held_outside_regular_hours=held_outside_regular_hours(self._plan),
        )
        return replace(standing, terms=there.terms)
