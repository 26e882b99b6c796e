"""Answers of what lasts, until the engine is known to have them.

A report may get lost on its way. The engine would find that out when the heartbeat has stayed away
for as long as it may, and until then nobody goes on with what was told: up to a minute in which a
target is not taken, or nothing guards what was filled. So a moment after each answer its attempt is
failed. Nearly always it has ended by then, and nothing happens; where it has not, the next attempt
answers again, because whatever lasts here is begun only once.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import activity
from temporalio.client import AsyncActivityHandle, Client
from temporalio.exceptions import ApplicationError

from activities.ports import EngineSilentError, UnknownWorkflowError
from activities.silence import asking

Answers = Callable[[], None]
"""Told that the activity that runs is about to answer."""

ANSWER_LOST = "AnswerLost"
ARRIVES_WITHIN_SECONDS = 2.0
ANSWER_WITHIN = timedelta(seconds=2)

TRIES_MAX = 30
"""After so many the heartbeat has stayed away for too long anyway."""


class Arrivals:
    """Looks after the answers of one worker."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._looks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def answers(self) -> None:
        """The activity that runs is about to answer."""
        info = activity.info()
        name = (info.workflow_run_id or "", info.activity_id)
        if name not in self._looks:
            handle = self._client.get_async_activity_handle(
                workflow_id=info.workflow_id or "", run_id=name[0], activity_id=name[1]
            )
            self._looks[name] = asyncio.create_task(self._look(name, handle))

    async def close(self) -> None:
        """Look no more."""
        looks = tuple(self._looks.values())
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, name: tuple[str, str], handle: AsyncActivityHandle) -> None:
        try:
            for _ in range(TRIES_MAX):
                await asyncio.sleep(ARRIVES_WITHIN_SECONDS)
                if await self._has_ended(handle):
                    return
        finally:
            del self._looks[name]

    async def _has_ended(self, handle: AsyncActivityHandle) -> bool:
        """Whether its attempt is over, by itself or because it was failed; False: nobody knows."""
        try:
            async with asking(self._client, "whether an answer has arrived", ANSWER_WITHIN):
                await handle.fail(ApplicationError("its answer got lost", type=ANSWER_LOST))
        except UnknownWorkflowError:
            return True
        except EngineSilentError:
            return False
        activity.logger.warning("an answer got lost, and is given again")
        return True
