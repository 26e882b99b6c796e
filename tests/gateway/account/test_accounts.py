"""What the accounts book, tell and answer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.account.words import PortfolioLine, Position, PositionProfit, Profit
from backstay.gateway.events import CashChanged, CommissionCharged, PositionChanged
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission
from tests.gateway.account.stage import AAPL, ACCOUNT, MSFT, OTHER, Stage, fill, option

DAY_NS = 86_400_000_000_000


def money(text: str) -> Decimal:
    return Decimal(text)


def test_the_accounts_are_those_of_the_settings_and_the_first_is_the_default() -> None:
    stage = Stage()
    assert stage.accounts.names == (ACCOUNT, OTHER)
    assert stage.accounts.default == ACCOUNT
    assert stage.accounts.cash(ACCOUNT, "USD") == 100_000
    assert stage.accounts.cash(OTHER, "USD") == 500
    assert stage.accounts.cash(OTHER, "EUR") == 0


def test_a_fill_is_told_as_commission_position_cash_and_cash_for_the_commission() -> None:
    stage = Stage()
    execution = fill("100", "190.25")
    returned = stage.accounts.book(AAPL, execution)
    commission = Commission(execution.exec_id, money("1.0000"), "USD")
    assert returned == commission
    assert stage.told == [
        CommissionCharged(ACCOUNT, 7, commission),
        PositionChanged(ACCOUNT, AAPL, money("100"), money("190.26"), "trade"),
        CashChanged(ACCOUNT, "USD", money("-19025"), money("80975"), "trade", execution.exec_id),
        CashChanged(ACCOUNT, "USD", money("-1"), money("80974"), "commission", execution.exec_id),
    ]


def test_what_closes_reports_what_it_realised() -> None:
    stage = Stage()
    stage.trade(AAPL, "100", "190")
    returned = stage.accounts.book(AAPL, fill("-40", "195", 2))
    # 40 * 5 less 0.40 of the commission of buying and 1.00 for selling
    assert returned.realized_pnl == money("198.6")


def test_positions_are_listed_by_account_while_there_are_any() -> None:
    stage = Stage()
    stage.trade(AAPL, "10", "190")
    stage.trade(MSFT, "-5", "400")
    stage.accounts.book(AAPL, fill("1", "190", 9, OTHER))
    mine = Position(AAPL, money("10"), money("190.1"), money("0"), ACCOUNT)
    assert stage.accounts.positions(ACCOUNT) == (
        mine,
        Position(MSFT, money("-5"), money("399.8"), money("0"), ACCOUNT),
    )
    assert [each.account for each in stage.accounts.positions()] == [ACCOUNT, ACCOUNT, OTHER]
    assert stage.accounts.position(ACCOUNT, AAPL.con_id) == mine
    stage.trade(AAPL, "-10", "190")
    assert [each.contract for each in stage.accounts.positions(ACCOUNT)] == [MSFT]
    assert stage.accounts.position(ACCOUNT, AAPL.con_id).realized_pnl == money("-2")
    assert stage.accounts.position(OTHER, MSFT.con_id).quantity == 0


def test_a_portfolio_shows_what_is_held_and_what_was_closed_today() -> None:
    stage = Stage()
    stage.board.show(AAPL, "200")
    stage.trade(AAPL, "10", "190")
    stage.trade(MSFT, "5", "400")
    stage.trade(MSFT, "-5", "410")
    assert stage.accounts.portfolio(ACCOUNT) == (
        PortfolioLine(
            account=ACCOUNT,
            contract=AAPL,
            quantity=money("10"),
            market_price=money("200"),
            market_value=money("2000"),
            average_cost=money("190.1"),
            unrealized_pnl=money("99"),
            realized_pnl=money("0"),
            daily_pnl=money("99"),
        ),
        PortfolioLine(
            account=ACCOUNT,
            contract=MSFT,
            quantity=money("0"),
            market_price=money("0"),
            market_value=money("0"),
            average_cost=money("0"),
            unrealized_pnl=money("0"),
            realized_pnl=money("48"),
            daily_pnl=money("48"),
        ),
    )


def test_what_has_no_price_is_worth_what_it_cost() -> None:
    call = option(10, "C", 190)
    stage = Stage(call)
    stage.trade(call, "2", "1.50")
    assert stage.accounts.portfolio(ACCOUNT)[0].market_price == money("1.5065")
    assert stage.accounts.pnl(ACCOUNT).unrealized == 0


def test_profit_is_counted_from_midnight_in_new_york() -> None:
    stage = Stage()
    stage.board.show(AAPL, "190")
    stage.trade(AAPL, "100", "180")
    stage.trade(AAPL, "-50", "185")
    assert stage.accounts.pnl(ACCOUNT) == Profit(money("748.00"), money("499.50"), money("248.50"))
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    assert stage.accounts.pnl(ACCOUNT) == Profit(money("0"), money("499.50"), money("0"))
    stage.board.show(AAPL, "195")
    stage.trade(AAPL, "-10", "194")
    assert stage.accounts.pnl(ACCOUNT) == Profit(money("239.00"), money("599.60"), money("138.90"))
    assert stage.accounts.pnl_single(ACCOUNT, AAPL.con_id) == PositionProfit(
        money("40"), money("239.00"), money("599.60"), money("138.90"), money("7800.00")
    )


def test_a_contract_that_was_never_held_has_no_profit() -> None:
    nothing = Decimal(0)
    assert Stage().accounts.pnl_single(ACCOUNT, 99) == PositionProfit(
        nothing, nothing, nothing, nothing, nothing
    )


def test_what_was_closed_is_forgotten_at_midnight() -> None:
    stage = Stage()
    stage.trade(AAPL, "10", "190")
    stage.trade(AAPL, "-10", "190")
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    assert stage.accounts.portfolio(ACCOUNT) == ()
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    assert stage.accounts.portfolio(ACCOUNT) == ()


def test_a_corrected_price_pays_the_difference_and_nothing_else_is_left_of_the_old_one() -> None:
    stage, straight = Stage(), Stage()
    old, new = fill("1000", "190", 1), fill("1000", "189.5", 2)
    stage.accounts.book(AAPL, old)
    stage.told.clear()
    returned = stage.accounts.correct(AAPL, old, new)
    straight.accounts.book(AAPL, new)
    assert returned == Commission(new.exec_id, money("5.0000"), "USD")
    assert stage.told == [
        CommissionCharged(ACCOUNT, 7, returned),
        PositionChanged(ACCOUNT, AAPL, money("1000"), money("189.505"), "correction"),
        CashChanged(ACCOUNT, "USD", money("500"), money("-89505"), "correction", new.exec_id),
    ]
    assert stage.accounts.cash(ACCOUNT, "USD") == straight.accounts.cash(ACCOUNT, "USD")
    assert stage.accounts.portfolio(ACCOUNT) == straight.accounts.portfolio(ACCOUNT)


def test_a_corrected_quantity_also_changes_the_commission() -> None:
    stage = Stage()
    old, new = fill("1000", "10", 1), fill("500", "10", 2)
    stage.accounts.book(AAPL, old)
    stage.told.clear()
    stage.accounts.correct(AAPL, old, new)
    assert stage.told[1:] == [
        PositionChanged(ACCOUNT, AAPL, money("500"), money("10.005"), "correction"),
        CashChanged(ACCOUNT, "USD", money("5000"), money("94995"), "correction", new.exec_id),
        CashChanged(ACCOUNT, "USD", money("2.5"), money("94997.5"), "commission", new.exec_id),
    ]


def test_a_bust_gives_everything_back() -> None:
    stage = Stage()
    old = stage.trade(AAPL, "1000", "10")
    stage.told.clear()
    assert stage.accounts.correct(AAPL, old, None) is None
    assert stage.told == [
        PositionChanged(ACCOUNT, AAPL, money("0"), money("0"), "correction"),
        CashChanged(ACCOUNT, "USD", money("10000"), money("99995"), "correction", old.exec_id),
        CashChanged(ACCOUNT, "USD", money("5"), money("100000"), "commission", old.exec_id),
    ]
    assert stage.accounts.pnl(ACCOUNT) == Profit(Decimal(0), Decimal(0), Decimal(0))


def test_a_correction_to_nothing_is_a_bust() -> None:
    stage = Stage()
    old = stage.trade(AAPL, "1000", "10")
    assert stage.accounts.correct(AAPL, old, fill("0", "10", 2)) is None
    assert stage.accounts.cash(ACCOUNT, "USD") == 100_000


def test_yesterdays_trade_is_traded_back_today() -> None:
    stage = Stage()
    old, new = fill("100", "10", 1), fill("50", "9", 2)
    stage.accounts.book(AAPL, old)
    stage.trade(AAPL, "100", "12", 3)
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    returned = stage.accounts.correct(AAPL, old, new)
    assert returned == Commission(new.exec_id, money("1.0000"), "USD")
    assert stage.accounts.position(ACCOUNT, AAPL.con_id).quantity == 150
    assert stage.accounts.cash(ACCOUNT, "USD") == 100_000 - 1200 - 1 - 450 - 1
    assert stage.accounts.correct(AAPL, new, None) is None
    assert stage.accounts.position(ACCOUNT, AAPL.con_id).quantity == 100
    assert stage.accounts.cash(ACCOUNT, "USD") == 100_000 - 1200 - 1


def test_yesterdays_bust_only_trades_back() -> None:
    stage = Stage()
    old = stage.trade(AAPL, "100", "10")
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    assert stage.accounts.correct(AAPL, old, None) is None
    assert stage.accounts.position(ACCOUNT, AAPL.con_id).quantity == 0
    assert stage.accounts.cash(ACCOUNT, "USD") == 100_000


def test_the_start_is_told_so_that_others_can_add_up() -> None:
    stage = Stage()
    stage.trade(AAPL, "10", "190")
    stage.told.clear()
    stage.accounts.announce()
    cash = stage.accounts.cash(ACCOUNT, "USD")
    assert stage.told == [
        CashChanged(ACCOUNT, "USD", cash, cash, "opening"),
        PositionChanged(ACCOUNT, AAPL, money("10"), money("190.1"), "opening"),
        CashChanged(OTHER, "USD", money("500"), money("500"), "opening"),
    ]


FILLS = st.lists(
    st.tuples(
        st.sampled_from([AAPL, MSFT, option(10, "C", 190)]),
        st.integers(-500, 500).filter(bool),
        st.decimals("0.01", "900", places=2),
        st.sampled_from(["keep", "keep", "reprice", "bust"]),
    ),
    max_size=15,
)


@given(FILLS)
def test_money_is_conserved_to_the_last_digit(
    fills: list[tuple[Contract, int, Decimal, str]],
) -> None:
    stage = Stage()
    expected = Decimal(100_000)
    for number, (contract, quantity, price, fate) in enumerate(fills, start=1):
        old = fill(str(quantity), str(price), number)
        multiplier = 1 if contract in (AAPL, MSFT) else 100
        commission = stage.accounts.book(contract, old).amount
        final = price
        if fate == "reprice":
            final = price + 1
            corrected = stage.accounts.correct(
                contract,
                old,
                fill(str(quantity), str(final), number + 1000),
            )
            assert corrected is not None
            commission = corrected.amount
        elif fate == "bust":
            stage.accounts.correct(contract, old, None)
            continue
        expected -= quantity * final * multiplier + commission
    assert stage.accounts.cash(ACCOUNT, "USD") == expected
