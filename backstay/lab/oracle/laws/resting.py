"""L2, L3, L4: when everything is at rest, every way out is at its end, every book agrees, and every
workflow has ended or waits for something that has a name; or a person was told why not.

The broker's side is the gateway's own; the house's is what its trades say of themselves, and what
their histories came to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.limits.kill import KillMode
from backstay.domain.trade.standing import Doing
from backstay.lab.oracle.exchange import NOTHING, Contract, Exchange, Order
from backstay.lab.oracle.histories import Began, Closed, StepDone, StepFailed
from backstay.lab.oracle.laws.fractions import is_fraction
from backstay.lab.oracle.premises import Premises, Rest, TradeAtRest
from backstay.lab.oracle.references import reference_of
from backstay.lab.oracle.told import (
    LEAVES_IT,
    SAYS_WHY_DIFFERENT,
    SAYS_WHY_NAKED,
    SAYS_WHY_STUCK,
    Told,
)
from backstay.lab.simulation.outcome import Finding

LONG_WAITS = frozenset({Doing.QUEUED, Doing.WAITING, Doing.ENTERING, Doing.ASKING, Doing.GUARDING})
"""For as long as it takes: for the market, for a person, for the price."""

NO_FAULT = frozenset({"PlanUnfit"})
"""How a trade may fail: the plan was wrong, and nothing was sent."""


@dataclass(slots=True)
class _Life:
    kind: str
    status: str = "running"
    failure: str = ""
    trouble: str = ""


class Resting:
    """Every workflow as its history has it, until the end shows how it all fits."""

    def __init__(self, exchange: Exchange, told: Told, premises: Premises) -> None:
        self._exchange = exchange
        self._told = told
        self._symbols = premises.symbols
        self._lives: dict[str, _Life] = {}
        self._flattened_ns: int | None = None

    def killed(self, at_ns: int, mode: KillMode) -> None:
        """Trading is stopped, and what is held may have to be closed."""
        if mode is KillMode.FLATTEN and self._flattened_ns is None:
            self._flattened_ns = at_ns

    def resumed(self) -> None:
        """Trading goes on."""
        self._flattened_ns = None

    def heard(self, workflow_id: str, event: Began | Closed | StepDone | StepFailed) -> None:
        """What a history says of how a workflow goes on."""
        match event:
            case Began(kind):
                self._lives[workflow_id] = _Life(kind)
            case Closed(status, _, failure):
                life = self._lives.setdefault(workflow_id, _Life(""))
                life.status, life.failure = status, failure
            case StepFailed(text):
                self._lives.setdefault(workflow_id, _Life("")).trouble = text or "a step fails"
            case StepDone():
                self._lives.setdefault(workflow_id, _Life("")).trouble = ""

    def at_rest(self, at_ns: int, rest: Rest) -> Iterator[Finding]:
        """Everything that does not fit."""
        sayings = (
            *(("L2", text) for text in self._ways_out(rest)),
            *(("L3", text) for text in self._books(rest)),
            *(("L4", text) for text in self._workflows(rest)),
        )
        for law, text in sayings:
            yield Finding(law, at_ns, text)

    # --- L2 ---

    def _ways_out(self, rest: Rest) -> Iterator[str]:
        for workflow_id, life in self._lives.items():
            if life.kind != "Exit":
                continue
            trade = workflow_id.split(":")[1]
            if life.status == "running" and not self._is_said_why(trade):
                yield f"{workflow_id} has not come to its end, and nobody was told why"
            elif life.status not in ("running", "completed"):
                yield f"{workflow_id} has {life.status} and leads the way out no more"
        for contract in self._exchange.contracts.values():
            for trade, held in contract.open_of.items():
                if held and contract.ours() and not self._is_said_why(trade):
                    yield from self._given_up(rest, contract, trade, held)

    def _is_said_why(self, trade: str) -> bool:
        """Whether a person was told why it still holds something."""
        is_told = self._is_told(SAYS_WHY_NAKED, trade)
        return is_told or is_fraction(self._exchange, self._told, trade)

    def _given_up(self, rest: Rest, contract: Contract, trade: str, held: Decimal) -> Iterator[str]:
        """A trade still holds something, and nothing is left of the way out that it had begun."""
        symbol = self._symbols.get(contract.con_id, str(contract.con_id))
        if self._flattened_ns is not None:
            if not self._told.explains(SAYS_WHY_DIFFERENT, self._flattened_ns, symbol, (trade,)):
                yield f"{trade} holds {held} {symbol} after a flatten, and nobody was told"
            return
        if self._told.names(LEAVES_IT, trade) and not self._says_it_holds(rest, trade):
            return
        last = {order.reference.family: order for order in self._exits(trade) if order.reference}
        for order in last.values():
            if order.is_over and order.filled < order.quantity:
                yield f"{order.ref} was the last of a way out, and {held} {symbol} are still held"

    def _exits(self, trade: str) -> Iterator[Order]:
        """The orders by which a trade has left, in the order in which they came."""
        for order in self._exchange.orders.values():
            reference = order.reference
            if reference is not None and reference.trade == trade and reference.is_exit:
                yield order

    # --- L3 ---

    def _books(self, rest: Rest) -> Iterator[str]:
        yield from self._trades_and_fills(rest)
        yield from self._positions(rest)
        over = {trade.trade: trade for trade in rest.trades if trade.status != "running"}
        for ref in rest.open_orders:
            reference = reference_of(ref)
            if reference is None or reference.trade not in over:
                continue
            if not self._is_told(SAYS_WHY_DIFFERENT, reference.trade):
                yield f"{ref} lives on although its trade has ended, and nobody was told"
        for trade in rest.reserved:
            if trade in over and not self._is_told(SAYS_WHY_DIFFERENT, trade):
                yield f"the book still keeps room for {over[trade].workflow_id}, which has ended"
        yield from self._left_over(rest)
        yield from self._kept_twice(rest)

    def _left_over(self, rest: Rest) -> Iterator[str]:
        """What trades have left over when they ended, against what the book has kept of it."""
        for con_id, contract in self._exchange.contracts.items():
            ended = [trade for trade in contract.open_of if not self._says_it_holds(rest, trade)]
            real = sum((contract.open_of[trade] for trade in ended), NOTHING)
            kept = rest.kept.get(con_id, NOTHING)
            if kept != real and not any(self._is_told(SAYS_WHY_DIFFERENT, each) for each in ended):
                symbol = self._symbols.get(con_id, str(con_id))
                yield f"trades have left {real} {symbol} over, and the book has kept {kept}"

    def _kept_twice(self, rest: Rest) -> Iterator[str]:
        """What the book has kept, against what was settled: whoever was told why something is left
        over, each settlement is booked, and once.
        """
        if any(trade.status == "running" and _is_settling(trade) for trade in rest.trades):
            return
        said: dict[int, Decimal] = {}
        for trade in rest.trades:
            settlement = trade.settlement
            if settlement is not None and trade.trade not in rest.reserved:
                left = sum((order.signed_filled for order in settlement.orders), NOTHING)
                said[settlement.con_id] = said.get(settlement.con_id, NOTHING) + left
        for con_id, left in said.items():
            kept = rest.kept.get(con_id, NOTHING)
            if kept != left:
                symbol = self._symbols.get(con_id, str(con_id))
                yield f"settled with {left} {symbol} left over, and the book has kept {kept}"

    def _trades_and_fills(self, rest: Rest) -> Iterator[str]:
        for trade in rest.trades:
            booked = _booked(trade)
            if booked is None or self._is_told(SAYS_WHY_DIFFERENT, trade.trade):
                continue
            for ref in dict.fromkeys((*booked, *self._exchange.filled)):
                reference = reference_of(ref)
                if reference is None or reference.trade != trade.trade:
                    continue
                found, real = booked.get(ref, NOTHING), self._exchange.filled.get(ref, NOTHING)
                if found != real:
                    yield f"{ref} has filled {real}, and its trade says {found}"

    def _positions(self, rest: Rest) -> Iterator[str]:
        """What trades say they hold, against what the broker has, contract by contract."""
        for con_id, contract in self._exchange.contracts.items():
            real = rest.positions.get(con_id, NOTHING)
            said = sum(
                (
                    held
                    for trade, held in contract.open_of.items()
                    if self._says_it_holds(rest, trade)
                ),
                NOTHING,
            )
            symbol = self._symbols.get(con_id, str(con_id))
            if real != said and not self._told.explains(
                SAYS_WHY_DIFFERENT, 0, symbol, contract.open_of
            ):
                yield f"the broker holds {real} {symbol}, the trades {said}, and nobody was told"

    def _says_it_holds(self, rest: Rest, trade: str) -> bool:
        return any(each.trade == trade and each.status == "running" for each in rest.trades)

    # --- L4 ---

    def _workflows(self, rest: Rest) -> Iterator[str]:
        known = {trade.workflow_id: trade for trade in rest.trades}
        for workflow_id, life in self._lives.items():
            if life.trouble and life.status == "running":
                yield f"{workflow_id} is stuck: {life.trouble}"
            elif life.status not in ("running", "completed") and life.failure not in NO_FAULT:
                yield f"{workflow_id} has {life.status}: {life.failure or 'nobody says why'}"
            elif life.failure in NO_FAULT and self._has_sent(known.get(workflow_id)):
                yield f"{workflow_id} says that its plan does not work, after it had sent orders"
        for trade in rest.trades:
            yield from self._wait(trade)

    def _wait(self, trade: TradeAtRest) -> Iterator[str]:
        standing = trade.standing
        if trade.status != "running" or standing is None:
            return
        doing, is_told = standing.doing, self._is_told(SAYS_WHY_STUCK, trade.trade)
        if doing not in LONG_WAITS and not is_told:
            yield f"{trade.workflow_id} is still {doing}, and nobody was told why"
        elif doing is Doing.GUARDING and not self._open(trade.trade) and not is_told:
            yield f"{trade.workflow_id} is {doing}, and there is nothing left to guard"
        elif doing is Doing.ENTERING and not self._lives_at_broker(trade.trade) and not is_told:
            yield f"{trade.workflow_id} is {doing}, and no order of it lives at the broker"

    # --- the rest ---

    def _has_sent(self, trade: TradeAtRest | None) -> bool:
        return trade is not None and any(
            order.reference is not None and order.reference.trade == trade.trade
            for order in self._exchange.orders.values()
        )

    def _open(self, trade: str) -> Decimal:
        return sum(
            (each.open_of.get(trade, NOTHING) for each in self._exchange.contracts.values()),
            NOTHING,
        )

    def _lives_at_broker(self, trade: str) -> bool:
        return any(
            order.reference is not None and order.reference.trade == trade and not order.is_over
            for order in self._exchange.orders.values()
        )

    def _is_told(self, kinds: frozenset[str], trade: str) -> bool:
        con_ids = [
            con_id
            for con_id, contract in self._exchange.contracts.items()
            if trade in contract.open_of
        ]
        symbols = [self._symbols.get(con_id, "") for con_id in con_ids] or [""]
        return any(self._told.explains(kinds, 0, symbol, (trade,)) for symbol in symbols)


def _is_settling(trade: TradeAtRest) -> bool:
    return trade.standing is None or trade.standing.doing in (Doing.SETTLING, Doing.OVER)


def _booked(trade: TradeAtRest) -> dict[str, Decimal] | None:
    """What a trade says of each of its orders; nothing to hold it against while it is entering."""
    if trade.settlement is not None:
        return {order.key.order_ref: order.filled for order in trade.settlement.orders}
    standing = trade.standing
    if standing is None:
        return None
    orders = (*(() if standing.entry is None else (standing.entry,)), *standing.exits)
    return {order.key.order_ref: order.filled for order in orders}
