"""L2: a way out comes to its end.

Once nothing goes wrong any more a way out that has begun ends within half a minute of the last
thing that happened to it, whoever was told of it; but where the gateway never does what it was
asked for, nobody gets any further, nor where an order has left on a line that is dead, or breaks
before it is read, or was refused when nobody heard it or whoever heard it has gone since, and a
person is to say what became of it. Less than a share, as a split may leave, can't be ordered, and
is for a person, too, who has to be told of just that. A client cancels by the order id alone, and
where an order lives twice, that ends the one that got it last: the other is for a person, who has
to be told of it.
"""

from collections.abc import Iterator

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Exchange
from backstay.lab.oracle.histories import Began, Closed
from backstay.lab.oracle.laws.fractions import is_fraction
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.references import reference_of
from backstay.lab.oracle.told import Told
from backstay.lab.simulation.outcome import Finding

LAW = "L2"
OUT_WITHIN_NS = 30 * SECOND_NS
BARS_THE_WAY = frozenset({"cancel-unanswered", "placement-swallowed", "held-for-locate"})
"""Faults after which an order may never come to its end, or never be there."""

OUTLIVES = frozenset({Kind.ORDER_SURVIVES})

_LOSES_ORDERS = frozenset({"half-open", "reset-before-frame", "reset-mid-frame"})
"""Faults after which an order has left, and nobody has read it."""

_REFUSES = frozenset({"freeze-quantity", "order-rejected", "read-only"})
"""Faults after which the gateway shows an order no more, whoever has heard of it."""

_UNKNOWN = frozenset({Kind.ORDER_UNKNOWN})
_WAY_OUT = "Exit"


class WaysOut:
    """The ways out that have begun, and what may keep one from its end."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._quiet_ns: int | None = None
        self._ways_ns: dict[str, int] = {}
        self._halted: dict[int, None] = {}
        self._barred: dict[str, None] = {}
        self._refused: dict[str, None] = {}
        self._was_dead = False

    # --- what happens ---

    def heard(self, at_ns: int, workflow_id: str, event: Began | Closed) -> None:
        """A workflow begins, or ends."""
        if isinstance(event, Closed):
            self._ways_ns.pop(workflow_id, None)
        elif event.kind == _WAY_OUT:
            self._ways_ns[workflow_id] = at_ns

    def struck(self, name: str, ref: str | None) -> None:
        """A fault has struck, an order perhaps."""
        self._was_dead = self._was_dead or name in _LOSES_ORDERS
        reference = reference_of(ref)
        if name in BARS_THE_WAY and reference is not None:
            self._barred[reference.trade] = None
        if name in _REFUSES and reference is not None:
            self._refused[reference.trade] = None

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.Quiet():
                self._quiet_ns = at_ns
            case world.Halted(con_id):
                self._halted[con_id] = None
            case world.HaltEnded(con_id):
                self._halted.pop(con_id, None)
            case _:
                pass

    # --- as time passes ---

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if self._quiet_ns is not None and self._ways_ns:
            yield from self._endless(self._quiet_ns, now_ns)

    def _endless(self, quiet_ns: int, now_ns: int) -> Iterator[Finding]:
        opens_ns = self._premises.opened_ns(now_ns)
        if opens_ns is None or self._halted or not self._contact.reaches_engine:
            return
        for workflow_id, begun_ns in tuple(self._ways_ns.items()):
            trade = workflow_id.split(":")[1]
            if (
                trade in self._barred
                or self._is_unknown(trade)
                or is_fraction(self._exchange, self._told, trade)
            ):
                continue
            if self._told.names(OUTLIVES, trade) and any(self._exchange.out_of_reach(trade)):
                self._ways_ns[workflow_id] = now_ns
                continue
            since_ns = max(quiet_ns, opens_ns, begun_ns, self._exchange.moved_ns.get(trade, 0))
            if now_ns <= self._contact.engine_limit(since_ns, OUT_WITHIN_NS):
                continue
            if self._contact.is_overdue(since_ns, now_ns, OUT_WITHIN_NS):
                del self._ways_ns[workflow_id]
                seconds = (now_ns - since_ns) / SECOND_NS
                text = f"{workflow_id} has come no further for {seconds:.1f} s"
                yield Finding(LAW, now_ns, f"{text}, and nothing stands in its way")

    def _is_unknown(self, trade: str) -> bool:
        """Whether an order of it may have left on a line that was dead or broke, or was refused
        when nobody heard it, and only a person can know.
        """
        is_lost = self._was_dead or trade in self._refused
        return is_lost and self._told.names(_UNKNOWN, trade)
