"""Strikes and expiries against what is listed."""

from datetime import date
from decimal import Decimal

import pytest

from backstay.domain.plan.chain import ListedExpiry, OptionChain, unlisted
from backstay.domain.plan.complaints import Complaint
from tests.domain.plan.documents import option_trade, trade, trade_of

STRIKES = (Decimal("180.0"), Decimal("182.5"), Decimal(185), Decimal(190), Decimal(200))
CHAIN = OptionChain(
    "AAPL",
    (
        ListedExpiry(date(2026, 12, 11), (Decimal(175),)),
        ListedExpiry(date(2026, 12, 18), STRIKES),
        ListedExpiry(date(2027, 1, 15), (Decimal(185),)),
    ),
)


def found(expiry: date, strike: str) -> Complaint | None:
    changes = {"instrument.expiry": expiry, "instrument.strike": Decimal(strike)}
    query = trade_of(option_trade(changes)).instrument
    return unlisted(("group", "leg", 1, "instrument"), query, CHAIN)


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("strike", "near"),
    [
        ("187.25", "nearest are 185 and 190"),
        ("180.01", "nearest are 180 and 182.5"),
        ("199.99", "nearest are 190 and 200"),
        ("179.99", "nearest is 180"),
        ("200.01", "nearest is 200"),
    ],
)
def test_a_strike_that_is_not_listed_is_refused_with_the_nearest(strike: str, near: str) -> None:
    assert found(date(2026, 12, 18), strike) == Complaint(
        ("group", "leg", 1, "instrument", "strike"),
        f"{strike} is not listed for AAPL 2026-12-18; {near}",
    )


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("expiry", "near"),
    [
        (date(2026, 12, 17), "nearest are 2026-12-11 and 2026-12-18"),
        (date(2026, 12, 1), "nearest is 2026-12-11"),
        (date(2027, 12, 1), "nearest is 2027-01-15"),
    ],
)
def test_an_expiry_that_is_not_listed_is_refused_with_the_nearest(expiry: date, near: str) -> None:
    assert found(expiry, "185") == Complaint(
        ("group", "leg", 1, "instrument", "expiry"), f"{expiry} is not listed for AAPL; {near}"
    )


@pytest.mark.req("S1.6")
@pytest.mark.parametrize("strike", ["180", "180.00", "182.5", "200"])
def test_what_is_listed_is_taken_however_it_is_written(strike: str) -> None:
    assert found(date(2026, 12, 18), strike) is None


def test_each_expiry_has_strikes_of_its_own() -> None:
    assert found(date(2027, 1, 15), "185") is None
    assert str(found(date(2027, 1, 15), "190")) == (
        "group.leg[1].instrument.strike: 190 is not listed for AAPL 2027-01-15; nearest is 185"
    )


def test_a_stock_is_in_no_chain() -> None:
    assert unlisted(("instrument",), trade_of(trade()).instrument, CHAIN) is None


def test_a_strike_of_hundreds_is_written_out() -> None:
    chain = OptionChain("SPX", (ListedExpiry(date(2026, 12, 18), (Decimal(5600),)),))
    complaint = unlisted(("instrument",), trade_of(option_trade()).instrument, chain)
    assert str(complaint) == (
        "instrument.strike: 180 is not listed for SPX 2026-12-18; nearest is 5600"
    )


@pytest.mark.parametrize("strikes", [(), (Decimal(2), Decimal(1)), (Decimal(1), Decimal(1))])
def test_strikes_that_do_not_rise_are_no_listing(strikes: tuple[Decimal, ...]) -> None:
    with pytest.raises(ValueError, match="the strikes of 2026-12-18 must be there and rise"):
        ListedExpiry(date(2026, 12, 18), strikes)


@pytest.mark.parametrize("places", [(), (1, 0), (0, 0)])
def test_expiries_that_do_not_rise_are_no_chain(places: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="the expiries of AAPL must be there and rise"):
        OptionChain("AAPL", tuple(CHAIN.expiries[place] for place in places))
