"""Every real history is taken again, step by step, and comes out as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from backstay.lab import virtual_time
from backstay.lab.engine.steps import Run
from backstay.lab.engine.tasks import StepTaken, WorkflowTask
from tests.durable.histories import load
from tests.lab.engine.told import (
    START_NS,
    a_run,
    a_task,
    content,
    each_history,
    longest,
    questions_to,
    steps_of,
    wish,
)

Story = Callable[[WorkflowHistory], None]


def under_the_loop(story: Story, path: Path) -> None:
    """A workflow is created where a loop runs."""

    async def main() -> None:
        story(load(path))

    virtual_time.run(main(), start_ns=START_NS)


def taken(run: Run, task: WorkflowTask) -> StepTaken:
    """A step that goes well."""
    assert run.fits(task.history)
    step = run.take(task)
    assert run.fault is None
    return step


def wishes(step: StepTaken) -> list[object]:
    assert step.completion is not None
    return [wish(command) for command in step.completion.successful.commands]


@each_history
def test_a_run_in_memory_asks_for_what_it_has_asked_for(path: Path) -> None:
    def story(history: WorkflowHistory) -> None:
        run = a_run(history)
        for task, came in steps_of(history):
            assert wishes(taken(run, task)) == [content(event) for event in came]
        run.evict()

    under_the_loop(story, path)


@each_history
def test_a_run_that_was_dropped_before_any_step_asks_for_the_same(path: Path) -> None:
    def story(history: WorkflowHistory) -> None:
        for task, came in steps_of(history):
            run = a_run(history)
            assert wishes(taken(run, task)) == [content(event) for event in came]
            run.evict()

    under_the_loop(story, path)


@each_history
def test_a_run_that_was_dropped_once_goes_on_as_if_it_had_not_been(path: Path) -> None:
    def story(history: WorkflowHistory) -> None:
        steps = list(steps_of(history))
        for dropped in range(1, len(steps)):
            run = a_run(history)
            for task, came in steps[dropped:]:
                assert wishes(taken(run, task)) == [content(event) for event in came]
            run.evict()

    under_the_loop(story, path)


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("kind", ["trade", "exit"])
def test_a_question_is_answered_at_any_time_and_changes_nothing(kind: str, is_kept: bool) -> None:
    def story(history: WorkflowHistory) -> None:
        run, kept = a_run(history), a_run(history)
        said: list[bytes] = []
        for task, came in steps_of(history):
            assert wishes(taken(kept, task)) == [content(event) for event in came]
            asked = questions_to(history, len(task.history) + 1 + len(came), "state")
            answer = taken(kept if is_kept else run, asked).answers["state"]
            assert answer.success is not None
            said.append(answer.success.payloads[0].data)
            run = a_run(history)
        kept.evict()
        assert len(set(said)) > len(said) // 4

    under_the_loop(story, longest(kind))


@pytest.mark.parametrize("kind", ["trade", "exit"])
def test_who_remembers_and_who_reads_it_all_answer_alike(kind: str) -> None:
    def story(history: WorkflowHistory) -> None:
        kept = a_run(history)
        for task, came in steps_of(history):
            taken(kept, task)
            asked = questions_to(history, len(task.history) + 1 + len(came), "state")
            run = a_run(history)
            assert taken(kept, asked).answers == taken(run, asked).answers
            run.evict()
        kept.evict()

    under_the_loop(story, longest(kind))


def test_who_asks_what_nobody_knows_is_told_so() -> None:
    def story(history: WorkflowHistory) -> None:
        run = a_run(history)
        answers = taken(run, questions_to(history, len(history.events), "shoe_size")).answers
        assert answers["shoe_size"].success is None
        assert "'shoe_size' expected but not found" in answers["shoe_size"].failure
        run.evict()

    under_the_loop(story, longest("trade"))


def test_a_step_with_questions_takes_it_and_answers_behind_it() -> None:
    def story(history: WorkflowHistory) -> None:
        both, after = a_run(history), a_run(history)
        for task, came in steps_of(history):
            questions = questions_to(history, len(task.history) + 1 + len(came), "state")
            asked = a_task(history, len(task.history), updates=task.updates)
            queries = questions.queries
            step = taken(
                both,
                WorkflowTask(asked.token, asked.run, "", 1, asked.history, asked.updates, queries),
            )
            taken(after, task)
            assert wishes(step) == [content(event) for event in came]
            assert step.answers == taken(after, questions).answers
        both.evict()
        after.evict()

    under_the_loop(story, longest("trade"))


# --- what is amiss ---


def renamed_activity(event: HistoryEvent) -> None:
    event.activity_task_scheduled_event_attributes.activity_type.name = "another"


def renumbered_activity(event: HistoryEvent) -> None:
    event.activity_task_scheduled_event_attributes.activity_id = "another"


def renamed_child(event: HistoryEvent) -> None:
    initiated = event.start_child_workflow_execution_initiated_event_attributes
    initiated.workflow_type.name = "Another"


def memo_instead(event: HistoryEvent) -> None:
    event.event_type = EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED
    event.workflow_properties_modified_event_attributes.SetInParent()


CHANGES = [
    (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, renamed_activity),
    (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, renumbered_activity),
    (EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED, renamed_child),
    (EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, memo_instead),
]


@pytest.mark.parametrize(("kind", "change"), CHANGES)
def test_a_run_that_does_not_do_what_it_once_did_fails_loudly(
    kind: EventType.ValueType, change: Callable[[HistoryEvent], None]
) -> None:
    def story(history: WorkflowHistory) -> None:
        task = [task for task, _ in steps_of(history)][-1]
        places = [event.event_id for event in task.history if event.event_type == kind]
        assert places
        for place in places:
            events = list(task.history)
            events[place - 1] = HistoryEvent.FromString(events[place - 1].SerializeToString())
            change(events[place - 1])
            run = a_run(history)
            assert_astray(run, WorkflowTask(1, task.run, "", 1, events), f"event {place} is ")

    under_the_loop(story, longest("trade"))


def test_a_history_that_lacks_what_a_workflow_asks_for_is_refused() -> None:
    def story(history: WorkflowHistory) -> None:
        task = [task for task, _ in steps_of(history)][-1]
        places = [
            event.event_id
            for event in task.history
            if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
        ]
        for place in places:
            events = [event for event in task.history if event.event_id != place]
            run = a_run(history)
            assert_astray(run, WorkflowTask(1, task.run, "", 1, events), "the workflow asks ")

    under_the_loop(story, longest("trade"))


def assert_astray(run: Run, task: WorkflowTask, text: str) -> None:
    """It fails its step, says why, and is of no use any more."""
    step = run.take(task)
    assert step.completion is not None
    failed = step.completion.failed
    cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
    assert failed.force_cause == cause
    assert failed.failure.message == run.fault
    assert run.is_astray
    assert text in (run.fault or "")
    assert not run.fits(task.history)
    run.evict()


def test_a_workflow_that_nobody_knows_fails_its_step() -> None:
    def story(history: WorkflowHistory) -> None:
        task = next(task for task, _ in steps_of(history))
        started = task.history[0].workflow_execution_started_event_attributes
        started.workflow_type.name = "Fishing"
        run = a_run(history)
        step = run.take(task)
        assert step.completion is not None
        assert "Fishing is no workflow of this worker" in step.completion.failed.failure.message
        assert not run.is_astray

    under_the_loop(story, longest("trade"))
