"""A whole option chain is made once: who asks again is given the same instruments."""

from datetime import date
from decimal import Decimal

import pytest

from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.options import Options, Wanted
from backstay.gateway.market.words import Instrument
from backstay.gateway.values.contract import Contract
from tests.gateway.market.scene import MONDAY, SPX, Scene

INDEX = next(listing for listing in CATALOGUE if listing.con_id == SPX)
FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def found(options: Options, today: date, wanted: Wanted = Wanted()) -> dict[int, Instrument]:  # noqa: B008
    return {each.con_id: each for each in options.find(INDEX, today, wanted)}


def ids(chain: dict[int, Instrument]) -> list[int]:
    return [id(each) for each in chain.values()]


@pytest.mark.parametrize("exchange", ["", "CBOE", "SMART"])
def test_a_whole_chain_is_made_once(exchange: str) -> None:
    market = Scene().market
    asked = Contract(symbol="SPX", sec_type="OPT", exchange=exchange)
    first, again = market.find(asked), market.find(asked)
    assert len(first) > 29_000
    assert [id(each) for each in again] == [id(each) for each in first]
    assert {each.contract.exchange for each in first} == {exchange or "CBOE"}


def test_a_part_of_a_chain_is_made_of_the_same_rows() -> None:
    options = Options(CATALOGUE)
    month = found(options, FRIDAY, Wanted(expiry="202612"))
    whole = found(options, FRIDAY)
    puts = found(options, FRIDAY, Wanted(right="P"))
    assert ids(month) == [id(whole[con_id]) for con_id in month]
    assert ids(puts) == [id(whole[con_id]) for con_id in puts]
    assert len(puts) * 2 == len(whole)


def test_a_chain_is_kept_as_long_as_it_is_listed() -> None:
    options = Options(CATALOGUE)
    before, after = found(options, FRIDAY), found(options, SATURDAY)
    expired = {con_id for con_id, each in before.items() if each.contract.expiry == "20261127"}
    assert expired
    still = before.keys() - expired
    assert still <= after.keys()
    assert all(after[con_id] is before[con_id] for con_id in still)
    assert not expired & after.keys()


def test_what_has_expired_is_not_kept() -> None:
    options = Options(CATALOGUE)
    found(options, FRIDAY)
    rows = len(options._rows)
    found(options, SATURDAY, Wanted(expiry="20261218"))
    assert len(options._rows) == rows - 1


def test_one_option_makes_no_row() -> None:
    options = Options(CATALOGUE)
    wanted = Wanted(expiry="20261218", strike=Decimal("5600.0"), right="P")
    (option,) = options.find(INDEX, FRIDAY, wanted)
    assert option.contract.local_symbol == "SPXW  261218P05600000"
    assert str(option.contract.strike) == "5600"
    assert option == options.instrument(option.con_id)
    assert len(options._rows) == 0


def test_no_option_is_traded_at_an_exchange_of_stocks() -> None:
    asked = Contract(symbol="SPX", sec_type="OPT", exchange="NYSE")
    assert Scene(f"{MONDAY}T12:00").market.find(asked) == ()
