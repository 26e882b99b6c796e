"""How much to trade, and the most that it may lose.

Owns the keys of `[size]`. All money is in the instrument's own currency: only there are a price, a
stop and a loss the same kind of thing. It is reckoned at the limit of the entry, which bounds what
is paid; for a market order at the price that lets it go, which does not.
"""

from collections.abc import Iterable

from backstay.domain.plan.complaints import Complaint, one_of
from backstay.domain.plan.scalars import Money, Quantity
from backstay.domain.plan.tables import Table


class Size(Table):
    """`[size]`: exactly one way to measure, and caps that hold whichever it is."""

    quantity: Quantity | None = None
    budget: Money | None = None
    """The most that the position may cost: price x multiplier x quantity."""
    risk: Money | None = None
    """The most that the position may lose at the stop."""
    max_loss: Money | None = None
    """Caps the loss at the stop; a fixed quantity that exceeds it is refused, not cut."""
    max_disaster_loss: Money | None = None
    """Caps the loss at the wider stop that stands at the broker."""

    def contradictions(self) -> Iterable[Complaint]:
        """Exactly one of quantity, budget and risk."""
        given = {
            "quantity": self.quantity is not None,
            "budget": self.budget is not None,
            "risk": self.risk is not None,
        }
        return one_of((), given)
