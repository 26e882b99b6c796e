"""L2: no trade ends while it holds something, or while its entry lives.

A trade that is over by its own word, with more entered than left by what it has booked itself, has
left its position to nobody: that somebody is told of it does not make good for a trade that goes on
resolving. What fills after its end is for L3, and what somebody else has closed is not there any
more; nor is what another trade has closed with more than it had, so that the account has turned:
whoever would sell what it holds by its own fills would turn it further. While its entry lives it
can't be over; what the exchange has doubled by itself is not its.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.lab.oracle.contact import RECONNECTED_NS, Contact
from backstay.lab.oracle.exchange import NOTHING, Contract, Exchange, Order
from backstay.lab.oracle.histories import Settled
from backstay.lab.oracle.laws.records import FORKS
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.references import reference_of
from backstay.lab.simulation.outcome import Finding

LAW = "L2"


@dataclass(frozen=True, slots=True)
class _Ended:
    since_ns: int
    workflow_id: str
    con_id: int
    left: Decimal


class Parting:
    """Trades that have ended with something open."""

    def __init__(self, exchange: Exchange, contact: Contact, premises: Premises) -> None:
        self._exchange = exchange
        self._contact = contact
        self._premises = premises
        self._ended: dict[str, _Ended] = {}
        self._forked: dict[str, None] = {}

    def struck(self, name: str, ref: str | None) -> None:
        """A fault has struck, an order perhaps."""
        if name == FORKS and ref is not None:
            self._forked[ref] = None

    def settled(self, at_ns: int, workflow_id: str, settled: Settled) -> Iterator[Finding]:
        """A trade is over; by its own word it has left so much open."""
        for order in self._entries_of(settled):
            text = f"{workflow_id} has ended, and {order.ref} lives"
            yield Finding(LAW, at_ns, f"{text}: it may fill {order.left}")
        left = NOTHING
        for ref, filled in settled.booked.items():
            reference = reference_of(ref)
            if reference is not None:
                left += filled if reference.opens else NOTHING - filled
        contract = self._exchange.contract(settled.con_id)
        is_open = left > 0 and left == abs(contract.open_of.get(settled.trade, NOTHING))
        if is_open and contract.surely_holds(settled.trade):
            self._ended[settled.trade] = _Ended(at_ns, workflow_id, settled.con_id, left)

    def _entries_of(self, settled: Settled) -> Iterator[Order]:
        """What of a trade that is over may still open something, and was not doubled by itself."""
        for order in self._exchange.contract(settled.con_id).living.values():
            reference = order.reference
            if reference is None or not reference.opens or reference.trade != settled.trade:
                continue
            if order.ref not in self._forked:
                yield order

    def settle(self, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        ended = [trade for trade, each in self._ended.items() if each.con_id == contract.con_id]
        for trade in ended:
            if not contract.surely_holds(trade):
                del self._ended[trade]

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        for trade, ended in tuple(self._ended.items()):
            if not self._contact.is_overdue(ended.since_ns, now_ns, RECONNECTED_NS):
                continue
            del self._ended[trade]
            contract = self._exchange.contract(ended.con_id)
            if abs(contract.open_of.get(trade, NOTHING)) == ended.left:
                left = min(ended.left, abs(contract.ours()))
                symbol = self._premises.symbols.get(contract.con_id, str(contract.con_id))
                text = f"{ended.workflow_id} has ended with {left} {symbol} open"
                yield Finding(LAW, now_ns, text)
