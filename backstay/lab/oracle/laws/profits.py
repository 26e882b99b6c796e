"""I10: what a trade says it has made is what its executions have made.

Held against the exchange's own executions when the trade is settled, where all that it had entered
was closed by its own orders, and each is booked as it has filled. A price that was corrected just
before may have missed the last answer that the trade was given: it is told, and not asked for
sooner than a quantity is. Only of an entry that has filled on another day may it say that it does
not know. A split leaves nothing to hold it against.
"""

from collections.abc import Iterator
from decimal import Decimal

from backstay.gateway.times import broker_day
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import NOTHING, Exchange
from backstay.lab.oracle.histories import Settled
from backstay.lab.oracle.references import reference_of
from backstay.lab.simulation.outcome import Finding

LAW = "I10"
_CENT = Decimal("0.01")


class Profits:
    """What each trade says it has made."""

    def __init__(self, exchange: Exchange, contact: Contact) -> None:
        self._exchange = exchange
        self._contact = contact
        self._split: dict[int, None] = {}

    def split(self, con_id: int) -> None:
        """Prices are others from now on."""
        self._split[con_id] = None

    def settled(self, at_ns: int, workflow_id: str, settled: Settled) -> Iterator[Finding]:
        """A trade is over."""
        trade = settled.trade
        held = self._exchange.contract(settled.con_id).open_of.get(trade)
        if held is None or held != NOTHING or settled.con_id in self._split:
            return
        for ref, real in self._exchange.filled.items():
            reference = reference_of(ref)
            if (
                reference is not None
                and reference.trade == trade
                and settled.booked.get(ref) != real
            ):
                return
        said, made = settled.profit, self._exchange.made[trade]
        if said is None:
            if not self._has_entered_before(trade, at_ns):
                text = f"{workflow_id} says that nobody knows what it has made; it was {made}"
                yield Finding(LAW, at_ns, text)
            return
        before = (
            value
            for corrected_ns, value in self._exchange.repriced.get(trade, ())
            if not self._contact.is_overdue(corrected_ns, at_ns)
        )
        if all(abs(said - value) >= _CENT for value in (made, *before)):
            yield Finding(LAW, at_ns, f"{workflow_id} says that it has made {said}; it was {made}")

    def _has_entered_before(self, trade: str, at_ns: int) -> bool:
        """Whether it has entered on a day that can't be read any more."""
        return any(
            broker_day(filled_ns) < broker_day(at_ns)
            for ref, filled_ns in self._exchange.filled_ns.items()
            if (reference := reference_of(ref)) is not None
            and reference.trade == trade
            and reference.opens
        )
