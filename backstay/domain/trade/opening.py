"""The orders that a plan begins with.

Owns the way from a sized plan to the entry, the disaster stop that is attached to it, and the rules
of the ladder: what has to be written down before the entry may be armed. Prices and quantities come
from the plan's own rules; nothing here is decided about the market.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.rungs import last_rung, limit_rung
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Limit, Market, OrderIntent, TimeInForce
from backstay.domain.plan.entry import EntryOrder
from backstay.domain.plan.sizing import Sized
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import BrokerProfile
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sessions import MarketPhase
from backstay.domain.ticks.triggers import PremarketPolicy


@dataclass(frozen=True, slots=True)
class FirstOrders:
    """What is written before anything can leave; nothing rests at the broker without a stop there.

    `first_exit` is the first rung as it would be in regular hours at the plan's own stop.
    """

    entry: OrderIntent
    protection: OrderIntent | None
    ladder: LadderRules
    first_exit: OrderIntent


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
    return FirstOrders(entry, None if sized.stops.disaster is None else stop, ladder, first_exit)


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
