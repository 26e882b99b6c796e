"""The two sides of a trade.

Owns the sign conventions of the whole project: a bought quantity is positive, a sold one negative,
and the *losing side* of a price is where an order of that side pays more (buy) or gets less (sell).
"""

from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The side that undoes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell: what one unit does to the position."""
        return 1 if self is Side.BUY else -1

    def signed(self, quantity: Decimal) -> Decimal:
        """The change of position that trading `quantity` on this side makes."""
        return quantity if self is Side.BUY else -quantity


def side_that_closes(position: Decimal) -> Side:
    """The side of an order that reduces `position`, which must not be flat."""
    if not position:
        raise ValueError("a flat position has no closing side")
    return Side.SELL if position > 0 else Side.BUY
