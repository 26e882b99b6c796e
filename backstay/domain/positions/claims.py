"""How much of a position each trade may have in live exits.

Owns the bound that keeps an exit from turning a position round: the exits of all trades together
never ask for more than the broker holds. Where the broker holds less than the trades believe, the
shortfall is taken from the oldest first, exactly as a close by hand is.

A cut says what is too much. It is made at once, before anybody finds out why.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.checks import check_above_zero
from backstay.domain.figures import total, whole
from backstay.domain.positions.allotment import Holding, allot_by_hand
from backstay.domain.positions.ledger import NOTHING, closing_part
from backstay.domain.positions.net import NetPosition
from backstay.domain.sides import Side, side_that_closes


@dataclass(frozen=True, slots=True)
class LiveExits:
    """What live exits of `trade` can still trade; an OCA pair of equal size counts once."""

    trade: str
    side: Side
    quantity: Decimal

    def __post_init__(self) -> None:
        check_above_zero(f"the size of the live exits of {self.trade}", self.quantity)


@dataclass(frozen=True, slots=True)
class Cut:
    """The live exits of `trade` on `side` are too large by `quantity`; `left` of them may stay."""

    trade: str
    side: Side
    quantity: Decimal
    left: Decimal


def claims(net: NetPosition, broker_quantity: Decimal) -> tuple[Holding, ...]:
    """What each trade may close of the position that the broker has, oldest first."""
    position = whole(broker_quantity)
    ours = [
        Holding(holding.trade, whole(holding.quantity))
        for holding in net.holdings
        if holding.trade is not None and holding.quantity * position > 0
    ]
    believed = total(holding.quantity for holding in ours)
    shortfall = closing_part(believed, position - believed)
    taken = {share.trade: share.quantity for share in allot_by_hand(shortfall, NOTHING, ours)}
    return tuple(
        Holding(holding.trade, holding.quantity + taken.get(holding.trade, NOTHING))
        for holding in ours
    )


def cuts(claimed: tuple[Holding, ...], live: tuple[LiveExits, ...]) -> tuple[Cut, ...]:
    """Which trades have more in live exits than they may close, and by how much."""
    allowed = {
        (holding.trade, side_that_closes(holding.quantity)): abs(holding.quantity)
        for holding in claimed
        if holding.quantity
    }
    asked: dict[tuple[str, Side], Decimal] = {}
    for exits in live:
        owner = (exits.trade, exits.side)
        asked[owner] = asked.get(owner, NOTHING) + exits.quantity
    bounded = ((owner, quantity, allowed.get(owner, NOTHING)) for owner, quantity in asked.items())
    return tuple(
        Cut(trade, side, quantity - most, most)
        for (trade, side), quantity, most in bounded
        if quantity > most
    )
