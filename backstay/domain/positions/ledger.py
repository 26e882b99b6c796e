"""What one owner has of one contract, and what came of it.

Owns the arithmetic of a position: quantity, cost, average price, realised profit, commissions. It
is a fold over postings; each posting is what one entry does to one owner.

Closing takes cost out at the average. That leaves the average price alone, so a target that fills
does not move the price a trader knows the trade by; the broker shows the same during the day. A
share of a cost can have no last decimal: it is rounded once, what is taken and what is left always
add up to what was there, and the last unit takes all the rest. So money is conserved to the last
digit: `cash` is exactly the sum of what was received less what was paid, and a flat ledger has
realised exactly that.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce

from backstay.domain.checks import check_above_zero
from backstay.domain.money import ExchangeRates

NOTHING = Decimal(0)

SHARE_STEP = Decimal("1E-10")
"""Far below any price increment, far above the precision of the arithmetic."""


@dataclass(frozen=True, slots=True)
class CommissionTotal:
    """What was charged in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Posting:
    """What the entry called `name` does to one owner; `trade` is None for what is foreign.

    `worth` is for a revaluation: it moves the cost and no quantity.
    """

    trade: str | None
    name: str
    at: datetime
    change: Decimal
    price: Decimal
    worth: Decimal = NOTHING
    commission: CommissionTotal | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Quantity (negative if short), its cost (negative if it was sold), and what was realised.

    `only_grown` says that nothing of the position was closed since it was last flat: then every
    way of matching lots comes to the same average price, the broker's too.
    """

    con_id: int
    currency: str
    multiplier: Decimal
    trade: str | None = None
    quantity: Decimal = NOTHING
    cost: Decimal = NOTHING
    realised: Decimal = NOTHING
    commissions: tuple[CommissionTotal, ...] = ()
    only_grown: bool = True

    def __post_init__(self) -> None:
        check_above_zero(f"the multiplier of contract {self.con_id}", self.multiplier)
        if self.cost and not self.quantity:
            raise ValueError(f"contract {self.con_id} is flat and has a cost of {self.cost}")

    @property
    def average_price(self) -> Decimal | None:
        """The price of one unit at cost, commissions apart; what is flat has none."""
        return self.cost / (self.quantity * self.multiplier) if self.quantity else None

    @property
    def cash(self) -> Decimal:
        """What was received less what was paid, commissions apart."""
        return self.realised - self.cost

    def open_profit(self, price: Decimal) -> Decimal:
        """What closing the whole position at `price` would add to the realised profit."""
        return self.quantity * price * self.multiplier - self.cost

    def realised_in_base(self, rates: ExchangeRates) -> Decimal | None:
        """The realised profit less all commissions in the base currency, or None without a rate."""
        charges = ((charge.currency, -charge.amount) for charge in self.commissions)
        result = NOTHING
        for currency, amount in ((self.currency, self.realised), *charges):
            converted = rates.to_base(amount, currency)
            if converted is None:
                return None
            result += converted
        return result

    def after(self, postings: Iterable[Posting]) -> "Ledger":
        """This ledger once `postings` are booked, one after the other."""
        return reduce(_book, postings, self)


def rounded(amount: Decimal) -> Decimal:
    """`amount` to the last digit that is kept of a quotient, halves away from zero."""
    return amount.quantize(SHARE_STEP, ROUND_HALF_UP)


def portion(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The share of `amount` that falls to `part` of `whole`; the whole gets the whole amount."""
    return amount if part == whole else rounded(amount * part / whole)


def closing_part(quantity: Decimal, change: Decimal) -> Decimal:
    """How much of `change` goes to close `quantity`; the rest of it would open or add."""
    lowest, highest = sorted((NOTHING, -quantity))
    return min(max(change, lowest), highest)


def _book(ledger: Ledger, posting: Posting) -> Ledger:
    """One posting. What crosses zero closes all there is, then opens the other way."""
    closing = closing_part(ledger.quantity, posting.change)
    opening = posting.change - closing
    quantity = ledger.quantity + posting.change
    unit_price = posting.price * ledger.multiplier
    released = portion(ledger.cost, -closing, ledger.quantity)
    worth = posting.worth if quantity else NOTHING
    return replace(
        ledger,
        quantity=quantity,
        cost=ledger.cost - released + opening * unit_price + worth,
        realised=ledger.realised - closing * unit_price - released - posting.worth + worth,
        commissions=_charged(ledger.commissions, posting.commission),
        only_grown=_only_grown(ledger.only_grown, closing, opening, quantity),
    )


def _only_grown(before: bool, closing: Decimal, opening: Decimal, quantity: Decimal) -> bool:
    """A position that was closed in whole has begun anew, if only with nothing."""
    begins = not quantity or (closing and opening)
    return bool(begins) or (before and not closing)


def _charged(
    totals: tuple[CommissionTotal, ...], charge: CommissionTotal | None
) -> tuple[CommissionTotal, ...]:
    """`totals` with one more charge, by currency."""
    if charge is None:
        return totals
    amounts = {charged.currency: charged.amount for charged in totals}
    amounts[charge.currency] = amounts.get(charge.currency, NOTHING) + charge.amount
    return tuple(CommissionTotal(currency, amounts[currency]) for currency in sorted(amounts))
