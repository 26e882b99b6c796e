"""A trade's whole life: learn, be admitted, enter, hold, leave, settle.

Owns the order of things and nothing that is decided by price or by order: ticks are the edge's, the
way out is the ladder's, room in the account is admission's. Every order that may ever leave is
written down in this history before the edge can send it.

The entry and the position run side by side: what has filled is guarded from its first share on,
while the rest may still fill. What a person or a kill wants reaches both through short calls with a
version, and never through a cancellation: who cancels this workflow has only asked to call it off.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.edge.arms import AmendAnswer, Amended, ArmAmendment
    from backstay.domain.edge.guards import (
        BreakEven,
        GuardAmendment,
        GuardChange,
        MoveStop,
        TightenTrail,
    )
    from backstay.domain.edge.looking import NotDeclared
    from backstay.domain.incidents.kinds import IncidentKind
    from backstay.domain.lifecycle import Happened, TradeState
    from backstay.domain.limits.codes import Refused
    from backstay.domain.limits.kill import KillMode
    from backstay.domain.trade import wishes
    from backstay.domain.trade.admission import AdmissionAnswer, request_for_room
    from backstay.domain.trade.agreed import Agreed
    from backstay.domain.trade.opening import FirstOrders, first_orders
    from backstay.domain.trade.order import TradeOrder
    from backstay.domain.trade.progress import after_event, after_prospect, ending
    from backstay.domain.trade.prospect import NoProspect, Prospect, ProspectAnswer
    from backstay.domain.trade.settlement import Settlement, settlement_of
    from backstay.domain.trade.standing import Doing, TradeStanding, begun
    from workflows.board import Board
    from workflows.entering import Entry
    from workflows.holding import Holding
    from workflows.patience import Patience, within
    from workflows.strands import Strands
    from workflows.versions import Versions

ASK_AGAIN_AFTER = timedelta(seconds=5)
ANSWER_WITHIN = timedelta(seconds=10)
"""How long a person waits to hear that it is done; after that, that it is under way."""


@workflow.defn(name="Trade")
class Trade:
    """One trade in one instrument."""

    @workflow.init
    def __init__(self, order: TradeOrder) -> None:
        self._order = order
        self._board = Board(begun(order, workflow.now()))
        self._patience = Patience(order.account, order.workflow_id, self._board.tell)
        self._versions = Versions()
        self._strands = Strands()
        self._entry: Entry | None = None
        self._holding: Holding | None = None
        self._called_off = ""

    @workflow.run
    async def run(self, order: TradeOrder) -> Settlement:  # noqa: ARG002 - it came with the start
        """Live the trade to its end, whoever cancels the workflow."""
        life = asyncio.create_task(self._live())
        while True:
            try:
                return await asyncio.shield(life)
            except asyncio.CancelledError:
                if life.done():
                    raise
                self._call_off("the workflow was cancelled")

    async def _live(self) -> Settlement:
        prospect = await self._learn()
        agreed = None if self._called_off else await self._admit(prospect)
        if agreed is not None and not self._called_off:
            await self._trade(agreed)
        settlement = self._come_to_its_end(prospect)
        if agreed is not None:
            await self._patience.ask(calls.settle, settlement.account, settlement, "settle")
        await self._part()
        return settlement

    # --- the steps ---

    async def _learn(self) -> Prospect:
        """What the broker says of the plan; a plan that does not work is the caller's mistake. One
        that waits for the open is asked about again then.
        """
        while True:
            answer = await self._ask_broker()
            if isinstance(answer, NoProspect):
                self._happened(Happened.REJECTED, _complaints(answer))
                await self._part()
                raise ApplicationError(_complaints(answer), type="PlanUnfit", non_retryable=True)
            self._board.show(after_prospect(self._board.standing, answer))
            due = answer.not_before
            if due is None:
                return answer
            pause = max(due - answer.at, ASK_AGAIN_AFTER)
            if await within(pause, lambda: bool(self._called_off)):
                return answer

    async def _admit(self, prospect: Prospect) -> Agreed | None:
        """Room in the account for everything that the trade may send; None if it is refused."""
        order = self._order
        first = first_orders(
            order.plan, order.account, prospect.instrument, prospect.sized, order.profile
        )
        answer = await self._ask_for_room(first, prospect)
        if isinstance(answer, Refused):
            self._happened(Happened.REJECTED, answer.reason)
            return None
        self._happened(Happened.VALIDATED)
        return Agreed(order, prospect, first, answer)

    async def _admit_again(self, agreed: Agreed) -> Agreed | None:
        """The same orders once more, by what the broker says now; None if they are refused."""
        now = await self._ask_broker()
        if isinstance(now, NoProspect):
            self._call_off(f"not admitted again: {_complaints(now)}")
            return None
        prospect = replace(
            agreed.prospect,
            facts=now.facts,
            sessions=now.sessions,
            at=now.at,
            market=now.market,
            preview=now.preview,
        )
        answer = await self._ask_for_room(agreed.first, prospect)
        if isinstance(answer, Refused):
            self._call_off(f"not admitted again: {answer.reason}")
            return None
        return replace(agreed, prospect=prospect, admitted=answer)

    async def _ask_broker(self) -> ProspectAnswer:
        order = self._order
        return await self._patience.ask(calls.prospect, order.account, order, "ask the broker")

    async def _ask_for_room(self, first: FirstOrders, prospect: Prospect) -> AdmissionAnswer:
        asked = request_for_room(self._order, first, prospect)
        summary = f"ask the account for room for {len(asked.requests)} orders"
        return await self._patience.ask(calls.admit, asked.account, asked, summary)

    async def _trade(self, agreed: Agreed) -> None:
        """The entry and the position, side by side, until neither has anything left."""
        strands = self._strands
        entry = self._entry = Entry(agreed, self._board, self._patience, self._versions)
        self._holding = Holding(entry, self._board, self._patience, self._versions, strands)
        strands.begin(entry.follow())
        strands.begin(self._holding.run())
        strands.begin(entry.stay_admitted(self._admit_again))
        await strands.all_done()

    def _come_to_its_end(self, prospect: Prospect) -> Settlement:
        """What it has come to, now that nothing of it can fill any more."""
        ended = self._holding.ended if self._holding is not None else None
        standing = replace(ending(self._board.standing, ended), doing=Doing.SETTLING)
        if self._called_off and not standing.entered:
            standing = replace(standing, why=self._called_off)
        self._board.show(standing)
        if standing.lifecycle.state is TradeState.ESCALATED:
            self._patience.tell(IncidentKind.POSITION_MISMATCH, standing.why)
        instrument = prospect.instrument
        return settlement_of(standing, instrument.con_id, instrument.multiplier, standing.at)

    async def _part(self) -> None:
        """It is over once everybody who is owed an answer or a word has it."""
        await self._patience.all_told()
        self._board.show(replace(self._board.standing, doing=Doing.OVER))
        self._board.mark()
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _happened(self, happened: Happened, why: str = "") -> None:
        self._board.show(after_event(self._board.standing, happened, why))

    # --- what a person wants ---

    @workflow.update(name="cancel")
    async def cancel(self) -> str:
        """Enter no more. What has filled stays guarded."""
        self._call_off("called off by hand")
        await within(ANSWER_WITHIN, lambda: self._entry is None or self._entry.is_over)
        return self._told()

    @cancel.validator
    def _may_cancel(self) -> None:
        _unless(wishes.against_cancel(self._board.standing))

    @workflow.update(name="close")
    async def close(self) -> str:
        """Enter no more, and leave what has filled."""
        self._get_out("closed by hand")
        await within(ANSWER_WITHIN, lambda: self._holding is None or self._holding.is_on_its_way)
        return self._told()

    @close.validator
    def _may_close(self) -> None:
        _unless(wishes.against_close(self._board.standing))

    @workflow.update(name="enter")
    async def enter(self) -> str:
        """Enter now, whatever the trigger says."""
        if self._entry is not None:
            _unless(_objection(await self._entry.fire()))
        return self._told()

    @enter.validator
    def _may_enter(self) -> None:
        _unless(wishes.against_enter(self._board.standing))

    @workflow.update(name="declare_absent")
    async def declare_absent(self, by: str, reason: str) -> str:
        """The entry is unknown, and a person has looked: the broker does not have it."""
        if self._entry is not None:
            answer = await self._entry.declare_absent(by, reason)
            _unless(answer.why if isinstance(answer, NotDeclared) else "")
            await within(ANSWER_WITHIN, lambda: self._entry is None or self._entry.is_over)
        return self._told()

    @declare_absent.validator
    def _may_declare_absent(self, by: str, reason: str) -> None:
        _unless(wishes.against_absence(self._board.standing, by, reason))

    @workflow.update(name="move_stop")
    async def move_stop(self, stop: Decimal) -> str:
        """Another stop for what is guarded."""
        return await self._amend(MoveStop(stop))

    @move_stop.validator
    def _may_move_stop(self, stop: Decimal) -> None:
        _unless(wishes.against_stop(self._board.standing, self._guard(), stop))

    @workflow.update(name="break_even")
    async def break_even(self) -> str:
        """The stop at the price of the entry, if that is tighter."""
        entry = self._board.standing.entry
        price = entry.average_price if entry is not None else None
        if price is None:
            raise ApplicationError("nothing has filled", non_retryable=True)
        return await self._amend(BreakEven(price))

    @break_even.validator
    def _may_break_even(self) -> None:
        _unless(wishes.against_guard_change(self._board.standing))

    @workflow.update(name="tighten_trail")
    async def tighten_trail(self, distance: Decimal) -> str:
        """A shorter distance for the trail."""
        return await self._amend(TightenTrail(distance))

    @tighten_trail.validator
    def _may_tighten_trail(self, distance: Decimal) -> None:
        _unless(wishes.against_trail(self._board.standing, self._guard(), distance))

    @workflow.signal(name="kill")
    def kill(self, epoch: int, mode: KillMode) -> None:
        """Trading is stopped: a freeze keeps what has filled protected, a flatten leaves it."""
        why = f"trading is stopped: {mode.value}, epoch {epoch}"
        if mode is KillMode.FLATTEN:
            self._get_out(why)
        else:
            self._call_off(why)

    @workflow.query(name="state")
    def state(self) -> TradeStanding:
        """How it stands."""
        return self._board.standing

    @workflow.query(name="changes")
    def changes(self) -> tuple[GuardAmendment, ...]:
        """What was changed in how it is guarded, in order: for whoever takes up a lost guard."""
        return self._holding.changes if self._holding is not None else ()

    @workflow.query(name="arm_changes")
    def arm_changes(self) -> tuple[ArmAmendment, ...]:
        """What was changed in how the entry is armed, in order: likewise."""
        return self._entry.changes if self._entry is not None else ()

    def _call_off(self, why: str) -> None:
        if self._board.standing.doing in (Doing.SETTLING, Doing.OVER):
            return
        self._called_off = self._called_off or why
        self._board.show(replace(self._board.standing, why=why))
        if self._entry is not None:
            self._strands.begin(self._entry.call_off())

    def _get_out(self, why: str) -> None:
        self._call_off(why)
        if self._holding is not None:
            self._strands.begin(self._holding.leave(why))

    async def _amend(self, change: GuardChange) -> str:
        answer = await self._holding.amend(change) if self._holding is not None else None
        _unless(_objection(answer))
        return self._told()

    def _guard(self) -> wishes.Guarding:
        guard = self._holding.guard if self._holding is not None else None
        return None if guard is None else guard.rules

    def _told(self) -> str:
        standing = self._board.standing
        return f"{standing.lifecycle.state.value}: {standing.doing.value}"


def _complaints(answer: NoProspect) -> str:
    return "; ".join(str(complaint) for complaint in answer.complaints)


def _objection(answer: AmendAnswer | None) -> str:
    if answer is None:
        return "nothing is guarded"
    return "" if isinstance(answer, Amended) else answer.why


def _unless(objection: str) -> None:
    if objection:
        raise ApplicationError(objection, type="NotNow", non_retryable=True)
