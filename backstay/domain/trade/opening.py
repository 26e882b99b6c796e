"""The orders that a plan begins with, and the first of each kind that it may lead to.

Owns the way from a sized plan to the entry, the disaster stop that is attached to it, the rules of
the ladder and every exit: what has to be written down before the entry may be armed. Prices and
quantities come from the plan's own rules; nothing here is decided about the market.

Targets are parts of the position that exist here alone: at the broker one stop stands for all of
it. A part that leaves at its target is a leg of its own from then on, so that its way out never
mixes with that of the rest. A target that takes whatever is left leaves by the leg of the entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.rungs import last_rung, limit_rung
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Limit, Market, OrderIntent, TimeInForce
from backstay.domain.plan.entry import EntryOrder
from backstay.domain.plan.exits import Target
from backstay.domain.plan.sizing import Sized
from backstay.domain.plan.trade import TradePlan
from backstay.domain.prices import PriceGrid
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.triggers import PremarketPolicy


@dataclass(frozen=True, slots=True)
class TargetExit:
    """How the position, or a part of it, leaves at `price`.

    `stop` is what goes back at the broker where the exit of the part has to wait.
    """

    price: Decimal
    takes_all: bool
    exit: OrderIntent
    stop: OrderIntent


@dataclass(frozen=True, slots=True)
class FirstOrders:
    """What is written before anything can leave; nothing rests at the broker without a stop there.

    `first_exit` is the first rung as it would be in regular hours at the plan's own stop, `by_hand`
    the same for a person who wants out, or a kill. `stop` is attached to the entry, or where the
    plan keeps it off the broker's books, goes back behind an exit that has to wait.
    """

    entry: OrderIntent
    stop: OrderIntent
    is_attached: bool
    ladder: LadderRules
    first_exit: OrderIntent
    by_hand: OrderIntent
    targets: tuple[TargetExit, ...] = ()

    @property
    def protection(self) -> OrderIntent | None:
        """The stop that leaves with the entry."""
        return self.stop if self.is_attached else None

    @property
    def all(self) -> tuple[OrderIntent, ...]:
        """Every order that needs an approval, the entry first; each once."""
        exits = (order for target in self.targets for order in (target.exit, target.stop))
        named = {
            order.key: order
            for order in (self.entry, self.stop, self.first_exit, self.by_hand, *exits)
        }
        return tuple(named.values())


def first_orders(
    plan: TradePlan, account: str, instrument: Instrument, sized: Sized, profile: BrokerProfile
) -> FirstOrders:
    """The first orders of `plan` at its size, under the keys that they would carry."""
    trade = trade_id(account, plan.id)
    entry = _entry(plan, IntentKey(trade, 0, Purpose.ENTRY, 1), account, instrument, sized)
    stop = _stop(plan, IntentKey(trade, 0, Purpose.PROTECT, 1), entry, sized)
    ladder = ladder_rules(plan, stop, sized.stops.stop, profile)
    market = MarketNow(MarketPhase.REGULAR)
    first_exit = limit_rung(ladder, ladder.first_key, sized.quantity, market) or last_rung(
        ladder, ladder.first_key, sized.quantity, market, shuns_market=False
    )
    return FirstOrders(
        entry=entry,
        stop=stop,
        is_attached=sized.stops.disaster is not None,
        ladder=ladder,
        first_exit=first_exit,
        by_hand=replace(first_exit, key=replace(first_exit.key, purpose=Purpose.EXIT_MANUAL)),
        targets=tuple(_target_exits(plan, sized, stop, first_exit)),
    )


def ladder_rules(
    plan: TradePlan, resting: OrderIntent, trigger: Decimal, profile: BrokerProfile
) -> LadderRules:
    """The plan's way out from a stop at `trigger`, over the protective stop that rests.

    What goes back if the exit has to wait is the same stop under the next key.
    """
    key = resting.key
    return LadderRules(
        first_key=IntentKey(key.trade, key.leg, Purpose.EXIT_STOP, 1),
        shield=replace(resting, key=key.next_generation()),
        trigger=trigger,
        profile=profile,
        slippage_pct=plan.stop.ladder.slippage_pct,
        limit_seconds=plan.stop.ladder.limit_seconds,
    )


def target_price(target: Target, side: Side, entry: Decimal, grid: PriceGrid) -> Decimal:
    """Where a position entered at `entry` on `side` has reached the target; never short of what
    was asked for.
    """
    wanted = target.price
    if wanted is None:
        wanted = entry + side.signed(target.offset or Decimal(0))
    return grid.to_saving_side(side.opposite, wanted)


def _target_exits(
    plan: TradePlan, sized: Sized, stop: OrderIntent, first_exit: OrderIntent
) -> Iterator[TargetExit]:
    """The exits at the targets, for at most the whole position each: what has filled by then, and
    what of it is a part, is only known later.
    """
    reached = Decimal(0)
    for number, target in enumerate(plan.targets, start=1):
        reached += target.fraction
        takes_all = reached == 1
        leg = stop.key.leg if takes_all else number
        price = target_price(target, plan.side, sized.entry_price, stop.instrument.grid)
        exit_key = IntentKey(stop.key.trade, leg, Purpose.EXIT_TARGET, 1)
        stop_key = IntentKey(stop.key.trade, leg, Purpose.PROTECT, 1)
        yield TargetExit(
            price=price,
            takes_all=takes_all,
            exit=replace(first_exit, key=exit_key),
            stop=stop if takes_all else replace(stop, key=stop_key, parent=None),
        )


def held_outside_regular_hours(plan: TradePlan) -> bool:
    """Whether the position may be open while only extended hours trade."""
    ends_with_session = plan.time_exit is not None and plan.time_exit.at is None
    return not ends_with_session or _enters_before_the_open(plan)


def _enters_before_the_open(plan: TradePlan) -> bool:
    trigger = plan.entry.trigger
    return trigger is not None and trigger.premarket is PremarketPolicy.FIRE


def _entry(
    plan: TradePlan, key: IntentKey, account: str, instrument: Instrument, sized: Sized
) -> OrderIntent:
    is_limit = plan.entry.order is EntryOrder.LIMIT
    ends = plan.entry.expires
    return OrderIntent(
        key=key,
        account=account,
        instrument=instrument,
        side=plan.side,
        quantity=sized.quantity,
        terms=Limit(sized.entry_price) if is_limit else Market(),
        time_in_force=TimeInForce.DAY if ends is None else TimeInForce.GOOD_TILL_DATE,
        good_till=ends,
        outside_regular_hours=_enters_before_the_open(plan),
    )


def _stop(plan: TradePlan, key: IntentKey, entry: OrderIntent, sized: Sized) -> OrderIntent:
    """The disaster stop; where the plan keeps it off the broker's books, the one that would go
    back behind an exit that has to wait.
    """
    trigger = sized.stops.stop if sized.stops.disaster is None else sized.stops.disaster
    stop = disaster_stop(
        key,
        entry.account,
        entry.instrument,
        entry.signed_quantity,
        trigger,
        held_outside_regular_hours=held_outside_regular_hours(plan),
    )
    return replace(stop, parent=entry.key)
