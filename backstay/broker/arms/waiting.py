"""What an entry waits for: its trigger, or nothing but a good price to trade at.

Owns the watch and how far it has come. It decides nothing: whoever waits is told.
"""

from collections.abc import Callable

from backstay.broker.doors.market import ArmedWatch, Attendance, Rebased, Triggered, Watch
from backstay.domain.edge.arms import Arm
from backstay.domain.ticks.triggers import Trigger, TriggerDecision, TriggerState


class Wait:
    """The wait of one arm."""

    def __init__(
        self,
        arm: Arm,
        watch: Watch,
        triggered: Triggered,
        rebased: Rebased,
        quoted: Callable[[], None],
    ) -> None:
        self._key = arm.key
        self._entry = arm.entry.intent
        self._doors = watch
        self._triggered = triggered
        self._rebased = rebased
        self._quoted = quoted
        self._watch: ArmedWatch | None = None
        self._watched: TriggerState | None = arm.watch
        self._attendance: Attendance | None = None

    @property
    def state(self) -> TriggerState | None:
        """How far the trigger has come."""
        return self._watch.state if self._watch is not None else self._watched

    def for_trigger(self, trigger: Trigger) -> bool:
        """Wait for a trigger, from where an earlier watch of it had come; whether there is a line
        to watch it on.
        """
        self._watch = self._doors.arm(
            self._key, self._entry.instrument, trigger, self._watched, self._heard, self._moved
        )
        return self._watch is not None

    def for_another(self, trigger: Trigger) -> bool:
        """Wait for this trigger instead, anew."""
        self._watched = None
        if self._watch is None:
            return self.for_trigger(trigger)
        self._watch.retrigger(trigger)
        return True

    def for_price(self) -> bool:
        """Wait for a good price, again if it has come before; whether there is a line."""
        if self._attendance is not None:
            self._attendance.again()
            return True
        self.no_longer()
        self.listen()
        return self._attendance is not None

    def listen(self) -> None:
        """Have the prices heard for as long as the entry works: each change of it is judged by
        them.
        """
        if self._attendance is None:
            self._attendance = self._doors.attend(
                self._key, self._entry.instrument, self._entry.side, self._quoted
            )

    def no_longer(self) -> None:
        """The trigger is watched no longer."""
        if self._watch is not None:
            self._watched = self._watch.state
            self._watch.end()
            self._watch = None

    def end(self) -> None:
        """Hear nothing more."""
        self.no_longer()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

    def _heard(self, decision: TriggerDecision, state: TriggerState) -> None:
        self._watched = state
        self._triggered(decision, state)

    def _moved(self, state: TriggerState) -> None:
        self._watched = state
        self._rebased(state)
