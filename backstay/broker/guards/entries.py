"""What a guard asks of those who enter positions."""

from typing import Protocol


class Entries(Protocol):
    """The entries that are armed here, by the trade and the leg that they open."""

    def hand_over(self, trade: str, leg: int) -> None:
        """A guard answers for what this leg has filled, once its entry is over."""

    def protects(self, trade: str, leg: int) -> bool:
        """Whether the entry of this leg can still fill, and its arm sees to the stops."""

    def can_fill(self, trade: str, leg: int) -> bool:
        """Whether an entry of this leg can still fill, whoever sees to it."""

    def leave(self, trade: str, leg: int) -> None:
        """The position of this leg is being left: what could still add to it goes."""
