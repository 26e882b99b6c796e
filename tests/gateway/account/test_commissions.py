"""What a trade costs: the fixed prices, their bounds, and fills that share one minimum."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.account.commissions import execution_commission, order_commission
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution
from tests.gateway.account.stage import AAPL, fill, option

CALL = option(10, "C", 190)


@pytest.mark.parametrize(
    ("quantity", "price", "cost"),
    [
        ("1", "190", "1"),
        ("200", "190", "1"),
        ("201", "190", "1.005"),
        ("1000", "190", "5"),
        ("1000", "0.40", "4"),  # one percent of the value is less than the price a share
        ("10", "2", "0.2"),  # ... and goes before the minimum
        ("1", "0.0123", "0.0001"),
        ("0", "190", "0"),
    ],
)
def test_a_stock_costs_half_a_cent_a_share_within_its_bounds(
    quantity: str, price: str, cost: str
) -> None:
    assert order_commission(AAPL, Decimal(quantity), Decimal(price)) == Decimal(cost)


@pytest.mark.parametrize(("contracts", "cost"), [("1", "1"), ("2", "1.3"), ("10", "6.5")])
def test_an_option_costs_65_cents_a_contract_and_an_order_one_dollar_at_least(
    contracts: str, cost: str
) -> None:
    assert order_commission(CALL, Decimal(contracts), Decimal("0.01")) == Decimal(cost)


def test_what_is_neither_stock_nor_option_costs_nothing() -> None:
    assert order_commission(replace(AAPL, sec_type="IND"), Decimal(5), Decimal(10)) == 0


def partial(done: str, shares: str, price: str, average: str) -> Execution:
    return replace(fill(shares, price), cum_quantity=Decimal(done), average_price=Decimal(average))


def test_the_first_fill_carries_the_minimum_and_the_next_only_what_exceeds_it() -> None:
    assert execution_commission(AAPL, partial("100", "100", "190", "190")) == 1
    assert execution_commission(AAPL, partial("200", "100", "191", "190.5")) == 0
    assert execution_commission(AAPL, partial("300", "100", "192", "191")) == Decimal("0.5")


def test_a_commission_is_never_negative_however_odd_the_running_average() -> None:
    assert execution_commission(AAPL, partial("200", "1", "1000", "0.01")) == 0


def test_what_belongs_to_no_order_costs_nothing() -> None:
    assert execution_commission(CALL, replace(fill("-3", "12"), perm_id=0)) == 0


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.decimals("0.01", "999.99", places=2)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([AAPL, CALL]),
)
def test_the_fills_of_an_order_cost_together_what_the_order_costs(
    fills: list[tuple[int, Decimal]], contract: Contract
) -> None:
    charged, done, value = Decimal(0), Decimal(0), Decimal(0)
    for shares, price in fills:
        done += shares
        value += shares * price
        execution = replace(
            fill(str(shares), str(price)), cum_quantity=done, average_price=value / done
        )
        charged += execution_commission(contract, execution)
    whole = order_commission(contract, done, value / done)
    assert abs(charged - whole) <= Decimal("0.0001") * len(fills)
