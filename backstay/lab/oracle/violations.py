"""What the oracle can find."""

from dataclasses import dataclass
from enum import StrEnum

OPENING = "opening"
"""Why a position or cash is recorded that nothing has changed: a gateway starts."""


class Rule(StrEnum):
    """Which law was broken."""

    READABLE = "readable"
    """Every line can be read."""

    CASH = "cash"
    """The cash after a change is the cash before it and the change."""

    PAID = "paid"
    """An execution changes the cash by quantity, price and multiplier, and by one commission."""

    POSITION = "position"
    """A position is the sum of its executions."""

    COUNTED_ONCE = "counted once"
    """An execution is recorded once; a correction replaces one that was."""

    ONE_LIVE_ORDER = "one live order"
    """A key has at most one order that lives."""

    OVERFILLED = "overfilled"
    """What was filled for a key is at most what it was for."""

    FILLED = "filled"
    """What an order has filled is the sum of its executions."""

    OF_ORDER = "of its order"
    """An execution is of its order's account, contract, side and key."""

    TERMINAL = "terminal"
    """An order that is over stays over."""

    RESTARTED = "restarted"
    """A gateway that starts again has what it had."""

    UNASKED = "unasked"
    """An order that carries a key was asked for on the wire."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One law that was broken, at which line and by what."""

    rule: Rule
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule}: {self.text}"
