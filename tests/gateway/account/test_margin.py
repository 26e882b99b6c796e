"""What positions require: stock, options, and what covers what."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.account.margin import Exposure, Requirement, requirement
from backstay.gateway.values.contract import Contract
from tests.gateway.account.stage import AAPL, MSFT, option

UNDER = Decimal(200)


def stock(quantity: str, price: str = "200", contract: Contract = AAPL) -> Exposure:
    return Exposure(contract, Decimal(quantity), Decimal(price), 0, Decimal(0))


def held(quantity: str, contract: Contract, price: str) -> Exposure:
    return Exposure(contract, Decimal(quantity), Decimal(price), AAPL.con_id, UNDER)


def call(quantity: str, strike: int, price: str = "5", expiry: str = "20261218") -> Exposure:
    return held(quantity, option(1000 + strike, "C", strike, expiry), price)


def put(quantity: str, strike: int, price: str = "5", expiry: str = "20261218") -> Exposure:
    return held(quantity, option(2000 + strike, "P", strike, expiry), price)


def test_nothing_requires_nothing() -> None:
    assert requirement(()) == Requirement(Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("exposures", "initial", "maintenance"),
    [
        ([stock("100")], "10000", "5000"),
        ([stock("-100")], "10000", "6000"),
        ([stock("100"), stock("-10", "100", MSFT)], "10500", "5300"),
    ],
    ids=["long", "short", "both are added"],
)
def test_stock_requires_a_part_of_its_value(
    exposures: list[Exposure], initial: str, maintenance: str
) -> None:
    assert requirement(exposures) == Requirement(Decimal(initial), Decimal(maintenance))


@pytest.mark.parametrize(
    ("exposures", "needed"),
    [
        ([call("3", 210)], "0"),
        ([call("-1", 200)], "4500"),  # 20 % of 200, and the premium of 5
        ([call("-1", 210)], "3500"),  # ... less 10 out of the money
        ([call("-1", 190)], "4500"),  # in the money counts no less
        ([call("-1", 300)], "2500"),  # never less than 10 % of the underlying
        ([put("-1", 190)], "3500"),
        ([put("-1", 100)], "1500"),  # never less than 10 % of the strike
        ([put("-2", 190), call("-1", 210)], "10500"),
    ],
)
def test_a_naked_option_requires_a_part_of_the_underlying_and_its_premium(
    exposures: list[Exposure], needed: str
) -> None:
    assert requirement(exposures) == Requirement(Decimal(needed), Decimal(needed))


@pytest.mark.parametrize(
    ("exposures", "needed"),
    [
        ([call("-1", 210), call("1", 215)], "500"),
        ([call("-1", 210), call("1", 205)], "0"),
        ([put("-1", 190), put("1", 180)], "1000"),
        ([put("-1", 190), put("1", 195)], "0"),
        ([put("-1", 190), put("1", 180), call("-1", 210), call("1", 215)], "1500"),
        ([call("-2", 210), call("1", 215)], "4000"),
        ([call("-1", 210), call("2", 215), call("-1", 211)], "900"),
        ([call("-1", 210, expiry="20270115"), call("1", 215)], "3500"),
        ([call("-1", 210), call("1", 215, expiry="20270115")], "500"),
        ([call("-1", 210), put("1", 215)], "3500"),
        ([call("-1", 210), call("1", 290)], "3500"),
        ([call("-1", 210), call("1", 230), call("1", 212)], "200"),
    ],
    ids=[
        "credit call spread",
        "debit call spread",
        "credit put spread",
        "debit put spread",
        "condor adds its sides",
        "what nothing covers is naked",
        "one long option covers one short",
        "the long one must live as long",
        "a calendar counts like a vertical",
        "a put covers no call",
        "cover dearer than none is not taken",
        "the cheapest cover goes first",
    ],
)
def test_a_long_option_covers_a_short_one(exposures: list[Exposure], needed: str) -> None:
    assert requirement(exposures).initial == Decimal(needed)
    assert requirement(reversed(exposures)).initial == Decimal(needed)


@pytest.mark.parametrize(
    ("exposures", "options_need"),
    [
        ([stock("100"), call("-1", 210)], "0"),
        ([stock("199"), call("-2", 210)], "3500"),
        ([stock("-100"), put("-1", 190)], "0"),
        ([stock("100"), put("-1", 190)], "3500"),
        ([stock("-100"), call("-1", 210)], "3500"),
        ([stock("100", contract=MSFT), call("-1", 210)], "3500"),
    ],
    ids=[
        "covered call",
        "only whole contracts are covered",
        "covered put",
        "shares held cover no put",
        "shares sold cover no call",
        "other shares cover nothing",
    ],
)
def test_stock_covers_options(exposures: list[Exposure], options_need: str) -> None:
    shares = requirement(each for each in exposures if not each.is_option)
    assert requirement(exposures).initial - shares.initial == Decimal(options_need)


def test_options_of_different_multipliers_do_not_cover_each_other() -> None:
    small = replace(option(9, "C", 205), multiplier="10")
    assert requirement([call("-1", 210), held("1", small, "5")]).initial == 3500
