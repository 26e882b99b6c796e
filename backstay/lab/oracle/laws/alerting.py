"""L5: alerts go out within 5 s.

Three things begin the clock: a workflow asks for an alert, a kill is written down, and a MARKET has
rested for the 5 s after which it is an incident. It runs while those who tell are there, and only
when nothing goes wrong any more. That something stands naked, or differs, is for L1 and L3.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Exchange, Order
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.told import Told, trades_in
from backstay.lab.simulation.outcome import Finding

LAW = "L5"
TELL_WITHIN_NS = 5 * SECOND_NS
MARKET_FILLS_WITHIN_NS = 5 * SECOND_NS
CLOCK_ERROR_NS = SECOND_NS
"""The broker tells its time in whole seconds."""


@dataclass(frozen=True, slots=True)
class _Due:
    since_ns: int
    kinds: Container[str]
    symbol: str
    trades: tuple[str, ...]
    text: str
    by_engine: bool
    early_ns: int = 0
    """How long before it is due a telling counts: whoever tells has a clock with an error."""


class Alerting:
    """What somebody has to be told, and since when."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._symbols = premises.symbols
        self._quiet_ns: int | None = None
        self._due: dict[str, _Due] = {}

    def quiet(self, at_ns: int) -> None:
        """From now on it is asked for."""
        self._quiet_ns = at_ns

    def killed(self, at_ns: int, epoch: int) -> None:
        """A kill stands in the book."""
        text = f"the kill {epoch} was written down"
        self._due[text] = _Due(at_ns, {Kind.KILLED}, "", (), text, by_engine=False)

    def called(self, at_ns: int, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name == "alert":
            kind, subject = call.asked["kind"], call.asked["subject"]
            text = f"{kind} of {subject} was to be told"
            self._due[text] = _Due(at_ns, {kind}, "", trades_in(subject), text, by_engine=True)

    def changed(self, at_ns: int, order: Order) -> None:
        """A line of the audit about an order."""
        name = f"{order.perm_id} rests"
        if order.kind != "MKT" or order.reference is None or order.is_over:
            self._due.pop(name, None)
        elif name not in self._due and order.reference.is_exit:
            kinds, symbol = {Kind.EXIT_NOT_FILLED, Kind.EXIT_WAITS}, self._symbol(order.con_id)
            since_ns, trades = at_ns + MARKET_FILLS_WITHIN_NS, (order.reference.trade,)
            text = f"{order.ref}, a MARKET, was not filled"
            self._due[name] = _Due(
                since_ns, kinds, symbol, trades, text, by_engine=False, early_ns=CLOCK_ERROR_NS
            )

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if self._quiet_ns is None:
            return
        for name, due in tuple(self._due.items()):
            since_ns = max(due.since_ns, self._quiet_ns)
            if now_ns <= since_ns + TELL_WITHIN_NS or not self._is_overdue(due, since_ns, now_ns):
                continue
            del self._due[name]
            from_ns = due.since_ns - due.early_ns
            if not self._told.explains(due.kinds, from_ns, due.symbol, due.trades):
                yield Finding(LAW, now_ns, f"{due.text}, and nobody had heard of it 5 s later")

    def _is_overdue(self, due: _Due, since_ns: int, now_ns: int) -> bool:
        if due.by_engine:
            return self._contact.reaches_engine and now_ns > self._contact.engine_limit(since_ns)
        return self._contact.is_overdue(since_ns, now_ns)

    def _symbol(self, con_id: int) -> str:
        return self._symbols.get(con_id, "")
