"""The books of one account: its cash in every currency and the ledger of every position."""

from collections.abc import Iterator
from decimal import Decimal

from backstay.gateway.account.ledger import FLAT, Holding, PositionLedger, Trade
from backstay.gateway.account.margin import Exposure
from backstay.gateway.account.marks import Prices, mark
from backstay.gateway.account.money import ZERO
from backstay.gateway.account.state import AccountRow, CashState, HoldingState, TradeState
from backstay.gateway.account.words import PortfolioLine, Position
from backstay.gateway.values.contract import Contract


def multiplier_of(contract: Contract) -> Decimal:
    """How much of the underlying one of it moves."""
    return Decimal(contract.multiplier or 1)


def trade_row(number: int, account: str, con_id: int, trade: Trade) -> TradeState:
    """What of a trade has to survive until midnight."""
    return TradeState(
        number, account, con_id, trade.exec_id, trade.quantity, trade.price, trade.commission
    )


class Books:
    """What one account has; whoever changes it tells the world."""

    def __init__(self, account: str, currency: str, prices: Prices) -> None:
        self.account = account
        self.currency = currency
        self._prices = prices
        self._cash: dict[str, Decimal] = {currency: ZERO}
        self._contracts: dict[int, Contract] = {}
        self._ledgers: dict[int, PositionLedger] = {}

    def cash(self) -> dict[str, Decimal]:
        """The cash in each currency, the account's own first."""
        return dict(self._cash)

    def pay(self, currency: str, amount: Decimal) -> Decimal:
        """Add to the cash, or take away; the balance after it."""
        balance = self._cash.get(currency, ZERO) + amount
        self._cash[currency] = balance
        return balance

    def knows(self, con_id: int) -> bool:
        """Whether the contract has been held since midnight."""
        return con_id in self._ledgers

    def ledger(self, contract: Contract) -> PositionLedger:
        """The ledger of the position in `contract`, begun if there is none."""
        ledger = self._ledgers.get(contract.con_id)
        return ledger or self._begin(contract, FLAT, ZERO)

    def position(self, contract: Contract) -> Position:
        """The position in `contract`, of nothing if there is none."""
        ledger = self._ledgers.get(contract.con_id)
        held = ledger.holding if ledger else FLAT
        return Position(
            self._contracts.get(contract.con_id, contract),
            held.quantity,
            held.average_cost,
            held.realized,
            self.account,
        )

    def positions(self) -> tuple[Position, ...]:
        """All positions of something, in the order in which they were first opened."""
        return tuple(
            self.position(self._contracts[con_id])
            for con_id, ledger in self._ledgers.items()
            if ledger.holding.quantity
        )

    def portfolio(self) -> tuple[PortfolioLine, ...]:
        """All positions with what they are worth, also those that were closed today."""
        return tuple(self._line(con_id) for con_id in self._ledgers)

    def line(self, con_id: int) -> PortfolioLine | None:
        """One position with what it is worth, if it was held since midnight."""
        return self._line(con_id) if con_id in self._ledgers else None

    def exposures(self) -> tuple[Exposure, ...]:
        """What margin is computed from."""
        return tuple(
            self.exposure(self._contracts[con_id], ledger.holding.quantity, self._price(con_id))
            for con_id, ledger in self._ledgers.items()
            if ledger.holding.quantity
        )

    def exposure(self, contract: Contract, quantity: Decimal, price: Decimal) -> Exposure:
        """`quantity` of `contract` at `price`, with what is known of its underlying."""
        instrument = self._prices.instrument(contract.con_id)
        under = instrument.under_con_id if instrument else 0
        under_price = mark(self._prices.quote(under)) if under else None
        return Exposure(
            contract,
            quantity,
            price,
            under,
            contract.strike if under_price is None else under_price,
        )

    def begin_day(self) -> tuple[AccountRow, ...]:
        """It is midnight: value what is held, forget what is flat and all trades; those rows."""
        forgotten: list[AccountRow] = list(self._trade_rows())
        for con_id, ledger in list(self._ledgers.items()):
            if ledger.holding.quantity:
                ledger.begin_day(self._line(con_id).market_value)
            else:
                forgotten.append(self.holding_row(con_id))
                del self._ledgers[con_id], self._contracts[con_id]
        return tuple(forgotten)

    def rows(self) -> tuple[AccountRow, ...]:
        """Everything that has to survive, in an order that can be restored."""
        return (
            *(CashState(self.account, currency, cash) for currency, cash in self._cash.items()),
            *(self.holding_row(con_id) for con_id in self._ledgers),
            *self._trade_rows(),
        )

    def holding_row(self, con_id: int) -> HoldingState:
        """What of a position has to survive beside its trades."""
        ledger = self._ledgers[con_id]
        return HoldingState(
            self.account,
            self._contracts[con_id],
            ledger.opening.quantity,
            ledger.opening.cost,
            ledger.opening_value,
        )

    def restore_cash(self, row: CashState) -> None:
        """Have the balance that there was."""
        self._cash[row.currency] = row.balance

    def restore_holding(self, row: HoldingState) -> None:
        """Have the position that there was at midnight."""
        self._begin(row.contract, Holding(row.quantity, row.cost), row.value)

    def restore_trade(self, row: TradeState) -> None:
        """Book a trade of today again."""
        trade = Trade(row.exec_id, row.quantity, row.price, row.commission)
        self._ledgers[row.con_id].book(row.number, trade)

    def _trade_rows(self) -> Iterator[TradeState]:
        for con_id, ledger in self._ledgers.items():
            for number, trade in ledger.trades():
                yield trade_row(number, self.account, con_id, trade)

    def _begin(self, contract: Contract, opening: Holding, value: Decimal) -> PositionLedger:
        ledger = PositionLedger(multiplier_of(contract), opening, value)
        self._contracts[contract.con_id] = contract
        self._ledgers[contract.con_id] = ledger
        return ledger

    def _line(self, con_id: int) -> PortfolioLine:
        contract, ledger = self._contracts[con_id], self._ledgers[con_id]
        held = ledger.holding
        price = self._price(con_id)
        value = held.quantity * price * multiplier_of(contract)
        return PortfolioLine(
            account=self.account,
            contract=contract,
            quantity=held.quantity,
            market_price=price,
            market_value=value,
            average_cost=held.average_cost,
            unrealized_pnl=value - held.cost,
            realized_pnl=held.realized,
            daily_pnl=ledger.daily(value),
        )

    def _price(self, con_id: int) -> Decimal:
        """What one is worth; without any price, what it cost."""
        price = mark(self._prices.quote(con_id))
        if price is not None:
            return price
        average_cost = self._ledgers[con_id].holding.average_cost
        return average_cost / multiplier_of(self._contracts[con_id])
