"""Entries kept ready at the edge.

Owns how an arm is begun again by a process that comes after another: with what the last heartbeat
says, and with every change that was made since it was scheduled. As long as nothing of the entry is
known to have left, nobody but the workflow can say whether it was taken back or moved meanwhile; so
it is not armed before the workflow has said so. Nor is what has waited for a worker. What has left
is followed at once.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from activities.arriving import Answers
from activities.beating import attended, earlier, has_lain, is_later_attempt
from activities.calls import AmendArm, ArmCall
from activities.changes import Changes, ChangesUnknownError, scheduled_by
from activities.failing import broker_now, translated
from backstay.domain.edge.arms import (
    AmendAnswer,
    Arm,
    ArmAmendment,
    ArmChange,
    ArmReport,
    Progress,
    report_of,
)
from backstay.domain.edge.resuming import rearmed, released_report
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.ids import IntentKey

ASK_AGAIN_SECONDS = 1.0

Heard = Callable[[ArmReport], object]
"""Hears every report beside whoever has asked for it. It neither waits nor fails."""


class ArmingEdge(Protocol):
    """What of the edge arms need."""

    async def synced(self) -> None:
        """Wait until a session has been synced completely."""

    async def arm(self, arm: Arm, version: int, after: int = 0, pause: timedelta = ...) -> Progress:
        """Keep an entry ready, and tell of progress newer than `after`."""

    def arm_state(self, key: IntentKey) -> Progress | None:
        """How an arm stands."""

    def amend_arm(self, key: IntentKey, version: int, change: ArmChange) -> AmendAnswer:
        """Change a running arm, once."""

    def knows(self, key: IntentKey) -> bool:
        """Whether the broker has shown an order of this key, or it was sent from here."""

    def health(self) -> EdgeHealth:
        """How all of it stands."""


class ArmActivities:
    """The doors to the arms of one account."""

    def __init__(self, edge: ArmingEdge, changes: Changes, heard: Heard, answers: Answers) -> None:
        self._edge = edge
        self._changes = changes
        self._heard = heard
        self._answers = answers

    @activity.defn(name="arm")
    async def arm(self, call: ArmCall) -> ArmReport:
        """Keep an entry ready, and tell of progress."""
        with translated(f"arm {call.arm.key}"):
            report = await attended(self._armed(call), lambda: self._standing(call.arm.key))
        self._heard(report)
        self._answers()
        return report

    @activity.defn(name="amend_arm")
    async def amend_arm(self, asked: AmendArm) -> AmendAnswer:
        """Change a running arm, once."""
        with translated(f"change the arm {asked.key}"):
            return self._edge.amend_arm(asked.key, asked.version, asked.change)

    async def _armed(self, call: ArmCall) -> ArmReport:
        arm, version = call.arm, call.version
        pause = timedelta(seconds=call.pause_seconds)
        is_first = call.is_first and not is_later_attempt()
        if (not is_first or has_lain()) and self._edge.arm_state(arm.key) is None:
            changes = await self._changes_of(arm.key)
            now = rearmed(arm, version, earlier(ArmReport), changes)
            if now.is_released:
                return released_report(
                    now.arm, now.version, call.after, broker_now(self._edge.health())
                )
            arm, version = now.arm, now.version
        return report_of(await self._edge.arm(arm, version, call.after, pause))

    async def _changes_of(self, key: IntentKey) -> tuple[ArmAmendment, ...]:
        """What was changed; nothing that matters, once the entry has left."""
        await self._edge.synced()
        while not self._edge.knows(key):
            try:
                return await self._changes.of_arm(scheduled_by())
            except ChangesUnknownError as error:
                activity.logger.warning("%s is not armed yet: %s", key, error)
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        return ()

    def _standing(self, key: IntentKey) -> ArmReport | None:
        progress = self._edge.arm_state(key)
        if progress is None:
            return None
        report = report_of(progress)
        self._heard(report)
        return report
