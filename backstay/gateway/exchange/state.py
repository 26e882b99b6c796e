"""What of the exchange survives a restart: rows of frozen values, nothing of the agenda."""

from dataclasses import dataclass
from datetime import date

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.held import HeldOrder


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order; `session_day` is the broker day on which it could first work, which is the one
    that a DAY order ends with.
    """

    held: HeldOrder
    session_day: date | None = None


@dataclass(frozen=True, slots=True)
class ExecutionState:
    """An execution, a correction among them, and what it cost."""

    contract: Contract
    execution: Execution
    commission: Commission | None = None


@dataclass(frozen=True, slots=True)
class SequenceState:
    """A sequence and the number that it gives out next; a client's is called `client/7`."""

    name: str
    following: int


@dataclass(frozen=True, slots=True)
class ExchangeState:
    """The whole exchange."""

    orders: tuple[OrderState, ...] = ()
    executions: tuple[ExecutionState, ...] = ()
    sequences: tuple[SequenceState, ...] = ()
