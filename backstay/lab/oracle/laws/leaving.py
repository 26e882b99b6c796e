"""I8: living exits never exceed the position, none flips it, no MARKET waits for a later session.

Two things bring it about that more could leave than there is. The house sends or enlarges an order
that leaves: that is judged in the same line, and the only excuse is that the position became
smaller by no living order of ours while that order was under way, or that what is too much is not
of it. Or the world has done it under orders that were right (`WORLDLY` and every hand in TWS): then
the house has the time of L1 to answer, and longer while it has no session and a person knows. It
has answered once it has told why, or has asked for each of those orders to be cancelled or made
smaller. What turns the position before that time is over, or although it was answered, is not the
house's.

A MARKET may be read only in regular hours, and may not outlive the session that it was read in.
One that the gateway keeps until what hangs on it has come is not at the exchange yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import NOTHING, Contract, Exchange, Order, Placement
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.told import SAYS_WHY_DIFFERENT, Told
from backstay.lab.simulation.outcome import Finding

LAW = "I8"
UNDER_WAY_NS = SECOND_NS
"""So long before an order is read it may have left."""

EARLY_NS = SECOND_NS // 10
"""Nobody knows the broker's clock any better: it tells its time in whole seconds."""

WORLDLY = frozenset({"second-perm-id", "fill-after-cancel", "execution-busted"})
"""Faults by which the exchange has more living orders, or fewer shares, than anybody asked for."""

SAYS_WHY_IT_WAITS = frozenset({Kind.EXIT_NOT_FILLED, Kind.EXIT_WAITS, Kind.FLATTEN_INCOMPLETE})


@dataclass(slots=True)
class _Surplus:
    """More could leave than there is, on this side, since then."""

    since_ns: int
    is_found: bool = False


class Leaving:
    """What could leave, held against what is there."""

    def __init__(
        self, exchange: Exchange, contact: Contact, told: Told, premises: Premises
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._committed: dict[int, Decimal] = {}
        self._shrunk: dict[int, int] = {}
        self._forked: dict[str, None] = {}
        self._surplus: dict[tuple[int, int], _Surplus] = {}
        self._asked: dict[tuple[int, int], int] = {}
        self._markets: dict[int, int] = {}

    # --- what happens ---

    def placed(self, placement: Placement) -> Iterator[Finding]:
        """An order, or a change of one, was read off the wire."""
        if placement.is_preview or placement.reference is None:
            return
        self._asked[placement.client, placement.order_id] = placement.at_ns
        at_ns, is_market = placement.at_ns, placement.kind == "MKT"
        moments = (at_ns - UNDER_WAY_NS, at_ns, at_ns + EARLY_NS)
        if is_market and not any(map(self._premises.is_regular, moments)):
            text = f"{placement.ref} was sent as a MARKET while the market was closed"
            yield Finding(LAW, at_ns, text)

    def cancelled(self, at_ns: int, client: int, order_id: int) -> None:
        """A cancel was read."""
        self._asked[client, order_id] = at_ns

    def shrank(self, at_ns: int, con_id: int) -> None:
        """The position became smaller by something that is no order of ours, or none that lives."""
        self._shrunk[con_id] = at_ns

    def changed(self, at_ns: int, order: Order) -> Iterator[Finding]:
        """A line of the audit about an order."""
        self._look_at_market(at_ns, order)
        if not order.reduces:
            return
        before = self._committed.get(order.perm_id, NOTHING)
        self._committed[order.perm_id] = order.left
        contract = self._exchange.contract(order.con_id)
        if order.left <= before or contract.is_asleep(order):
            return
        leaves = contract.leaving(order.sign, self._premises.profile)
        held = contract.held_against(order.sign)
        if leaves <= held or order.ref in self._forked:
            return
        if (order.con_id, order.sign) in self._surplus and order.left <= held:
            return
        if at_ns - self._shrunk.get(order.con_id, 0) <= UNDER_WAY_NS:
            return
        surplus = self._surplus.setdefault((order.con_id, order.sign), _Surplus(at_ns))
        if not surplus.is_found:
            surplus.is_found = True
            text = f"with {order.ref} {leaves} {self._symbol(order.con_id)} could leave of {held}"
            yield Finding(LAW, at_ns, text)

    def forked(self, ref: str) -> None:
        """The gateway has left the old order of a key alive beside the new one."""
        self._forked[ref] = None

    def turned(self, at_ns: int, order: Order, contract: Contract) -> Iterator[Finding]:
        """One of our orders that reduce has turned a position, or opened one where none was."""
        sign = 1 if contract.position > 0 else -1
        place = contract.con_id, sign
        begun = self._surplus.get(place)
        surplus = self._surplus.setdefault(place, _Surplus(at_ns))
        shrunk_ns = self._shrunk.get(contract.con_id)
        since_ns = [*([begun.since_ns] if begun else []), *([shrunk_ns] if shrunk_ns else [])]
        if surplus.is_found or self._is_answered(surplus, order.place, contract):
            return
        if any(not self._contact.is_overdue(each, at_ns) for each in since_ns):
            return
        surplus.is_found = True
        text = f"{order.ref} has turned the position in {self._symbol(contract.con_id)}"
        yield Finding(LAW, at_ns, f"{text}: it is {contract.position}")

    # --- when an instant is over, and as time passes ---

    def settle(self, at_ns: int, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        for sign in (1, -1):
            leaves = contract.leaving(sign, self._premises.profile)
            place = contract.con_id, sign
            if leaves > contract.held_against(sign):
                self._surplus.setdefault(place, _Surplus(at_ns))
            else:
                self._surplus.pop(place, None)

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        for (con_id, sign), surplus in self._surplus.items():
            if surplus.is_found or not self._contact.is_overdue(surplus.since_ns, now_ns):
                continue
            # Positions are unread until there is a session, and what they leave too much as well.
            if self._told.misses_session(self._contact.served_until(now_ns), now_ns):
                continue
            contract = self._exchange.contract(con_id)
            living = [o for o in contract.living.values() if o.sign == sign and o.reduces]
            if all(self._is_answered(surplus, order.place, contract) for order in living):
                continue
            surplus.is_found = True
            leaves = contract.leaving(sign, self._premises.profile)
            seconds = (now_ns - surplus.since_ns) / SECOND_NS
            held = contract.held_against(sign)
            text = f"{leaves} {self._symbol(con_id)} could leave of {held} for {seconds:.1f} s"
            yield Finding(LAW, now_ns, f"{text}, and nobody was told why")
        yield from self._late_markets(now_ns)

    # --- the rest ---

    def _is_answered(self, surplus: _Surplus, place: tuple[int, int], contract: Contract) -> bool:
        """Whether the house has asked for less of this order since, or has told why not."""
        if self._asked.get(place, -1) >= surplus.since_ns:
            return True
        symbol = self._symbol(contract.con_id)
        return self._told.explains(SAYS_WHY_DIFFERENT, surplus.since_ns, symbol, contract.open_of)

    def _look_at_market(self, at_ns: int, order: Order) -> None:
        is_there = not order.is_over and not order.is_held
        if order.kind == "MKT" and order.reference is not None and is_there:
            self._markets.setdefault(order.perm_id, at_ns)
        else:
            self._markets.pop(order.perm_id, None)

    def _late_markets(self, now_ns: int) -> Iterator[Finding]:
        for perm_id, since_ns in tuple(self._markets.items()):
            ends_ns = self._session_end(since_ns)
            if ends_ns is None or now_ns <= ends_ns + UNDER_WAY_NS:
                continue
            del self._markets[perm_id]
            order = self._exchange.orders[perm_id]
            symbol, reference = self._symbol(order.con_id), order.reference
            trades = () if reference is None else (reference.trade,)
            if not self._told.explains(SAYS_WHY_IT_WAITS, since_ns, symbol, trades):
                text = f"{order.ref}, a MARKET, waits for a later session, and nobody was told"
                yield Finding(LAW, now_ns, text)

    def _session_end(self, at_ns: int) -> int | None:
        for opens_ns, closes_ns in self._premises.regular:
            if opens_ns <= at_ns < closes_ns:
                return closes_ns
        return None

    def _symbol(self, con_id: int) -> str:
        return self._premises.symbols.get(con_id, str(con_id))
