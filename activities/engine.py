"""The engine: Temporal's client, and the books of the accounts.

Owns how a trade is started once, how workflows are reached, and in which order a kill happens: it
is written down first, then every running trade is told. Who runs is known from two sides, the book
and the engine's own list, because a trade appears in that list only a moment after its start.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.attributes import ACCOUNT, STATE, SYMBOL
from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE
from activities.ports import (
    CallRefusedError,
    Description,
    Differs,
    EngineSilentError,
    KillTold,
    Same,
    StartAnswer,
    Started,
    UnknownWorkflowError,
    Untold,
)
from backstay.accounts.errors import AccountsError
from backstay.accounts.state import Settled
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement

TRADE = "Trade"
KILL = "kill"
ANSWER_WITHIN = timedelta(seconds=10)
"""How long the engine may take for an answer before it counts as silent."""

_ORDER = "order"
_SIGNALS_AT_ONCE = 128
_ACCOUNT_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


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
            async with self._asking(f"start {order.workflow_id}"):
                handle = await self._client.start_workflow(
                    TRADE,
                    order,
                    id=order.workflow_id,
                    task_queue=TRADES_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    memo={_ORDER: order},
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

    async def update(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        """Ask a workflow to do something, and wait until it has answered."""
        async with self._asking(f"update {name} of {workflow_id}"):
            return await self._handle(workflow_id).execute_update(
                name, args=args, rpc_timeout=self._answer_within
            )

    async def signal(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> None:
        """Tell a workflow something; the engine keeps it until the workflow hears it."""
        async with self._asking(f"signal {name} to {workflow_id}"):
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
            return Description(
                workflow_id=found.id,
                run_id=found.run_id,
                kind_of_workflow=found.workflow_type,
                status=_status(found),
                started_at=found.start_time,
                closed_at=found.close_time,
                account=_attribute(found, ACCOUNT),
                symbol=_attribute(found, SYMBOL),
                state=_attribute(found, STATE),
                summary=await found.static_summary() or "",
            )

    async def admit(self, account: str, request: AdmissionRequest) -> AdmissionAnswer:
        """Whether the account has room for the orders of a trade; it is taken if so."""
        return await self._books.admit(account, request)

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
            in_book = {f"trade:{account}:{plan_id}" for plan_id in kept.plan_ids}
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
        if not set(account) <= _ACCOUNT_CHARACTERS:
            raise EngineSilentError(f"{account!r} can't be asked for in a list")
        query = (
            f"WorkflowType = '{TRADE}' AND {ACCOUNT.name} = '{account}'"
            " AND ExecutionStatus = 'Running'"
        )
        async for found in self._client.list_workflows(query, rpc_timeout=self._answer_within):
            yield found.id

    async def _known(self, order: TradeOrder) -> Same | Differs:
        """What was started under this id before, compared with what is asked for now."""
        async with self._asking(f"describe {order.workflow_id}"):
            found = await self._described(order.workflow_id)
            before: TradeOrder = await found.memo_value(_ORDER, type_hint=TradeOrder)
        tables = _differing(before.plan, order.plan)
        if tables:
            return Differs(found.id, found.run_id, _status(found), tables)
        return Same(found.id, found.run_id, _status(found))

    async def _described(self, workflow_id: str) -> WorkflowExecutionDescription:
        return await self._handle(workflow_id).describe(rpc_timeout=self._answer_within)

    def _handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id)

    @asynccontextmanager
    async def _asking(self, what: str) -> AsyncIterator[None]:
        """Have what the engine answers instead of an answer told in words of ours.

        The client tries again by itself what can't be delivered; so all attempts together are
        bounded here, and each one where it is made.
        """
        try:
            async with asyncio.timeout(self._answer_within.total_seconds()):
                yield
        except WorkflowUpdateFailedError as error:
            raise CallRefusedError(f"{what}: {error.cause}") from error
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise CallRefusedError(f"{what}: {error}") from error
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise EngineSilentError(f"{what}: no answer yet; it may still happen") from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise UnknownWorkflowError(f"{what}: {error}") from error
            raise EngineSilentError(f"{what}: {error}") from error


def _differing(before: TradePlan, now: TradePlan) -> tuple[str, ...]:
    """The parts in which two plans of one account differ; naming the account changes nothing."""
    names = [name for name in TradePlan.model_fields if name != "account"]
    return tuple(name for name in names if getattr(before, name) != getattr(now, name))


def _status(found: WorkflowExecutionDescription) -> str:
    return "unknown" if found.status is None else found.status.name.lower()


def _attribute(found: WorkflowExecutionDescription, key: SearchAttributeKey[str]) -> str:
    return found.typed_search_attributes.get(key) or ""
