"""Position against live stops, from the broker's data alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.protection.audit import Fault, Finding, Held, LiveOrder, audit
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side

CON_ID = 265598
STOCK = Instrument(
    CON_ID, "AAPL", "SMART", "USD", Decimal(1), PriceGrid.uniform(Decimal("0.01")), "US/Eastern"
)
OPTION = Instrument(
    CON_ID,
    "AAPL",
    "SMART",
    "USD",
    Decimal(100),
    PriceGrid.uniform(Decimal("0.05")),
    "US/Eastern",
    OptionTerms(date(2026, 12, 18), Decimal(190), Right.CALL),
)
KEY = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)
EXIT_KEY = IntentKey("T7K2M9QX", 0, Purpose.EXIT_STOP, 1)
ENTRY_KEY = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
OTHERS_ENTRY_KEY = IntentKey("8MZ4T7K2", 0, Purpose.ENTRY, 1)
PLAIN = Stop(Decimal("185.00"))
FOR_ALL_HOURS = StopLimit(Decimal("185.00"), Decimal("175.75"))


def held(quantity: int | str, *, outside: bool = False, price: str | None = "190.00") -> Held:
    """A position in the stock."""
    return Held(STOCK, Decimal(quantity), outside, None if price is None else Decimal(price))


def live(
    remaining: int | str = 100,
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


def finding(fault: Fault, quantity: int | str = 100, key: IntentKey | None = None) -> Finding:
    """A finding about the stock."""
    return Finding(fault, CON_ID, Decimal(quantity), key)


EXIT = live(terms=Limit(Decimal(189)), key=EXIT_KEY, oca_name="pair")


def entry(remaining: int, key: IntentKey | None = ENTRY_KEY) -> LiveOrder:
    """An order that can still buy so much."""
    return live(remaining, side=Side.BUY, terms=Limit(Decimal(189)), key=key)


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
        # An exit that nothing is left for would turn the position.
        (held(0), (EXIT,), (finding(Fault.TOO_MUCH, 100, EXIT_KEY),)),
        (held(0), (entry(100), live(100)), ()),
        (held(0), (entry(100, OTHERS_ENTRY_KEY), live()), (finding(Fault.TOO_MUCH, 100, KEY),)),
        (held(100), (), (finding(Fault.UNPROTECTED),)),
        (held(100), (live(60),), (finding(Fault.TOO_LITTLE, 40),)),
        (held(100), (live(99),), (finding(Fault.TOO_LITTLE, 1),)),
        (held(100), (live(101),), (finding(Fault.TOO_MUCH, 1),)),
        # No order can be for a part of one.
        (held("1.5"), (live(1),), ()),
        (held("1.5"), (), (finding(Fault.UNPROTECTED, "1.5"),)),
        (held("2.5"), (live(1),), (finding(Fault.TOO_LITTLE, "1.5"),)),
        (held("1.5"), (live(2),), (finding(Fault.TOO_MUCH, "0.5"),)),
        (held("-0.5"), (), ()),
        (held("0.5"), (live(1),), (finding(Fault.TOO_MUCH, "0.5"),)),
        (held(100), (live(60), live(40)), ()),
        # A running exit and the stop of its pair fill only once; side by side they are too much.
        (held(100), (EXIT, live(oca_name="pair")), ()),
        (held(100), (EXIT, live(60, oca_name="pair")), ()),
        (held(100), (EXIT, live("0.5", oca_name="other")), (finding(Fault.TOO_MUCH, "0.5"),)),
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
        # So does an exit.
        (
            held(-100),
            (live(side=Side.BUY, terms=Stop(Decimal(195))), EXIT),
            (finding(Fault.WRONG_SIDE, 100, EXIT_KEY),),
        ),
        (held(100), (live(), entry(50)), (finding(Fault.UNPROTECTED),)),
        (held(100), (live(), entry(50, OTHERS_ENTRY_KEY), entry(50, None)), ()),
        # What a person has placed counts, and is held to the same.
        (held(100), (live(key=None),), ()),
        # What will close it, but not where the price goes against it, leaves it naked until then.
        (held(100), (live(key=None, terms=Market()),), (finding(Fault.UNPROTECTED),)),
        (held(100), (live(key=None, terms=Limit(Decimal(200))),), (finding(Fault.UNPROTECTED),)),
        (
            held(100),
            (live(60), live(40, key=None, terms=Market())),
            (finding(Fault.TOO_LITTLE, 40),),
        ),
        (
            held(100),
            (live(), live(40, key=None, terms=Market())),
            (finding(Fault.TOO_MUCH, 40),),
        ),
        (held(100), (replace(live(key=None, terms=Market()), is_strange=True),), ()),
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
    assert audit(position, orders, PESSIMISTIC) == expected


@pytest.mark.req("X.1", "X.8")
@pytest.mark.parametrize(
    ("filled", "attached", "profile", "expected"),
    [
        (40, 100, OPTIMISTIC, ()),
        (40, 101, OPTIMISTIC, (finding(Fault.TOO_MUCH, 1),)),
        (40, 100, PESSIMISTIC, (finding(Fault.UNPROTECTED, 40),)),
        (40, 101, PESSIMISTIC, (finding(Fault.TOO_MUCH, 1), finding(Fault.UNPROTECTED, 40))),
    ],
)
def test_a_stop_attached_to_a_living_entry_may_ask_for_more_and_may_be_asleep(
    filled: int, attached: int, profile: BrokerProfile, expected: tuple[Finding, ...]
) -> None:
    orders = (entry(100 - filled), live(attached))
    assert audit(held(filled), orders, profile) == expected


@pytest.mark.req("X.8")
def test_beside_a_living_entry_only_its_own_stop_may_be_asleep() -> None:
    other = live(60, key=IntentKey("8MZ4T7K2", 0, Purpose.PROTECT, 1))
    assert audit(held(100), (entry(60), live(100), other), PESSIMISTIC) == (
        finding(Fault.TOO_LITTLE, 40),
    )
    running = live(60, terms=Limit(Decimal(189)), key=EXIT_KEY, oca_name="pair")
    orders = (entry(60), live(100, oca_name="pair"), running)
    assert audit(held(60), orders, PESSIMISTIC) == ()


@pytest.mark.req("X.1", "X.8")
@pytest.mark.parametrize("instrument", [STOCK, OPTION])
@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("position", [Decimal(7), Decimal(-7)])
def test_no_fault_is_found_in_a_stop_that_is_made_here(
    instrument: Instrument, outside: bool, position: Decimal
) -> None:
    stop = disaster_stop(
        KEY, "DU1", instrument, position, Decimal(4), held_outside_regular_hours=outside
    )
    order = LiveOrder(
        stop.key,
        stop.side,
        stop.quantity,
        stop.terms,
        stop.time_in_force,
        stop.outside_regular_hours,
    )
    assert audit(Held(instrument, position, outside, Decimal(4)), (order,), PESSIMISTIC) == ()


@pytest.mark.req("X.8")
@pytest.mark.parametrize(
    ("trigger", "faults"), [("8.00", ()), ("8.01", (finding(Fault.TOO_FAR, 5, KEY),))]
)
def test_an_option_may_move_by_a_multiple_of_its_price(
    trigger: str, faults: tuple[Finding, ...]
) -> None:
    stop = live(5, side=Side.BUY, terms=StopLimit(Decimal(trigger), Decimal(12)))
    assert audit(Held(OPTION, Decimal(-5), False, Decimal(2)), (stop,), PESSIMISTIC) == faults


@pytest.mark.req("X.8")
@pytest.mark.parametrize("fault", list(Fault))
def test_a_person_is_told_of_every_fault(fault: Fault) -> None:
    naked = fault in {Fault.UNPROTECTED, Fault.TOO_LITTLE}
    told = IncidentKind.NAKED_POSITION if naked else IncidentKind.PROTECTION_MISMATCH
    assert fault.incident is told
