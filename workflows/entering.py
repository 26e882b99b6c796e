"""The entry of a trade: armed, followed, called off, admitted anew.

Owns the arm and its reports. The edge decides when it fires; here it is only known how it stands.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.edge.arms import (
        AmendAnswer,
        Amended,
        Arm,
        ArmAmendment,
        ArmChange,
        ArmPhase,
        ArmReport,
        ExtendUntil,
        FireNow,
        Gone,
    )
    from backstay.domain.edge.changing import CancelStanding
    from backstay.domain.edge.looking import DeclareAnswer
    from backstay.domain.incidents.kinds import IncidentKind
    from backstay.domain.trade.agreed import Agreed
    from backstay.domain.trade.progress import after_report
    from backstay.domain.trade.standing import Doing
    from workflows.board import Board
    from workflows.patience import Patience, growing, within
    from workflows.versions import Versions

FIRST_PAUSE_SECONDS = 1.0
PAUSE_GROWS_BY = 4
LONGEST_PAUSE_SECONDS = 14_400.0
"""What fills in ever more parts is told of ever less often; its protection doesn't wait for it."""

ASK_AGAIN_AFTER = timedelta(seconds=5)
ASK_AGAIN_AFTER_MAX = timedelta(hours=1)
"""What nobody can call off is asked about for weeks, and a history is finite; where anything is
heard of it, it is cancelled at once.
"""
ADMITTED_ANEW_BEFORE = timedelta(minutes=10)
"""How long before its approval runs out a waiting entry is admitted anew, or half of what is left
of a short one."""

ADMITTED_ANEW_AFTER = timedelta(seconds=30)
"""How long it is left alone at least."""


class Entry:
    """The entry of one trade."""

    def __init__(
        self, agreed: Agreed, board: Board, patience: Patience, versions: Versions
    ) -> None:
        self.agreed = agreed
        self.report: ArmReport | None = None
        self.changes: tuple[ArmAmendment, ...] = ()
        self._arm: Arm = agreed.arm()
        self._account = agreed.order.account
        self._board = board
        self._patience = patience
        self._versions = versions
        self._changing = asyncio.Lock()
        self._is_called_off = False

    @property
    def _phase(self) -> ArmPhase:
        return ArmPhase.WAITING if self.report is None else self.report.phase

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self._phase.is_final

    @property
    def is_waiting(self) -> bool:
        """Whether nothing of it has left, as far as is known."""
        return self._phase is ArmPhase.WAITING

    @property
    def has_filled(self) -> bool:
        """Whether there is anything to guard."""
        return self._board.standing.entered > 0

    async def follow(self) -> None:
        """Keep it armed until it is over."""
        doing = Doing.ENTERING if self._arm.trigger is None else Doing.WAITING
        self._board.show(replace(self._board.standing, doing=doing))
        version, after, pause = self._versions.newest, 0, FIRST_PAUSE_SECONDS
        while not self.is_over:
            call = calls.ArmCall(self._arm, version, after, pause, is_first=after == 0)
            summary = f"{'keep ready' if self.is_waiting else 'follow'} {self._arm.key}"
            report = await self._patience.ask(calls.arm, self._account, call, summary)
            # What is changed after a report is not in it, and would be made again after a crash.
            version, after = report.version, report.revision
            pause = min(pause * PAUSE_GROWS_BY, LONGEST_PAUSE_SECONDS)
            self._take(report)

    def _take(self, report: ArmReport) -> None:
        """How it stands now, and in which circumstances it would be armed again."""
        self.report = report
        self._arm = replace(
            self._arm, asked=report.asked or self._arm.asked, watch=report.watch, naked=report.naked
        )
        if not self.is_waiting:
            # What has left can't be let go of any more, whatever was asked for.
            self.changes = tuple(each for each in self.changes if each.change is not None)
        had_filled = self.has_filled
        quantity = self._arm.entry.intent.quantity
        self._board.show(after_report(self._board.standing, report, quantity))
        if self.has_filled and (self.is_over or not had_filled):
            self._board.mark()

    # --- what a person or a kill wants of it ---

    async def call_off(self) -> None:
        """Let go of what has not left, cancel what has, until it is over."""
        if self._is_called_off:
            await workflow.wait_condition(lambda: self.is_over)
            return
        self._is_called_off = True
        is_told, pauses = False, growing(ASK_AGAIN_AFTER, ASK_AGAIN_AFTER_MAX)
        while not self.is_over:
            phase = self._phase
            trouble = "" if self.is_waiting and await self._release() else await self._cancel()
            if await self._comes_past(phase, next(pauses)):
                pauses = growing(ASK_AGAIN_AFTER, ASK_AGAIN_AFTER_MAX)
            elif trouble and not is_told:
                is_told = True
                self._patience.tell(IncidentKind.ORDER_SURVIVES, f"{self._arm.key}: {trouble}")

    async def _comes_past(self, phase: ArmPhase, pause: timedelta) -> bool:
        """Whether it is in another phase before so much time has passed."""
        return await within(pause, lambda: self._phase is not phase)

    async def _cancel(self) -> str:
        """Cancel what has left; what stands against it, if anything does."""
        summary = f"cancel {self._arm.key}"
        answer = await self._patience.ask(calls.cancel, self._account, self._arm.key, summary)
        if answer.standing is CancelStanding.ENDED:
            return ""
        return f"the cancel is {answer.standing.value}" + (answer.text and f": {answer.text}")

    async def _release(self) -> bool:
        """Whether it was let go before anything of it had left."""
        asked = calls.Release(self._arm.key, self._versions.next())
        # It counts from now on, whatever is answered: who arms it later, or anew, must not send
        # what is taken back.
        self.changes = (*self.changes, ArmAmendment(asked.version, None))
        summary = f"let go of {self._arm.key}"
        answer = await self._patience.ask(calls.release, self._account, asked, summary)
        return isinstance(answer, Amended)

    async def fire(self) -> AmendAnswer:
        """Enter now, whatever the trigger says."""
        return await self._amend(FireNow(), "enter now")

    async def declare_absent(self, by: str, reason: str) -> DeclareAnswer:
        """A person says that the broker does not have it; the edge looks once more, and decides."""
        asked = calls.DeclareAbsent(self._arm.key, by, reason)
        summary = f"{by} declares {self._arm.key} absent: {reason}"
        return await self._patience.ask(calls.declare_absent, self._account, asked, summary)

    async def _amend(self, change: ArmChange, summary: str) -> AmendAnswer:
        """One change after the other: the edge takes an older version for one that it has made."""
        async with self._changing:
            key = self._arm.key
            if self._is_called_off:
                return Gone(key, "the entry is called off")
            asked = calls.AmendArm(key, self._versions.next(), change)
            answer = await self._patience.ask(calls.amend_arm, self._account, asked, summary)
            if isinstance(answer, Amended):
                self.changes = (*self.changes, ArmAmendment(asked.version, change))
            return answer

    # --- an approval that runs out ---

    async def stay_admitted(self, admit: Callable[[Agreed], Awaitable[Agreed | None]]) -> None:
        """While it waits for longer than its approval lasts, have it admitted anew in time; where
        it is refused, let it go.
        """
        while self._needs_admission and not self._is_called_off:
            until = self._arm.entry.valid_until
            pause = _until(until) if until is not None else timedelta(0)
            if await within(pause, lambda: not self.is_waiting):
                return
            agreed = await admit(self.agreed)
            if agreed is None:
                await self.call_off()
            elif self.is_waiting:
                await self._extend(agreed)

    @property
    def _needs_admission(self) -> bool:
        until, expires = self._arm.entry.valid_until, self._arm.expires_at
        outlasts = until is not None and expires is not None and expires > until
        return self.is_waiting and outlasts

    async def _extend(self, agreed: Agreed) -> None:
        self.agreed, entry = agreed, agreed.approval(self._arm.key)
        expires = self._arm.expires_at
        if expires is not None:
            # Before it is asked for: a report that comes first counts it as made.
            self._arm = replace(self._arm, entry=entry)
            await self._amend(ExtendUntil(expires, entry), "approved anew")


def _until(runs_out: datetime) -> timedelta:
    left = runs_out - workflow.now()
    return max(left - ADMITTED_ANEW_BEFORE, left / 2, ADMITTED_ANEW_AFTER)
