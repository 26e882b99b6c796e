"""Signs of life on one connection, and how their absence is noticed.

A socket that nothing flows through any more still says that it is open. So the broker's time is
asked regularly, and a connection on which nothing at all is heard after that is silent. It is asked
sooner where the answer tells more of the broker's clock: nobody else asks for it. After a stall of
ours more is asked for: only the answer to a question that was asked after it proves that
the session is still ours, because whatever else is heard then may have lain there all the while.
"""

import asyncio
from collections.abc import Callable

from backstay.broker.doors.wire import Asks, EdgeError, Line
from backstay.broker.session.needs import Timing

EVERY_SECONDS = 5.0
SILENT_SECONDS = 4.0
"""How long nothing is heard after a question; with the pause before it, less than 10 seconds."""

PROOF_SECONDS = 2.0


class Pulse:
    """Asks for signs of life while its `run` runs."""

    def __init__(
        self,
        line: Line,
        asks: Asks,
        time: Timing,
        proven: Callable[[], None],
    ) -> None:
        self._line = line
        self._asks = asks
        self._time = time
        self._proven = proven
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._asked_at: float | None = None
        self._doubted_at: float | None = None

    def doubt(self) -> None:
        """From now on only the answer to a later question proves anything; ask it at once."""
        self._doubted_at = self._loop.time()
        self._wake.set()

    def silence(self, at: float) -> str | None:
        """Why the connection is to be given up, or None."""
        if self._doubted_at is not None and at - self._doubted_at > PROOF_SECONDS:
            return f"no answer within {PROOF_SECONDS:g} s after we stood still"
        asked_at = self._asked_at
        is_unheard = asked_at is not None and self._line.heard_at <= asked_at
        if asked_at is not None and is_unheard and at - asked_at > SILENT_SECONDS:
            return f"nothing was heard for {at - self._line.heard_at:.0f} s"
        return None

    async def run(self) -> None:
        """Ask again and again; what was not answered is asked no sooner than usual."""
        seconds = self._until_next()
        while True:
            await self._pause(seconds)
            seconds = self._until_next() if await self._ask() else EVERY_SECONDS

    def _until_next(self) -> float:
        return min(self._time.next_probe_in(), EVERY_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _ask(self) -> bool:
        """Whether it was answered."""
        at = self._loop.time()
        if self._asked_at is None or self._line.heard_at > self._asked_at:
            self._asked_at = at
        try:
            await self._time.ask(self._asks.current_time)
        except EdgeError:
            return False
        self._asked_at = None
        if self._doubted_at is not None and at >= self._doubted_at:
            self._doubted_at = None
            self._proven()
        return True
