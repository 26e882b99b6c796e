"""What the positions of an account require, by rules like those of Regulation T.

- stock: 50 % of its value at first, then 25 % long and 30 % short
- long option: its premium is paid in full, it has no loan value and requires nothing more
- short option: 20 % of the underlying less what it is out of the money, at least 10 % of the
  underlying (call) or of the strike (put), and the premium on top
- covered: a short call over stock held, a short put over stock sold, require nothing
- vertical or calendar: a short option with a long one of the same right on the same underlying that
  lives as long requires the distance between the strikes on the losing side, if there is any

So equity with loan value is cash and stock, without options. An option covers one other, in the
order of expiry and strike; the cheapest cover for each is taken first. The two sides of a condor
are added up: more than IB asks, never less.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.account.money import ZERO
from backstay.gateway.values.contract import Contract

_STOCK_INITIAL = Decimal("0.50")
_STOCK_LONG = Decimal("0.25")
_STOCK_SHORT = Decimal("0.30")
_OPTION_OF_UNDERLYING = Decimal("0.20")
_OPTION_MIN = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class Exposure:
    """A position with the prices that its margin depends on."""

    contract: Contract
    quantity: Decimal
    price: Decimal
    under_con_id: int
    under_price: Decimal

    @property
    def multiplier(self) -> Decimal:
        """How much of the underlying one of it moves."""
        return Decimal(self.contract.multiplier or 1)

    @property
    def value(self) -> Decimal:
        """What it is worth, negative when short."""
        return self.quantity * self.price * self.multiplier

    @property
    def is_option(self) -> bool:
        """Whether the rules for options hold."""
        return self.contract.sec_type == "OPT"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is needed to open positions, and what to keep them."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO


class _Lot:
    """Options of one contract that cover nothing yet, or that nothing covers yet."""

    __slots__ = ("exposure", "free")

    def __init__(self, exposure: Exposure) -> None:
        self.exposure = exposure
        self.free = abs(exposure.quantity)


def requirement(exposures: Iterable[Exposure]) -> Requirement:
    """What all positions of one account require together."""
    initial = maintenance = options = ZERO
    families: dict[int, list[Exposure]] = {}
    for exposure in exposures:
        if exposure.is_option:
            families.setdefault(exposure.under_con_id, []).append(exposure)
            continue
        families.setdefault(exposure.contract.con_id, []).append(exposure)
        worth = abs(exposure.value)
        initial += worth * _STOCK_INITIAL
        maintenance += worth * (_STOCK_LONG if exposure.quantity > 0 else _STOCK_SHORT)
    for family in families.values():
        options += _options(family)
    return Requirement(initial + options, maintenance + options)


def naked(exposure: Exposure) -> Decimal:
    """What one short option requires that nothing covers."""
    strike, under = exposure.contract.strike, exposure.under_price
    is_call = exposure.contract.right == "C"
    out_of_money = max(ZERO, strike - under if is_call else under - strike)
    floor = (under if is_call else strike) * _OPTION_MIN
    base = max(under * _OPTION_OF_UNDERLYING - out_of_money, floor)
    return (base + exposure.price) * exposure.multiplier


def _options(family: list[Exposure]) -> Decimal:
    shares = sum((each.quantity for each in family if not each.is_option), ZERO)
    return sum(
        (
            _one_right([each for each in family if each.contract.right == right], cover)
            for right, cover in (("C", shares), ("P", -shares))
        ),
        ZERO,
    )


def _one_right(options: list[Exposure], shares: Decimal) -> Decimal:
    """What the options of one right require; `shares` of stock can cover short ones."""
    options.sort(key=lambda each: (each.contract.expiry, each.contract.strike))
    longs = [_Lot(each) for each in options if each.quantity > 0]
    needed = ZERO
    for short in (_Lot(each) for each in options if each.quantity < 0):
        covered = min(short.free, max(ZERO, shares // short.exposure.multiplier))
        shares -= covered * short.exposure.multiplier
        short.free -= covered
        needed += _spread(short, longs)
        if short.free > 0:
            needed += short.free * naked(short.exposure)
    return needed


def _spread(short: _Lot, longs: list[_Lot]) -> Decimal:
    """Cover `short` by long options while that is cheaper than leaving it naked."""
    needed = ZERO
    for distance, long in sorted(_covers(short, longs), key=lambda cover: cover[0]):
        risk = distance * short.exposure.multiplier
        taken = min(short.free, long.free)
        if taken <= 0 or risk >= naked(short.exposure):
            continue
        short.free -= taken
        long.free -= taken
        needed += taken * risk
    return needed


def _covers(short: _Lot, longs: list[_Lot]) -> list[tuple[Decimal, _Lot]]:
    """The long options that live as long as `short`, each with what can be lost between them."""
    sold = short.exposure.contract
    covers = []
    for lot in longs:
        bought = lot.exposure.contract
        if bought.expiry < sold.expiry or lot.exposure.multiplier != short.exposure.multiplier:
            continue
        gap = bought.strike - sold.strike if sold.right == "C" else sold.strike - bought.strike
        covers.append((max(ZERO, gap), lot))
    return covers
