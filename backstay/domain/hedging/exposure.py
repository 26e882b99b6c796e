"""What of a group's risk its filled hedge does not cover.

Owns the arithmetic between the legs of a group: one unit of the group is `ratio` contracts of each
leg, and a contract of risk is covered only as far as *every* hedge leg that covers it has filled.
Working hedge orders cover nothing, working risk orders count as if they had filled, and partly
covered contracts count as uncovered: an error here may only ever make the group more careful.

It knows nothing of prices and orders; quantities are those of the orders' own fold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

from backstay.domain.sides import Side

LEGS_MAX = 100

_ZERO = Decimal(0)


class LegRole(StrEnum):
    """What a leg does for its group."""

    HEDGE = "hedge"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class GroupLeg:
    """One leg: `ratio` contracts in each unit; a hedge names by index the risk legs it `covers`."""

    role: LegRole
    side: Side
    ratio: int
    covers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.ratio < 1:
            raise ValueError(f"the ratio of a leg is {self.ratio}; it is 1 or more")
        if self.role is LegRole.RISK and self.covers:
            raise ValueError(f"a risk leg covers nothing, and this one names {self.covers}")
        if self.role is LegRole.HEDGE and not self.covers:
            raise ValueError("a hedge leg must name the risk legs that it covers")
        if tuple(sorted(set(self.covers))) != self.covers:
            raise ValueError(f"a hedge names its risk legs once and in order, not as {self.covers}")


@dataclass(frozen=True, slots=True)
class Group:
    """The legs of a group and how many whole units of it are wanted."""

    legs: tuple[GroupLeg, ...]
    units: int

    def __post_init__(self) -> None:
        if len(self.legs) > LEGS_MAX:
            raise ValueError(f"a group has at most {LEGS_MAX} legs, not {len(self.legs)}")
        if self.units < 1:
            raise ValueError(f"a group is of {self.units} units; it is of 1 or more")
        risks = self.with_role(LegRole.RISK)
        named = {risk for leg in self.legs for risk in leg.covers}
        if strangers := sorted(named - set(risks)):
            raise ValueError(f"leg {strangers[0]} is covered and is no risk leg of the group")
        if not risks:
            raise ValueError("a group needs a risk leg")
        if bare := sorted(set(risks) - named):
            raise ValueError(f"risk leg {bare[0]} is covered by no hedge leg")

    def with_role(self, role: LegRole) -> tuple[int, ...]:
        """The indices of the legs of one role."""
        return tuple(index for index, leg in enumerate(self.legs) if leg.role is role)

    def hedges_of(self, risk: int) -> tuple[int, ...]:
        """The indices of the hedge legs that all have to stand for one risk leg."""
        return tuple(index for index, leg in enumerate(self.legs) if risk in leg.covers)


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held of one leg, in the direction of the leg, and what live orders may still do.

    `filled` is net of what has been undone; it falls below zero when too much was. `working` may
    still be added to it, `leaving` may still be taken away. An order of which nobody can tell
    whether it lives counts as live.
    """

    filled: Decimal = _ZERO
    working: Decimal = _ZERO
    leaving: Decimal = _ZERO

    def __post_init__(self) -> None:
        if self.working < 0 or self.leaving < 0:
            raise ValueError(f"{self}: what may still happen is never below 0")

    @property
    def sure(self) -> Decimal:
        """The least that it can become."""
        return self.filled - self.leaving

    @property
    def possible(self) -> Decimal:
        """The most that it can become."""
        return self.filled + self.working


Holdings = tuple[Holding, ...]
"""One holding for each leg of the group, in the order of its legs."""


@dataclass(frozen=True, slots=True)
class LegQuantity:
    """So much of one leg, traded on `side`."""

    leg: int
    side: Side
    quantity: Decimal


def uncovered(group: Group, holdings: Holdings) -> tuple[LegQuantity, ...]:
    """For each exposed risk leg, the filled contracts that no filled hedge covers."""
    return _quantities(group, LegRole.RISK, lambda risk: _uncovered(group, holdings, risk))


def sendable(group: Group, holdings: Holdings) -> tuple[LegQuantity, ...]:
    """The risk that may be sent now, up to the whole units of hedge that have filled and stay."""
    return _quantities(group, LegRole.RISK, lambda risk: _sendable(group, holdings, risk))


def to_hedge(group: Group, holdings: Holdings) -> tuple[LegQuantity, ...]:
    """What to trade of each hedge leg so that all filled risk is covered.

    What a live order of the leg may still fill is not asked for a second time.
    """
    return _quantities(
        group,
        LegRole.HEDGE,
        lambda hedge: (
            _needed(group, hedge, lambda risk: holdings[risk].filled)
            - holdings[hedge].sure
            - holdings[hedge].working
        ),
    )


def to_undo(group: Group, holdings: Holdings) -> tuple[LegQuantity, ...]:
    """What to trade back of each hedge leg that covers nothing: a fill can't be cancelled.

    Risk that may still fill keeps its hedge. It is for a group that sends no more risk; while one
    is being built, hedge is ahead of risk on purpose.
    """
    surplus = _quantities(
        group,
        LegRole.HEDGE,
        lambda hedge: (
            holdings[hedge].sure
            - _needed(group, hedge, lambda risk: max(holdings[risk].possible, _ZERO))
        ),
    )
    return tuple(LegQuantity(part.leg, part.side.opposite, part.quantity) for part in surplus)


def _quantities(
    group: Group, role: LegRole, quantity_of: Callable[[int], Decimal]
) -> tuple[LegQuantity, ...]:
    """One entry for each leg of the role whose quantity is above zero."""
    quantities = ((index, quantity_of(index)) for index in group.with_role(role))
    return tuple(
        LegQuantity(index, group.legs[index].side, quantity)
        for index, quantity in quantities
        if quantity > 0
    )


def _uncovered(group: Group, holdings: Holdings, risk: int) -> Decimal:
    ratio = group.legs[risk].ratio
    covered = min(
        _scaled(holdings[hedge].sure, ratio, group.legs[hedge].ratio, ROUND_FLOOR)
        for hedge in group.hedges_of(risk)
    )
    return holdings[risk].filled - max(covered, _ZERO)


def _sendable(group: Group, holdings: Holdings, risk: int) -> Decimal:
    ratio = group.legs[risk].ratio
    hedged_units = min(
        _scaled(holdings[hedge].sure, 1, group.legs[hedge].ratio, ROUND_FLOOR)
        for hedge in group.hedges_of(risk)
    )
    return min(hedged_units, Decimal(group.units)) * ratio - holdings[risk].possible


def _needed(group: Group, hedge: int, risk_quantity: Callable[[int], Decimal]) -> Decimal:
    """The contracts of one hedge leg that this much of each of its risk legs calls for."""
    ratio = group.legs[hedge].ratio
    return max(
        _scaled(max(risk_quantity(risk), _ZERO), ratio, group.legs[risk].ratio, ROUND_CEILING)
        for risk in group.legs[hedge].covers
    )


def _scaled(quantity: Decimal, to_ratio: int, from_ratio: int, rounding: str) -> Decimal:
    """`quantity` contracts at `from_ratio` a unit, as whole contracts at `to_ratio` a unit."""
    return (quantity * to_ratio / from_ratio).to_integral_value(rounding)
