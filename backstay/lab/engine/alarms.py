"""What the engine has to do later: timers of workflows, timeouts, and what follows an event.

All of it lasts: what comes up while the engine is away is done when it is back.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context

Act = Callable[[], None]

FARTHEST_SECONDS = 40 * 86_400.0
"""No run lasts longer; what is due later never comes up."""


class Alarm:
    """Something that is due."""

    __slots__ = ("act", "due", "handle", "is_timer", "number")

    def __init__(self, number: int, due: float, act: Act, *, is_timer: bool) -> None:
        self.number = number
        self.due = due
        self.act = act
        self.is_timer = is_timer
        self.handle: asyncio.TimerHandle | None = None


class Alarms:
    """Everything that is due, on the clock of the loop. `context` is the engine's own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._count = 0
        self._set: dict[int, Alarm] = {}
        self._is_away = False
        self.late_by: Callable[[], float] | None = None
        """How much later a timer comes up than it should."""

    @property
    def now(self) -> float:
        """The loop's time."""
        return self._loop.time()

    def after(self, seconds: float, act: Act) -> Alarm:
        """Have it done once that time is over."""
        return self._add(seconds, act, is_timer=True)

    def next(self, act: Act) -> Alarm:
        """Have it done next."""
        return self._add(0.0, act, is_timer=False)

    def call_off(self, alarm: Alarm | None) -> None:
        """Leave it."""
        if alarm is not None and self._set.pop(alarm.number, None) is not None:
            self._unhook(alarm)

    def leave(self) -> None:
        """Nothing comes up any more."""
        self._is_away = True
        for alarm in self._set.values():
            self._unhook(alarm)

    def come_back(self) -> None:
        """Go on; what was due meanwhile comes up now, in its order."""
        self._is_away = False
        for alarm in self._set.values():
            self._hook(alarm)

    def _add(self, seconds: float, act: Act, *, is_timer: bool) -> Alarm:
        self._count += 1
        alarm = Alarm(self._count, self.now + seconds, act, is_timer=is_timer)
        if seconds < FARTHEST_SECONDS:
            self._set[alarm.number] = alarm
            if not self._is_away:
                self._hook(alarm)
        return alarm

    def _hook(self, alarm: Alarm) -> None:
        alarm.handle = self._loop.call_at(alarm.due, self._up, alarm, context=self._context)

    def _unhook(self, alarm: Alarm) -> None:
        if alarm.handle is not None:
            alarm.handle.cancel()
            alarm.handle = None

    def _up(self, alarm: Alarm) -> None:
        if alarm.is_timer and self.late_by is not None:
            late = self.late_by()
            if late > 0.0:
                alarm.is_timer = False
                alarm.due = self.now + late
                self._hook(alarm)
                return
        del self._set[alarm.number]
        alarm.handle = None
        alarm.act()
