"""The engine: Temporal's client, and the books of the accounts.

Owns how a trade is started once, how workflows are reached, and in which order a kill happens: it
is written down first, then every running trade is told. Who runs is known from two sides, the book
and the engine's own list, because a trade appears in that list only a moment after its start.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.attributes import ACCOUNT, STATE, SYMBOL
from activities.books import AccountBooks
from activities.calls import STEP_WITHIN, TRADES_QUEUE
from activities.dry_runs import dry_run
from activities.histories import facts_of
from activities.listing import ORDER, TRADE, listed, order_of, status_of, trades_query
from activities.ports import (
    Description,
    Differs,
    Ended,
    EngineSilentError,
    KillTold,
    Same,
    StartAnswer,
    Started,
    Trades,
    UnknownWorkflowError,
    Untold,
    Wanted,
)
from activities.silence import asking, why_of
from backstay.accounts.errors import AccountsError
from backstay.accounts.state import Settled
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.chronicle import TradeFacts
from backstay.domain.trade.dry_run import DryRunReport
from backstay.domain.trade.naming import workflow_id as id_of
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import TradeStanding

KILL = "kill"
STANDING = "state"
ANSWER_WITHIN = timedelta(seconds=10)
"""How long the engine may take for an answer before it counts as silent."""

_SIGNALS_AT_ONCE = 128
_PAGE = 1000


class TemporalEngine:
    """The port `Engine` over Temporal. The client speaks pydantic."""

    def __init__(
        self,
        client: Client,
        books: AccountBooks,
        now: Callable[[], datetime],
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        self._client = client
        self._books = books
        self._now = now
        self._answer_within = answer_within
        self._last_kill: dict[str, KillState] = {}

    async def start(self, order: TradeOrder) -> StartAnswer:
        """Have a trade carried out; the same plan again is the same trade."""
        plan = order.plan
        symbol = plan.instrument.symbol
        try:
            async with self._asking(f"start {order.workflow_id}", changes=True):
                handle = await self._client.start_workflow(
                    TRADE,
                    order,
                    id=order.workflow_id,
                    task_queue=TRADES_QUEUE,
                    task_timeout=STEP_WITHIN,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    memo={ORDER: order},
                    search_attributes=TypedSearchAttributes(
                        [
                            SearchAttributePair(ACCOUNT, order.account),
                            SearchAttributePair(SYMBOL, symbol),
                            SearchAttributePair(STATE, TradeState.CREATED.value),
                        ]
                    ),
                    static_summary=f"{plan.side} {symbol}: {plan.id}",
                    rpc_timeout=self._answer_within,
                )
        except WorkflowAlreadyStartedError:
            return await self._known(order)
        return Started(handle.id, handle.first_execution_run_id or "")

    async def dry_run(self, order: TradeOrder) -> DryRunReport:
        """What the order would come to if it were started now; nothing is sent or reserved."""
        return await dry_run(self._client, order, self._now(), self._answer_within)

    async def known(self, order: TradeOrder) -> Same | Differs | None:
        """What was started under the id of this order before, if anything was."""
        try:
            return await self._known(order)
        except UnknownWorkflowError:
            return None

    async def update(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        """Ask a workflow to do something, and wait until it has answered."""
        async with self._asking(f"update {name} of {workflow_id}", changes=True):
            return await self._handle(workflow_id).execute_update(
                name, args=args, rpc_timeout=self._answer_within
            )

    async def signal(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> None:
        """Tell a workflow something; the engine keeps it until the workflow hears it."""
        async with self._asking(f"signal {name} to {workflow_id}", changes=True):
            await self._handle(workflow_id).signal(name, args=args, rpc_timeout=self._answer_within)

    async def query(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        """Ask a workflow how it stands."""
        async with self._asking(f"query {name} of {workflow_id}"):
            return await self._handle(workflow_id).query(
                name, args=args, rpc_timeout=self._answer_within
            )

    async def describe(self, workflow_id: str) -> Description:
        """How the engine lists a workflow."""
        async with self._asking(f"describe {workflow_id}"):
            found = await self._described(workflow_id)
            return await listed(found)

    async def standing(self, workflow_id: str) -> TradeStanding:
        """How a trade stands, in its own words; it takes a worker to hear them."""
        async with self._asking(f"query {STANDING} of {workflow_id}"):
            standing: TradeStanding = await self._handle(workflow_id).query(
                STANDING, result_type=TradeStanding, rpc_timeout=self._answer_within
            )
        return standing

    async def ended(self, workflow_id: str) -> Ended | None:
        """How a trade has ended, by what is written down; None if it runs."""
        async with self._asking(f"ask how {workflow_id} has ended"):
            found = await self._described(workflow_id)
            if found.close_time is None:
                return None
            status = status_of(found)
            handle = self._client.get_workflow_handle(workflow_id, result_type=Settlement)
            try:
                settlement: Settlement = await handle.result(rpc_timeout=self._answer_within)
            except WorkflowFailureError as error:
                return Ended(status, None, why_of(error.cause))
        return Ended(status, settlement, settlement.why)

    async def story(self, workflow_id: str) -> TradeFacts:
        """Everything that is written down of a trade; it takes no worker to read it."""
        async with self._asking(f"read the history of {workflow_id}"):
            return await facts_of(self._client, workflow_id, self._answer_within)

    async def trades(self, account: str, wanted: Wanted, limit: int) -> Trades:
        """The trades of an account as the engine lists them, a moment late."""
        async with self._asking(f"list the trades of {account}"):
            found = [
                await listed(each)
                async for each in self._client.list_workflows(
                    trades_query(account, wanted),
                    limit=limit + 1,
                    page_size=min(limit + 1, _PAGE),
                    rpc_timeout=self._answer_within,
                )
            ]
        return Trades(tuple(found[:limit]), more=len(found) > limit)

    async def admit(self, account: str, request: AdmissionRequest) -> AdmissionAnswer:
        """Whether the account has room for the orders of a trade; it is taken if so."""
        return await self._books.admit(account, request)

    async def preflight(self, account: str, request: AdmissionRequest) -> Preflight:
        """What would be answered to that; nothing is taken."""
        return await self._books.preflight(account, request)

    async def settle(self, settlement: Settlement) -> Settled:
        """Book what a trade has come to, and give its room back."""
        return await self._books.settle(settlement)

    async def kill_state(self, account: str) -> KillState:
        """The kill state in force."""
        return await self._books.kill_state(account)

    async def kill(self, account: str, mode: KillMode, reason: str, by: str) -> KillTold:
        """Stop trading in an account: written down first, then told to every running trade.

        What can't be written down is told all the same; a full disk must not keep positions open.
        """
        trouble = ""
        in_book: set[str] = set()
        try:
            kept = await self._books.store(account).kill(mode, reason, by, self._now())
            state = kept.state
            in_book = {id_of(account, plan_id) for plan_id in kept.plan_ids}
        except AccountsError as error:
            trouble = str(error)
            state = (await self._last_known(account)).killed(mode)
        self._last_kill[account] = state
        args = [state.epoch, state.mode]
        (listed, untold), outcomes = await asyncio.gather(
            self._listed(account), self._tell(in_book, args)
        )
        outcomes += await self._tell(listed - in_book, args)
        told = tuple(each for each in outcomes if isinstance(each, str))
        # What ended while it was told needs nothing; what the book holds and nobody runs does.
        untold += [
            each
            for each in outcomes
            if isinstance(each, Untold) and (each.exists or each.workflow_id in in_book)
        ]
        return KillTold(state, told, tuple(untold), trouble)

    async def _last_known(self, account: str) -> KillState:
        """The kill state that can still be read, or what was heard of it last."""
        heard = self._last_kill.get(account, KillState())
        try:
            return heard.newest(await self._books.kill_state(account))
        except AccountsError:
            return heard

    async def _tell(self, workflow_ids: set[str], args: Sequence[Any]) -> list[str | Untold]:
        """Each of them, where it was told; or why it was not."""
        at_once = asyncio.Semaphore(_SIGNALS_AT_ONCE)

        async def tell(workflow_id: str) -> str | Untold:
            async with at_once:
                try:
                    await self.signal(workflow_id, KILL, args)
                except UnknownWorkflowError as error:
                    return Untold(workflow_id, str(error), exists=False)
                except EngineSilentError as error:
                    return Untold(workflow_id, str(error))
                return workflow_id

        return await asyncio.gather(*(tell(each) for each in sorted(workflow_ids)))

    async def _listed(self, account: str) -> tuple[set[str], list[Untold]]:
        """The running trades that the engine knows, as far as it says."""
        try:
            async with self._asking(f"list the running trades of {account}"):
                return {workflow_id async for workflow_id in self._running(account)}, []
        except EngineSilentError as error:
            return set(), [Untold("", str(error))]

    async def _running(self, account: str) -> AsyncIterator[str]:
        query = trades_query(account, Wanted(running=True))
        async for found in self._client.list_workflows(query, rpc_timeout=self._answer_within):
            yield found.id

    async def _known(self, order: TradeOrder) -> Same | Differs:
        """What was started under this id before, compared with what is asked for now."""
        async with self._asking(f"describe {order.workflow_id}"):
            found = await self._described(order.workflow_id)
            before = await order_of(found)
        tables = _differing(before.plan, order.plan)
        if tables:
            return Differs(found.id, found.run_id, status_of(found), tables)
        return Same(found.id, found.run_id, status_of(found))

    async def _described(self, workflow_id: str) -> WorkflowExecutionDescription:
        return await self._handle(workflow_id).describe(rpc_timeout=self._answer_within)

    def _handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id)

    def _asking(self, what: str, *, changes: bool = False) -> AbstractAsyncContextManager[None]:
        return asking(self._client, what, self._answer_within, changes=changes)


def _differing(before: TradePlan, now: TradePlan) -> tuple[str, ...]:
    """The parts in which two plans of one account differ; naming the account changes nothing."""
    names = [name for name in TradePlan.model_fields if name != "account"]
    return tuple(name for name in names if getattr(before, name) != getattr(now, name))
