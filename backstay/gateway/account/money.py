"""The two roundings of the accounts.

Cash is never rounded: a trade's value is quantity times price times multiplier, a commission has
four decimals, and both are added up as they are. So what is conserved is conserved exactly, and
to the cent a fortiori. What a person reads is rounded half to even to the cent and never fed back.
"""

from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
_CENT = Decimal("0.01")
_SHARE = Decimal("0.00000001")


def shown(amount: Decimal) -> Decimal:
    """The amount as a person reads it."""
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def shared(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The share of `amount` that belongs to `part` of `whole`, to eight decimals.

    All of it belongs to the whole, so that nothing is left over at the end.
    """
    if part == whole:
        return amount
    return (amount * part / whole).quantize(_SHARE, ROUND_HALF_EVEN)
