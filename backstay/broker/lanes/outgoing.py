"""The lanes in front of the wire.

Whatever is accepted either leaves or is told that it is lost, once. A departure is called in the
turn in which its frames leave, and one at a time: what is sent from within a departure leaves after
it, so that ids reach the wire in the order in which they are taken. A departure that fails has sent
nothing; that is told, and it is lost.
"""

import asyncio
from collections.abc import Callable, Sequence

from backstay.broker.doors.wire import Departure, EdgeError, Lanes, Lost, Now
from backstay.broker.lanes.turns import PROOF, Turns, Waiting
from backstay.broker.notices import Notice, Tell, evidence_of
from backstay.domain.ids import Lane
from backstay.domain.incidents.kinds import IncidentKind

NO_LINE = "there is no line to the broker"


Write = Callable[[bytes], None]
"""Puts whole frames on the wire now."""


class OutgoingLanes(Lanes):
    """The only way to the wire: for one line after the other."""

    def __init__(self, tell: Tell, now: Now) -> None:
        self._tell = tell
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._turns = Turns()
        self._write: Write | None = None
        self._why_none = NO_LINE
        self._is_leaving = False
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return self._turns.messages

    def attach(self, write: Write) -> None:
        """A line has shaken hands: what comes from now on leaves on it, and nothing is held."""
        if self._write is not None:
            raise ValueError("the lanes lead to a line; detach them first")
        self._write = write
        self._turns.is_held = False

    def detach(self, reason: str) -> None:
        """The line is gone: all who wait are lost, and so is who comes before the next line."""
        self._write, self._why_none = None, reason
        self._rest()
        for waiting in self._turns.clear():
            self._lose(waiting, reason)

    def hold(self) -> None:
        """Let nothing leave but proofs, until `go_on`."""
        self._turns.is_held = True

    def go_on(self) -> None:
        """The session is proven: let everything leave again."""
        self._turns.is_held = False
        self._go()

    def send(
        self, lane: Lane, departure: Departure, lost: Lost, messages: int = 1, symbol: str = ""
    ) -> bool:
        """Have it leave as soon as its lane allows; whether its turn has come and gone already."""
        return self._send(Waiting(lane, departure, lost, messages, symbol))

    def probe(self, departure: Departure, lost: Lost) -> bool:
        """Have one message leave before all lanes, also while they are held: it proves that the
        session lives.
        """
        return self._send(Waiting(PROOF, departure, lost))

    def _send(self, waiting: Waiting) -> bool:
        turns = self._turns
        turns.check(waiting.rank, waiting.messages)
        if self._write is None:
            self._lose(waiting, self._why_none)
            return False
        if not self._is_leaving and turns.may_leave(waiting, self._loop.time()):
            waited = turns.count
            has_left = self._leave(waiting)
            if turns.count != waited:
                self._go()
            return has_left
        turns.add(waiting)
        if not self._is_leaving:
            self._go()
        return False

    def _go(self) -> None:
        """Let leave whoever may, and wake up when the next may."""
        if self._is_leaving:
            return
        while self._write is not None:
            following = self._turns.next(self._loop.time())
            if isinstance(following, Waiting):
                self._leave(following)
                continue
            self._wake_at(following)
            return

    def _leave(self, waiting: Waiting) -> bool:
        self._is_leaving = True
        try:
            return self._put(waiting, waiting.departure())
        except Exception as fault:  # noqa: BLE001 - whoever comes after it leaves all the same
            self._tell_fault(fault)
            self._lose(waiting, "it failed as it was about to leave")
            return False
        finally:
            self._is_leaving = False

    def _put(self, waiting: Waiting, frames: Sequence[bytes]) -> bool:
        if len(frames) > waiting.messages:
            raise ValueError(f"{len(frames)} messages want to leave as {waiting.messages}")
        if not frames:
            return True
        if self._write is None:
            self._lose(waiting, self._why_none)
            return False
        try:
            self._write(b"".join(frames))
        except EdgeError as ended:
            # The line has ended, and whoever is to detach it does not know yet.
            self._lose(waiting, str(ended))
            return False
        self._turns.left(waiting, len(frames), self._loop.time())
        return True

    def _lose(self, waiting: Waiting, reason: str) -> None:
        try:
            waiting.lost(reason)
        except Exception as fault:  # noqa: BLE001 - the others have to be told, too
            self._tell_fault(fault)

    def _tell_fault(self, fault: Exception) -> None:
        self._tell(Notice(IncidentKind.TASK_FAILED, "the lanes", evidence_of(fault), self._now()))

    def _wake_at(self, at: float | None) -> None:
        self._rest()
        if at is not None:
            self._alarm = self._loop.call_at(at, self._go)

    def _rest(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
