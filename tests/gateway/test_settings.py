"""A gateway needs accounts that can be told apart."""

from decimal import Decimal

import pytest

from backstay.gateway.gateway import Gateway
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York


def test_a_gateway_without_accounts_is_refused() -> None:
    with pytest.raises(ValueError, match="accounts: none; each needs a name of its own"):
        Settings(accounts=())


def test_two_accounts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="accounts: DU1, DU1; each needs a name of its own"):
        Settings(accounts=(AccountSettings("DU1"), AccountSettings("DU1")))


def test_prices_may_be_thrown_from_a_seed_of_their_own() -> None:
    def price(settings: Settings) -> Decimal | None:
        market = Gateway(settings, START_NS).market
        (apple,) = market.find(Contract(symbol="AAPL", sec_type="STK", exchange="SMART"))
        return market.quote(apple.con_id).last

    assert price(Settings(seed=1)) != price(Settings(seed=2))
    assert price(Settings(seed=1, market_seed=2)) == price(Settings(seed=2))
