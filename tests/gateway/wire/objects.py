"""The objects that the clients' libraries hand over, as our own values."""

import math
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from ib_async.util import parseIBDatetime

from backstay.gateway import times
from backstay.gateway.messages import data_replies as prices
from backstay.gateway.values.contract import ComboLeg, Contract, DeltaNeutral, TagValue
from backstay.gateway.values.execution import Execution, Side
from backstay.gateway.values.order import Condition, Order
from tests.gateway.wire.clients import CONDITION_TERMS
from tests.gateway.wire.vocabulary import UNSET_NUMBER, UNSET_WHOLE, words


def number_of(value: Any) -> Decimal:
    """A number that is there."""
    found = number_or_none(value)
    assert found is not None
    return found


def numbers_of(names: str, given: Any) -> dict[str, Any]:
    """Numbers as the arguments of these names."""
    return {name: number_of(value) for name, value in zip(names.split(), given, strict=True)}


def number_or_none(value: Any) -> Decimal | None:
    if isinstance(value, str):
        value = float(value)
    if value == UNSET_NUMBER:
        return None
    if value == math.inf:
        return Decimal("Infinity")
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def fields_of(made_of: type, theirs: Any) -> dict[str, Any]:
    """The fields of the client's object as arguments for ours; parts are replaced in a default."""
    found: dict[str, Any] = {}
    for word in words(made_of):
        if word.called in _ABSENT_IN_IBAPI and not hasattr(theirs, word.called):
            continue
        called = word.called if _has(theirs, word.called) else _CALLED_BY_IBAPI[word.called]
        value = _ours(attrgetter(called)(theirs), word.type, may_be_none=word.may_be_none)
        owner, _, name = word.path.rpartition(".")
        if owner:
            part = found.get(owner, getattr(made_of(), owner))
            found[owner] = replace(part, **{name: value})
        else:
            found[name] = value
    return found


def _has(theirs: Any, called: str) -> bool:
    return hasattr(theirs, called.partition(".")[0])


_ABSENT_IN_IBAPI = {"eTradeOnly", "firmQuoteOnly", "nbboPriceCap"}


_CALLED_BY_IBAPI = {
    "commission": "commissionAndFees",
    "minCommission": "minCommissionAndFees",
    "maxCommission": "maxCommissionAndFees",
    "commissionCurrency": "commissionAndFeesCurrency",
}


def _ours(value: Any, kind: Any, *, may_be_none: bool) -> Any:
    if value is None:
        return None
    if kind is Decimal:
        return number_or_none(value)
    if kind is int and may_be_none and value == UNSET_WHOLE:
        return None
    return kind(value)


def contract_of(theirs: Any) -> Contract:
    neutral = theirs.deltaNeutralContract
    return Contract(
        **fields_of(Contract, theirs),
        combo_legs=tuple(ComboLeg(**fields_of(ComboLeg, leg)) for leg in theirs.comboLegs or ()),
        delta_neutral=neutral
        and DeltaNeutral(neutral.conId, number_of(neutral.delta), number_of(neutral.price)),
    )


def order_of(theirs: Any) -> Order:
    order = Order(
        **fields_of(Order, theirs),
        algo_params=tags_of(theirs.algoParams),
        combo_leg_prices=tuple(number_or_none(leg.price) for leg in theirs.orderComboLegs or ()),
        smart_combo_routing=tags_of(theirs.smartComboRoutingParams),
        conditions=tuple(_condition(condition) for condition in theirs.conditions),
    )
    neutral = order.delta_neutral
    # TWS says None where there is no delta-neutral order.
    assert neutral.order_type
    if neutral.order_type == "None":
        neutral = replace(neutral, order_type="")
    return replace(order, delta_neutral=neutral)


def _condition(theirs: Any) -> Condition:
    terms = []
    for name in CONDITION_TERMS[theirs.condType]:
        value = getattr(theirs, "exch" if name == "exchange" and _is_short(theirs) else name)
        plain = f"{_plain(value):f}" if isinstance(value, float) else value
        terms.append(str(int(plain)) if isinstance(plain, bool) else str(plain))
    is_and = getattr(theirs, "isConjunctionConnection", None)
    conjunction = theirs.conjunction if is_and is None else "a" if is_and else "o"
    return Condition(theirs.condType, conjunction, tuple(terms))


def _is_short(theirs: Any) -> bool:
    return hasattr(theirs, "exch")


def _plain(value: float) -> Decimal:
    number = number_of(value)
    return number.quantize(Decimal(1)) if number == int(number) else number.normalize()


def tags_of(theirs: Any) -> tuple[TagValue, ...]:
    return tuple(TagValue(pair.tag, pair.value) for pair in theirs or ())


def bar_of(theirs: Any) -> prices.Bar:
    is_ib_async = hasattr(theirs, "average")
    numbers = (theirs.open, theirs.high, theirs.low, theirs.close, theirs.volume)
    average = theirs.average if is_ib_async else theirs.wap
    made = numbers_of("open high low close volume average", (*numbers, average))
    return prices.Bar(theirs.date, count=theirs.barCount, **made)


def execution_of(theirs: Any) -> Execution:
    time = theirs.time if isinstance(theirs.time, datetime) else parseIBDatetime(theirs.time)
    assert isinstance(time, datetime)
    found = {name: value for name, value in fields_of(Execution, theirs).items() if name != "side"}
    return Execution(**found, side=Side(theirs.side), time_ns=times.to_ns(time))
