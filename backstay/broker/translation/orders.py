"""Intents as ib_async's orders, field by field.

Everything that decides what an order does is said, the time in force above all: the gateway cancels
an order whose time in force it has to fill in itself (10349).
"""

from typing import Any, assert_never

from ib_async.order import Order

from backstay.broker.translation.figures import on_the_wire, text_on_the_wire
from backstay.broker.translation.times import utc_text
from backstay.domain.orders.intent import Limit, Market, OrderIntent, Stop, StopLimit
from backstay.domain.sides import Side

_ACTIONS = {Side.BUY: "BUY", Side.SELL: "SELL"}


def order_of(intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> Order:
    """The order that `intent` means, without its own id and its parent's."""
    return Order(
        action=_ACTIONS[intent.side],
        totalQuantity=on_the_wire(intent.quantity),
        tif=intent.time_in_force.value,
        goodTillDate=utc_text(intent.good_till) if intent.good_till else "",
        outsideRth=intent.outside_regular_hours,
        triggerMethod=int(intent.trigger_method),
        ocaGroup=text_on_the_wire("an OCA group", intent.oca.name) if intent.oca else "",
        ocaType=intent.oca.type if intent.oca else 0,
        orderRef=intent.order_ref,
        account=text_on_the_wire("an account", intent.account),
        transmit=transmit,
        whatIf=what_if,
        **_terms(intent.terms),
    )


def _terms(terms: Market | Limit | Stop | StopLimit) -> dict[str, Any]:
    match terms:
        case Market():
            prices = {}
        case Limit(price):
            prices = {"lmtPrice": on_the_wire(price)}
        case Stop(trigger):
            prices = {"auxPrice": on_the_wire(trigger)}
        case StopLimit(trigger, price):
            prices = {"auxPrice": on_the_wire(trigger), "lmtPrice": on_the_wire(price)}
        case _:
            assert_never(terms)
    return {"orderType": terms.kind, **prices}
