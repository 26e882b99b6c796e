"""Everything that an edge's worker carries out, by the queue on which it is asked for."""

from collections.abc import Callable
from typing import Any, Protocol

from activities.arms import ArmActivities, ArmingEdge, Heard
from activities.arriving import Answers
from activities.changes import Changes
from activities.ending import EndingActivities, EndingEdge
from activities.entered import Entered
from activities.guards import GuardActivities, GuardingEdge
from activities.prospects import AnsweringEdge, ProspectActivities
from activities.walks import WalkActivities, WalkingEdge


class TradingEdge(ArmingEdge, GuardingEdge, WalkingEdge, EndingEdge, AnsweringEdge, Protocol):
    """The edge as far as trades need it."""


class EdgeActivities:
    """The activities of one account's edge, those that last apart from those that answer.

    `heard` is told how each entry stands whenever somebody is, and `answers` of each answer of what
    lasts, just before it is given.
    """

    def __init__(
        self,
        edge: TradingEdge,
        changes: Changes,
        entered: Entered,
        heard: Heard,
        answers: Answers,
    ) -> None:
        self._arms = ArmActivities(edge, changes, entered, heard, answers)
        self._guards = GuardActivities(edge, changes, entered, answers)
        self._walks = WalkActivities(edge, answers)
        self._ends = EndingActivities(edge)
        self._prospects = ProspectActivities(edge)

    def lasting(self) -> tuple[Callable[..., Any], ...]:
        """What is served on the queue of the arms."""
        return (self._arms.arm, self._guards.guard, self._walks.walk)

    def short(self) -> tuple[Callable[..., Any], ...]:
        """What is served on the queue of what is short."""
        return (
            self._prospects.prospect,
            self._arms.amend_arm,
            self._guards.amend_guard,
            self._guards.release,
            self._guards.split_off,
            self._ends.cancel,
            self._ends.declare_absent,
        )
