"""Waiting for news of an order.

Whoever waits looks for itself whether the news is what it waits for; nothing is told twice, and
nothing that was heard before one began to wait is told at all: look first.
"""

import asyncio

from backstay.domain.ids import IntentKey


class Wakes:
    """Who waits, by key."""

    def __init__(self) -> None:
        self._waiting: dict[IntentKey, list[asyncio.Future[None]]] = {}

    def wake(self, key: IntentKey) -> None:
        """There is news of this order."""
        for waiting in self._waiting.pop(key, ()):
            if not waiting.done():
                waiting.set_result(None)

    def wake_all(self) -> None:
        """There is news of every order: the session has changed."""
        for key in tuple(self._waiting):
            self.wake(key)

    async def news(self, key: IntentKey, until: float | None = None) -> bool:
        """Wait for the next news of it, to a time of the loop's clock; whether there was any."""
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        self._waiting.setdefault(key, []).append(waiting)
        try:
            async with asyncio.timeout_at(until):
                await waiting
        except TimeoutError:
            return False
        finally:
            self._forget(key, waiting)
        return True

    def _forget(self, key: IntentKey, waiting: asyncio.Future[None]) -> None:
        others = [other for other in self._waiting.get(key, ()) if other is not waiting]
        if others:
            self._waiting[key] = others
        else:
            self._waiting.pop(key, None)
