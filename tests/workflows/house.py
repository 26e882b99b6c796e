"""A house of workflows: the real ones on a time-skipping server, with activities by script.

A script answers each call of an activity from its own list. What it does not know is a failure of
the test, told at once. Where a story needs an activity to wait, its answer waits for something that
happens in the story; time stands still meanwhile, as it does on that server.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import calls
from activities.converting import VALUES
from backstay.domain.edge.arms import AmendAnswer, ArmReport
from backstay.domain.edge.changing import CancelReport
from backstay.domain.edge.guards import GuardResult, SplitAnswer, SplitOff
from backstay.domain.edge.looking import DeclareAnswer
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import IntentKey
from backstay.domain.trade import attributes
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.prospect import ProspectAnswer
from backstay.domain.trade.settlement import Settlement
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

ACCOUNT = "DU1234567"
TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"

Answer = Callable[[Any], Awaitable[Any]]


@dataclass
class Script:
    """What the activities answer, and what they were asked."""

    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    always: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    alerts: list[calls.Alert] = field(default_factory=list)
    _heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def was_asked(self, name: str, times: int = 1) -> Any:
        """Wait until an activity was asked so often; what it was asked then."""
        async with self._heard:
            await self._heard.wait_for(lambda: len(self.calls_of(name)) >= times)
        return self.calls_of(name)[times - 1]

    def calls_of(self, name: str) -> list[Any]:
        """What one activity was asked, in order."""
        return [asked for called, asked in self.asked if called == name]

    async def note(self, name: str, asked: Any) -> None:
        """Remember that it was asked, and tell whoever waits for that."""
        self.asked.append((name, asked))
        async with self._heard:
            self._heard.notify_all()

    async def answer(self, name: str, asked: Any) -> Any:
        """The next answer of this activity."""
        await self.note(name, asked)
        if self.answers[name]:
            return await self.answers[name].pop(0)(asked)
        if name in self.always:
            return await self.always[name](asked)
        if name in ("settle", "alert"):
            return None
        raise ApplicationError(f"the script has no answer of {name} to {asked}")


class Doors:
    """Every activity, answered by the script."""

    def __init__(self, script: Script) -> None:
        self._script = script

    @activity.defn(name="prospect")
    async def prospect(self, order: TradeOrder) -> ProspectAnswer:
        answer: ProspectAnswer = await self._script.answer("prospect", order)
        return answer

    @activity.defn(name="admit")
    async def admit(self, asked: AdmissionRequest) -> AdmissionAnswer:
        answer: AdmissionAnswer = await self._script.answer("admit", asked)
        return answer

    @activity.defn(name="arm")
    async def arm(self, asked: calls.ArmCall) -> ArmReport:
        answer: ArmReport = await self._script.answer("arm", asked)
        return answer

    @activity.defn(name="guard")
    async def guard(self, asked: calls.GuardCall) -> GuardResult:
        answer: GuardResult = await self._script.answer("guard", asked)
        return answer

    @activity.defn(name="walk")
    async def walk(self, asked: Walk) -> Walked:
        answer: Walked = await self._script.answer("walk", asked)
        return answer

    @activity.defn(name="amend_arm")
    async def amend_arm(self, asked: calls.AmendArm) -> AmendAnswer:
        answer: AmendAnswer = await self._script.answer("amend_arm", asked)
        return answer

    @activity.defn(name="amend_guard")
    async def amend_guard(self, asked: calls.AmendGuard) -> AmendAnswer:
        answer: AmendAnswer = await self._script.answer("amend_guard", asked)
        return answer

    @activity.defn(name="release")
    async def release(self, asked: calls.Release) -> AmendAnswer:
        answer: AmendAnswer = await self._script.answer("release", asked)
        return answer

    @activity.defn(name="split_off")
    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        answer: SplitAnswer = await self._script.answer("split_off", asked)
        return answer

    @activity.defn(name="cancel")
    async def cancel(self, key: IntentKey) -> CancelReport:
        answer: CancelReport = await self._script.answer("cancel", key)
        return answer

    @activity.defn(name="declare_absent")
    async def declare_absent(self, asked: calls.DeclareAbsent) -> DeclareAnswer:
        answer: DeclareAnswer = await self._script.answer("declare_absent", asked)
        return answer

    @activity.defn(name="preflight")
    async def preflight(self, asked: AdmissionRequest) -> Preflight:
        answer: Preflight = await self._script.answer("preflight", asked)
        return answer

    @activity.defn(name="settle")
    async def settle(self, settlement: Settlement) -> None:
        await self._script.answer("settle", settlement)
        self._script.settled.append(settlement)

    @activity.defn(name="alert")
    async def alert(self, asked: calls.Alert) -> None:
        await self._script.answer("alert", asked)
        self._script.alerts.append(asked)

    @property
    def of_the_engine(self) -> Sequence[Callable[..., Any]]:
        """What the queue of the trades carries out."""
        return [self.admit, self.preflight, self.settle, self.alert]

    @property
    def lasting(self) -> Sequence[Callable[..., Any]]:
        """What waits at the edge."""
        return [self.arm, self.guard, self.walk]

    @property
    def short(self) -> Sequence[Callable[..., Any]]:
        """What the edge answers at once."""
        return [
            self.prospect,
            self.amend_arm,
            self.amend_guard,
            self.release,
            self.split_off,
            self.cancel,
            self.declare_absent,
        ]


@dataclass
class House:
    """A server, its workers, and the script behind them."""

    env: WorkflowEnvironment
    client: Client
    script: Script

    async def start(self, order: TradeOrder) -> WorkflowHandle[Trade, Settlement]:
        """A trade begins."""
        return await self.client.start_workflow(
            Trade.run, order, id=order.workflow_id, task_queue=calls.TRADES_QUEUE
        )

    async def settlement(self, order: TradeOrder) -> Settlement:
        """A trade from its start to its end."""
        return await (await self.start(order)).result()


@asynccontextmanager
async def house(script: Script, *, edge_is_up: bool = True) -> AsyncIterator[House]:
    """Open one; nothing of it is left behind."""
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(
            await WorkflowEnvironment.start_time_skipping(
                test_server_existing_path=str(TEST_SERVER), data_converter=VALUES
            )
        )
        await _register(env.client)
        doors = Doors(script)
        await stack.enter_async_context(
            Worker(
                env.client,
                task_queue=calls.TRADES_QUEUE,
                workflows=[Trade, Exit, DryRun],
                workflow_runner=UnsandboxedWorkflowRunner(),
                activities=doors.of_the_engine,
            )
        )
        if edge_is_up:
            await stack.enter_async_context(edge(env.client, doors))
        yield House(env, env.client, script)


@asynccontextmanager
async def edge(client: Client, doors: Doors) -> AsyncIterator[None]:
    """The workers of the edge's two queues."""
    async with (
        Worker(client, task_queue=calls.Door.ARMS.queue(ACCOUNT), activities=doors.lasting),
        Worker(client, task_queue=calls.Door.OPS.queue(ACCOUNT), activities=doors.short),
    ):
        yield


async def _register(client: Client) -> None:
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={
                attributes.STATE: keyword,
                attributes.OPEN_QUANTITY: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
            },
        )
    )


def tell(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story to its end; a hang is a failure."""
    asyncio.run(asyncio.wait_for(story(), 60))
