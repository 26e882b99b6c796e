"""Whether the session is still the one in which something was asked for.

An edge that has lost its client id to another edge (326) may get it back much later. What was
asked of it before is by then the affair of the other edge, which has perhaps answered already that
nothing of it was ever sent. So it is not carried out any more; whoever still wants it asks again.
"""

import asyncio
from collections.abc import Callable

from backstay.broker.doors.wire import EdgeError
from backstay.domain.edge.session import SessionReport, SessionState


class SessionTakenError(EdgeError):
    """Another edge has had the session since this was asked for; ask again if it is wanted."""


class Tenure:
    """Counts how often somebody else has had the session after us. `synced` is set as long as it is
    ours and completely read.
    """

    def __init__(self, synced: asyncio.Event) -> None:
        self._synced = synced
        self._has_been_ready = False
        self._is_taken = False
        self._taken = 0
        self._away = asyncio.Event()

    def ends(self, report: SessionReport) -> bool:
        """Take a change of the session in; whether it has just gone to somebody else."""
        _have(self._synced, report.state is SessionState.READY)
        was_taken, self._is_taken = self._is_taken, report.state is SessionState.STANDBY
        _have(self._away, self._is_taken)
        self._has_been_ready |= report.state is SessionState.READY
        if was_taken or not self._is_taken or not self._has_been_ready:
            return False
        self._taken += 1
        return True

    async def wait(self) -> None:
        """Wait for a session; SessionTakenError if another edge has had one meanwhile."""
        taken = self._taken
        await self._synced.wait()
        if taken != self._taken:
            raise SessionTakenError("another edge has had the session since this was asked for")

    async def until_taken(self) -> None:
        """Wait until somebody else has the session."""
        await self._away.wait()


def when_ready(told: Callable[[], None]) -> Callable[[SessionReport], None]:
    """Somebody who is told only of a session that has synced completely."""
    return lambda report: told() if report.state is SessionState.READY else None


def _have(event: asyncio.Event, it: bool) -> None:
    if it:
        event.set()
    else:
        event.clear()
