"""What the front asks of the rooms behind it; it knows nothing else of them."""

from typing import Protocol

from backstay.gateway.account.words import (
    AccountFigure,
    PortfolioLine,
    Position,
    PositionProfit,
    Profit,
)
from backstay.gateway.events import OrderNoted
from backstay.gateway.market.words import Chain, Greeks, Instrument, Phase, Quote
from backstay.gateway.messages.data_replies import Bar
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview


class MarketDoor(Protocol):
    """Instruments and their prices."""

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        """Everything that the description fits."""

    def instrument(self, con_id: int) -> Instrument | None:
        """What `con_id` names."""

    def chains(self, under_con_id: int, symbol: str) -> tuple[Chain, ...]:
        """The option chains of an underlying, one for each exchange and trading class."""

    def rule(self, rule_id: int) -> tuple[PriceStep, ...] | None:
        """The price increments that a market rule stands for."""

    def quote(self, con_id: int) -> Quote:
        """What is displayed now."""

    def greeks(self, con_id: int) -> Greeks | None:
        """The model of an option; None once it has expired, and for anything else."""

    def phase(self, con_id: int) -> Phase:
        """What its market does now."""

    def trading_hours(self, instrument: Instrument, days: int) -> str:
        """All hours of the coming days, as contract details have them."""

    def liquid_hours(self, instrument: Instrument, days: int) -> str:
        """The regular hours of the coming days."""

    def bars(
        self,
        instrument: Instrument,
        end_ns: int,
        duration: str,
        bar_size: str,
        what: str,
        use_rth: bool,
    ) -> tuple[Bar, ...]:
        """History up to `end_ns`; raises ValueError with what is wrong with the request.

        A bar that is shorter than a day is dated by its first second since 1970, a longer one by
        its day (`yyyymmdd`).
        """

    def watch(self, con_id: int) -> None:
        """Let it move; counted."""

    def unwatch(self, con_id: int) -> None:
        """One watcher less."""


class AccountsDoor(Protocol):
    """Positions, money and profits."""

    @property
    def names(self) -> tuple[str, ...]:
        """All accounts of the user."""

    @property
    def default(self) -> str:
        """The account that is meant when none is named."""

    def positions(self, account: str | None = None) -> tuple[Position, ...]:
        """What is held; of all accounts without a name."""

    def portfolio(self, account: str) -> tuple[PortfolioLine, ...]:
        """What is held and what it is worth."""

    def values(self, account: str) -> tuple[AccountFigure, ...]:
        """All figures of an account."""

    def summary(self, account: str, tags: str) -> tuple[AccountFigure, ...]:
        """The figures that a summary with these tags shows."""

    def pnl(self, account: str) -> Profit:
        """Its profit."""

    def pnl_single(self, account: str, con_id: int) -> PositionProfit:
        """The profit of one position."""


class ExchangeDoor(Protocol):
    """Where orders go. What comes of them is told as events."""

    def next_order_id(self, client_id: int) -> int:
        """The lowest order id that the client may use."""

    def place(self, client_id: int, order_id: int, contract: Contract, order: Order) -> None:
        """A new order, or a change of a live one."""

    def cancel(self, client_id: int, order_id: int) -> None:
        """The end of an order, please."""

    def cancel_all(self, client_id: int) -> None:
        """The end of all orders, whoever placed them."""

    def what_if(
        self, client_id: int, order_id: int, contract: Contract, order: Order
    ) -> MarginPreview | OrderNoted:
        """What the order would do, without placing it."""

    def open_orders(self) -> tuple[HeldOrder, ...]:
        """All orders that work or wait."""

    def completed_orders(self) -> tuple[HeldOrder, ...]:
        """The orders of today that are over."""

    def executions(self) -> tuple[tuple[Contract, Execution], ...]:
        """The fills of today, with corrections, in the order of their coming."""

    def commissions(self) -> tuple[Commission, ...]:
        """What they cost."""
