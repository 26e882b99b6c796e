"""How an order reads: its name within its trade, and its terms.

The one place for both, whoever shows them.
"""

from typing import assert_never

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Limit, Market, OrderIntent, OrderTerms, Stop, StopLimit


def name_of(key: IntentKey) -> str:
    """A key within its trade: purpose and generation, and the leg where it is not the first."""
    leg = f"{key.leg}:" if key.leg else ""
    return f"{leg}{key.purpose.value}:{key.generation}"


def terms_text(terms: OrderTerms) -> str:
    """An order's type and prices, in the broker's words."""
    match terms:
        case Market():
            return "MKT"
        case Limit(price):
            return f"LMT {price:f}"
        case Stop(trigger):
            return f"STP {trigger:f}"
        case StopLimit(trigger, price):
            return f"STP {trigger:f} LMT {price:f}"
        case _:
            assert_never(terms)


def order_text(intent: OrderIntent) -> str:
    """An order, as a trader would say it."""
    return f"{intent.side.value} {plain(intent.quantity)} {terms_text(intent.terms)}"
