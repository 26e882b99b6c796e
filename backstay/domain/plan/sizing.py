"""How many shares or contracts a plan means.

Owns the arithmetic from a quantity, a budget or an amount at risk to whole units, always rounded
down, and the caps: a size that Backstay works out is cut to fit them, a quantity that the operator
named is not changed but refused. Nothing here knows the account; its limits come later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from backstay.domain.instruments import Instrument
from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.entry import EntryPoint
from backstay.domain.plan.exits import Target
from backstay.domain.plan.levels import StopLevels, entry_price, stop_levels
from backstay.domain.plan.losses import Losses, losses_of_one
from backstay.domain.plan.placement import misplaced
from backstay.domain.plan.size import Size
from backstay.domain.plan.trade import TradePlan


@dataclass(frozen=True, slots=True)
class Sized:
    """How much, and everything that the operator is shown before it goes out."""

    quantity: Decimal
    entry_price: Decimal
    stops: StopLevels
    value: Decimal
    losses: Losses
    reduced_by: str | None = None
    """The cap that made it smaller than the budget or the risk alone would."""
    kind: Literal["sized"] = "sized"


@dataclass(frozen=True, slots=True)
class Unfit:
    """The plan does not work at this price."""

    complaints: tuple[Complaint, ...]
    kind: Literal["unfit"] = "unfit"


Sizing = Annotated[Sized | Unfit, Field(discriminator="kind")]


class _Bound(NamedTuple):
    """An amount of money that the plan names, and how much of it one unit uses up."""

    key: str
    money: Decimal
    each: Decimal
    use: str

    @property
    def units(self) -> Decimal:
        return self.money // self.each


def sized(
    plan: TradePlan,
    instrument: Instrument,
    base: Decimal,
    average_true_range: Decimal | None = None,
) -> Sized | Unfit:
    """The plan at the price `base`: the trigger's, or the market's for an entry at once."""
    if base <= 0:
        raise ValueError(f"the price to size at is {base}; it must be above 0")
    price = entry_price(plan.entry, plan.side, base, instrument.grid)
    if isinstance(price, Complaint):
        return Unfit((price,))
    wrong = tuple(misplaced(plan.side, plan.stop, plan.targets, EntryPoint("entry price", price)))
    if wrong:
        return Unfit(wrong)
    stops = stop_levels(plan.stop, plan.side, price, instrument.grid, average_true_range)
    if isinstance(stops, Complaint):
        return Unfit((stops,))
    return _measured(plan, instrument, price, stops)


def target_quantities(quantity: Decimal, targets: Sequence[Target]) -> tuple[Decimal, ...]:
    """The whole units that leave at each target, of a position that had `quantity`.

    Rounded on the running total, so that fractions which add up to 1 leave nothing behind.
    """
    totals = accumulate((target.fraction for target in targets), initial=Decimal(0))
    marks = [total * quantity // 1 for total in totals]
    return tuple(upper - lower for lower, upper in pairwise(marks))


def _measured(
    plan: TradePlan, instrument: Instrument, price: Decimal, stops: StopLevels
) -> Sized | Unfit:
    one = losses_of_one(plan.side, price, stops, instrument.multiplier)
    unit_value = instrument.value(Decimal(1), price)
    bounds = _bounds(plan.size, unit_value, one, stops)
    reduced_by = None
    if plan.size.quantity is not None:
        quantity = plan.size.quantity
        complaints = tuple(_too_much(quantity, cap) for cap in bounds if quantity > cap.units)
    else:
        tightest = min(bounds, key=lambda bound: bound.units)
        quantity = tightest.units
        reduced_by = None if tightest is bounds[0] else f"size.{tightest.key}"
        complaints = () if quantity else (_too_little(tightest, plan.instrument.unit),)
    if complaints:
        return Unfit(complaints)
    value = unit_value * quantity
    return Sized(quantity, price, stops, value, one.times(quantity), reduced_by)


def _bounds(size: Size, unit_value: Decimal, one: Losses, stops: StopLevels) -> tuple[_Bound, ...]:
    """What the plan measures by, if it is money, and then its caps."""
    at_stop = f"loss at the stop {stops.stop}"
    at_disaster = f"loss at the disaster stop {stops.disaster}"
    amounts = (
        ("budget", size.budget, unit_value, "cost"),
        ("risk", size.risk, one.at_stop, at_stop),
        ("max_loss", size.max_loss, one.at_stop, at_stop),
        ("max_disaster_loss", size.max_disaster_loss, one.at_disaster, at_disaster),
    )
    return tuple(
        _Bound(key, money, each, use)
        for key, money, each, use in amounts
        if money is not None and each is not None
    )


def _too_much(quantity: Decimal, cap: _Bound) -> Complaint:
    return Complaint(
        ("size", "quantity"),
        f"{quantity}; the {cap.use} is {cap.each * quantity} "
        f"and size.{cap.key} {cap.money} allows {cap.units}",
    )


def _too_little(bound: _Bound, unit: str) -> Complaint:
    text = f"{bound.money}; the {bound.use} of one {unit} is {bound.each}"
    return Complaint(("size", bound.key), text)
