"""Ways out, walked at the edge.

Owns how a walk is begun again by a process that comes after another: from whichever ladder has
heard of the broker last, the one that was written down or the one of the last heartbeat.
"""

from dataclasses import replace
from typing import Protocol

from temporalio import activity

from activities.arriving import Answers
from activities.beating import attended, earlier
from activities.failing import translated
from backstay.domain.edge.resuming import walked_on
from backstay.domain.edge.walking import Walk, Walked


class WalkingEdge(Protocol):
    """What of the edge ways out need."""

    async def walk(self, walk: Walk) -> Walked:
        """Carry out a way out's commands, and tell when the next has to be decided."""

    def walk_state(self, walk: Walk) -> Walked | None:
        """How a way out stands; None before it is walked here."""


class WalkActivities:
    """The doors to the ways out of one account."""

    def __init__(self, edge: WalkingEdge, answers: Answers) -> None:
        self._edge = edge
        self._answers = answers

    @activity.defn(name="walk")
    async def walk(self, asked: Walk) -> Walked:
        """Take the next steps of a way out."""
        key = asked.way_out.key
        with translated(f"walk {key}"):
            before = earlier(Walked)
            walk = walked_on(asked, before)
            after = await attended(self._edge.walk(walk), lambda: self._edge.walk_state(walk))
            went_alone = before is not None and before.went_alone
        self._answers()
        return replace(after, went_alone=after.went_alone or went_alone)
