"""Position against live stops, from the broker's data alone."""

from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.protection.audit import Fault, Finding, Held, LiveOrder, audit
from backstay.domain.sides import Side

CON_ID = 265598
STOCK = Instrument(
    CON_ID, "AAPL", "SMART", "USD", Decimal(1), PriceGrid.uniform(Decimal("0.01")), "US/Eastern"
)
KEY = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)
PLAIN = Stop(Decimal("185.00"))
FOR_ALL_HOURS = StopLimit(Decimal("185.00"), Decimal("175.75"))


def held(quantity: int, *, outside: bool = False, price: str | None = "190.00") -> Held:
    """A position in the stock."""
    return Held(STOCK, Decimal(quantity), outside, None if price is None else Decimal(price))


def live(
    remaining: int = 100,
    *,
    side: Side = Side.SELL,
    terms: OrderTerms = PLAIN,
    key: IntentKey | None = KEY,
    time_in_force: TimeInForce = TimeInForce.GOOD_TILL_CANCELLED,
    outside: bool = False,
    oca_name: str | None = None,
) -> LiveOrder:
    """A living order in the stock."""
    return LiveOrder(key, side, Decimal(remaining), terms, time_in_force, outside, oca_name)


def finding(fault: Fault, quantity: int = 100, key: IntentKey | None = None) -> Finding:
    """A finding about the stock."""
    return Finding(fault, CON_ID, Decimal(quantity), key)


EXIT = live(terms=Limit(Decimal(189)), oca_name="pair")


@pytest.mark.req("X.8", "S0.4", "I8")
@pytest.mark.parametrize(
    ("position", "orders", "expected"),
    [
        (held(100), (live(),), ()),
        (held(-100), (live(side=Side.BUY, terms=Stop(Decimal(195))),), ()),
        (held(0), (), ()),
        (held(0), (live(side=Side.BUY, terms=Limit(Decimal(180)), key=None),), ()),
        (held(0), (live(key=None),), ()),
        (held(0), (live(30),), (finding(Fault.TOO_MUCH, 30, KEY),)),
        (held(100), (), (finding(Fault.UNPROTECTED),)),
        (held(100), (live(60),), (finding(Fault.TOO_LITTLE, 40),)),
        (held(100), (live(99),), (finding(Fault.TOO_LITTLE, 1),)),
        (held(100), (live(101),), (finding(Fault.TOO_MUCH, 1),)),
        (held(100), (live(60), live(40)), ()),
        # A running exit and the stop of its pair fill only once; side by side they are too much.
        (held(100), (EXIT, live(oca_name="pair")), ()),
        (held(100), (EXIT, live(oca_name="other")), (finding(Fault.TOO_MUCH, 100),)),
        (held(100), (live(terms=Market()),), ()),
        (held(100), (live(60, oca_name="a"), live(40, oca_name="b")), ()),
        # A stop on the wrong side adds to the position, and protects nothing.
        (
            held(100),
            (live(side=Side.BUY, terms=Stop(Decimal(195))),),
            (finding(Fault.UNPROTECTED), finding(Fault.WRONG_SIDE, 100, KEY)),
        ),
        (held(100), (live(), live(side=Side.BUY, key=None)), ()),
        # What a person has placed counts, and is held to the same.
        (held(100), (live(key=None),), ()),
        (
            held(100),
            (live(key=None, time_in_force=TimeInForce.DAY),),
            (finding(Fault.EXPIRES),),
        ),
        (
            held(100),
            (live(time_in_force=TimeInForce.DAY),),
            (finding(Fault.EXPIRES, 100, KEY),),
        ),
        (held(100, outside=True), (live(terms=FOR_ALL_HOURS, outside=True),), ()),
        (
            held(100, outside=True),
            (live(terms=FOR_ALL_HOURS),),
            (finding(Fault.SLEEPS, 100, KEY),),
        ),
        (held(100, outside=True), (live(outside=True),), (finding(Fault.SLEEPS, 100, KEY),)),
        (held(100), (live(terms=Stop(Decimal("142.50"))),), ()),
        (
            held(100),
            (live(terms=Stop(Decimal("142.49"))),),
            (finding(Fault.TOO_FAR, 100, KEY),),
        ),
        (
            held(-100),
            (live(side=Side.BUY, terms=Stop(Decimal("237.51"))),),
            (finding(Fault.TOO_FAR, 100, KEY),),
        ),
        (held(-100), (live(side=Side.BUY, terms=Stop(Decimal("237.50"))),), ()),
        (held(100, price=None), (live(terms=Stop(Decimal(1))),), ()),
        # A stop that the market has passed already is not too far.
        (held(100), (live(terms=Stop(Decimal(300))),), ()),
    ],
)
def test_each_fault_is_found_and_nothing_else(
    position: Held, orders: tuple[LiveOrder, ...], expected: tuple[Finding, ...]
) -> None:
    assert audit(position, orders) == expected
