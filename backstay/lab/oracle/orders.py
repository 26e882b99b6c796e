"""One living order a key, no key filled beyond what it was for, nothing rises from the dead.

Only orders whose reference is one of our keys are judged by key: others are somebody else's. What
an order was for is the most that it ever asked for. What the gateway does on purpose and says so (a
fault that strikes the order, its key or one of its fills) is no violation of the order's life, of
the key's one order, or of its quantity: those can't be kept by the one who is tested.
"""

from collections.abc import Iterator
from decimal import Decimal

from backstay.domain.ids import parse_order_ref
from backstay.lab.oracle.executions import Counted, unversioned
from backstay.lab.oracle.lines import Line
from backstay.lab.oracle.violations import Rule, Violation

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


class Orders:
    """Every order by its permId, every intent by its key."""

    def __init__(self) -> None:
        self._over: dict[int, str] = {}
        self._keys: dict[str, _Key] = {}
        self._executed: dict[str, int] = {}
        self._struck_orders: set[int] = set()
        self._struck_keys: set[str] = set()

    def struck(self, line: Line) -> None:
        """A fault has struck, perhaps an order, a key or an execution."""
        if line.has("perm_id"):
            self._struck_orders.add(line.whole("perm_id"))
        if line.has("exec_id"):
            self._struck_orders.add(self._executed.get(unversioned(line.words("exec_id")), 0))
        if line.has("ref"):
            self._struck_keys.add(line.words("ref"))

    def changed(self, line: Line) -> Iterator[Violation]:
        """What is wrong with a line of an order."""
        perm_id, status, ref = line.whole("perm_id"), line.words("status"), line.words("ref", "")
        over = status in _TERMINAL or line.truth("over")
        ended = self._over.get(perm_id)
        if ended is not None and status != ended and not self._is_struck(perm_id, ref):
            text = f"order {perm_id} {ref} was {ended} and is {status}".replace("  ", " ")
            yield Violation(Rule.TERMINAL, line.number, text)
        if over:
            self._over.setdefault(perm_id, status)
        if parse_order_ref(ref) is not None:
            yield from self._of_key(line, perm_id, ref, is_live=not over and ended is None)

    def executed(self, counted: Counted) -> Iterator[Violation]:
        """What is wrong with the quantity of a trade."""
        if parse_order_ref(counted.ref) is None:
            return
        self._executed[unversioned(counted.exec_id)] = counted.perm_id
        key = self._keys.setdefault(counted.ref, _Key())
        key.orders[counted.perm_id] = None
        key.filled += abs(counted.quantity) - abs(counted.quantity - counted.change)
        wanted = key.wanted
        if wanted is not None and key.filled > wanted and not self._is_key_struck(counted.ref):
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
        if is_new and len(key.live) > 1 and not self._is_key_struck(ref):
            living = ", ".join(str(each) for each in key.live)
            text = f"{ref} lives in {len(key.live)} orders: {living}"
            yield Violation(Rule.ONE_LIVE_ORDER, line.number, text)

    def _is_struck(self, perm_id: int, ref: str) -> bool:
        return perm_id in self._struck_orders or ref in self._struck_keys

    def _is_key_struck(self, ref: str) -> bool:
        return any(self._is_struck(perm_id, ref) for perm_id in self._keys[ref].orders)
