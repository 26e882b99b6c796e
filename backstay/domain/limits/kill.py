"""The kill switch and the halts.

Owns what stops entries: a kill, which only a resumption ends, and halts, each of which ends with
its own reason. Every change of the kill state raises its epoch, so of two reports the one with the
higher epoch is the newer, however late the other arrives, and an approval knows what it outlived.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from backstay.domain.ids import Effect


class KillMode(StrEnum):
    """What a kill does besides stopping entries."""

    FREEZE = "freeze"
    """Entries are cancelled; protection stays, and a group's risk may still be covered."""

    FLATTEN = "flatten"
    """Entries are cancelled and every position is closed; nothing new, not even a hedge."""


@dataclass(frozen=True, slots=True)
class KillState:
    """The kill counter, and the mode in force; without a mode trading is not killed."""

    epoch: int = 0
    mode: KillMode | None = None

    def __post_init__(self) -> None:
        if self.epoch < 0:
            raise ValueError(f"the kill epoch is {self.epoch}; it starts at 0")

    @property
    def text(self) -> str:
        """The mode in force, for a line of a log."""
        return "clear" if self.mode is None else self.mode.value

    def ends(self, effect: Effect) -> bool:
        """Whether no order of this effect may live: a freeze leaves alone what covers a risk."""
        match self.mode:
            case None:
                return False
            case KillMode.FREEZE:
                return effect is Effect.OPENS
            case KillMode.FLATTEN:
                return effect is not Effect.REDUCES
            case _:
                assert_never(self.mode)

    def killed(self, mode: KillMode) -> "KillState":
        """After one more kill; a flatten is not softened by a freeze that follows it."""
        flattens = KillMode.FLATTEN in (mode, self.mode)
        return KillState(self.epoch + 1, KillMode.FLATTEN if flattens else KillMode.FREEZE)

    def resumed(self) -> "KillState":
        """After a person has resumed trading; what was approved before stays dead."""
        return KillState(self.epoch + 1)

    def newest(self, reported: "KillState") -> "KillState":
        """The newer of two states; it doesn't matter which was heard first."""
        return max(self, reported, key=lambda state: state.epoch)


@dataclass(frozen=True, slots=True, order=True)
class Halt:
    """Entries wait for `reason` to end, in one symbol or, where that is empty, in the account."""

    reason: str
    symbol: str = ""

    def concerns(self, symbol: str) -> bool:
        """Whether entries in `symbol` wait."""
        return self.symbol in ("", symbol)
