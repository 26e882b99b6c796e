"""Ways out, walked at the edge.

Owns how a walk is begun again by a process that comes after another: from whichever ladder has
heard of the broker last, the one that was written down or the one of the last heartbeat.
"""

from dataclasses import replace
from typing import Protocol

from temporalio import activity

from activities.beating import attended, earlier, is_later_attempt
from activities.failing import translated
from backstay.domain.edge.walking import Walk, Walked


class WalkingEdge(Protocol):
    """What of the edge ways out need."""

    async def walk(self, walk: Walk) -> Walked:
        """Carry out a way out's commands, and tell when the next has to be decided."""

    def walk_state(self, walk: Walk) -> Walked | None:
        """How a way out stands; None before it is walked here."""


class WalkActivities:
    """The doors to the ways out of one account."""

    def __init__(self, edge: WalkingEdge) -> None:
        self._edge = edge

    @activity.defn(name="walk")
    async def walk(self, asked: Walk) -> Walked:
        """Take the next steps of a way out."""
        key = asked.way_out.key
        with translated(f"walk {key}"):
            if is_later_attempt():
                asked = from_newest(asked, earlier(Walked))
            return await attended(self._edge.walk(asked), lambda: self._edge.walk_state(asked))


def from_newest(walk: Walk, walked: Walked | None) -> Walk:
    """`walk` from where it had come to, if that is farther than where it was written down."""
    if walked is None:
        return walk
    written = walk.ladder
    if written is not None and written.answered_at >= walked.ladder.answered_at:
        return walk
    return replace(walk, ladder=walked.ladder, naked=walked.naked)
