"""All accounts of the gateway: the door through which the others book, ask and are refused.

Cash only ever changes here, together with what it was for. What happens is told at once: for an
execution its commission, the position after it, the cash for it and the cash for its commission.
Profits are counted from midnight in New York, the broker's day.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal

from backstay.gateway.account.books import Books, multiplier_of, trade_row
from backstay.gateway.account.commissions import execution_commission
from backstay.gateway.account.figures import account_figures, chosen_figures
from backstay.gateway.account.ledger import PositionLedger, Trade, cash_flow, signed
from backstay.gateway.account.marks import Prices
from backstay.gateway.account.money import ZERO, shown
from backstay.gateway.account.preview import preview_of, refusal_of
from backstay.gateway.account.standing import Standing, standing_of
from backstay.gateway.account.state import (
    AccountChange,
    AccountRow,
    AccountsState,
    CashState,
    DayState,
    HoldingState,
    TradeState,
)
from backstay.gateway.account.words import (
    AccountFigure,
    PortfolioLine,
    Position,
    PositionProfit,
    Profit,
)
from backstay.gateway.agenda import Agenda
from backstay.gateway.events import CashChanged, CommissionCharged, Event, PositionChanged
from backstay.gateway.market.words import Instrument
from backstay.gateway.settings import Settings
from backstay.gateway.times import ZONE, broker_day, local, to_ns
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview

OPENING = "opening"
TRADE = "trade"
COMMISSION = "commission"
CORRECTION = "correction"
SPLIT = "split"

_NO_EXECUTION = ""
"""Stands for what undoes an execution of an earlier day: nobody can correct it again."""


class Accounts:
    """What every account has, and what is told of it."""

    def __init__(
        self, agenda: Agenda, market: Prices, settings: Settings, tell: Callable[[Event], None]
    ) -> None:
        self._agenda = agenda
        self._market = market
        self._tell = tell
        self._books: dict[str, Books] = {}
        for each in settings.accounts:
            books = Books(each.name, each.currency, market)
            books.pay(each.currency, each.cash)
            self._books[each.name] = books
        self._day = broker_day(agenda.now_ns)
        self._number = 0
        self._changes: dict[tuple[str, str], AccountRow | None] | None = None
        self._await_midnight()

    @property
    def names(self) -> tuple[str, ...]:
        """The accounts, in the order of the settings."""
        return tuple(self._books)

    @property
    def default(self) -> str:
        """The account of an order that names none."""
        return next(iter(self._books))

    def announce(self) -> None:
        """Tell what there is at the start, so that whoever adds up has something to begin with."""
        for account, books in self._books.items():
            for currency, cash in books.cash().items():
                self._tell(CashChanged(account, currency, cash, cash, OPENING))
            for position in books.positions():
                self._tell_position(account, position.contract, OPENING)

    def cash(self, account: str, currency: str) -> Decimal:
        """The balance in one currency, to the last digit."""
        return self._books[account].cash().get(currency, ZERO)

    def position(self, account: str, con_id: int) -> Position:
        """What the account has of one contract; of nothing, nothing."""
        return self._books[account].position(Contract(con_id=con_id))

    def positions(self, account: str | None = None) -> tuple[Position, ...]:
        """All positions of something, of one account or of all."""
        return tuple(
            position
            for name, books in self._books.items()
            if account in {None, name}
            for position in books.positions()
        )

    def portfolio(self, account: str) -> tuple[PortfolioLine, ...]:
        """All positions with what they are worth, also those that were closed today."""
        return self._books[account].portfolio()

    def book(self, contract: Contract, execution: Execution) -> Commission:
        """Book a fill of which everybody has been told; what it cost."""
        account = execution.account
        trade = Trade(
            execution.exec_id,
            signed(execution),
            execution.price,
            execution_commission(contract, execution),
        )
        self._number += 1
        realized = self._begin_ledger(account, contract).book(self._number, trade)
        self._note_trade(account, contract, self._number, trade)
        commission = self._tell_commission(contract, execution, trade, realized)
        self._tell_position(account, contract, TRADE)
        value = cash_flow(trade.quantity, trade.price, multiplier_of(contract))
        self._pay(account, contract.currency, value, TRADE, execution.exec_id)
        self._pay(account, contract.currency, -trade.commission, COMMISSION, execution.exec_id)
        return commission

    def correct(
        self, contract: Contract, old: Execution, new: Execution | None
    ) -> Commission | None:
        """Have `new` in the place of `old`, or nothing if that trade never was (a bust).

        What is older than midnight can't be taken out of its day any more: the difference is traded
        back today.
        """
        account = old.account
        before = Trade(old.exec_id, signed(old), old.price, execution_commission(contract, old))
        after = None
        if new is not None and new.shares:
            cost = execution_commission(contract, new)
            after = Trade(new.exec_id, signed(new), new.price, cost)
        realized = self._replace(account, contract, before, after)
        commission = None
        if new is not None and after is not None:
            commission = self._tell_commission(contract, new, after, realized)
        self._tell_position(account, contract, CORRECTION)
        self._pay_difference(contract, account, before, after)
        return commission

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Whoever has shares has `ratio` for each of them, which cost together what they did."""
        for account, books in self._books.items():
            if not books.knows(con_id):
                continue
            contract = books.position(Contract(con_id=con_id)).contract
            ledger = books.ledger(contract)
            ledger.split(ratio)
            self._note(books.holding_row(con_id))
            for number, trade in ledger.trades():
                self._note_trade(account, contract, number, trade)
            if ledger.holding.quantity:
                self._tell_position(account, contract, SPLIT, ratio)

    def preview(self, account: str, instrument: Instrument, order: Order) -> MarginPreview:
        """What the order would do to the account."""
        books = self._books[account]
        return preview_of(books, self._standing(books), self._market, instrument, order)

    def refuses(self, account: str, instrument: Instrument, order: Order) -> str | None:
        """IB's text if the account can't carry the order."""
        held = self.position(account, instrument.con_id).quantity
        preview = self.preview(account, instrument, order)
        return refusal_of(self._books[account], preview, held, order)

    def values(self, account: str) -> tuple[AccountFigure, ...]:
        """Everything about the account under IB's names."""
        books = self._books[account]
        return account_figures(account, books.currency, self._standing(books))

    def summary(self, account: str, tags: str) -> tuple[AccountFigure, ...]:
        """The figures that `tags` name, separated by commas; `$LEDGER` and its kin among them."""
        books = self._books[account]
        standing = self._standing(books)
        figures = account_figures(account, books.currency, standing)
        return chosen_figures(tags, figures, standing)

    def standing(self, account: str) -> Standing:
        """Everything the account is worth and requires, as numbers."""
        return self._standing(self._books[account])

    def pnl(self, account: str) -> Profit:
        """Profit and loss of the account."""
        lines = self._books[account].portfolio()
        return Profit(
            daily=shown(sum((line.daily_pnl for line in lines), ZERO)),
            unrealized=shown(sum((line.unrealized_pnl for line in lines), ZERO)),
            realized=shown(sum((line.realized_pnl for line in lines), ZERO)),
        )

    def pnl_single(self, account: str, con_id: int) -> PositionProfit:
        """Profit and loss of one position."""
        line = self._books[account].line(con_id)
        if line is None:
            return PositionProfit(ZERO, ZERO, ZERO, ZERO, ZERO)
        return PositionProfit(
            quantity=line.quantity,
            daily=shown(line.daily_pnl),
            unrealized=shown(line.unrealized_pnl),
            realized=shown(line.realized_pnl),
            value=shown(line.market_value),
        )

    def state(self) -> AccountsState:
        """Everything that has to survive the process."""
        rows = [row for books in self._books.values() for row in books.rows()]
        trades = [row for row in rows if isinstance(row, TradeState)]
        return AccountsState(
            day=self._day,
            cash=tuple(row for row in rows if isinstance(row, CashState)),
            holdings=tuple(row for row in rows if isinstance(row, HoldingState)),
            trades=tuple(sorted(trades, key=lambda row: row.number)),
        )

    def restore(self, state: AccountsState) -> None:
        """Go on from `state`; an account that the settings don't name any more is left out."""
        for cash in state.cash:
            if cash.account in self._books:
                self._books[cash.account].restore_cash(cash)
        for holding in state.holdings:
            if holding.account in self._books:
                self._books[holding.account].restore_holding(holding)
        for trade in sorted(state.trades, key=lambda row: row.number):
            if trade.account in self._books:
                self._books[trade.account].restore_trade(trade)
            self._number = trade.number
        self._day = state.day
        self._note_all()
        self._begin_day_if_new()

    def changes(self) -> tuple[AccountChange, ...]:
        """What is new since this was last asked for, row by row; at first, everything.

        Before it is asked for the first time nothing is remembered for it.
        """
        if self._changes is None:
            self._changes = {}
            self._note_all()
        changes, self._changes = self._changes, {}
        return tuple(AccountChange(kind, row, now) for (kind, row), now in changes.items())

    def _standing(self, books: Books) -> Standing:
        return standing_of(books.cash(), books.portfolio(), books.exposures())

    def _replace(
        self, account: str, contract: Contract, before: Trade, after: Trade | None
    ) -> Decimal | None:
        ledger = self._begin_ledger(account, contract)
        number = ledger.number_of(before.exec_id)
        if number is not None:
            realized = ledger.correct(number, after)
            if after is None:
                self._note_gone(trade_row(number, account, contract.con_id, before))
            else:
                self._note_trade(account, contract, number, after)
            return realized
        back = Trade(_NO_EXECUTION, -before.quantity, before.price, -before.commission)
        realized = None
        for trade in (back, after):
            if trade is not None:
                self._number += 1
                realized = ledger.book(self._number, trade)
                self._note_trade(account, contract, self._number, trade)
        return realized

    def _pay_difference(
        self, contract: Contract, account: str, before: Trade, after: Trade | None
    ) -> None:
        multiplier = multiplier_of(contract)
        exec_id = before.exec_id if after is None else after.exec_id
        value = -cash_flow(before.quantity, before.price, multiplier)
        commission = before.commission
        if after is not None:
            value += cash_flow(after.quantity, after.price, multiplier)
            commission -= after.commission
        self._pay(account, contract.currency, value, CORRECTION, exec_id)
        if commission:
            self._pay(account, contract.currency, commission, COMMISSION, exec_id)

    def _pay(self, account: str, currency: str, amount: Decimal, reason: str, exec_id: str) -> None:
        balance = self._books[account].pay(currency, amount)
        self._note(CashState(account, currency, balance))
        self._tell(CashChanged(account, currency, amount, balance, reason, exec_id))

    def _tell_commission(
        self, contract: Contract, execution: Execution, trade: Trade, realized: Decimal | None
    ) -> Commission:
        commission = Commission(trade.exec_id, trade.commission, contract.currency, realized)
        self._tell(CommissionCharged(execution.account, execution.client_id, commission))
        return commission

    def _tell_position(
        self, account: str, contract: Contract, reason: str, ratio: Decimal | None = None
    ) -> None:
        position = self._books[account].position(contract)
        held, cost = position.quantity, position.average_cost
        self._tell(PositionChanged(account, position.contract, held, cost, reason, ratio))

    def _begin_ledger(self, account: str, contract: Contract) -> PositionLedger:
        books = self._books[account]
        if not books.knows(contract.con_id):
            books.ledger(contract)
            self._note(books.holding_row(contract.con_id))
        return books.ledger(contract)

    def _note(self, row: AccountRow) -> None:
        if self._changes is not None:
            self._changes[row.kind, row.row] = row

    def _note_gone(self, row: AccountRow) -> None:
        if self._changes is not None:
            self._changes[row.kind, row.row] = None

    def _note_trade(self, account: str, contract: Contract, number: int, trade: Trade) -> None:
        self._note(trade_row(number, account, contract.con_id, trade))

    def _note_all(self) -> None:
        self._note(DayState(self._day))
        for books in self._books.values():
            for row in books.rows():
                self._note(row)

    def _await_midnight(self) -> None:
        tomorrow = local(self._agenda.now_ns).date() + timedelta(days=1)
        midnight = datetime.combine(tomorrow, time(), ZONE)
        self._agenda.at(to_ns(midnight), "the accounts' midnight", self._midnight)

    def _midnight(self) -> None:
        self._begin_day_if_new()
        self._await_midnight()

    def _begin_day_if_new(self) -> None:
        """Value what is held, forget what is flat, and count profits anew."""
        today = broker_day(self._agenda.now_ns)
        if today == self._day:
            return
        self._day = today
        for books in self._books.values():
            for gone in books.begin_day():
                self._note_gone(gone)
        self._note_all()
