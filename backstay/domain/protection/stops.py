"""The disaster stop of a tranche: one order, on the terms that its instrument and hours need.

It is good till cancelled, because it has to outlive the day and us. A plain stop sleeps outside
regular hours, so what may be held through them rests as a stop limit for all hours; an option
always does, for a market order into an empty book sells at any price. What such a stop gives up
beyond its trigger is wide on purpose: a stop that triggers and does not fill protects nothing.
"""

from decimal import Decimal

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    OcaGroup,
    OrderIntent,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.prices import percent_of
from backstay.domain.sides import Side, side_that_closes

STOCK_GIVES_UP_PCT = Decimal(5)
OPTION_GIVES_UP_PCT = Decimal(50)


def disaster_stop(
    key: IntentKey,
    account: str,
    instrument: Instrument,
    position: Decimal,
    trigger: Decimal,
    *,
    held_outside_regular_hours: bool,
) -> OrderIntent:
    """The stop that closes the signed `position` once `trigger` is reached.

    The trigger is rounded to the losing side: it never stands closer than it was asked to.
    """
    if key.purpose is not Purpose.PROTECT:
        raise ValueError(f"{key} is not the key of a protective stop")
    side = side_that_closes(position)
    all_hours = rests_for_all_hours(instrument, held_outside_regular_hours)
    at = instrument.grid.to_losing_side(side, trigger)
    return OrderIntent(
        key,
        account,
        instrument,
        side,
        abs(position),
        _terms(instrument, side, at, all_hours=all_hours),
        TimeInForce.GOOD_TILL_CANCELLED,
        outside_regular_hours=all_hours,
        trigger_method=_trigger_method(instrument, all_hours=all_hours),
    )


def rests_for_all_hours(instrument: Instrument, held_outside_regular_hours: bool) -> bool:
    """Whether the stop of `instrument` has to be awake outside regular hours; an option's book is
    empty then, so its stop never is.
    """
    return held_outside_regular_hours and not instrument.is_option


def _terms(instrument: Instrument, side: Side, trigger: Decimal, *, all_hours: bool) -> OrderTerms:
    if not instrument.is_option and not all_hours:
        return Stop(trigger)
    gives_up_pct = OPTION_GIVES_UP_PCT if instrument.is_option else STOCK_GIVES_UP_PCT
    limit = instrument.grid.beyond(side, trigger, percent_of(trigger, gives_up_pct))
    return StopLimit(trigger, limit)


def _trigger_method(instrument: Instrument, *, all_hours: bool) -> TriggerMethod:
    """An option's last trade can be hours old, so its book decides; one odd print outside regular
    hours must not, so there two decide.
    """
    if instrument.is_option:
        return TriggerMethod.DOUBLE_BID_ASK
    return TriggerMethod.DOUBLE_LAST if all_hours else TriggerMethod.LAST


def pair_of(key: IntentKey, tranche: int) -> OcaGroup:
    """The group in which the stop of this key and the exit of its tranche fill only once.

    A new generation of the stop is a new name, for a name can't be used again. Type 2 keeps IB from
    working both members at one time: of two that race, the position could turn.
    """
    return OcaGroup(f"{key.order_ref}:{tranche}", 2)
