"""L2: no trade ends while it holds something, or its entry lives; after a flatten, or a close, what
is held is leaving; and a way out comes to its end.

A trade that is over by its own word, with more entered than left by what it has booked itself, has
left its position to nobody: that somebody is told of it does not make good for a trade that goes on
resolving. What fills after its end is for L3, and what somebody else has closed is not there any
more; nor is what another trade has closed with more than it had, so that the account has turned:
whoever would sell what it holds by its own fills would turn it further. While its entry lives it
can't be over; what the exchange has doubled by itself is not its.

After a flatten an exit of each trade, and after a close one of that trade, has to be read off the
wire, or to live, in regular hours and outside of a halt; or a person is told what it waits for. A
part that leaves at its target is none.

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
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.domain.limits.kill import KillMode
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import RECONNECTED_NS, Contact
from backstay.lab.oracle.exchange import NOTHING, Contract, Exchange, Order, Placement
from backstay.lab.oracle.histories import Began, Call, Closed, Settled
from backstay.lab.oracle.laws.records import FORKS
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.readings import family_of
from backstay.lab.oracle.references import reference_of
from backstay.lab.oracle.told import SAYS_WHY_STUCK, Told
from backstay.lab.simulation.outcome import Finding

LAW = "L2"
FLAT_WITHIN_NS = 10 * SECOND_NS
OUT_WITHIN_NS = 30 * SECOND_NS
BARS_THE_WAY = frozenset({"cancel-unanswered", "placement-swallowed", "held-for-locate"})
"""Faults after which an order may never come to its end, or never be there."""

OUTLIVES = frozenset({Kind.ORDER_SURVIVES})

_LOSES_ORDERS = frozenset({"half-open", "reset-before-frame", "reset-mid-frame"})
"""Faults after which an order has left, and nobody has read it."""

_REFUSES = frozenset({"freeze-quantity", "order-rejected", "read-only"})
"""Faults after which the gateway shows an order no more, whoever has heard of it."""

_UNKNOWN = frozenset({Kind.ORDER_UNKNOWN})
_STAYS = frozenset({Kind.FRACTIONAL_REMAINDER})
_WAY_OUT = "Exit"
_CLOSE = "close"
_SAYS_WHY_KEPT = SAYS_WHY_STUCK - {Kind.STATE_INCONSISTENT}
"""That something could not be read keeps nobody from leaving."""


@dataclass(frozen=True, slots=True)
class _Ended:
    since_ns: int
    workflow_id: str
    con_id: int
    left: Decimal


class Parting:
    """Trades that have ended with something open, and what a flatten has still to close."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._ended: dict[str, _Ended] = {}
        self._flatten_ns: int | None = None
        self._trades: dict[str, str] = {}
        self._closed_ns: dict[str, int] = {}
        self._halted: dict[int, None] = {}
        self._leaves: dict[str, None] = {}
        self._holds_ns: dict[tuple[int, str], int] = {}
        self._quiet_ns: int | None = None
        self._ways_ns: dict[str, int] = {}
        self._barred: dict[str, None] = {}
        self._forked: dict[str, None] = {}
        self._refused: dict[str, None] = {}
        self._was_dead = False

    # --- what happens ---

    def heard(self, at_ns: int, workflow_id: str, event: Began | Closed) -> None:
        """A workflow begins, or ends."""
        if isinstance(event, Closed):
            self._ways_ns.pop(workflow_id, None)
        elif event.kind == _WAY_OUT:
            self._ways_ns[workflow_id] = at_ns

    def called(self, workflow_id: str, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name == "arm":
            self._trades[workflow_id] = family_of(call.asked["arm"]["entry"])[0]

    def wished(self, at_ns: int, workflow_id: str, wish: str) -> None:
        """A trade has taken up what a person has asked of it."""
        trade = self._trades.get(workflow_id)
        if wish == _CLOSE and trade is not None and trade not in self._closed_ns:
            self._closed_ns[trade] = at_ns
            self._leaves.pop(trade, None)

    def struck(self, name: str, ref: str | None) -> None:
        """A fault has struck, an order perhaps."""
        self._was_dead = self._was_dead or name in _LOSES_ORDERS
        reference = reference_of(ref)
        if name == FORKS and ref is not None:
            self._forked[ref] = None
        if name in BARS_THE_WAY and reference is not None:
            self._barred[reference.trade] = None
        if name in _REFUSES and reference is not None:
            self._refused[reference.trade] = None

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.Killed(_, KillMode.FLATTEN) if self._flatten_ns is None:
                self._flatten_ns = at_ns
                self._leaves.clear()
            case world.TradingResumed():
                self._flatten_ns = None
            case world.Quiet():
                self._quiet_ns = at_ns
            case world.Halted(con_id):
                self._halted[con_id] = None
            case world.HaltEnded(con_id):
                self._halted.pop(con_id, None)
            case _:
                pass

    def placed(self, placement: Placement) -> None:
        """An order was read off the wire."""
        reference = placement.reference
        if reference is None or placement.is_preview or not reference.is_exit:
            return
        # What leaves at its target is a part of it.
        if reference.purpose != "XT":
            self._leaves[reference.trade] = None

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
        if is_open and _holds(contract, settled.trade):
            self._ended[settled.trade] = _Ended(at_ns, workflow_id, settled.con_id, left)

    def _entries_of(self, settled: Settled) -> Iterator[Order]:
        """What of a trade that is over may still open something, and was not doubled by itself."""
        for order in self._exchange.contract(settled.con_id).living.values():
            reference = order.reference
            if reference is None or not reference.opens or reference.trade != settled.trade:
                continue
            if order.ref not in self._forked:
                yield order

    def settle(self, at_ns: int, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        ended = [trade for trade, each in self._ended.items() if each.con_id == contract.con_id]
        for trade in ended:
            if not _holds(contract, trade):
                del self._ended[trade]
        for trade, held in contract.open_of.items():
            if held and _holds(contract, trade):
                self._holds_ns.setdefault((contract.con_id, trade), at_ns)
            else:
                self._holds_ns.pop((contract.con_id, trade), None)

    # --- as time passes ---

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        for trade, ended in tuple(self._ended.items()):
            if not self._contact.is_overdue(ended.since_ns, now_ns, RECONNECTED_NS):
                continue
            del self._ended[trade]
            contract = self._exchange.contract(ended.con_id)
            if abs(contract.open_of.get(trade, NOTHING)) == ended.left:
                left = min(ended.left, abs(contract.ours()))
                text = f"{ended.workflow_id} has ended with {left} {self._symbol(contract)}"
                yield Finding(LAW, now_ns, f"{text} open")
        if self._holds_ns and (self._flatten_ns is not None or self._closed_ns):
            yield from self._kept(now_ns)
        if self._quiet_ns is not None and self._ways_ns:
            yield from self._endless(self._quiet_ns, now_ns)

    def _endless(self, quiet_ns: int, now_ns: int) -> Iterator[Finding]:
        opens_ns = self._premises.opened_ns(now_ns)
        if opens_ns is None or self._halted or not self._contact.reaches_engine:
            return
        for workflow_id, begun_ns in tuple(self._ways_ns.items()):
            trade = workflow_id.split(":")[1]
            if trade in self._barred or self._is_unknown(trade) or self._is_fraction(trade):
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

    def _is_fraction(self, trade: str) -> bool:
        """Whether all that it holds is less than one of each, and a person was told."""
        held = [
            abs(self._exchange.contract(con_id).open_of[trade])
            for con_id, holder in self._holds_ns
            if holder == trade
        ]
        return bool(held) and max(held) < 1 and self._told.names(_STAYS, trade)

    def _kept(self, now_ns: int) -> Iterator[Finding]:
        opens_ns = self._premises.opened_ns(now_ns)
        if opens_ns is None or not self._contact.reaches_engine:
            return
        for (con_id, trade), held_ns in tuple(self._holds_ns.items()):
            wanted_ns = self._closed_ns.get(trade, self._flatten_ns)
            if wanted_ns is None:
                continue
            since_ns = max(wanted_ns, held_ns, opens_ns)
            contract = self._exchange.contract(con_id)
            if trade in self._leaves or con_id in self._halted or any(contract.exits(trade)):
                continue
            if self._is_fraction(trade):
                continue
            if now_ns <= self._contact.engine_limit(since_ns, FLAT_WITHIN_NS):
                continue
            if not self._contact.is_overdue(since_ns, now_ns, FLAT_WITHIN_NS):
                continue
            self._leaves[trade] = None
            symbol = self._symbol(contract)
            is_close = trade in self._closed_ns
            # What keeps a position from leaving may have been told before a person asks for it.
            from_ns = min(wanted_ns, held_ns) if is_close else wanted_ns
            if not self._told.explains(_SAYS_WHY_KEPT, from_ns, symbol, (trade,)):
                what = "a close" if is_close else "a flatten"
                text = f"{trade} holds {contract.open_of[trade]} {symbol} after {what}"
                yield Finding(LAW, now_ns, f"{text}, and nothing has left")

    def _symbol(self, contract: Contract) -> str:
        return self._premises.symbols.get(contract.con_id, str(contract.con_id))


def _holds(contract: Contract, trade: str) -> bool:
    """Whether what a trade holds by its own fills is there, and on its side of the account."""
    held = contract.open_of.get(trade, NOTHING)
    return held * contract.ours() > 0 and _is_there(contract)


def _is_there(contract: Contract) -> bool:
    """Whether something of ours is there that is sure to be ours: hands have done nothing but close
    a part of it, and it is known of which trade. Where they have opened something of their own,
    nobody can say any more what is whose.
    """
    holders = [held for held in contract.open_of.values() if held]
    is_known_whose = len(holders) == 1 or not contract.taken
    have_only_closed = contract.foreign == NOTHING - contract.taken
    return bool(contract.ours()) and have_only_closed and is_known_whose
