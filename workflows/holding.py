"""The position of a trade: guarded from its first share on, left in parts or at once.

Owns the guard, its news, and the ways out that come of it, each a workflow of its own. What follows
for the rest of a position when a part has left is in the plan, and sent along with the split.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar, assert_never

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.edge.arms import AmendAnswer, Amended
    from backstay.domain.edge.guards import (
        Exit as Reason,
    )
    from backstay.domain.edge.guards import (
        ExitBegun,
        Guard,
        GuardAmendment,
        GuardChange,
        GuardEnd,
        GuardEnded,
        GuardResult,
        LeaveNow,
        NotSplit,
        Split,
        SplitOff,
        TargetReached,
    )
    from backstay.domain.edge.walking import Walk, WayOut
    from backstay.domain.exits.rules import LadderRules
    from backstay.domain.figures import plain
    from backstay.domain.ids import Purpose
    from backstay.domain.incidents.kinds import IncidentKind
    from backstay.domain.trade.agreed import Agreed
    from backstay.domain.trade.leaving import ExitOutcome, ExitStart
    from backstay.domain.trade.pages import leave_summary
    from backstay.domain.trade.progress import after_change, led_by, with_exits
    from backstay.domain.trade.standing import Doing
    from backstay.domain.trade.watching import (
        breaks_even_after,
        first_guard,
        guarded_on,
        next_target,
        number_of_target,
        part_at,
    )
    from workflows.board import Board
    from workflows.entering import Entry
    from workflows.exit import Exit
    from workflows.patience import Patience, growing, within
    from workflows.strands import Strands
    from workflows.versions import Versions

Answer = TypeVar("Answer")

ASK_AGAIN_AFTER = timedelta(seconds=5)
ASK_AGAIN_AFTER_MAX = timedelta(hours=1)
"""A history has room for so many questions only, and some of these may be asked for weeks."""

LEAVE_AGAIN_AFTER = timedelta(milliseconds=500)
LEAVE_AGAIN_AFTER_MAX = timedelta(minutes=10)
"""A guard that has just been asked for may not be there yet; one that is begun later asks what it
has missed. Each minute would be too often: in a long weekend without a broker that is more than an
engine keeps of a workflow, which it then ends, with its position.
"""


class Holding:
    """What one trade has filled, until it is gone.

    The guard is handed in as it was at first, with its version; what has been changed since is in
    `changes`, for whoever has to begin it again.
    """

    def __init__(
        self, entry: Entry, board: Board, patience: Patience, versions: Versions, strands: Strands
    ) -> None:
        self.changes: tuple[GuardAmendment, ...] = ()
        self._ended: GuardEnd | None = None
        self.is_leaving = False
        self._wanted_out = ""
        self._is_told_to_leave = False
        self._taken: set[int] = set()
        self._led_out = Decimal(0)
        self._changing = asyncio.Lock()
        self._guard: Guard | None = None
        self._version = 0
        self._split_off = Decimal(0)
        self._split_there = Decimal(0)
        self._parts: dict[int, Decimal] = {}
        self._entry = entry
        self._account = entry.agreed.order.account
        self._board = board
        self._patience = patience
        self._versions = versions
        self._strands = strands

    @property
    def guard(self) -> Guard | None:
        """What is guarded now; None while nothing is, or not any more."""
        return None if self.is_leaving or self._ended is not None else self._guard

    @property
    def ended(self) -> GuardEnd | None:
        """How it ended without an exit of ours for all of it; to be asked when all is over. The
        edge makes a way out smaller only where somebody else has closed the difference, or there
        was a split.
        """
        if self.is_leaving and self._led_out < self._board.standing.entered:
            return GuardEnd.LESS_IS_HELD
        return self._ended

    @property
    def is_on_its_way(self) -> bool:
        """Whether everything is being left, or there is nothing to leave."""
        has_ended = self.is_leaving or self._ended is not None
        return has_ended or (self._entry.is_over and not self._entry.has_filled)

    @property
    def agreed(self) -> Agreed:
        """What the trade was admitted with."""
        return self._entry.agreed

    async def run(self) -> None:
        """From the first filled share to the last."""
        await workflow.wait_condition(lambda: self._entry.has_filled or self._entry.is_over)
        report, entered = self._entry.report, self._board.standing.entry
        if report is None or entered is None or not self._entry.has_filled:
            return
        guard = self._guard = first_guard(self.agreed, report, entered)
        self._version = self._versions.newest
        self._show(Doing.GUARDING, stop=guard.guarded.level.stop)
        if guard.leave_at is None and self.agreed.plan.time_exit is not None:
            text = "its time exit is not watched: nobody knows when the session ends"
            self._patience.tell(IncidentKind.STATE_INCONSISTENT, text)
        if self._wanted_out:
            self._strands.begin(self._leave_now())
        await self._watch(guard)

    async def _watch(self, guard: Guard) -> None:
        after = 0
        while True:
            news = await self._hear(after)
            match news:
                case TargetReached():
                    after = news.revision
                    self._guard = guarded_on(guard, news, self._board.standing.entered)
                    self._show(self._board.standing.doing, stop=news.guarded.level.stop)
                    self._strands.begin(self._take_part(news))
                case ExitBegun():
                    self._split_there = news.split_off
                    is_wanted = news.why is Reason.HAND and self._wanted_out
                    why = self._wanted_out if is_wanted else news.why.value
                    self._show(Doing.LEAVING, stop=news.guarded.level.stop, why=why)
                    ladder = news.ladder
                    way_out = self._way_out(ladder.rules, ladder.quantity)
                    await self._leave(Walk(way_out, ladder, (), news.naked, news.entered))
                    return
                case GuardEnded():
                    await self._take_end(news, guard)
                    return
                case _:
                    assert_never(news)

    async def _hear(self, after: int) -> GuardResult:
        guard = self._guard
        if guard is None:
            raise RuntimeError("nothing is guarded")
        call = calls.GuardCall(guard, self._version, after, is_first=after == 0)
        summary = f"guard {plain(guard.quantity)} {guard.instrument.symbol}"
        return await self._patience.ask(calls.guard, self._account, call, summary)

    async def _take_end(self, news: GuardEnded, guard: Guard) -> None:
        """The guard ended without an exit of its own."""
        self._split_there = news.split_off
        self._show(Doing.LEAVING, stop=news.guarded.level.stop, why=news.why.value)
        standing = with_exits(self._board.standing, news.orders, news.naked, news.at, news.entry)
        self._board.show(standing)
        entered = standing.entered
        if news.why is not GuardEnd.EXIT_ELSEWHERE:
            self._ended = news.why
            await self._entry.call_off()
            if self._board.standing.entered == entered:
                return
            # What has filled since is guarded by nobody.
        way_out = self._way_out(guard.ladder, self._whole)
        await self._leave(Walk(way_out, naked=news.naked))

    # --- leaving ---

    def _way_out(self, rules: LadderRules, quantity: Decimal) -> WayOut:
        guard, key = self._guard, rules.first_key
        if guard is None:
            raise RuntimeError("nothing was guarded")
        stop = replace(key, purpose=Purpose.PROTECT, generation=1)
        return WayOut(
            rules=rules,
            # What somebody else has closed while it was begun is led to its end like any other.
            quantity=max(quantity, Decimal(1)),
            exit=self.agreed.approval(key),
            protection=self.agreed.approval(stop),
            asked=guard.asked,
            underlying=guard.underlying,
        )

    @property
    def _whole(self) -> Decimal:
        """What was filled, without what was split off."""
        return self._board.standing.entered - max(self._split_off, self._split_there)

    async def _leave(self, walk: Walk) -> None:
        """The whole way out of what is left, as a life of its own; and once more for what of the
        entry has filled after that.
        """
        self.is_leaving = True
        self._board.mark()
        self._strands.begin(self._entry.call_off())
        while True:
            outcome = await self._walk_out(walk)
            entered, ladder = self._board.standing.entered, outcome.ladder
            await workflow.wait_condition(lambda: self._entry.is_over)
            if self._board.standing.entered == entered or self._whole <= ladder.quantity:
                break
            way_out = replace(walk.way_out, quantity=self._whole)
            walk = Walk(way_out, replace(ladder, quantity=self._whole), naked=outcome.naked)
        self._led_out += ladder.quantity

    async def _walk_out(self, walk: Walk) -> ExitOutcome:
        """One way out, as a life of its own; one that somebody ends is begun again, because the
        edge knows how far it has come.
        """
        start = ExitStart(self._account, walk)
        pauses = growing(ASK_AGAIN_AFTER, ASK_AGAIN_AFTER_MAX)
        while True:
            try:
                return await self._walked_out(start)
            except (ChildWorkflowError, WorkflowAlreadyStartedError) as error:
                text = f"{start.workflow_id} was ended before its time: {error}"
                self._patience.tell(IncidentKind.TASK_FAILED, text)
            await workflow.sleep(next(pauses), summary="then it is led again")

    async def _walked_out(self, start: ExitStart) -> ExitOutcome:
        self._board.show(led_by(self._board.standing, start.workflow_id))
        outcome: ExitOutcome = await workflow.execute_child_workflow(
            Exit.run,
            start,
            id=start.workflow_id,
            task_timeout=calls.STEP_WITHIN,
            parent_close_policy=ParentClosePolicy.ABANDON,
            cancellation_type=ChildWorkflowCancellationType.ABANDON,
            static_summary=leave_summary(start.walk.way_out),
        )
        standing = self._board.standing
        self._board.show(
            with_exits(standing, outcome.orders, outcome.naked, outcome.at, outcome.entry)
        )
        return outcome

    # --- parts that leave at their targets ---

    async def _take_part(self, news: TargetReached) -> None:
        """A target of the plan is reached: split its part off, and leave by a way of its own. Where
        no more than the part is left, all of it leaves.
        """
        number = number_of_target(self.agreed.first, news.target)
        if number in self._taken:
            return
        self._taken.add(number)
        if not self._entry.is_over:
            await self._entry.call_off()
        entered = self._board.standing.entry
        part = part_at(self.agreed, number, self._board.standing.entered)
        if entered is None or part >= self._board.standing.left:
            await self.leave(Reason.TARGET.value)
            return
        self._parts[number] = part
        if not await self._split(number, part, entered.average_price):
            await self.leave(Reason.TARGET.value)
            return
        self._split_off += part
        target = self.agreed.first.targets[number]
        rules = replace(
            self.agreed.first.ladder,
            first_key=target.exit.key,
            shield=target.stop,
            trigger=target.price,
        )
        outcome = await self._walk_out(Walk(self._way_out(rules, part)))
        self._led_out += outcome.ladder.quantity

    def _was_split(self, number: int) -> bool:
        """Whether the guard has ended without this part, whatever became of the answer: parts are
        split off in their order.
        """
        return sum(self._parts[n] for n in self._parts if n <= number) <= self._split_there

    async def _split(self, number: int, part: Decimal, entry_price: Decimal | None) -> bool:
        """Take it out of what is guarded; False if there is no more than that, or everything is
        being left anyway.
        """
        plan, pauses = self.agreed.plan, growing(ASK_AGAIN_AFTER, ASK_AGAIN_AFTER_MAX)
        while True:
            async with self._changing:
                version = self._versions.next()
            guard = self.guard
            if guard is None:
                return self._was_split(number)
            asked = SplitOff(
                key=guard.key,
                version=version,
                part=part,
                target=next_target(self.agreed, number + 1, self._board.standing.entered),
                break_even=entry_price if breaks_even_after(plan, number) else None,
            )
            summary = f"target reached: split off {plain(asked.part)}"
            asking = self._patience.ask(calls.split_off, self._account, asked, summary)
            answer = await _unless(lambda: self._was_split(number), asking)
            match answer:
                case None:
                    return True
                case Split():
                    self.changes = (*self.changes, GuardAmendment(asked.version, asked))
                    self._board.show(after_change(self._board.standing, asked))
                    return True
                case NotSplit(is_over=True):
                    return self._was_split(number)
                case NotSplit():
                    await within(next(pauses), lambda: self.guard is None)
                case _:
                    assert_never(answer)

    # --- what a person or a kill wants of it ---

    async def amend(self, change: GuardChange) -> AmendAnswer | None:
        """Change how it is guarded; None while nothing is, or all of it is told to leave.

        One change after the other: the edge takes an older version for one that it has made.
        """
        async with self._changing:
            guard = self.guard
            if guard is None or self._is_told_to_leave:
                return None
            amendment = GuardAmendment(self._versions.next(), change)
            answer = await self._amend(guard, amendment.version, change)
            if isinstance(answer, Amended):
                self.changes = (*self.changes, amendment)
                self._board.show(after_change(self._board.standing, change))
            return answer

    async def _amend(self, guard: Guard, version: int, change: GuardChange) -> AmendAnswer:
        asked = calls.AmendGuard(guard.key, version, change)
        return await self._patience.ask(calls.amend_guard, self._account, asked, change.kind)

    async def leave(self, why: str) -> None:
        """Leave now, or as soon as there is something to leave."""
        self._wanted_out = self._wanted_out or why
        if self._guard is not None:
            await self._leave_now()

    async def _leave_now(self) -> None:
        """Have the guard leave; that waits for no other change, and no other comes after it. It
        counts before it is answered: whoever takes the guard up while nobody can ask it, leaves.
        """
        if self._is_told_to_leave:
            return
        self._is_told_to_leave = True
        change = LeaveNow(self.agreed.approval(self.agreed.first.by_hand.key))
        pauses, guard = growing(LEAVE_AGAIN_AFTER, LEAVE_AGAIN_AFTER_MAX), self.guard
        while guard is not None:
            version = self._versions.next()
            others = (each for each in self.changes if each.change != change)
            self.changes = (*others, GuardAmendment(version, change))
            if isinstance(await self._amend(guard, version, change), Amended):
                return
            await within(next(pauses), lambda: self.guard is None)
            guard = self.guard

    def _show(self, doing: Doing, stop: Decimal, why: str = "") -> None:
        standing = self._board.standing
        self._board.show(replace(standing, doing=doing, stop=stop, why=why or standing.why))


async def _unless(known: Callable[[], bool], asking: Coroutine[Any, Any, Answer]) -> Answer | None:
    """The answer, unless what it would say is known before: then nobody waits for it."""
    task = asyncio.ensure_future(asking)
    await workflow.wait_condition(lambda: task.done() or known())
    return task.result() if task.done() else None
