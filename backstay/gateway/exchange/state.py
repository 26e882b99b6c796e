"""What of the exchange has to survive the process; no time of the agenda is among it.

What is due follows from the orders and is put on the agenda again when the state is restored. Each
element is a row of its own in a store, so that a turn writes only what it changed: an order when it
is told as changed, an execution when it is told, a sequence when its value is another one.
"""

from dataclasses import dataclass

from backstay.gateway.account.state import AccountsState
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.held import HeldOrder


@dataclass(frozen=True, slots=True)
class BookedExecution:
    """An execution of which everybody was told; `replaces` names the one that it corrects."""

    contract: Contract
    execution: Execution
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A counter by its name, for example the next order id of one client."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class ExchangeState:
    """Everything, each part in the order in which it came to be."""

    accounts: AccountsState
    orders: tuple[HeldOrder, ...] = ()
    executions: tuple[BookedExecution, ...] = ()
    commissions: tuple[Commission, ...] = ()
    sequences: tuple[Sequence, ...] = ()
