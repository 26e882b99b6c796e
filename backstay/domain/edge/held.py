"""What the account holds beside what is at work: whose it is, and whether anybody looks after it.

The broker's own word on a position comes first: whatever our trades come to, there is no more to be
guarded than that. What no trade that is known here explains is somebody else's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.figures import total

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Unattended:
    """What of a trade is open, below zero if it is short, while nobody here watches or leaves it.

    `stop` is what works of its stops at the broker.
    """

    trade: str
    quantity: Decimal
    stop: Decimal


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A contract that is held or guarded: what the broker reports, what is looked after here and of
    which trades, what is not, and what is nobody's of ours.
    """

    con_id: int
    symbol: str
    quantity: Decimal
    attended: Decimal
    trades: tuple[str, ...]
    unattended: tuple[Unattended, ...]
    foreign: Decimal


@dataclass(frozen=True, slots=True)
class TradeBooks:
    """What is known of a trade in one contract that nobody attends to.

    `entered` is what its entries have filled, None where none of them can be read any more, as on
    the day after; `left` is what has left it again, and `stop` what works of its stops, both with
    the sign of what they close.
    """

    trade: str
    entered: Decimal | None
    left: Decimal
    stop: Decimal

    @property
    def open(self) -> Decimal:
        """What it should hold: by its fills, else as much as its stops protect."""
        return self.stop if self.entered is None else self.entered - self.left


def held_position(
    con_id: int,
    symbol: str,
    quantity: Decimal,
    attended: Iterable[tuple[str, Decimal]],
    books: Iterable[TradeBooks],
) -> HeldPosition:
    """Whose a position is: `attended` is what each leg that is looked after has of it. Trades that
    nobody attends to share what is left, and have never more than that.
    """
    legs = tuple(attended)
    looked_after = total(share for _, share in legs)
    rest, found = quantity - looked_after, []
    for trade in books:
        share = within(trade.open, rest)
        if share:
            found.append(Unattended(trade.trade, share, abs(trade.stop)))
            rest -= share
    trades = tuple(sorted({trade for trade, _ in legs}))
    return HeldPosition(con_id, symbol, quantity, looked_after, trades, tuple(found), rest)


def within(claimed: Decimal, rest: Decimal) -> Decimal:
    """As much of a claim as there is, of its own sign."""
    if claimed * rest <= 0:
        return _NOTHING
    return min(claimed, rest, key=abs)
