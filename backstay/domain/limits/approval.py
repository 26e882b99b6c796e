"""The claim that the check was made.

Owns the value that an order needs to reach the wire. Only `check` makes one; everywhere else it is
passed on as it is. Because it crosses process borders as data it proves nothing by itself, so the
last hop derives again whatever can have changed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from backstay.domain.ids import Effect
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import OrderIntent


@dataclass(frozen=True, slots=True)
class Approved:
    """This order may be sent: up to its quantity, in its epoch, inside its collar, for a while.

    An order that reduces has neither collar nor expiry: it has to be possible at any price and any
    time. Its bound is the position, and its approval holds for its later generations, too.
    `unit_value` and `margin` are in the base currency; the value is None where an order that needs
    none can't be valued.
    """

    intent: OrderIntent
    epoch: int
    at: datetime
    valid_until: datetime | None
    collar: Collar | None
    unit_value: Decimal | None
    margin: Decimal
    kind: Literal["approved"] = "approved"

    def __post_init__(self) -> None:
        opens = self.effect is Effect.OPENS
        if opens and (self.collar is None or self.unit_value is None):
            raise ValueError(f"{self.intent.key} opens a position and has no collar or no value")
        if self.effect is not Effect.REDUCES and self.valid_until is None:
            raise ValueError(f"{self.intent.key} may not be valid for ever")

    @property
    def effect(self) -> Effect:
        """What the order does to the risk of the account."""
        return self.intent.key.purpose.effect

    @property
    def value(self) -> Decimal | None:
        """The position size, quantity x price x multiplier, in the base currency."""
        return None if self.unit_value is None else self.intent.quantity * self.unit_value

    def is_expired(self, now: datetime) -> bool:
        """Whether the time in which the order may leave is over."""
        return self.valid_until is not None and now > self.valid_until

    def stray(self, *prices: Decimal) -> tuple[Decimal, ...]:
        """Those of `prices` that lie outside the collar."""
        collar = self.collar
        return () if collar is None else tuple(p for p in prices if not collar.holds(p))
