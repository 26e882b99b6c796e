"""What the exchange asks of the market and of the accounts, and nothing more."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal, Protocol

from backstay.gateway.market.words import Instrument, Level, News, Phase, Quote
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview

Action = Literal["BUY", "SELL"]


class Market(Protocol):
    """What can be traded, at which prices, and when."""

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        """Every instrument that the contract can mean."""

    def instrument(self, con_id: int) -> Instrument | None:
        """The instrument with that number."""

    def quote(self, con_id: int) -> Quote:
        """What is displayed now."""

    def depth(self, con_id: int, taking: Action) -> tuple[Level, ...]:
        """What an aggressor would meet, the best first."""

    def phase(self, con_id: int) -> Phase:
        """What its market does now."""

    def next_phase_change_ns(self, con_id: int) -> int:
        """When that changes."""

    def liquid_hours(self, instrument: Instrument, days: int) -> str:
        """Its regular hours on so many days from today, in IB's format."""

    def is_fast(self, con_id: int) -> bool:
        """Whether it moved much within the last seconds."""

    def stands(self, con_id: int) -> bool:
        """Whether it moves only when somebody moves it."""

    def watch(self, con_id: int) -> None:
        """Keep it moving; counted."""

    def unwatch(self, con_id: int) -> None:
        """It need not move for us any more."""

    def listen(self, listener: Callable[[News], None]) -> None:
        """Hear of every change."""


class Position(Protocol):
    """What an account holds of one contract."""

    @property
    def contract(self) -> Contract:
        """Of what."""

    @property
    def quantity(self) -> Decimal:
        """How much; below zero when it is owed."""


class Accounts(Protocol):
    """Who trades, and what it does to them."""

    @property
    def names(self) -> tuple[str, ...]:
        """All accounts."""

    @property
    def default(self) -> str:
        """The account of an order that names none."""

    def position(self, account: str, con_id: int) -> Position:
        """What the account has of one contract; of nothing, nothing."""

    def positions(self, account: str | None = None) -> Sequence[Position]:
        """All positions of an account."""

    def book(self, contract: Contract, execution: Execution) -> Commission:
        """Book a fill; what it cost."""

    def correct(
        self, contract: Contract, old: Execution, new: Execution | None
    ) -> Commission | None:
        """Have `new` in the place of `old`, or nothing."""

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Whoever has shares of it has `ratio` for each."""

    def preview(self, account: str, instrument: Instrument, order: Order) -> MarginPreview:
        """What the order would do to the account."""

    def refuses(self, account: str, instrument: Instrument, order: Order) -> str | None:
        """IB's text if the account can't carry the order."""
