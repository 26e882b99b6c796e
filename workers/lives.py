"""When the worker of an edge takes calls: while the session is its own, and not a moment before.

First the session, completely read; then what a dead predecessor holds is failed; then calls are
taken. Each time the session has been somebody else's in between, all of this begins anew under
another identity: what was held before belongs to nobody. A connection that merely broke ends
nothing, for nobody else can have sent anything; who stands by takes no calls at all.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from temporalio.client import Client
from temporalio.service import RPCError

from backstay.domain.edge.session import EdgeHealth, SessionState
from workers.labour import Polling
from workers.polling import poll
from workers.predecessor import Identity, fail_former_attempts, former_may_poll

AGAIN_SECONDS = 0.5
LATE_LOOKS_SECONDS = 6.0
"""How long to look for attempts of workflows that the engine had not listed yet."""

RIVAL_SECONDS = 2.0
"""How often to look for what was given to a former life meanwhile; what it holds has its stop."""

SHARE_OF_LOOKING = 0.2
"""Of its time at most, for there may be thousands of workflows to look at."""

_LOG = logging.getLogger("backstay.worker")


class HeldSession(Protocol):
    """What of the edge this needs."""

    async def synced(self) -> None:
        """Wait until a session has been synced completely."""

    async def until_taken(self) -> None:
        """Wait until the session is somebody else's."""

    def health(self) -> EdgeHealth:
        """How all of it stands."""


class Lives:
    """The worker's lives, one after the other. `workers` makes those of one life."""

    def __init__(
        self,
        client: Client,
        edge: HeldSession,
        identity: Identity,
        workers: Callable[[Identity], Sequence[Polling]],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._edge = edge
        self._identity = identity
        self._workers = workers
        self._now = now
        self.is_polling = False

    async def run(self) -> None:
        """Live until cancelled."""
        count = 0
        while True:
            await self._edge.synced()
            count += 1
            identity = replace(self._identity, life=f"{self._identity.life}.{count}")
            if await self._inherit(identity):
                _LOG.info("%s takes calls", identity)
                await self._poll(identity)
                _LOG.warning("%s takes no more calls: the session is somebody else's", identity)

    async def _inherit(self, identity: Identity) -> bool:
        """Fail what former lives hold; False if the session is lost over it."""
        while not self._is_taken():
            try:
                failed = await fail_former_attempts(self._client, identity)
            except RPCError as error:
                _LOG.error("what former lives hold can't be asked for: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                if failed:
                    _LOG.warning("%s goes on with %d calls of a former life", identity, failed)
                return True
        return False

    async def _poll(self, identity: Identity) -> None:
        late = asyncio.create_task(self._look_again(identity))
        self.is_polling = True
        try:
            await poll(self._workers(identity), self._edge.until_taken())
        finally:
            self.is_polling = False
            late.cancel()

    async def _look_again(self, identity: Identity) -> None:
        """For a while, and for as long as a former life could still be given calls."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            is_late = loop.time() - begun < LATE_LOOKS_SECONDS
            if not is_late and not await self._has_rival(identity):
                return
            before = loop.time()
            if not await self._inherit(identity):
                return
            taken = loop.time() - before
            pause = AGAIN_SECONDS if is_late else RIVAL_SECONDS
            await asyncio.sleep(max(pause, taken / SHARE_OF_LOOKING))

    async def _has_rival(self, identity: Identity) -> bool:
        try:
            return await former_may_poll(self._client, identity, self._now())
        except RPCError as error:
            _LOG.error("who else is given calls can't be asked for: %s", error)
            return True

    def _is_taken(self) -> bool:
        return self._edge.health().session.state is SessionState.STANDBY
