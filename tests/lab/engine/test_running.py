"""What a run makes of histories that are written by hand, and the library of the same."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.update.v1 import Input, Meta, Request

from activities.converting import VALUES
from backstay.lab import virtual_time
from backstay.lab.engine.adapter import Kinds
from backstay.lab.engine.replaying import replayed
from backstay.lab.engine.steps import Run
from tests.lab.engine.grown import NAME, Grown, a_run, wants
from tests.lab.engine.told import START_NS
from tests.lab.engine.toys import KINDS

ABANDON, TRY_CANCEL = 2, 0


def under_the_loop(story: Callable[[], None]) -> None:
    """A workflow is created where a loop runs."""

    async def main() -> None:
        story()

    virtual_time.run(main(), start_ns=START_NS)


@workflow.defn(name="Changed")
class Before:
    """As it was."""

    def __init__(self) -> None:
        self.heard = 0
        self.is_replaying: list[bool] = []

    @workflow.signal(name="go")
    def go(self) -> None:
        self.heard += 1
        self.is_replaying.append(workflow.unsafe.is_replaying())

    @workflow.query(name="replaying")
    def replaying(self) -> list[bool]:
        return self.is_replaying

    @workflow.run
    async def run(self) -> str:
        self.is_replaying.append(workflow.unsafe.is_replaying())
        await workflow.wait_condition(lambda: self.heard > 1)
        return "as it was"


def test_only_what_is_new_is_no_replay() -> None:
    def story() -> None:
        history = Grown("Changed")
        history.stepped()
        history.hears()
        history.asked()
        run = Run(NAME, Kinds("toys", [Before], VALUES))
        query = {"q": WorkflowQuery(query_type="replaying")}
        (answer,) = run.take(history.task(queries=query)).answers.values()
        assert answer.success is not None
        assert VALUES.payload_converter.from_payloads(answer.success.payloads) == [[True, False]]
        run.evict()

    under_the_loop(story)


def test_a_wish_that_its_history_has_nothing_of_is_found_before_anything_else_happens() -> None:
    def story() -> None:
        history = Grown("Calls", ABANDON, False)
        history.stepped()
        history.hears()
        history.asked()
        run = a_run()
        run.take(history.task())
        assert run.is_astray
        assert run.fault is not None
        assert "asks EVENT_TYPE_ACTIVITY_TASK_SCHEDULED 1 linger, and the history" in run.fault
        run.evict()

    under_the_loop(story)


ENDS = [
    [],
    ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"],
    ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_FAILED"],
    ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_TIMED_OUT"],
    ["ACTIVITY_TASK_TIMED_OUT"],
]


@pytest.mark.parametrize("how", [ABANDON, TRY_CANCEL])
@pytest.mark.parametrize("end", ENDS, ids="-".join)
def test_an_activity_that_was_called_off_ends_as_the_core_can_bear_it(
    end: Sequence[str], how: int
) -> None:
    """One that was abandoned may only succeed: else the core fails that step for ever."""
    history = Grown("Calls", how, False)
    history.stepped()
    call = history.calls("linger")
    history.hears()
    completed = history.stepped()
    if how == TRY_CANCEL:
        asked: dict[str, Any] = {"workflow_task_completed_event_id": completed}
        history.add("ACTIVITY_TASK_CANCEL_REQUESTED", scheduled_event_id=call, **asked)
    started = 0
    for kind in end:
        more = {"started_event_id": started} if kind != "ACTIVITY_TASK_STARTED" else {}
        started = history.add(kind, scheduled_event_id=call, **more)
    history.hears()
    history.stepped()
    history.add("WORKFLOW_EXECUTION_COMPLETED")
    (result,) = replayed([history.history], KINDS, VALUES)

    def story() -> None:
        run = a_run()
        run.take(history.task(is_query_only=True))
        assert (run.fault is None) is result.is_whole
        assert run.is_astray is not result.is_whole
        run.evict()

    under_the_loop(story)
    assert result.is_whole is (how == TRY_CANCEL or not end or end[-1].endswith("COMPLETED"))


def test_what_the_library_does_newly_is_known_before_the_step_that_did_it() -> None:
    def story() -> None:
        history = Grown("Hurries")
        history.stepped()
        call = history.calls("nap")
        timer = history.add("TIMER_STARTED", timer_id="1")
        history.add("TIMER_FIRED", timer_id="1", started_event_id=timer)
        history.add("ACTIVITY_TASK_COMPLETED", scheduled_event_id=call)
        answer = Payload(metadata={"encoding": b"json/plain"}, data=b'"slept"')
        result = history.events[-1].activity_task_completed_event_attributes.result
        result.payloads.append(answer)
        history.stepped()
        metadata = history.events[-1].workflow_task_completed_event_attributes.sdk_metadata
        query = {"q": WorkflowQuery(query_type="told")}
        for flags, told in (((), "slept"), ((1,), "called off")):
            metadata.lang_used_flags[:] = flags
            run = a_run()
            end = history.add("WORKFLOW_EXECUTION_COMPLETED")
            assert end == len(history.events)
            (said,) = run.take(history.task(queries=query, is_query_only=True)).answers.values()
            assert said.success is not None
            assert VALUES.payload_converter.from_payloads(said.success.payloads) == [told]
            history.events.pop()
            run.evict()

    under_the_loop(story)


def test_a_run_that_only_refused_what_was_asked_stays_in_memory() -> None:
    def story() -> None:
        history = Grown("Waits")
        history.stepped()
        timer = history.add("TIMER_STARTED", timer_id="2")
        run = a_run()
        for number in range(3):
            told = Grown("Waits")
            told.events = list(history.events)
            told.asked()
            refused = Request(meta=Meta(update_id=f"u{number}"), input=Input(name="nonsense"))
            assert run.fits(told.events)
            assert wants(run.take(told.task(updates=(refused,)))) == ["update_response"]
            assert run.fits(history.events)
            run.take(history.task(is_query_only=True))
        history.add("TIMER_FIRED", timer_id="2", started_event_id=timer)
        history.asked()
        assert run.fits(history.events)
        assert wants(run.take(history.task())) == ["start_timer"]
        run.evict()

    under_the_loop(story)


def test_what_was_accepted_once_is_not_checked_again() -> None:
    """A validator may have changed its mind since."""

    def story() -> None:
        no = VALUES.payload_converter.to_payload("no")
        asked = Request(
            meta=Meta(update_id="u"), input=Input(name="add", args=Payloads(payloads=[no]))
        )
        history = Grown("Waits")
        history.stepped()
        timer = history.add("TIMER_STARTED", timer_id="2")
        order = history.stepped() - 2
        history.add(
            "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
            protocol_instance_id="u",
            accepted_request_sequencing_event_id=order,
            accepted_request=asked,
        )
        history.add("TIMER_STARTED", timer_id="3")
        history.add("TIMER_FIRED", timer_id="2", started_event_id=timer)
        history.asked()
        run = a_run()
        assert wants(run.take(history.task())) == ["start_timer"]
        assert run.fault is None
        run.evict()

    under_the_loop(story)


def test_a_run_that_goes_on_as_new_hands_on_what_is_its_own() -> None:
    def story() -> None:
        history = Grown("Renews", 1, [])
        memo = history.events[0].workflow_execution_started_event_attributes.memo
        memo.fields["who"].CopyFrom(VALUES.payload_converter.to_payload("Ada"))
        history.stepped()
        history.hears("say", "one")
        history.stepped()
        history.add("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES")
        timer = history.add("TIMER_STARTED", timer_id="1")
        history.add("TIMER_FIRED", timer_id="1", started_event_id=timer)
        history.asked()
        run = a_run()
        step = run.take(history.task())
        assert wants(step) == ["continue_as_new_workflow_execution"]
        assert step.completion is not None
        (command,) = step.completion.successful.commands
        new = command.continue_as_new_workflow_execution
        assert new.memo["who"].data == b'"Ada"'
        mark = new.search_attributes.indexed_fields["BackstayState"]
        assert mark.data == b'"round 1"'
        assert run.is_over
        run.evict()

    under_the_loop(story)
