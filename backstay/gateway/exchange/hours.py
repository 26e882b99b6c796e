"""When an order may work, by the phase of its market."""

from backstay.gateway.market.words import Phase
from backstay.gateway.values.order import Order

OUTSIDE_TYPES = ("LMT", "STP LMT")
"""The types that work outside regular hours if the order asks for it: a plain stop sleeps then, and
a market order waits for the open.
"""


def works_outside(order: Order) -> bool:
    """Whether extended hours are among its hours."""
    return order.outside_rth and order.order_type in OUTSIDE_TYPES


def may_work(order: Order, phase: Phase) -> bool:
    """Whether the phase is one of its own."""
    return phase is Phase.REGULAR or (phase is Phase.EXTENDED and works_outside(order))
