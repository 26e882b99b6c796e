"""Whether a change of a waiting arm makes sense, and what the arm is after it."""

from dataclasses import replace

from backstay.domain.edge.arms import Arm, ArmChange, ExtendUntil, MoveTrigger


def objection_to(change: ArmChange, arm: Arm, *, is_meant_for_now: bool) -> str:
    """Why a change means nothing to this arm, or nothing if it does."""
    match change:
        case MoveTrigger() if is_meant_for_now:
            return "it waits for no trigger any more"
        case ExtendUntil(entry=entry) if entry.intent.key != arm.key:
            return f"the approval is for another order, {entry.intent.key}"
        case ExtendUntil(entry=entry) if entry.intent.parent is not None:
            return f"{entry.intent.key} would be attached to {entry.intent.parent}"
        case _:
            return ""


def amended(arm: Arm, change: ArmChange) -> Arm:
    """The arm with the change made; that it is fired by hand changes nothing of it."""
    match change:
        case MoveTrigger(trigger):
            return replace(arm, trigger=trigger, watch=None)
        case ExtendUntil(expires_at, entry):
            return replace(arm, entry=entry, expires_at=expires_at)
        case _:
            return arm
