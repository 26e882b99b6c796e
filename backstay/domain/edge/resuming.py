"""How an arm, a guard or a walk goes on where a process has left it.

Owns the way from what was written down for good, over the last heartbeat, to what is asked of the
edge now. A heartbeat knows how far a watch had come, and nothing of what was changed by hand; the
changes come from whoever has made them. A change counts once, by its version.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from backstay.domain.edge.arms import (
    Arm,
    ArmAmendment,
    ArmPhase,
    ArmReport,
    ExtendUntil,
    FireNow,
    MoveTrigger,
)
from backstay.domain.edge.guards import Guard, GuardAmendment, GuardState, resumed
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.triggers import Fired

_LEFT = (ArmPhase.SENDING, ArmPhase.WORKING, ArmPhase.UNKNOWN, ArmPhase.OVER)
"""Where there is something to follow. What was withdrawn, or is over in another way, is not there:
a heartbeat can tell of that while the report of it gets lost.
"""


@dataclass(frozen=True, slots=True)
class Rearmed:
    """The arm as it is now, at its newest version, and whether it was let go."""

    arm: Arm
    version: int
    is_released: bool = False


def rearmed(
    arm: Arm, version: int, report: ArmReport | None, changes: Iterable[ArmAmendment]
) -> Rearmed:
    """`arm`, written down at `version`, after the last that was heard of it and all changes.

    A watch that is younger than the change of its trigger goes on; an older one watched another.
    What was known to have left can't be let go of any more.
    """
    heard = version if report is None else report.version
    has_left = report is not None and report.phase in _LEFT
    now = Rearmed(arm if report is None else _heard(arm, report), max(version, heard))
    for change in changes:
        if change.version > version and not (change.change is None and has_left):
            now = _changed(now, change, is_heard=change.version <= heard)
    return now


def released_report(arm: Arm, version: int, after: int, at: datetime) -> ArmReport:
    """What is told of an arm that was let go before it could be armed again."""
    return ArmReport(
        key=arm.key,
        version=version,
        revision=after + 1,
        phase=ArmPhase.WITHDRAWN,
        at=at,
        watch=arm.watch,
        naked=arm.naked,
        why="released",
        asked=arm.asked,
    )


def reguarded(guard: Guard, state: GuardState) -> Guard:
    """`guard` after the last that was heard of it. A stop that had fired has to be confirmed anew:
    what left of its exit is shown by the broker, and where nothing did it is watched on.
    """
    now = resumed(guard, state)
    return replace(now, guarded=Guarded(now.guarded.level)) if now.guarded.has_fired else now


def walked_on(walk: Walk, walked: Walked | None) -> Walk:
    """`walk` from where it had come to, if that is farther than where it was written down."""
    if walked is None:
        return walk
    written = walk.ladder
    if written is not None and written.answered_at >= walked.ladder.answered_at:
        return walk
    return replace(walk, ladder=walked.ladder, naked=walked.naked, entered=walked.entered)


def newer(changes: Iterable[GuardAmendment], version: int) -> tuple[GuardAmendment, ...]:
    """The changes above `version`, in their order."""
    late = (change for change in changes if change.version > version)
    return tuple(sorted(late, key=lambda change: change.version))


def _heard(arm: Arm, report: ArmReport) -> Arm:
    return replace(
        arm,
        watch=report.watch or arm.watch,
        naked=report.naked or arm.naked,
        asked=report.asked or arm.asked,
    )


def _changed(before: Rearmed, amendment: ArmAmendment, *, is_heard: bool) -> Rearmed:
    arm, version = before.arm, max(before.version, amendment.version)
    match amendment.change:
        case None:
            return Rearmed(arm, version, is_released=True)
        case MoveTrigger(trigger):
            arm = replace(arm, trigger=trigger, watch=arm.watch if is_heard else None)
        case ExtendUntil(expires_at, entry):
            arm = replace(arm, expires_at=expires_at, entry=entry)
        case FireNow():
            arm = _fired(arm)
        case _:
            assert_never(amendment.change)
    return Rearmed(arm, version, before.is_released)


def _fired(arm: Arm) -> Arm:
    if arm.trigger is None:
        return arm
    return replace(arm, watch=Fired(arm.trigger.price, arm.asked.at))
