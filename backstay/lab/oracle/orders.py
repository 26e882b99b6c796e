"""One living order a key, no key filled beyond what it was for, nothing rises from the dead.

Only orders whose reference is one of our keys are judged by key: others are somebody else's. What
an order was for is the most that it ever asked for. What the gateway does at its exchange on
purpose, and says so (a fault that strikes the order, its key or one of its fills), is excused; and
nothing else is: a status that was never sent is no excuse for a second order.

Each order is told of with what it has filled, and each fill with the order that it is of: the two
must agree. An order that is first heard of in the middle of its life is believed once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.ids import parse_order_ref
from backstay.lab.oracle.executions import Counted, unversioned
from backstay.lab.oracle.lines import Line, UnreadableError
from backstay.lab.oracle.violations import Rule, Violation

EXCUSES = {
    Rule.ONE_LIVE_ORDER: frozenset({"second-perm-id"}),
    Rule.OVERFILLED: frozenset({"second-perm-id", "fill-after-cancel", "execution-corrected"}),
    Rule.TERMINAL: frozenset({"fill-after-cancel"}),
}
"""Which faults do at the exchange what a rule forbids."""

_SIDES = {"BUY": 1, "SELL": -1}
_TERMINAL = frozenset({"Cancelled", "Filled"})
_ZERO = Decimal(0)


class _Key:
    """What is known of one intent."""

    __slots__ = ("filled", "live", "orders", "wanted")

    def __init__(self) -> None:
        self.orders: dict[int, None] = {}
        self.live: dict[int, None] = {}
        self.wanted: Decimal | None = None
        self.filled = _ZERO


@dataclass(slots=True)
class _Known:
    """What an order is by its last line, and what it has filled since by its executions."""

    account: str
    con_id: int
    sign: int
    ref: str
    filled: Decimal


class Orders:
    """Every order by its permId, every intent by its key."""

    def __init__(self) -> None:
        self._over: dict[int, str] = {}
        self._known: dict[int, _Known] = {}
        self._keys: dict[str, _Key] = {}
        self._executed: dict[str, int] = {}
        self._struck_orders: dict[int, set[str]] = {}
        self._struck_keys: dict[str, set[str]] = {}

    def struck(self, line: Line) -> None:
        """A fault has struck, perhaps an order, a key or an execution."""
        name = line.words("name")
        if line.has("perm_id"):
            self._struck_orders.setdefault(line.whole("perm_id"), set()).add(name)
        if line.has("exec_id"):
            perm_id = self._executed.get(unversioned(line.words("exec_id")), 0)
            self._struck_orders.setdefault(perm_id, set()).add(name)
        if line.has("ref"):
            self._struck_keys.setdefault(line.words("ref"), set()).add(name)

    def changed(self, line: Line) -> Iterator[Violation]:
        """What is wrong with a line of an order."""
        perm_id, status, ref = line.whole("perm_id"), line.words("status"), line.words("ref", "")
        over = status in _TERMINAL or line.truth("over")
        ended = self._over.get(perm_id)
        if (
            ended is not None
            and status != ended
            and not self._is_excused(Rule.TERMINAL, perm_id, ref)
        ):
            text = f"order {perm_id} {ref} was {ended} and is {status}".replace("  ", " ")
            yield Violation(Rule.TERMINAL, line.number, text)
        if over:
            self._over.setdefault(perm_id, status)
        yield from self._known_as(line, perm_id, ref)
        if parse_order_ref(ref) is not None:
            yield from self._of_key(line, perm_id, ref, is_live=not over and ended is None)

    def executed(self, counted: Counted) -> Iterator[Violation]:
        """What is wrong with the quantity of a trade, and with whose it is."""
        yield from self._of_order(counted)
        if parse_order_ref(counted.ref) is None:
            return
        self._executed[unversioned(counted.exec_id)] = counted.perm_id
        key = self._keys.setdefault(counted.ref, _Key())
        key.orders[counted.perm_id] = None
        key.filled += counted.more
        wanted = key.wanted
        if (
            wanted is not None
            and key.filled > wanted
            and not self._is_key_excused(Rule.OVERFILLED, counted.ref)
        ):
            text = f"{counted.ref} was for {wanted}; {counted.exec_id} makes {key.filled} filled"
            yield Violation(Rule.OVERFILLED, counted.line, text)

    def recorded_keys(self) -> Iterator[str]:
        """All keys of which there was an order."""
        return iter(self._keys)

    def _of_key(self, line: Line, perm_id: int, ref: str, *, is_live: bool) -> Iterator[Violation]:
        key = self._keys.setdefault(ref, _Key())
        quantity = line.number_of("qty")
        key.wanted = quantity if key.wanted is None else max(key.wanted, quantity)
        key.orders[perm_id] = None
        if not is_live:
            key.live.pop(perm_id, None)
            return
        is_new = perm_id not in key.live
        key.live[perm_id] = None
        if is_new and len(key.live) > 1 and not self._is_key_excused(Rule.ONE_LIVE_ORDER, ref):
            living = ", ".join(str(each) for each in key.live)
            text = f"{ref} lives in {len(key.live)} orders: {living}"
            yield Violation(Rule.ONE_LIVE_ORDER, line.number, text)

    def _known_as(self, line: Line, perm_id: int, ref: str) -> Iterator[Violation]:
        side = line.words("side")
        if side not in _SIDES:
            raise UnreadableError(f'its side is "{side}", neither BUY nor SELL')
        filled = line.number_of("filled")
        known = self._known.get(perm_id)
        if known is not None and known.filled != filled:
            text = f"order {perm_id} has filled {filled}; its executions make {known.filled}"
            yield Violation(Rule.FILLED, line.number, text)
        self._known[perm_id] = _Known(
            line.words("account"), line.whole("con_id"), _SIDES[side], ref, filled
        )

    def _of_order(self, counted: Counted) -> Iterator[Violation]:
        known = self._known.get(counted.perm_id)
        if known is None:
            return
        known.filled += counted.more
        whose = (known.account, known.con_id, known.ref)
        if (counted.account, counted.con_id, counted.ref) != whose:
            text = f"{counted.exec_id} is not for what order {counted.perm_id} is"
            yield Violation(Rule.OF_ORDER, counted.line, text)
        elif counted.quantity * known.sign < 0:
            text = f"{counted.exec_id} is on the other side of order {counted.perm_id}"
            yield Violation(Rule.OF_ORDER, counted.line, text)

    def _is_excused(self, rule: Rule, perm_id: int, ref: str) -> bool:
        struck = self._struck_orders.get(perm_id, set()) | self._struck_keys.get(ref, set())
        return bool(struck & EXCUSES[rule])

    def _is_key_excused(self, rule: Rule, ref: str) -> bool:
        return any(self._is_excused(rule, perm_id, ref) for perm_id in self._keys[ref].orders)
