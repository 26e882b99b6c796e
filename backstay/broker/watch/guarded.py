"""The watch of a stop, its trail and its target.

Carries one guard from tick to tick and from look to look, and tells what is decided in the same
turn. Whatever a price does is the domain's; the one thing decided here is what it takes to reach a
target: as much as to breach a stop without any depth, by prices *at* the target or past it. So one
lone print takes no profit either, and a target that is passed in a gap is reached half a second
later without a second tick.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.market import StopFired, StopMoved
from backstay.broker.watch.lookout import Lookout
from backstay.broker.watch.reading import first_past, last_before
from backstay.broker.watch.seats import Bench, Heard, Place
from backstay.domain.edge import hands
from backstay.domain.edge.guards import Exit, Guard, StopChange, Target
from backstay.domain.ticks import guarding, stops
from backstay.domain.ticks.danger import Watched
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.levels import Crossing, closing_side, nearer, threshold
from backstay.domain.ticks.quotes import Quote
from backstay.domain.ticks.sources import (
    GoodPrice,
    price_of,
    standing_price,
    told_price,
    touch_source,
)
from backstay.domain.ticks.stops import HOLDING, Breached, StopRule, StopState, look_again_at
from backstay.domain.ticks.trails import Trail, Trailing
from backstay.domain.ticks.worth import Basis, Substitute, lacks_touch, substitute_price


class GuardedSeat:
    """One stop, with its trail and its target."""

    __slots__ = (
        "_bench",
        "_fired",
        "_guarded",
        "_is_over",
        "_is_resting",
        "_lookout",
        "_moved",
        "_near_target",
        "_reached",
        "_rules",
        "_source",
        "_takes_all",
        "_target",
        "_target_rule",
        "_terms",
        "closing",
        "name",
        "number",
        "placed",
    )
    reduces = True

    def __init__(self, name: str, number: int, bench: Bench, guard: Guard) -> None:
        self.name = name
        self.number = number
        self.placed: Place | None = None
        self.closing = closing_side(guard.rules.stop.crossing)
        self._bench = bench
        self._terms = guard.instrument.option
        self._rules = guard.rules
        self._source = guard.source
        self._guarded = guarding.resume(guard.guarded)
        self._is_over = guard.guarded.has_fired
        self._is_resting = False
        self._target_rule = _target_rule(guard.rules.stop)
        self._target: Decimal | None = None
        self._near_target: Decimal | None = None
        self._takes_all = True
        self._reached: StopState = HOLDING
        self._take_aim(guard.target)
        self._lookout = Lookout(self._look, bench.now)
        self._fired: StopFired | None = None
        self._moved: StopMoved | None = None

    def begin(self, fired: StopFired, moved: StopMoved) -> None:
        """Take the seat. The price may stand past the stop, or at the target, already."""
        self._fired = fired
        self._moved = moved
        if self._is_over:
            return
        self._see_standing(self._bench.now())

    @property
    def guarded(self) -> Guarded:
        """Where the stop stands."""
        return self._guarded

    @property
    def trail(self) -> Trail | None:
        """The trail that moves it, as short as it is by now."""
        return self._rules.trail

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick of its instrument came."""
        return self._bench.good_at

    def aim(self, target: Target | None) -> None:
        """Watch this target from now on; the price may stand at it already."""
        self._bench.catch_up()
        self._take_aim(target)
        if not self._is_over:
            self._see_target(self._standing(self._bench.now()), self._bench.now())
        self._settle()

    def rest(self, *, is_resting: bool) -> None:
        """Let no price decide on anything; afterwards the price that stands is seen anew."""
        if is_resting == self._is_resting:
            return
        self._bench.catch_up()
        self._is_resting = is_resting
        self.resume()
        if not is_resting and not self._is_over:
            self._see_standing(self._bench.now())

    def objection_to(self, change: StopChange) -> str:
        """Why the operator can't have it as the price stands; empty if he can. Where nothing has
        been traded since the watch began, the price is what the position could be left at.
        """
        self._bench.catch_up()
        price = self._standing(self._bench.now())
        if price is None:
            price = price_of(self._bench.quote, touch_source(self.closing))
        return hands.objection_to(self._rules, self._guarded, change, price)

    def move_stop(self, stop: Decimal) -> None:
        """Put the stop where the operator wants it."""
        self._bench.catch_up()
        now = self._bench.now()
        self._guarded, _ = guarding.move_stop(
            self._rules, self._guarded, stop, self._standing(now), now
        )
        self._settle()

    def break_even(self, entry_price: Decimal) -> None:
        """Put it at the entry's price, if that is tighter."""
        self._bench.catch_up()
        now = self._bench.now()
        self._guarded, _ = guarding.break_even(
            self._rules, self._guarded, entry_price, self._standing(now), now
        )
        self._settle()

    def tighten_trail(self, distance: Decimal) -> None:
        """Shorten the trail; ValueError where there is none, or it is not shorter."""
        self._bench.catch_up()
        now = self._bench.now()
        self._rules, self._guarded, _ = guarding.tighten_trail(
            self._rules, self._guarded, distance, self._standing(now), now
        )
        self._settle()

    def end(self) -> None:
        """Watch it no longer."""
        self._is_over = True
        self._settle()
        self._bench.leave(self)

    @property
    def is_over(self) -> bool:
        """Whether nothing can change it any more."""
        return self._is_over

    @property
    def lacks_touch(self) -> bool:
        """Whether it is an option that nobody quotes where it would be closed."""
        return self._terms is not None and lacks_touch(self._bench.quote, self.closing)

    def place(self) -> Place | None:
        """Where it waits: between the breach of its stop and the next price that its trail or its
        target would make anything of. What has begun to change is changed by any tick.
        """
        level = self._guarded.level
        if self._is_over or self._is_resting:
            return None
        if level.candidate is not None or self._breaches():
            return Place(self._source, is_hot=True)
        rule = self._rules.stop
        losing = first_past(rule.crossing, threshold(rule.crossing, level.stop, rule.breach_pct))
        winning = self._winning_rung()
        if rule.crossing is Crossing.BELOW:
            return Place(self._source, rise=winning, fall=losing)
        return Place(self._source, rise=losing, fall=winning)

    def watched(self) -> Watched:
        """How far the price is from the stop."""
        price = price_of(self._bench.quote, self._source)
        return Watched(self.name, self._rules.stop.crossing, self._guarded.level.stop, price)

    def hear(self, heard: Heard) -> None:
        """Let a tick decide."""
        if self._is_over or self._is_resting:
            return
        if self._terms is not None and lacks_touch(heard.tick.quote, self.closing):
            substitute = self._substitute(heard.tick.quote, heard.underlying, heard.now)
            if substitute is not None and _is_news(substitute, heard):
                self._judge_substitute(substitute.price, heard.now)
            return
        price = told_price(heard.tick, self._source)
        if price is not None:
            self._judge(price, heard.now)

    def resume(self) -> None:
        """Ticks may have been missed: what is not confirmed by now is seen anew."""
        self._guarded = guarding.resume(self._guarded)
        self._reached = HOLDING
        self._settle()

    def next_day(self) -> None:
        """A stop knows no days."""

    def _judge(self, price: GoodPrice, now: datetime) -> None:
        before = self._guarded
        self._guarded, _ = guarding.on_tick(self._rules, before, price, now)
        if not self._guarded.has_fired and self._near_target is not None:
            self._reached, _ = stops.on_tick(
                self._target_rule, self._near_target, self._reached, price, now
            )
        self._settle()
        self._conclude()
        has_moved = self._guarded.level.stop != before.level.stop
        if has_moved and not self._is_over and self._moved is not None:
            self._moved(self._guarded)

    def _judge_substitute(self, price: GoodPrice, now: datetime) -> None:
        """Nobody would buy at a target for which nobody bids: a substitute only breaches."""
        self._guarded, _ = guarding.on_substitute(self._rules, self._guarded, price, now)
        self._settle()
        self._conclude()

    def _see_standing(self, now: datetime) -> None:
        """Look at the price that stands as at one that the stop was moved to."""
        standing = self._standing(now)
        self._guarded, _ = guarding.move_stop(
            self._rules, self._guarded, self._guarded.level.stop, standing, now
        )
        self._see_target(standing, now)
        self._settle()

    def _see_target(self, standing: GoodPrice | None, now: datetime) -> None:
        if self._near_target is not None and not self.lacks_touch:
            self._reached, _ = stops.on_move(
                self._target_rule, self._near_target, self._reached, standing, now
            )

    def _take_aim(self, target: Target | None) -> None:
        self._target = None if target is None else target.price
        self._takes_all = target is None or target.part is None
        self._near_target = _near(self._target_rule.crossing, self._target)
        self._reached = HOLDING

    def _look(self) -> None:
        """A breach is old enough: whether it still stands."""
        self._bench.catch_up()
        if self._is_over or self._is_resting:
            return
        now, is_live = self._bench.now(), self._bench.is_live
        standing = self._standing(now)
        self._guarded, _ = guarding.on_time(self._rules, self._guarded, standing, is_live, now)
        if not self._guarded.has_fired and self._near_target is not None:
            own = None if self.lacks_touch else standing
            self._reached, _ = stops.on_time(
                self._target_rule, self._near_target, self._reached, own, is_live, now
            )
        self._settle()
        self._conclude()

    def _conclude(self) -> None:
        """Tell it, if that was it. The stop is asked first; after a part's target it goes on."""
        if self._is_over or self._fired is None:
            return
        if self._guarded.has_fired:
            why, self._is_over = Exit.STOP, True
        elif isinstance(self._reached, stops.Fired):
            why, self._is_over = Exit.TARGET, self._takes_all
            self._take_aim(None)
        else:
            return
        self._settle()
        self._fired(why, self._guarded)

    def _settle(self) -> None:
        self._bench.settle(self)
        breaches = () if self._is_over else self._breaches()
        self._lookout.wait(min((look_again_at(*each) for each in breaches), default=None))

    def _breaches(self) -> tuple[tuple[StopRule, Breached], ...]:
        """What is breached and not confirmed."""
        both = (self._rules.stop, self._guarded.breach), (self._target_rule, self._reached)
        return tuple((rule, state) for rule, state in both if isinstance(state, Breached))

    def _standing(self, now: datetime) -> GoodPrice | None:
        """The price that stands while no tick comes."""
        quote = self._bench.quote
        if not self.lacks_touch:
            return standing_price(quote, self._source)
        substitute = self._substitute(quote, self._bench.underlying_price, now)
        return None if substitute is None else substitute.price

    def _substitute(
        self, quote: Quote, underlying: GoodPrice | None, now: datetime
    ) -> Substitute | None:
        if self._terms is None:
            return None
        return substitute_price(quote, self.closing, self._terms, underlying, now)

    def _winning_rung(self) -> Decimal | None:
        """The first price in favour of the position at which something happens."""
        favour = self._rules.stop.crossing.opposite
        trail, level = self._rules.trail, self._guarded.level
        if trail is None:
            return self._target
        if isinstance(level, Trailing):
            rung = first_past(favour, level.best)
        else:
            rung = threshold(favour, trail.anchor, trail.activate_pct)
        return rung if self._target is None else nearer(favour, rung, self._target)


def _near(crossing: Crossing, target: Decimal | None) -> Decimal | None:
    return None if target is None else last_before(crossing, target)


def _target_rule(stop: StopRule) -> StopRule:
    """What confirms that a target is reached."""
    return replace(stop, crossing=stop.crossing.opposite, breach_pct=Decimal(0))


def _is_news(substitute: Substitute, heard: Heard) -> bool:
    if heard.by_underlying:
        return substitute.basis is Basis.UNDERLYING
    return substitute.is_news(heard.tick.news)
