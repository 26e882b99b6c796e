"""Expiry, assignment and exercise, recognised from what they leave behind."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.positions.entries import Cause
from backstay.domain.positions.gaps import Gap, OptionDelivery, SystemPosition, gaps_between
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.option_events import PositionEvent, option_events
from tests.domain.positions.booked import OPTION, STOCK, executed, journal

EXPIRY = date(2026, 12, 18)
BEFORE = date(2026, 12, 17)
SECOND_OPTION = OPTION + 1
SHARES = Decimal(100)


def option(
    quantity: str,
    right: Right,
    *,
    premium: str = "3",
    con_id: int = OPTION,
    underlying: int | None = STOCK,
) -> SystemPosition:
    """An option that we hold, 100 shares a unit, strike 185."""
    entry = replace(executed(quantity, premium), con_id=con_id)
    return SystemPosition(
        Journal(con_id, "USD", SHARES).with_entries(entry),
        option=OptionDelivery(OptionTerms(EXPIRY, Decimal(185), right), underlying),
    )


def stock(quantity: str) -> SystemPosition:
    return SystemPosition(journal(executed(quantity, "150")))


def found(
    *known: SystemPosition, broker: dict[int, str], day: date = BEFORE
) -> tuple[PositionEvent, ...]:
    """The events between what we know and what the broker has."""
    held = [BrokerPosition(con_id, Decimal(many), Decimal(1)) for con_id, many in broker.items()]
    gaps: tuple[Gap, ...] = gaps_between(known, held)
    return option_events(gaps, day)


@pytest.mark.req("X.7")
@pytest.mark.parametrize(
    ("ours", "right", "left", "shares", "cause", "price"),
    [
        ("2", Right.CALL, "0", "200", Cause.EXERCISED, "188"),
        ("1", Right.CALL, "0", "100", Cause.EXERCISED, "188"),
        ("2", Right.PUT, "0", "-200", Cause.EXERCISED, "182"),
        ("-2", Right.CALL, "0", "-200", Cause.ASSIGNED, "188"),
        ("-2", Right.PUT, "0", "200", Cause.ASSIGNED, "182"),
        ("-5", Right.PUT, "-3", "200", Cause.ASSIGNED, "182"),
        ("5", Right.CALL, "3", "200", Cause.EXERCISED, "188"),
    ],
)
def test_an_option_that_turned_into_shares_was_exercised_or_assigned(
    ours: str, right: Right, left: str, shares: str, cause: Cause, price: str
) -> None:
    change = Decimal(left) - Decimal(ours)
    assert found(option(ours, right), broker={OPTION: left, STOCK: shares}) == (
        PositionEvent(OPTION, OPTION, cause, change, Decimal(3)),
        PositionEvent(STOCK, OPTION, Cause.DELIVERED, Decimal(shares), Decimal(price)),
    )


@pytest.mark.req("X.7", "I10")
@pytest.mark.parametrize("right", [Right.CALL, Right.PUT])
@pytest.mark.parametrize("ours", ["3", "-3"])
def test_a_delivery_moves_exactly_the_strike_in_cash(ours: str, right: Right) -> None:
    shares = Decimal(ours) * SHARES * (1 if right is Right.CALL else -1)
    taken, delivered = found(option(ours, right), broker={STOCK: str(shares)})
    paid = taken.change * taken.price * SHARES + delivered.change * delivered.price
    assert paid == shares * 185


@pytest.mark.req("X.7")
def test_a_covered_call_gives_up_its_shares() -> None:
    events = found(stock("100"), option("-1", Right.CALL), broker={})
    assert [(event.con_id, event.cause) for event in events] == [
        (OPTION, Cause.ASSIGNED),
        (STOCK, Cause.DELIVERED),
    ]


@pytest.mark.req("X.7")
def test_shares_that_moved_further_leave_the_rest_to_be_explained() -> None:
    (_, delivered) = found(option("-2", Right.PUT), broker={STOCK: "250"})
    assert delivered.change == Decimal(200)


@pytest.mark.req("X.7")
@pytest.mark.parametrize("shares", ["199", "0", "-200"])
def test_shares_that_do_not_cover_the_delivery_explain_nothing(shares: str) -> None:
    assert found(option("-2", Right.PUT), broker={STOCK: shares}) == ()


@pytest.mark.req("X.7")
def test_what_moved_is_used_up_by_the_first_option_that_explains_it() -> None:
    events = found(
        option("-1", Right.PUT),
        option("-1", Right.PUT, con_id=SECOND_OPTION),
        broker={STOCK: "150"},
    )
    assert {event.option_con_id for event in events} == {OPTION}


@pytest.mark.req("X.7")
def test_two_options_can_deliver_together() -> None:
    events = found(
        option("-1", Right.PUT),
        option("-1", Right.PUT, con_id=SECOND_OPTION),
        broker={STOCK: "200"},
    )
    assert [(event.con_id, event.option_con_id) for event in events] == [
        (OPTION, OPTION),
        (STOCK, OPTION),
        (SECOND_OPTION, SECOND_OPTION),
        (STOCK, SECOND_OPTION),
    ]


@pytest.mark.req("X.7")
@pytest.mark.parametrize("ours", ["2", "-2"])
@pytest.mark.parametrize(
    ("day", "expired"), [(BEFORE, False), (EXPIRY, True), (date(2026, 12, 21), True)]
)
def test_an_option_that_is_gone_on_its_last_day_or_later_has_expired(
    ours: str, day: date, expired: bool
) -> None:
    event = PositionEvent(OPTION, OPTION, Cause.EXPIRED, -Decimal(ours), Decimal(0), estimated=True)
    assert found(option(ours, Right.CALL), broker={}, day=day) == ((event,) if expired else ())


@pytest.mark.req("X.7")
def test_an_option_that_settles_in_cash_expires_whatever_shares_do() -> None:
    events = found(option("-2", Right.PUT, underlying=None), broker={STOCK: "200"}, day=EXPIRY)
    assert [event.cause for event in events] == [Cause.EXPIRED]


@pytest.mark.req("X.7")
@pytest.mark.parametrize("left", ["1", "-1", "2", "3"])
def test_an_option_that_is_still_there_has_not_expired(left: str) -> None:
    assert found(option("2", Right.CALL), broker={OPTION: left}, day=EXPIRY) == ()


@pytest.mark.req("X.7")
def test_an_option_that_grew_was_not_exercised() -> None:
    assert found(option("2", Right.CALL), broker={OPTION: "3", STOCK: "-100"}) == ()


def test_a_stock_that_shrank_is_no_event() -> None:
    assert found(stock("100"), broker={STOCK: "60"}, day=EXPIRY) == ()


def test_a_contract_that_only_the_broker_knows_is_no_event() -> None:
    assert found(broker={OPTION: "5"}, day=EXPIRY) == ()


def test_a_premium_above_the_strike_makes_no_price_below_zero() -> None:
    (taken, delivered) = found(option("-1", Right.PUT, premium="190"), broker={STOCK: "100"})
    assert (taken.price, delivered.price) == (Decimal(185), Decimal(0))
