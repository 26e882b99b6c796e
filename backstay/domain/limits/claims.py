"""What single orders lay claim to.

Owns the lines of the account's book: a claim for each approved order, from its approval until its
trade is settled, and what is held outside of all trades. A claim only ever grows in what has filled
and only ever ends, so a report that is repeated or late can do no harm.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.ids import Effect, IntentKey
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class Claim:
    """One order: what it may still fill, and what it has filled.

    `ended` says that nothing of it can fill any more: it is proven terminal or was never sent.
    `unit_value` and `margin` are in the base currency, as they were at the approval.
    """

    key: IntentKey
    con_id: int
    side: Side
    quantity: Decimal
    unit_value: Decimal
    margin: Decimal
    filled: Decimal = Decimal(0)
    ended: bool = False

    @classmethod
    def of(cls, intent: OrderIntent, unit_value: Decimal | None, margin: Decimal) -> "Claim":
        """What `intent` lays claim to when it is approved; what can't be valued counts nothing."""
        con_id, value = intent.instrument.con_id, unit_value or Decimal(0)
        return cls(intent.key, con_id, intent.side, intent.quantity, value, margin)

    @property
    def takes_risk(self) -> bool:
        """Whether the order adds to a position; one that covers a risk does so, too."""
        return self.key.purpose.effect is not Effect.REDUCES

    @property
    def opens(self) -> bool:
        """Whether the order builds the position that its trade is about."""
        return self.key.purpose.effect is Effect.OPENS

    @property
    def in_flight(self) -> Decimal:
        """What may still fill, whether the order is reserved, on its way or working."""
        return Decimal(0) if self.ended else max(self.quantity - self.filled, Decimal(0))

    @property
    def signed_filled(self) -> Decimal:
        """What the order has done to the position."""
        return self.side.signed(self.filled)

    def is_same_order(self, other: "Claim") -> bool:
        """Whether two claims can be of one order: the same contract and side."""
        return (self.con_id, self.side) == (other.con_id, other.side)

    def widened(self, other: "Claim") -> "Claim":
        """This claim, wide enough for an order that is approved for a second time as `other`."""
        return replace(
            self,
            quantity=max(self.quantity, other.quantity),
            unit_value=max(self.unit_value, other.unit_value),
            margin=max(self.margin, other.margin),
        )


def is_later_generation(key: IntentKey, first: IntentKey) -> bool:
    """Whether the order named `key` takes the place of the one named `first`."""
    same = replace(key, generation=first.generation) == first
    return same and key.generation > first.generation


@dataclass(frozen=True, slots=True)
class ForeignHolding:
    """A signed quantity of one contract that belongs to none of our trades."""

    con_id: int
    quantity: Decimal
    unit_value: Decimal
