"""Whether anybody carries out what the trades of an account ask of its edge.

What lasts waits in its queue without a bound, so nothing times out while nobody is there: somebody
has to look. A worker gives the engine a sign of life every other second, and it is looked whether
these signs go on. The queue itself knows less: its figures are seconds old and stay after it is
served, it lists a poller for minutes after its death, and a call that a dead worker had begun does
not wait in it at all. Signs are only compared with each other, so no two clocks have to agree.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from temporalio.api.workflowservice.v1 import ListWorkersRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.attributes import ACCOUNT
from activities.calls import Door
from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind

SIGN_EVERY = timedelta(seconds=2)
LOOK_SECONDS = 2.0
UNATTENDED_SECONDS = 10.0
ANSWER_WITHIN = timedelta(seconds=2)

_LOG = logging.getLogger("backstay.worker")


class RollCall(Protocol):
    """What of the engine this needs."""

    async def signs(self, queue: str) -> frozenset[tuple[str, datetime]]:
        """The last sign of life of everybody who has served a queue."""

    async def has_trades(self, account: str) -> bool:
        """Whether trades of this account are under way."""


@dataclass(frozen=True, slots=True)
class EngineRollCall:
    """Asks through the engine's client."""

    client: Client

    async def signs(self, queue: str) -> frozenset[tuple[str, datetime]]:
        """The last sign of life of everybody who has served a queue."""
        answer = await self.client.workflow_service.list_workers(
            ListWorkersRequest(namespace=self.client.namespace, query=f'TaskQueue="{queue}"'),
            timeout=ANSWER_WITHIN,
        )
        return frozenset(
            (sign.worker_instance_key, sign.heartbeat_time.ToDatetime(tzinfo=UTC))
            for sign in (info.worker_heartbeat for info in answer.workers_info)
        )

    async def has_trades(self, account: str) -> bool:
        """Whether trades of this account are under way."""
        query = f'ExecutionStatus = "Running" AND {ACCOUNT.name} = "{account}"'
        found = await self.client.count_workflows(query, rpc_timeout=ANSWER_WITHIN)
        return found.count > 0


class Attendance:
    """Watches whether an account's edge is served."""

    def __init__(
        self,
        roll_call: RollCall,
        account: str,
        now: Callable[[], datetime],
        tell: Tell,
        every_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._roll_call = roll_call
        self._account = account
        self._queue = Door.ARMS.queue(account)
        self._now = now
        self._tell = tell
        self._every_seconds = every_seconds
        self._signs: frozenset[tuple[str, datetime]] | None = None
        self._attended_at: float | None = None
        self._complaint = ""
        self.trouble = ""
        """That trades are under way and nobody serves their edge, or nothing."""

    async def run(self, sign: Callable[[], None]) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            sign()
            await self.look(loop.time())
            await asyncio.sleep(self._every_seconds)

    async def look(self, at: float) -> None:
        """Look once, at this time on the loop's clock."""
        try:
            signs = await self._roll_call.signs(self._queue)
            has_trades = await self._roll_call.has_trades(self._account)
        except RPCError as error:
            self._can_not_see(str(error))
            return
        self._complaint = ""
        # What was there before the first look may be the last of somebody who is dead by now.
        is_attended = self._signs is not None and bool(signs - self._signs)
        self._signs = signs
        if is_attended or self._attended_at is None:
            self._attended_at = at
        if is_attended and self.trouble:
            self.trouble = ""
            _LOG.warning("%s is served again", self._queue)
        elif not has_trades:
            self.trouble = ""
        elif at - self._attended_at >= UNATTENDED_SECONDS and not self.trouble:
            self._complain()

    def _complain(self) -> None:
        self.trouble = f"nobody serves {self._queue}: is a broker worker running, with its session?"
        self._tell(Notice(IncidentKind.TASK_SILENT, self._queue, self.trouble, self._now()))

    def _can_not_see(self, why: str) -> None:
        """Whoever is not seen has given no cause for complaint."""
        self._attended_at = None
        if why != self._complaint:
            self._complaint = why
            _LOG.error("who serves %s can't be asked for: %s", self._queue, why)
