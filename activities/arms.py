"""Entries kept ready at the edge.

Owns how an arm is begun again by a process that comes after another: with what the last heartbeat
says, and with every change that was made since it was scheduled. As long as nothing of the entry is
known to have left, nobody but the workflow can say whether it was taken back or moved meanwhile; so
it is not armed before the workflow has said so. Nor is what has waited for a worker. What has left
is followed at once. Of what has filled on another day the broker shows nothing any more: what is
known of it counts, and it is not armed again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import activity

from activities.arriving import Answers
from activities.beating import attended, earlier, has_lain, is_later_attempt
from activities.calls import AmendArm, ArmCall
from activities.changes import Changes, ChangesUnknownError, scheduled_by
from activities.entered import Entered
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
from backstay.domain.edge.earlier import earlier_report
from backstay.domain.edge.resuming import Rearmed, rearmed, released_report
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

    def __init__(
        self,
        edge: ArmingEdge,
        changes: Changes,
        entered: Entered,
        heard: Heard,
        answers: Answers,
    ) -> None:
        self._edge = edge
        self._changes = changes
        self._entered = entered
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
            again = await self._again(call)
            if isinstance(again, ArmReport):
                return again
            arm, version = again.arm, again.version
        return report_of(await self._edge.arm(arm, version, call.after, pause))

    async def _again(self, call: ArmCall) -> Rearmed | ArmReport:
        """The arm as it is to be begun again, or what is told of it where there is nothing to."""
        await self._edge.synced()
        key, heard = call.arm.key, earlier(ArmReport)
        if not self._edge.knows(key):
            told = None if heard is None else heard.entry
            entry = await self._entered.of(call.arm, told, self._now())
            if entry is not None and not self._edge.knows(key):
                return earlier_report(call.arm, call.version, entry, call.after, self._now())
        now = rearmed(call.arm, call.version, heard, await self._changes_of(key))
        # Of another day nobody can say that it had not left; the edge asks a person then.
        if now.is_released and self._entered.is_of_today(now.arm, self._now()):
            return released_report(now.arm, now.version, call.after, self._now())
        return now

    def _now(self) -> datetime:
        return broker_now(self._edge.health())

    async def _changes_of(self, key: IntentKey) -> tuple[ArmAmendment, ...]:
        """What was changed; nothing that matters, once the entry has left."""
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
