"""Whether the event loop still turns.

Whatever a process does, it does in the turns of one loop; while one of them lasts, no tick is
looked at. How late a beat comes is how long the loop stood still. Each stall is told once it is
over; while it lasts, the health page does not answer, which is what a supervisor goes by.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind

BEAT_SECONDS = 0.1
STALL_SECONDS = 0.5
QUIET_SECONDS = 60.0
"""After one that was told, shorter ones are only counted for so long."""


class Watchdog:
    """Measures the loop that it runs in."""

    def __init__(
        self, now: Callable[[], datetime], tell: Tell, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        self._now = now
        self._tell = tell
        self._told_at: float | None = None
        self._told_seconds = 0.0
        self.stalls = 0
        self.worst_seconds = 0.0
        self.last_seconds = 0.0
        self._beat_seconds = beat_seconds

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._beat_seconds
            await asyncio.sleep(self._beat_seconds)
            self.late(max(loop.time() - due, 0.0), loop.time())

    def late(self, seconds: float, at: float) -> None:
        """A beat has come so late, at this time on the loop's clock."""
        self.last_seconds = seconds
        self.worst_seconds = max(self.worst_seconds, seconds)
        if seconds < STALL_SECONDS:
            return
        self.stalls += 1
        is_quiet = self._told_at is not None and at - self._told_at < QUIET_SECONDS
        if is_quiet and seconds <= self._told_seconds:
            return
        self._told_at, self._told_seconds = at, seconds
        text = f"the event loop has stood still for {seconds:.1f} s"
        self._tell(Notice(IncidentKind.TASK_SILENT, "event loop", text, self._now()))
