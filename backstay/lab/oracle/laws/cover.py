"""L1: every filled share has an acknowledged stop in time, or an incident says why.

5 s connected, 10 s after a reconnect. What counts is what lives at the exchange by the gateway's
own record and would close the position: a stop, or an exit that runs. Less than one, as a split may
leave, no order can be for: there it has to be told as just that. What trades hold that keep their
stop off the broker's books on purpose is not looked at, nor what others hold in the account.
Liveness: it is asked for from the moment on from which nothing goes wrong any more.
"""

from collections.abc import Iterator
from decimal import Decimal

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import NOTHING, Contract, Exchange
from backstay.lab.oracle.laws.fractions import NO_ORDER_FOR_IT
from backstay.lab.oracle.laws.shields import Shields
from backstay.lab.oracle.premises import Premises
from backstay.lab.oracle.told import LEAVES_IT, SAYS_WHY_NAKED, Told
from backstay.lab.simulation.outcome import Finding

LAW = "L1"

_SAYS_WHY = SAYS_WHY_NAKED | {Kind.FILL_CORRECTED}
"""What was closed by a fill that is taken back after its trade's end stands naked as well; a person
is told to compare position and stop.
"""


class Cover:
    """Since when something stands naked, by contract."""

    def __init__(
        self,
        exchange: Exchange,
        contact: Contact,
        told: Told,
        premises: Premises,
        shields: Shields,
    ) -> None:
        self._exchange = exchange
        self._contact = contact
        self._told = told
        self._premises = premises
        self._shields = shields
        self._quiet_ns: int | None = None
        self._bare = dict.fromkeys(premises.bare)
        self._ended: dict[str, None] = {}
        self._since: dict[int, int] = {}
        self._found: dict[int, None] = {}

    def quiet(self, at_ns: int) -> None:
        """From now on it is asked for."""
        self._quiet_ns = at_ns

    def goes_bare(self, trade: str) -> None:
        """A trade keeps its stop off the broker's books, as was written down."""
        self._bare[trade] = None

    def ended(self, trade: str) -> None:
        """A trade is over."""
        self._ended[trade] = None

    def settle(self, at_ns: int, contract: Contract) -> None:
        """All of an instant is known of a contract."""
        if self.naked(contract) > 0:
            self._since.setdefault(contract.con_id, at_ns)
        else:
            self._since.pop(contract.con_id, None)
            self._found.pop(contract.con_id, None)
            self._shields.covered(contract.con_id)

    def passes(self, now_ns: int) -> Iterator[Finding]:
        """Time has passed."""
        if self._quiet_ns is None:
            return
        for con_id, since_ns in self._since.items():
            begun_ns = max(since_ns, self._quiet_ns)
            if con_id in self._found or not self._contact.is_overdue(begun_ns, now_ns):
                continue
            if self._told.misses_session(self._contact.served_until(now_ns), now_ns):
                continue
            self._found[con_id] = None
            contract = self._exchange.contract(con_id)
            symbol = self._premises.symbols.get(con_id, str(con_id))
            if con_id in self._shields.found or self._told.explains(
                _SAYS_WHY, since_ns, symbol, contract.open_of
            ):
                continue
            if self._is_left_to_a_person(contract) or self._is_fraction(contract):
                continue
            seconds = (now_ns - since_ns) / SECOND_NS
            text = f"{self.naked(contract)} {symbol} stood naked for {seconds:.1f} s"
            yield Finding(LAW, now_ns, f"{text}, and nobody was told why")

    def _is_left_to_a_person(self, contract: Contract) -> bool:
        """Whether all that is held is of trades that have ended, as a person was told of each: what
        fills after an end gets a stop, whatever becomes of that on another day.
        """
        holders = [trade for trade, held in contract.open_of.items() if held]
        return all(trade in self._ended and self._told.names(LEAVES_IT, trade) for trade in holders)

    def _is_fraction(self, contract: Contract) -> bool:
        """Whether no order could be for what is naked, as a person was told."""
        parted = [trade for trade, held in contract.open_of.items() if held % 1]
        is_told = any(self._told.names(NO_ORDER_FOR_IT, trade) for trade in parted)
        return is_told and self.naked(contract) < 1

    def naked(self, contract: Contract) -> Decimal:
        """What our trades hold and nothing that lives would close."""
        held = contract.ours()
        bare = sum((abs(contract.open_of.get(trade, NOTHING)) for trade in self._bare), NOTHING)
        leaves = contract.leaving(-1 if held > 0 else 1, self._premises.profile)
        return abs(held) - bare - leaves
