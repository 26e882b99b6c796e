"""Entries that live although trading is stopped, and that nobody has armed here.

Owns what a process finds that begins after a kill, or hears of before its session is ready. The
engine arms nothing before then, and may be away; a kill waits for neither. So an order that a kill
forbids is cancelled as soon as the broker shows it, and again until it is over, unless its arm
answers for it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from backstay.broker.arms.pursuit import CANCEL_AGAIN_AFTER
from backstay.broker.errands import Alarm
from backstay.broker.rooms import Rooms
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.view import OrderView

LOOK_AGAIN_AFTER = timedelta(seconds=1)


class Stopped:
    """What lives at the broker of our entries, and the kill in force."""

    def __init__(self, rooms: Rooms, is_armed: Callable[[IntentKey], bool]) -> None:
        """`is_armed` says whether an arm answers for an order."""
        self._rooms = rooms
        self._is_armed = is_armed
        self._kill = KillState()
        self._living: dict[IntentKey, datetime | None] = {}
        """Each with when its cancel has left."""
        self._again = Alarm(rooms.now, self._look)

    def killed(self, kill: KillState) -> None:
        """Trading is stopped, or goes on."""
        self._kill = kill
        self._look()

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of one of our orders."""
        if key.purpose.effect is Effect.REDUCES:
            return
        if view.is_terminal and not view.is_doubtful:
            self._living.pop(key, None)
            return
        self._living.setdefault(key, None)
        self._look()

    def close(self) -> None:
        """Look no more."""
        self._again.clear()

    def _look(self) -> None:
        """Cancel what must not live, and look again while there is any."""
        self._again.clear()
        if self._kill.mode is None:
            return
        ended = [
            key
            for key in sorted(self._living)
            if self._kill.ends(key.purpose.effect) and not self._is_armed(key)
        ]
        for key in ended:
            self._cancel(key)
        if ended:
            self._again.set(self._rooms.now() + LOOK_AGAIN_AFTER)

    def _cancel(self, key: IntentKey) -> None:
        """Where no cancel can leave, it is tried again as soon as anything is heard."""
        now, asked_at = self._rooms.now(), self._living[key]
        is_due = asked_at is None or now >= asked_at + CANCEL_AGAIN_AFTER
        if is_due and self._rooms.desk.cancel_now(key):
            self._living[key] = now
