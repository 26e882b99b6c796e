"""The plan of a group: several legs, of which some make the others bearable.

Owns what the tables of such a plan say against each other. A group is entered at once and only
while the market is open: hedges first, risk only against hedges that are filled. Its loss is
measured over all legs, in money of the legs' currency.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from backstay.domain.hedging.exposure import LEGS_MAX, LegRole
from backstay.domain.plan.complaints import Complaint, both
from backstay.domain.plan.coverage import uncovered
from backstay.domain.plan.exits import TimeExit
from backstay.domain.plan.leg import Leg
from backstay.domain.plan.scalars import Account, Money, PlanId, Quantity, Seconds
from backstay.domain.plan.tables import Expected, Table, items


class Execution(StrEnum):
    """Whether the legs go out as orders of their own or as one combination."""

    LEGS = "legs"
    COMBO = "combo"


class Group(Table):
    """`[group]`: the legs, and how many sets of them."""

    quantity: Quantity
    hedge_seconds: Seconds = Decimal(5)
    """How long a hedge may stay unfilled, by the broker's time, before it is done again."""
    max_loss: Money
    """At this loss everything is closed whatever it costs, and a person is told."""
    legs: Annotated[
        tuple[Leg, ...], items(2, LEGS_MAX), Expected(f"2 to {LEGS_MAX} tables [[group.leg]]")
    ] = Field(alias="leg")

    def leg_quantity(self, number: int) -> Decimal:
        """How many shares or contracts of leg `number` the whole group has."""
        return self.quantity * self.legs[number].ratio

    def contradictions(self) -> Iterable[Complaint]:
        """The roles, the contracts, the currencies and the covers of the legs."""
        roles = {leg.role for leg in self.legs}
        if roles != set(LegRole):
            yield Complaint(("leg",), "needs at least one HEDGE leg and one RISK leg")
        else:
            yield from (complaint.below(("leg",)) for complaint in uncovered(self.legs))
        yield from self._repeated()
        yield from self._mixed_currencies()

    def _repeated(self) -> Iterable[Complaint]:
        seen: dict[tuple[object, ...], int] = {}
        for number, leg in enumerate(self.legs):
            first = seen.setdefault(leg.instrument.identity, number)
            if first != number:
                text = f"the same contract as group.leg[{first}]; a contract has one leg"
                yield Complaint(("leg", number, "instrument"), text)

    def _mixed_currencies(self) -> Iterable[Complaint]:
        currencies = sorted({leg.instrument.currency for leg in self.legs})
        if len(currencies) > 1:
            text = f"the legs are in {both(currencies)}; a group has one currency"
            yield Complaint(("leg",), text)


class GroupStop(Table):
    """`[stop]` of a group."""

    loss: Money
    """The loss of all legs together at which the group is closed."""


class GroupPlan(Table):
    """Legs that are entered, stopped and closed together."""

    id: PlanId
    """The same id in the same account is the same group."""
    account: Account | None = None
    execution: Execution = Execution.LEGS
    group: Annotated[Group, Expected("a table with quantity, max_loss and [[group.leg]]")]
    stop: Annotated[GroupStop, Expected("a table with loss, in money of the whole group")]
    time_exit: TimeExit | None = None

    def contradictions(self) -> Iterable[Complaint]:
        """The stop acts before the loss that is never to be exceeded."""
        if self.stop.loss >= self.group.max_loss:
            text = f"{self.stop.loss} is not below group.max_loss {self.group.max_loss}"
            yield Complaint(("stop", "loss"), f"{text}; the stop has to act first")
