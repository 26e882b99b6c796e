"""I11: no protective stop dies while its quantity is open, except inside a running exit.

It is the house's own cancel of a stop that is judged: what the exchange, a person or the parent's
end does to a stop, the house did not want, and has to make good in the time of L1. Once the stop is
proven over, an exit of its trade has to be read off the wire, or another stop, or what it covered
has to be gone; in the time of L1, or a person is told what it waits for. Where one was told
that there is no session, that is waited for, and for the five seconds after it. A stop that would
add to what is held covers nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import NOTHING, Exchange, Order, Placement
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.told import SAYS_WHY_NAKED, Told
from backstay.lab.simulation.outcome import Finding

LAW = "I11"


@dataclass(frozen=True, slots=True)
class _Gap:
    since_ns: int
    con_id: int
    sign: int
    trade: str
    ref: str


class Shields:
    """The stops that the house has taken away, and what has come after them."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._cancelled: dict[tuple[int, int], None] = {}
        self._gaps: dict[int, _Gap] = {}
        self.found: dict[int, None] = {}
        """Contracts in which a stop was taken away and nothing came after it, until covered."""

    def cancelled(self, client: int, order_id: int) -> None:
        """A cancel was read."""
        self._cancelled[client, order_id] = None

    def placed(self, placement: Placement) -> None:
        """An order, or a change of one, was read off the wire."""
        reference = placement.reference
        if reference is None or reference.opens:
            return
        self._cancelled.pop((placement.client, placement.order_id), None)
        for perm_id, gap in tuple(self._gaps.items()):
            if gap.trade == reference.trade:
                del self._gaps[perm_id]

    def changed(self, at_ns: int, order: Order) -> None:
        """A line of the audit about an order."""
        reference = order.reference
        if reference is None or reference.purpose != "PR":
            return
        if order.status != "Cancelled" or order.filled >= order.quantity:
            return
        if order.place not in self._cancelled or order.perm_id in self._gaps:
            return
        del self._cancelled[order.place]
        self._gaps[order.perm_id] = _Gap(
            at_ns, order.con_id, order.sign, reference.trade, order.ref
        )

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        for perm_id, gap in tuple(self._gaps.items()):
            contract = self._exchange.contract(gap.con_id)
            held = contract.ours()
            covered = contract.leaving(-1 if held > 0 else 1, self._premises.profile)
            would_close = -gap.sign * contract.open_of.get(gap.trade, NOTHING)
            if would_close <= 0 or covered >= abs(held):
                del self._gaps[perm_id]
                continue
            if not self._contact.is_overdue(gap.since_ns, now_ns):
                continue
            if self._told.misses_session(self._contact.served_until(now_ns), now_ns):
                continue
            del self._gaps[perm_id]
            symbol = self._premises.symbols.get(gap.con_id, "")
            if not self._told.explains(SAYS_WHY_NAKED, gap.since_ns, symbol, (gap.trade,)):
                self.found[gap.con_id] = None
                text = f"{gap.ref} was cancelled with {abs(held) - covered} {symbol} open"
                yield Finding(LAW, now_ns, f"{text}, and no exit came after it")

    def covered(self, con_id: int) -> None:
        """All of a contract is covered again."""
        self.found.pop(con_id, None)
