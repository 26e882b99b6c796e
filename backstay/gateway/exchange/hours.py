"""When an order may work, by the phase of its market."""

from datetime import datetime

from backstay.gateway.market.words import Phase
from backstay.gateway.times import ZONE, to_ns
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


def next_opening_ns(liquid_hours: str, now_ns: int) -> int | None:
    """When regular hours begin next, by IB's text of them (`20261123:0930-20261123:1600;...`)."""
    spans = (span for span in liquid_hours.split(";") if "-" in span)
    openings = (
        to_ns(datetime.strptime(span.partition("-")[0], "%Y%m%d:%H%M").replace(tzinfo=ZONE))
        for span in spans
    )
    return next((opening_ns for opening_ns in openings if opening_ns > now_ns), None)
