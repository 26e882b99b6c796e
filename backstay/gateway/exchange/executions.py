"""What was traded: every execution of today with its corrections, and what each cost.

The digits after the last point of an execution's id number its versions; the highest one stands.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from backstay.gateway.exchange.sequences import Sequences
from backstay.gateway.exchange.state import ExecutionState
from backstay.gateway.times import broker_day
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.held import HeldOrder

_ZERO = Decimal(0)
_FINEST = Decimal("0.00000001")


def side_of(action: str) -> Side:
    """The side of an execution of such an order."""
    return Side.BOUGHT if action == "BUY" else Side.SOLD


def next_version(exec_id: str) -> str:
    """The id of the correction that comes next."""
    prefix, _, version = exec_id.rpartition(".")
    return f"{prefix}.{int(version) + 1:02d}"


def average(total: Decimal, shares: Decimal) -> Decimal:
    """The average price of `shares` that cost `total`, to eight places at most."""
    if not shares:
        return _ZERO
    exact = total / shares
    rounded = exact.quantize(_FINEST)
    return exact if exact == rounded else rounded


class Executions:
    """The executions that can be asked for, in the order of their coming."""

    __slots__ = ("_sequences", "_standing", "_states")

    def __init__(self, sequences: Sequences) -> None:
        self._sequences = sequences
        self._states: dict[str, ExecutionState] = {}
        self._standing: dict[str, str] = {}

    def of_fill(
        self, held: HeldOrder, price: Decimal, shares: Decimal, time_ns: int, liquidity: int
    ) -> Execution:
        """The report of a new fill, after which `held` has `shares` more."""
        order = held.order
        filled = held.filled + shares
        return Execution(
            exec_id=self._sequences.exec_id(),
            time_ns=time_ns,
            account=order.account,
            exchange=held.contract.primary_exchange or held.contract.exchange,
            side=side_of(order.action),
            shares=shares,
            price=price,
            perm_id=order.perm_id,
            client_id=order.client_id,
            order_id=order.order_id,
            cum_quantity=filled,
            average_price=average(held.average_price * held.filled + price * shares, filled),
            order_ref=order.order_ref,
            model_code=order.model_code,
            last_liquidity=liquidity,
        )

    def keep(self, contract: Contract, execution: Execution) -> None:
        """It has happened; what it cost is said later."""
        self._states[execution.exec_id] = ExecutionState(contract, execution)
        self._standing[execution.exec_id.rpartition(".")[0]] = execution.exec_id

    def charge(self, commission: Commission) -> None:
        """What one of them cost."""
        state = self._states[commission.exec_id]
        self._states[commission.exec_id] = replace(state, commission=commission)

    def standing(self, exec_id: str) -> ExecutionState | None:
        """The version that counts of the execution with this id, if it is known."""
        last = self._standing.get(exec_id.rpartition(".")[0])
        return None if last is None else self._states[last]

    def all(self) -> tuple[ExecutionState, ...]:
        """Every version of every execution."""
        return tuple(self._states.values())

    def forget_before(self, day_first: date) -> tuple[str, ...]:
        """Let go of what happened before that broker day; which ones."""
        gone = tuple(
            exec_id
            for exec_id, state in self._states.items()
            if broker_day(state.execution.time_ns) < day_first
        )
        for exec_id in gone:
            del self._states[exec_id]
            if self._standing.get(exec_id.rpartition(".")[0]) == exec_id:
                del self._standing[exec_id.rpartition(".")[0]]
        return gone

    def restore(self, states: tuple[ExecutionState, ...]) -> None:
        """Go on from `states`, which are in the order of their coming."""
        for state in states:
            self.keep(state.contract, state.execution)
            self._states[state.execution.exec_id] = state
