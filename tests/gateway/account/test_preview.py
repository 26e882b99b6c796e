"""What an order would do to an account, and when the account refuses it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview
from tests.gateway.account.stage import AAPL, ACCOUNT, Stage, instrument, option, order

CALL = option(10, "C", 200)
WING = option(11, "C", 210)


def stage_with(cash: str, *trades: tuple[Contract, str, str]) -> Stage:
    stage = Stage(AAPL, CALL, WING, cash=cash)
    stage.board.show(AAPL, "200", "199.90", "200.10")
    stage.board.show(CALL, "5", "4.90", "5.10")
    stage.board.show(WING, "2", "1.90", "2.10")
    for contract, quantity, price in trades:
        stage.trade(contract, quantity, price)
    return stage


def refusal(stage: Stage, contract: Contract, wanted: Order) -> str | None:
    return stage.accounts.refuses(ACCOUNT, instrument(contract), wanted)


def test_a_preview_shows_margin_and_equity_before_and_after() -> None:
    stage = stage_with("100000", (AAPL, "100", "200"))
    preview = stage.accounts.preview(ACCOUNT, instrument(AAPL), order("BUY", "300", "200"))
    assert preview == MarginPreview(
        init_before=Decimal("10000.00"),
        maint_before=Decimal("5000.00"),
        equity_before=Decimal("99999.00"),
        init_change=Decimal("30000.00"),
        maint_change=Decimal("15000.00"),
        equity_change=Decimal("-1.50"),
        init_after=Decimal("40000.00"),
        maint_after=Decimal("20000.00"),
        equity_after=Decimal("99997.50"),
        commission=Decimal("1.5000"),
        commission_currency="USD",
    )


def test_a_closing_order_frees_margin() -> None:
    stage = stage_with("100000", (AAPL, "100", "200"))
    preview = stage.accounts.preview(ACCOUNT, instrument(AAPL), order("SELL", "100", "200"))
    assert preview.init_change == Decimal("-10000.00")
    assert preview.init_after == 0


def test_a_bought_option_is_paid_in_full_and_requires_nothing_more() -> None:
    preview = stage_with("1000").accounts.preview(ACCOUNT, instrument(CALL), order("BUY", "1", "5"))
    assert (preview.init_after, preview.equity_after) == (Decimal(0), Decimal("499.00"))


def test_a_sold_option_brings_its_premium_and_requires_it_with_the_rest() -> None:
    preview = stage_with("10000").accounts.preview(
        ACCOUNT, instrument(CALL), order("SELL", "1", "5")
    )
    assert (preview.init_after, preview.equity_after) == (Decimal(4500), Decimal("10499.00"))


@pytest.mark.parametrize(
    ("wanted", "init"),
    [
        (order("BUY", "100", "190"), "9500"),
        (replace(order("SELL", "100"), order_type="STP", aux_price=Decimal(180)), "9000"),
        (order("BUY", "100"), "10005"),
        (order("SELL", "100"), "9995"),
        (order("SELL", "100", "210"), "10500"),
        (order("SELL", "100", "0.01"), "9995"),
        (replace(order("BUY", "100", "0.01"), order_type="MKT"), "10005"),
        (replace(order("BUY", "100"), aux_price=Decimal("0.01")), "10005"),
        (replace(order("BUY", "100", "210"), order_type="STP"), "10005"),
    ],
    ids=[
        "at its limit",
        "at its stop",
        "at the ask",
        "at the bid",
        "a sale at its limit",
        "a sale at the bid that it would meet",
        "not at a limit that a market order doesn't have",
        "not at a stop that a market order doesn't have",
        "not at a limit that a stop doesn't have",
    ],
)
def test_an_order_counts_at_its_own_price(wanted: Order, init: str) -> None:
    preview = stage_with("100000").accounts.preview(ACCOUNT, instrument(AAPL), wanted)
    assert preview.init_after == Decimal(init)


def test_a_market_order_without_a_market_counts_at_the_mark_or_at_nothing() -> None:
    stage = Stage(AAPL)
    assert stage.accounts.preview(ACCOUNT, instrument(AAPL), order("BUY", "1")).init_after == 0
    stage.board.show(AAPL, "200")
    assert stage.accounts.preview(ACCOUNT, instrument(AAPL), order("BUY", "1")).init_after == 100


def test_an_order_that_the_equity_does_not_carry_is_refused_in_ib_s_words() -> None:
    text = refusal(stage_with("10000"), AAPL, order("BUY", "100", "200.01"))
    assert text == (
        "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED "
        "POSITION YOUR EQUITY WITH LOAN VALUE [9999.00 USD] MUST EXCEED THE INITIAL MARGIN "
        "[10000.50 USD]"
    )


@pytest.mark.parametrize(
    ("cash", "quantity", "refused"),
    [("10001", "100", False), ("10000.99", "100", True), ("10000.99", "99", False)],
)
def test_the_equity_must_reach_the_margin(cash: str, quantity: str, refused: bool) -> None:
    text = refusal(stage_with(cash), AAPL, order("BUY", quantity, "200"))
    assert (text is not None) is refused


@pytest.mark.parametrize(("cash", "refused"), [("501", False), ("500.99", True)])
def test_a_bought_option_must_be_paid(cash: str, refused: bool) -> None:
    assert (refusal(stage_with(cash), CALL, order("BUY", "1", "5")) is not None) is refused


def test_what_closes_is_never_refused_for_margin_however_poor_the_account() -> None:
    stage = stage_with("10100", (AAPL, "100", "200"))
    stage.board.show(AAPL, "50", "49.90", "50.10")
    assert stage.accounts.standing(ACCOUNT).available_funds < 0
    assert refusal(stage, AAPL, order("SELL", "100")) is None
    assert refusal(stage, AAPL, order("SELL", "1", "0.01")) is None
    assert refusal(stage, AAPL, order("BUY", "1")) is not None


def test_closing_the_cover_of_a_short_option_is_no_mere_closing() -> None:
    stage = stage_with("1500", (WING, "1", "2"), (CALL, "-1", "5"))
    assert refusal(stage, CALL, order("BUY", "1", "5")) is None
    assert refusal(stage, WING, order("SELL", "1", "2")) is not None


def test_a_sale_through_zero_opens_and_can_be_refused() -> None:
    stage = stage_with("100", (AAPL, "1", "100"))
    assert refusal(stage, AAPL, order("SELL", "2", "100")) is None
    assert refusal(stage, AAPL, order("SELL", "100", "100")) is not None
