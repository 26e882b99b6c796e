"""What the ladder has to know of the market each time it decides.

The touch is where our side of the order would trade now: the bid for a sell, the ask for a buy.
An option without one is a state of its own: it is judged on a fair price from elsewhere (mid, last,
the underlying), and its exit rests at a floor until somebody bids.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.sessions import MarketPhase


@dataclass(frozen=True, slots=True)
class MarketNow:
    """The phase of the session, whether trading is halted, the touch, and a fair price."""

    phase: MarketPhase
    halted: bool = False
    touch: Decimal | None = None
    fair: Decimal | None = None

    def __post_init__(self) -> None:
        for price in (self.touch, self.fair):
            if price is not None and price <= 0:
                raise ValueError(f"{price} is no price; where nobody quotes there is none")

    @property
    def is_shut(self) -> bool:
        """Whether nothing can trade: what rests stays, what would be sent waits."""
        return self.halted or self.phase is MarketPhase.CLOSED

    @property
    def takes_market_orders(self) -> bool:
        """Whether a market order trades now. Outside regular hours it would wait for the open,
        so where the phase is not known it is not sent either.
        """
        return self.phase is MarketPhase.REGULAR and not self.halted
