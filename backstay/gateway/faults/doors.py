"""What the faults need of the rooms around them, and nothing more."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.replies import Reply
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order


class Connection(Protocol):
    """One connection, below everything that can go wrong with it."""

    def deliver(self, reply: Reply) -> None:
        """Send a reply as it is."""

    def encoded(self, reply: Reply) -> bytes:
        """A reply as a whole frame."""

    def write(self, data: bytes) -> None:
        """Send bytes as they are, after what was delivered before."""

    def close(self, reason: str) -> None:
        """End in order; what was delivered arrives."""

    def reset(self, reason: str) -> None:
        """End at once; what this turn has delivered and not yet sent is lost."""


class Exchange(Protocol):
    """The operations that no client can ask for, and the look that they need."""

    def roll_back_ids(self, by: int) -> None:
        """Let every client's next order id fall back."""

    def open_orders(self) -> tuple[HeldOrder, ...]:
        """Every living order."""

    def held(self, perm_id: int) -> HeldOrder | None:
        """An order that is not forgotten."""

    def executions(self) -> tuple[tuple[Contract, Execution], ...]:
        """Every execution that is not forgotten."""

    def cancel(self, client_id: int, order_id: int) -> None:
        """A client's cancel."""

    def sold_short(self, client_id: int, contract: Contract, order: Order) -> int | None:
        """The stock that a new order would sell short, with shares that somebody lends."""

    def deny_borrow(self, con_id: int) -> None:
        """Hold short sales of it from now on."""

    def locate(self, con_id: int) -> None:
        """Let them go on."""

    def fill_anyway(self, perm_id: int, quantity: Decimal) -> None:
        """Fill an order that is over."""

    def fork(self, perm_id: int) -> object:
        """Let the order's form before its last modify live on under a permId of its own."""

    def correct_execution(
        self, exec_id: str, *, price: Decimal | None = None, quantity: Decimal | None = None
    ) -> None:
        """Replace an execution by one with the next number."""

    def bust_execution(self, exec_id: str) -> None:
        """Take an execution back."""

    def place_by_hand(self, account: str, contract: Contract, order: Order) -> None:
        """An order that somebody types into TWS."""

    def close_by_hand(self, account: str, con_id: int) -> None:
        """Close a position from TWS."""


class Market(Protocol):
    """Where contracts are found."""

    def find(self, contract: Contract) -> tuple[Instrument, ...]:
        """Every instrument that the contract can mean."""


class Position(Protocol):
    """What an account holds of one contract."""

    @property
    def contract(self) -> Contract:
        """Of what."""

    @property
    def quantity(self) -> Decimal:
        """How much; below zero when it is owed."""


class Accounts(Protocol):
    """Who there is, and what they hold."""

    @property
    def default(self) -> str:
        """The account of an order that names none."""

    def positions(self, account: str) -> Sequence[Position]:
        """What an account holds."""


class Front(Protocol):
    """What the gateway says to all clients at once."""

    def broadcast(self, code: int, text: str) -> None:
        """Tell everybody."""

    def lose_upstream(self) -> None:
        """1100: nothing comes from IB, and nothing gets there."""

    def restore_upstream(self, *, data_lost: bool) -> None:
        """1102, and what waited is made up for; or 1101, and it is not."""

    def compete(self, *, on: bool) -> None:
        """10197: another session takes the market data away, or gives it back."""

    def streams_back(self) -> None:
        """Every stream says how things stand, after a silence."""

    def streams_dead(self) -> None:
        """2103, then 2104, and no stream says anything any more."""

    def is_claimed(self, client_id: int) -> bool:
        """Whether nobody else can have this id now."""

    def linger(self, client_id: int, duration_ns: int) -> None:
        """326: let an id stay claimed after its connection has gone."""


class Host(Protocol):
    """The gateway around all of it."""

    def restart(self, down_ns: int) -> None:
        """End every connection and accept none for so long."""
