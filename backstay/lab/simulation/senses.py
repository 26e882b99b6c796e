"""What can be seen from outside: sights for whoever waits for one, and what faults have done.

Owns in which phase the account stands by its orders and its positions, and when the effect of a
fault has reached the house: a fault of the gateway counts once the broker's worker has been told
something, or has come back, after it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from backstay.domain.ids import Effect, Purpose, parse_order_ref
from backstay.lab.simulation.outcome import Seen
from backstay.lab.simulation.scenario import Sight

Saw = Callable[[Sight, str], None]
_TERMINAL = frozenset({"Cancelled", "Filled"})
_WORKS = frozenset({"Submitted", "PreSubmitted"})
_ABOUT_MONEY = frozenset(
    {"orderStatus", "openOrder", "execDetails", "commissionReport", "position", "error"}
)
"""What the broker says that is about orders, fills or positions."""


class Phase(StrEnum):
    """How the account stands, by what lives at the exchange."""

    IDLE = "idle"
    ENTERING = "entering"
    OPEN = "open"
    LEAVING = "leaving"


class Senses:
    """Reads each line once it is parsed, and each event of the engine."""

    def __init__(self, saw: Saw) -> None:
        self._saw = saw
        self._living: dict[int, Purpose] = {}
        self._positions: dict[int, str] = {}
        self._struck: list[tuple[str, Phase]] = []
        self._seen: Counter[tuple[str, Phase]] = Counter()
        self.marks: dict[str, None] = {}
        self.events = 0
        self.fills = 0

    @property
    def phase(self) -> Phase:
        """How the account stands now."""
        purposes = self._living.values()
        if any(purpose.is_exit for purpose in purposes):
            return Phase.LEAVING
        if any(float(quantity) for quantity in self._positions.values()):
            return Phase.OPEN
        if any(purpose.effect is Effect.OPENS for purpose in purposes):
            return Phase.ENTERING
        return Phase.IDLE

    def seen(self) -> tuple[Seen, ...]:
        """Every fault that had an effect, by phase."""
        return tuple(
            Seen(fault, phase.value, count) for (fault, phase), count in sorted(self._seen.items())
        )

    def had_effect(self, fault: str, count: int = 1) -> None:
        """Something that went wrong was felt by somebody of the house."""
        if count:
            self.marks[fault] = None
            self._seen[fault, self.phase] += count

    # --- what is written ---

    def audit(self, line: Mapping[str, Any]) -> None:
        """A line of the account's own record."""
        what = line["what"]
        self.events += 1
        if what == "fault":
            self._struck.append((line["name"], self.phase))
        elif what == "position":
            self._positions[line["con_id"]] = line["position_after"]
        elif what == "execution":
            self.fills += 1
            self._saw(Sight.EXECUTION, _purpose(line["ref"]))
        elif what == "order":
            self._order(line)

    def wire(self, line: Mapping[str, Any]) -> None:
        """A line of what was said."""
        name = line["msg"]
        if line["dir"] == "in":
            if name == "placeOrder":
                self.events += 1
                self._saw(Sight.ORDER_READ, _purpose(line["ref"]))
            elif name == "cancelOrder":
                self.events += 1
                self._saw(Sight.CANCEL_READ, "")
            elif name == "hello":
                self._felt()
        else:
            self.heard(name)

    def heard(self, name: str) -> None:
        """Something was said to the house, whatever it says: whoever hears it is there."""
        self.events += name in _ABOUT_MONEY
        self._felt()

    def _felt(self) -> None:
        if not self._struck:
            return
        for fault in self._struck:
            self.marks[fault[0]] = None
            self._seen[fault] += 1
        self._struck.clear()

    def _order(self, line: Mapping[str, Any]) -> None:
        key = parse_order_ref(line["ref"] or "")
        if key is None:
            return
        status, perm_id, word = line["status"], line["perm_id"], key.purpose.value
        if line["over"] or status in _TERMINAL:
            if self._living.pop(perm_id, None) is not None:
                self._saw(Sight.ORDER_OVER, word)
            return
        is_new = perm_id not in self._living
        self._living[perm_id] = key.purpose
        if is_new and status in _WORKS and key.purpose is Purpose.PROTECT:
            self._saw(Sight.STOP_STANDS, "")


def _purpose(ref: str | None) -> str:
    key = parse_order_ref(ref or "")
    return key.purpose.value if key is not None else ""
