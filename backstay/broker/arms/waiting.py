"""What an entry waits for: its trigger, or nothing but a good price to trade at.

Owns the watch and how far it has come. It decides nothing: whoever waits is told.
"""

from collections.abc import Callable

from backstay.broker.doors.market import ArmedWatch, Attendance, Rebased, Triggered, Watch
from backstay.domain.edge.arms import Arm
from backstay.domain.ticks.triggers import (
    Fired,
    Missed,
    Trigger,
    TriggerDecision,
    TriggerState,
)


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
        self._trigger = arm.trigger
        self._is_fired_by_hand = False
        self._has_ended = False
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

    @property
    def is_for_price(self) -> bool:
        """Whether nothing but a good price is waited for: no trigger, or one that has fired."""
        has_fired = self._is_fired_by_hand or isinstance(self.state, Fired)
        return self._trigger is None or has_fired

    @property
    def is_missed(self) -> bool:
        """Whether the price was found beyond the trigger, and nobody had seen it cross."""
        return isinstance(self.state, Missed) and not self.is_for_price

    def begin(self) -> bool:
        """Wait for the trigger, from where an earlier watch of it had come, or for a good price,
        again if it has come before; whether there is a line to watch it on.
        """
        if self._trigger is not None and not self.is_for_price:
            return self._for_trigger(self._trigger)
        if self._attendance is not None:
            self._attendance.again()
            return True
        self.listen()
        self.no_longer()
        return self._has_ended or self._attendance is not None

    def for_another(self, trigger: Trigger) -> None:
        """The wait is for this trigger instead, anew."""
        self._trigger, self._watched = trigger, None
        if self._watch is not None:
            self._watch.retrigger(trigger)

    def fired_by_hand(self) -> None:
        """Somebody does not wait for the trigger."""
        self._is_fired_by_hand = True

    def listen(self) -> None:
        """Have the prices heard for as long as the entry works: each change of it is judged by
        them.
        """
        if self._attendance is None:
            self._attendance = self._doors.attend(
                self._key, self._entry.instrument, self._entry.side, self._quoted
            )
        if self._has_ended:
            # What was told in that turn has ended the wait.
            self.end()

    def no_longer(self) -> None:
        """The trigger is watched no longer."""
        if self._watch is not None:
            self._watched = self._watch.state
            self._watch.end()
            self._watch = None

    def end(self) -> None:
        """Hear nothing more."""
        self._has_ended = True
        self.no_longer()
        if self._attendance is not None:
            self._attendance.end()
            self._attendance = None

    def _for_trigger(self, trigger: Trigger) -> bool:
        if self._watch is None:
            self._watch = self._doors.arm(
                self._key, self._entry.instrument, trigger, self._watched, self._heard, self._moved
            )
        return self._watch is not None

    def _heard(self, decision: TriggerDecision, state: TriggerState) -> None:
        self._watched = state
        self._triggered(decision, state)

    def _moved(self, state: TriggerState) -> None:
        self._watched = state
        self._rebased(state)
