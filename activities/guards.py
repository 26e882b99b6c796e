"""Open positions watched at the edge.

Owns how a guard is begun again by a process that comes after another: with what the last heartbeat
says, and with every change since. A position is never left unwatched for want of an answer: where
the workflow does not say what was changed, the guard runs on what is known, and goes on asking.
"""

import asyncio
from itertools import chain, repeat
from typing import Protocol

from temporalio import activity

from activities.arriving import Answers
from activities.beating import attended, earlier, has_lain, is_later_attempt
from activities.calls import AmendGuard, GuardCall, Release
from activities.changes import Changes, ChangesUnknownError, scheduled_by
from activities.entered import Entered
from activities.failing import broker_now, translated
from backstay.domain.edge.arms import AmendAnswer, Amended
from backstay.domain.edge.guards import (
    Guard,
    GuardAmendment,
    GuardChange,
    GuardResult,
    GuardState,
    Split,
    SplitAnswer,
    SplitOff,
)
from backstay.domain.edge.resuming import newer, reguarded
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.ids import IntentKey

ASK_AGAIN_SECONDS = 2.0
TURNS = 10
"""So many turns of the loop a guard is given to begin before it is looked for in longer steps."""

LOOK_AGAIN_SECONDS = 0.05


class GuardingEdge(Protocol):
    """What of the edge guards need."""

    async def synced(self) -> None:
        """Wait until a session has been synced completely."""

    async def guard(self, guard: Guard, version: int, after: int = 0) -> GuardResult:
        """Watch a position until its exit has begun, or it has ended otherwise."""

    def health(self) -> EdgeHealth:
        """How all of it stands."""

    def guard_state(self, key: IntentKey) -> GuardState | None:
        """How a guard stands."""

    def amend_guard(
        self, key: IntentKey, version: int, change: GuardChange, *, again: bool = False
    ) -> AmendAnswer:
        """Change a running guard, once; `again` for what an earlier watch of it has made."""

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Take a part out of what a guard watches."""

    def release(self, key: IntentKey, version: int) -> AmendAnswer:
        """Let an arm or a guard go before anything of it has left."""


class GuardActivities:
    """The doors to the guards of one account."""

    def __init__(
        self, edge: GuardingEdge, changes: Changes, entered: Entered, answers: Answers
    ) -> None:
        self._edge = edge
        self._changes = changes
        self._entered = entered
        self._answers = answers

    @activity.defn(name="guard")
    async def guard(self, call: GuardCall) -> GuardResult:
        """Watch a position until its exit has begun, a part has to leave, or it is gone."""
        key = call.guard.key
        with translated(f"guard {key}"):
            is_first = call.is_first and not is_later_attempt() and not has_lain()
            if is_first or self._edge.guard_state(key) is not None:
                work = self._edge.guard(call.guard, call.version, call.after)
                result = await attended(work, lambda: self._edge.guard_state(key))
            else:
                result = await self._guard_again(call)
        self._answers()
        return result

    @activity.defn(name="amend_guard")
    async def amend_guard(self, asked: AmendGuard) -> AmendAnswer:
        """Change a running guard, once."""
        with translated(f"change the guard {asked.key}"):
            return self._edge.amend_guard(asked.key, asked.version, asked.change)

    @activity.defn(name="release")
    async def release(self, asked: Release) -> AmendAnswer:
        """Let an arm or a guard go before anything of it has left."""
        with translated(f"release {asked.key}"):
            return self._edge.release(asked.key, asked.version)

    @activity.defn(name="split_off")
    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Take a part out of what a guard watches."""
        with translated(f"split {asked.part} off {asked.key}"):
            return await self._edge.split_off(asked)

    async def _guard_again(self, call: GuardCall) -> GuardResult:
        key = call.guard.key
        guard, version = _as_heard(call, earlier(GuardState))
        await self._edge.synced()
        changes = await self._asked(key)
        guard = await self._entered.guarded(guard, broker_now(self._edge.health()))
        return await attended(
            self._edge.guard(guard, version, call.after),
            lambda: self._edge.guard_state(key),
            self._make(key, version, changes),
        )

    async def _asked(self, key: IntentKey) -> tuple[GuardAmendment, ...] | None:
        """Every change; None where the workflow does not say."""
        try:
            return await self._changes.of_guard(scheduled_by())
        except ChangesUnknownError as error:
            activity.logger.warning("%s is guarded on what is known: %s", key, error)
            return None

    async def _make(
        self, key: IntentKey, version: int, changes: tuple[GuardAmendment, ...] | None
    ) -> None:
        """Make the changes once the guard runs; ask for them until they are known."""
        while changes is None:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            changes = await self._asked(key)
        pauses = chain(repeat(0.0, TURNS), repeat(LOOK_AGAIN_SECONDS))
        for pause in pauses:
            if self._edge.guard_state(key) is not None:
                break
            await asyncio.sleep(pause)
        for amendment in newer(changes, version):
            answer = await self._changed(key, amendment)
            if not isinstance(answer, Amended | Split):
                text = "change %s of %s was not made again: %s"
                activity.logger.warning(text, amendment.version, key, answer)

    async def _changed(
        self, key: IntentKey, amendment: GuardAmendment
    ) -> AmendAnswer | SplitAnswer:
        if isinstance(amendment.change, SplitOff):
            return await self._edge.split_off(amendment.change)
        return self._edge.amend_guard(key, amendment.version, amendment.change, again=True)


def _as_heard(call: GuardCall, state: GuardState | None) -> tuple[Guard, int]:
    """The guard to go on with, and its version; what can't be gone on from is left aside, because
    no position stays unwatched for the sake of a heartbeat.
    """
    if state is not None:
        try:
            return reguarded(call.guard, state), max(call.version, state.version)
        except ValueError as error:
            text = "%s is guarded as it was written down; its last heartbeat makes no sense: %s"
            activity.logger.error(text, call.guard.key, error)
    return call.guard, call.version
