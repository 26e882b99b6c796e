"""Which order comes next on the ladder, and at what price.

Prices are on the *losing* side of what they are measured from, by at least one tick and rounded
further to that side: an exit is meant to fill. The last rung is a market order where one trades at
once, and otherwise a limit that follows the touch; an option that nobody bids for rests at a floor.
"""

from dataclasses import replace
from decimal import Decimal

from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    OrderTerms,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.prices import percent_of
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side


def is_beyond(side: Side, touch: Decimal, limit: Decimal) -> bool:
    """Whether the touch has run past `limit`, so that an order of `side` at it would only rest."""
    return touch < limit if side is Side.SELL else touch > limit


def limit_price(rules: LadderRules) -> Decimal:
    """The price of the limit rung: the trigger, less the slippage, on the losing side."""
    slippage = percent_of(rules.trigger, rules.slippage_pct)
    return rules.shield.instrument.grid.beyond(rules.shield.side, rules.trigger, slippage)


def following_price(rules: LadderRules, market: MarketNow) -> Decimal:
    """The price of a last rung that can't be a market order: marketable where there is a touch,
    and where there is none a floor (for an option) under the fairest price that is known.
    """
    reference, give_up_pct = market.touch, rules.slippage_pct
    if reference is None:
        reference = market.fair or rules.trigger
        if rules.shield.instrument.is_option:
            give_up_pct = rules.floor_pct
    slippage = percent_of(reference, give_up_pct)
    return rules.shield.instrument.grid.beyond(rules.shield.side, reference, slippage)


def limit_rung(
    rules: LadderRules, key: IntentKey, quantity: Decimal, market: MarketNow
) -> OrderIntent | None:
    """The first rung, or None where it would be pointless: no patience, or the touch is beyond."""
    price = limit_price(rules)
    if not rules.patience:
        return None
    if market.touch is not None and is_beyond(rules.shield.side, market.touch, price):
        return None
    return _exit_order(rules, key, quantity, Limit(price), market)


def last_rung(
    rules: LadderRules,
    key: IntentKey,
    quantity: Decimal,
    market: MarketNow,
    *,
    shuns_market: bool,
) -> OrderIntent:
    """The last rung: a market order if it trades at once, else a limit that follows the touch."""
    nobody_bids = rules.shield.instrument.is_option and market.touch is None
    if market.takes_market_orders and not nobody_bids and not shuns_market:
        return _exit_order(rules, key, quantity, Market(), market)
    return following_rung(rules, key, quantity, market)


def following_rung(
    rules: LadderRules, key: IntentKey, quantity: Decimal, market: MarketNow
) -> OrderIntent:
    """A limit where our side trades now, to be moved as that moves."""
    return _exit_order(rules, key, quantity, Limit(following_price(rules, market)), market)


def shield_of(rules: LadderRules, key: IntentKey, quantity: Decimal) -> OrderIntent:
    """The protective stop that goes back for `quantity`: alone, in no group, under no parent."""
    return replace(rules.shield, key=key, quantity=quantity, oca=None, parent=None)


def joined(intent: OrderIntent, oca: OcaGroup | None) -> OrderIntent:
    """The same order as a member of `oca`."""
    return replace(intent, oca=oca)


def modified(live: OrderIntent, wanted: OrderIntent) -> OrderIntent:
    """What a modification of `live` into `wanted` asks for: its group and its parent stay."""
    return replace(wanted, oca=live.oca, parent=live.parent)


def _exit_order(
    rules: LadderRules, key: IntentKey, quantity: Decimal, terms: OrderTerms, market: MarketNow
) -> OrderIntent:
    """An exit order of the ladder.

    A limit is good till cancelled and for all hours, so that it can't expire behind our back; a
    market order dies with the day, so that it can't wait for another session. Options are marked
    for all hours only while they trade outside the regular ones (2109 otherwise).
    """
    is_market = isinstance(terms, Market)
    has_other_hours = not rules.shield.instrument.is_option or market.phase is MarketPhase.EXTENDED
    return replace(
        rules.shield,
        key=key,
        quantity=quantity,
        terms=terms,
        time_in_force=TimeInForce.DAY if is_market else TimeInForce.GOOD_TILL_CANCELLED,
        outside_regular_hours=not is_market and has_other_hours,
        trigger_method=TriggerMethod.DEFAULT,
        oca=None,
        parent=None,
    )
