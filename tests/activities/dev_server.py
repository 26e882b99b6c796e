"""One development server for all tests of a module, and a trade that only listens."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.attributes import register_attributes
from activities.calls import TRADES_QUEUE
from activities.converting import VALUES
from backstay.domain.trade.order import TradeOrder

SERVER = Path(sys.executable).with_name("temporal")


@workflow.defn(name="Trade")
class ListeningTrade:
    """It remembers every kill that it is told of, and ends when asked to."""

    def __init__(self) -> None:
        self.kills: list[list[object]] = []
        self.is_over = False

    @workflow.run
    async def run(self, order: TradeOrder) -> str:
        """Wait until somebody ends it."""
        await workflow.wait_condition(lambda: self.is_over)
        return order.plan.id

    @workflow.signal(name="kill")
    def kill(self, epoch: int, mode: str) -> None:
        """Remember it."""
        self.kills.append([epoch, mode])

    @workflow.update(name="close")
    def close(self, why: str) -> str:
        """End, with a reason."""
        if not why:
            raise ApplicationError("without a reason nothing is closed")
        self.is_over = True
        return f"closed: {why}"

    @workflow.query(name="kills")
    def told(self) -> list[list[object]]:
        """The kills so far."""
        return self.kills


@asynccontextmanager
async def serving() -> AsyncIterator[Client]:
    """A client of a server that knows our attributes; no worker runs."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(SERVER), data_converter=VALUES
    ) as environment:
        await register_attributes(environment.client)
        await register_attributes(environment.client)
        yield environment.client


def working(client: Client) -> Worker:
    """A worker with the listening trade."""
    return Worker(
        client,
        task_queue=TRADES_QUEUE,
        workflows=[ListeningTrade],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
