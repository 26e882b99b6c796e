"""Whether a change of a waiting arm makes sense."""

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
