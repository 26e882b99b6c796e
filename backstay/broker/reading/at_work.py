"""Which legs there are: what the arms, the guards and the ways out of one process have of each.

Owns what a leg is called, and that of a trade of which something is at work all legs are looked at,
so that its figures add up; a trade that is over is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.broker.arms.arms import Arms
from backstay.broker.arms.books import leg_books
from backstay.broker.arms.run import ArmRun
from backstay.broker.doors.knowing import Inbox
from backstay.broker.guards.guards import Guards
from backstay.broker.guards.leaving import Leaving
from backstay.broker.guards.run import GuardRun
from backstay.broker.guards.tranche import Tranche
from backstay.broker.guards.walks import Walks
from backstay.domain.edge.live import LegPhase
from backstay.domain.edge.reckoning import leg_phase
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.profile import BrokerProfile
from backstay.domain.sides import Side

_NOTHING = Decimal(0)


@dataclass(slots=True)
class Leg:
    """Who answers for one leg of a trade; at least one of the three does."""

    trade: str
    number: int
    arm: ArmRun | None = None
    guard: GuardRun | None = None
    leaving: Leaving | None = None

    @property
    def key(self) -> IntentKey:
        """What it is called: its entry, or the exit by which it is left."""
        return next(run.key for run in (self.arm, self.guard, self.leaving) if run is not None)

    @property
    def opening(self) -> OrderIntent | None:
        """Its entry as it is armed here."""
        return self.arm.arm.entry.intent if self.arm is not None else None

    @property
    def _shield(self) -> tuple[OrderIntent, BrokerProfile]:
        """A stop that would protect it, by which everything else is told."""
        if self.guard is not None:
            rules = self.guard.guard.ladder
        else:
            assert self.leaving is not None
            rules = self.leaving.way_out.rules
        return rules.shield, rules.profile

    @property
    def instrument(self) -> Instrument:
        """What is traded."""
        opening = self.opening
        return self._shield[0].instrument if opening is None else opening.instrument

    @property
    def side(self) -> Side:
        """The side that opens it."""
        opening = self.opening
        return self._shield[0].side.opposite if opening is None else opening.side

    @property
    def profile(self) -> BrokerProfile:
        """What is assumed of the broker."""
        return self._shield[1] if self.arm is None else self.arm.arm.profile

    @property
    def tranche(self) -> Tranche | None:
        """What is guarded, or left, of it."""
        if self.guard is not None:
            return self.guard.tranche
        return self.leaving.tranche if self.leaving is not None else None

    @property
    def is_watched(self) -> bool:
        """Whether its stop is watched here."""
        return self.guard is not None and self.guard.is_watching

    @property
    def is_leaving(self) -> bool:
        """Whether it is being left."""
        guard, leaving = self.guard, self.leaving
        if guard is not None and guard.is_leaving and not guard.is_over:
            return True
        return leaving is not None and not leaving.is_over

    def open_quantity(self, inbox: Inbox) -> Decimal:
        """What is open of it, as whoever answers for it has it."""
        if self.tranche is not None:
            return max(self.tranche.open_quantity, _NOTHING)
        return leg_books(inbox, self.key).open_quantity

    def phase(self, inbox: Inbox) -> LegPhase:
        """What it is about."""
        arm = self.arm.phase if self.arm is not None else None
        watched, leaving = self.is_watched, self.is_leaving
        may_be_held = (arm is None or arm.is_final) and not watched and not leaving
        held = self.open_quantity(inbox) if may_be_held else _NOTHING
        return leg_phase(arm, held, is_watched=watched, is_leaving=leaving)


def legs_at_work(
    arms: Arms, guards: Guards, walks: Walks, inbox: Inbox
) -> list[tuple[LegPhase, Leg]]:
    """Every leg of every trade of which something is at work, the most urgent first."""
    phases = [(leg.phase(inbox), leg) for leg in _legs(arms, guards, walks)]
    at_work = {leg.trade for phase, leg in phases if phase is not LegPhase.OVER}
    found = [each for each in phases if each[1].trade in at_work]
    return sorted(
        found,
        key=lambda each: (
            each[0].urgency,
            each[1].instrument.symbol,
            each[1].trade,
            each[1].number,
        ),
    )


def _legs(arms: Arms, guards: Guards, walks: Walks) -> Iterable[Leg]:
    """The newest arm and guard of each leg; what came before them is over."""
    legs: dict[tuple[str, int], Leg] = {}
    for name, arm in arms.by_leg:
        legs[name] = Leg(*name, arm)
    for name, guard in guards.by_leg:
        legs.setdefault(name, Leg(*name)).guard = guard
    for name, leaving in walks.by_leg:
        legs.setdefault(name, Leg(*name)).leaving = leaving
    return legs.values()
