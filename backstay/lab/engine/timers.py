"""Timers of workflows: started, called off, come up."""

from collections.abc import Callable
from functools import partial

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import (
    TimerCanceledEventAttributes,
    TimerFiredEventAttributes,
    TimerStartedEventAttributes,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.events import Histories
from backstay.lab.engine.runs import Run, Step, Timer, seconds_of

FIRED = EventType.EVENT_TYPE_TIMER_FIRED


class Timers:
    """All that run."""

    def __init__(self, histories: Histories, alarms: Alarms, wants: Callable[[Run], None]) -> None:
        self._histories = histories
        self._alarms = alarms
        self._wants = wants

    def start(self, run: Run, command: WorkflowCommand, completed_id: int) -> None:
        """Have one come up."""
        given = command.start_timer
        name = str(given.seq)
        event = self._histories.write(
            run,
            EventType.EVENT_TYPE_TIMER_STARTED,
            timer_started_event_attributes=TimerStartedEventAttributes(
                timer_id=name,
                start_to_fire_timeout=given.start_to_fire_timeout,
                workflow_task_completed_event_id=completed_id,
            ),
            user_metadata=command.user_metadata if command.HasField("user_metadata") else None,
            event_group_markers=command.event_group_markers,
        )
        timer = run.timers[name] = Timer(event.event_id)
        up = partial(self._up, run, name)
        timer.alarm = self._alarms.after(seconds_of(given.start_to_fire_timeout), up)

    def cancel(self, run: Run, command: WorkflowCommand, completed_id: int, step: Step) -> None:
        """Call one off; that it has come up meanwhile is as if it had not."""
        name = str(command.cancel_timer.seq)
        timer = run.timers.pop(name, None)
        if timer is None:
            started_id = self._unheard(run, name)
            if not started_id:
                return
        else:
            self._alarms.call_off(timer.alarm)
            started_id = timer.started_id
        self._histories.write(
            run,
            EventType.EVENT_TYPE_TIMER_CANCELED,
            timer_canceled_event_attributes=TimerCanceledEventAttributes(
                timer_id=name,
                started_event_id=started_id,
                workflow_task_completed_event_id=completed_id,
                identity=step.identity,
            ),
            event_group_markers=command.event_group_markers,
        )

    def forget(self, run: Run) -> None:
        """Their run is over."""
        for timer in run.timers.values():
            self._alarms.call_off(timer.alarm)
        run.timers.clear()

    def _up(self, run: Run, name: str) -> None:
        timer = run.timers.pop(name)
        self._histories.happens(
            run,
            FIRED,
            timer_fired_event_attributes=TimerFiredEventAttributes(
                timer_id=name, started_event_id=timer.started_id
            ),
        )
        self._wants(run)

    def _unheard(self, run: Run, name: str) -> int:
        """Take back that it has come up; which event had started it, if that was so."""
        for event in run.buffered:
            fired = event.timer_fired_event_attributes
            if event.event_type == FIRED and fired.timer_id == name:
                run.buffered.remove(event)
                return fired.started_event_id
        return 0
