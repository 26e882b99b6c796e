"""By which rules, and under whose approval, a guard leaves: it depends on why it does."""

from dataclasses import replace

from backstay.domain.edge.guards import Exit, Guard, Target
from backstay.domain.edge.walking import WayOut
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.ticks.guarding import Guarded


def way_out(
    guard: Guard, why: Exit, guarded: Guarded, target: Target | None, by_hand: Approved | None
) -> WayOut:
    """The way out that begins now. A hand, like a stop, asks for no better price than the stop's:
    it is meant to fill.
    """
    rules, approval, trigger = guard.ladder, guard.exit, guard.ladder.trigger
    if why is Exit.TARGET and target is not None:
        approval, trigger = target.exit, target.price
    elif why is Exit.HAND and by_hand is not None:
        approval, trigger = by_hand, guarded.level.stop
    elif why is Exit.STOP:
        trigger = guarded.level.stop
    return WayOut(
        replace(rules, first_key=approval.intent.key, trigger=trigger),
        guard.quantity,
        approval,
        guard.protection,
        guard.asked,
        guard.underlying,
    )


def way_begun(guard: Guard, first: IntentKey, by_hand: Approved | None) -> tuple[Exit, WayOut]:
    """The way out whose first exit has left before, and why it was taken. Where nothing is known of
    that exit's own approval, what follows it goes on under the guard's.
    """
    why, target = Exit.STOP, guard.target
    if first.purpose is Purpose.EXIT_MANUAL:
        why = Exit.HAND
    elif target is not None and _kind(target.exit.intent.key) == _kind(first):
        why = Exit.TARGET
    return why, way_out(guard, why, guard.guarded, target, by_hand)


def _kind(key: IntentKey) -> tuple[int, Purpose]:
    return key.leg, key.purpose
