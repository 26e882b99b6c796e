"""Histories read as facts: what an event means, and what is told of calls that still run."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure, TimeoutFailureInfo
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.service import RPCError

from activities.calls import TERMS, Alert, ArmCall
from activities.converting import VALUES
from activities.histories import _CALLS, Life, facts_of, life_of
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.walking import Walk
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade import chronicle
from backstay.domain.trade.leaving import ExitStart
from tests.activities.dev_server import serving
from tests.domain.trade.lives import KEY, LIFE
from tests.domain.trade.lives import Life as Story

STARTED = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
STORY = Story()
ORDER = STORY.order


def payloads(*values: Any) -> Payloads:
    return Payloads(payloads=VALUES.payload_converter.to_payloads(values))


@dataclass
class Book:
    """A history, event by event, a second apart."""

    events: list[HistoryEvent] = field(default_factory=list)

    def add(self, kind: str, **attributes: Any) -> int:
        """One more event; its number."""
        number = len(self.events) + 1
        event = HistoryEvent(
            event_id=number, event_type=EventType.Value(f"EVENT_TYPE_{kind.upper()}")
        )
        event.event_time.FromDatetime(STARTED + timedelta(seconds=number))
        told = getattr(event, f"{kind}_event_attributes")
        told.SetInParent()
        told.MergeFrom(type(told)(**attributes))
        self.events.append(event)
        return number

    def begin(self, kind: str = "Trade", asked: Any = ORDER) -> "Book":
        """Its first event."""
        self.add("workflow_execution_started", workflow_type={"name": kind}, input=payloads(asked))
        return self

    def call(self, name: str, asked: Any) -> int:
        """A call is written down."""
        return self.add(
            "activity_task_scheduled",
            activity_id="7",
            activity_type={"name": name},
            input=payloads(asked),
        )

    def read(self, *pending: PendingActivityInfo) -> Life:
        """The life that it tells."""
        return life_of(LIFE, self.events, pending)

    @property
    def last(self) -> Any:
        """Its last entry."""
        return self.read().entries[-1]


def second(number: int) -> datetime:
    """When the event of this number was written down."""
    return STARTED + timedelta(seconds=number)


def test_every_call_that_a_trade_can_make_is_read() -> None:
    assert _CALLS.keys() <= TERMS.keys()
    assert TERMS.keys() - _CALLS.keys() <= {"preflight"}


def test_a_call_is_read_with_its_answer() -> None:
    book = Book().begin()
    scheduled = book.call("cancel", KEY)
    report = CancelReport(KEY, CancelStanding.ENDED)
    assert book.last == chronicle.Call(LIFE, second(2), chronicle.Cancelling(KEY, None))
    book.add("activity_task_started", scheduled_event_id=scheduled, attempt=1, identity="edge/1")
    book.add("activity_task_completed", scheduled_event_id=scheduled, result=payloads(report))
    assert book.last == chronicle.Call(
        LIFE, second(2), chronicle.Cancelling(KEY, report), answered_at=second(4)
    )


def test_a_call_that_answers_nothing_is_read_as_well_and_one_of_another_build_is_left_out() -> None:
    book = Book().begin()
    alert = Alert("DU1", IncidentKind.ORDER_UNKNOWN, LIFE, "look")
    book.call("alert", alert)
    told = chronicle.Alerting("order unknown", "look")
    assert book.last == chronicle.Call(LIFE, second(2), told)
    book.call("something new", alert)
    assert len(book.read().entries) == 2


APPLICATION = Failure(
    message="gone", application_failure_info=ApplicationFailureInfo(type="WorkerLost")
)


def timed_out(kind: TimeoutType.ValueType) -> Failure:
    """A call that nobody has answered in time."""
    return Failure(message="timeout", timeout_failure_info=TimeoutFailureInfo(timeout_type=kind))


@pytest.mark.parametrize(
    ("failure", "sort", "text"),
    [
        (APPLICATION, "WorkerLost", "gone"),
        (timed_out(TimeoutType.TIMEOUT_TYPE_HEARTBEAT), "Silent", "timeout"),
        (timed_out(TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE), "TooLong", "timeout"),
        (timed_out(TimeoutType.TIMEOUT_TYPE_UNSPECIFIED), "TooLong", "timeout"),
        (Failure(message="outside", cause=APPLICATION), "", "gone"),
    ],
)
def test_a_call_that_was_taken_up_again_says_by_whom_and_why(
    failure: Failure, sort: str, text: str
) -> None:
    book = Book().begin()
    scheduled = book.call("cancel", KEY)
    book.add(
        "activity_task_started",
        scheduled_event_id=scheduled,
        attempt=3,
        identity="edge/2",
        last_failure=failure,
    )
    assert book.last.retry == chronicle.Retry(3, "edge/2", second(3), sort, text)


def test_a_call_that_fails_for_good_says_why() -> None:
    book = Book().begin()
    scheduled = book.call("cancel", KEY)
    book.add("activity_task_failed", scheduled_event_id=scheduled, failure=APPLICATION)
    assert (book.last.failure, book.last.answered_at) == ("gone", second(3))
    book.events.pop()
    book.add("activity_task_canceled", scheduled_event_id=scheduled)
    assert (book.last.failure, book.last.answered_at) == ("", second(3))


def test_a_call_that_runs_is_read_with_its_last_sign_of_life_and_its_attempts() -> None:
    arm = ArmCall(STORY.agreed.arm(), 1, 0, 1.0)
    book = Book().begin()
    book.call("arm", arm)
    newest = STORY.report(ArmPhase.WORKING, entry=STORY.entry(sent=1, heard=2))
    pending = PendingActivityInfo(
        activity_id="7",
        attempt=2,
        last_worker_identity="edge/2",
        last_failure=APPLICATION,
        heartbeat_details=payloads(newest),
    )
    pending.last_started_time.FromDatetime(second(9))
    (call,) = [each for each in book.read(pending).entries if isinstance(each, chronicle.Call)]
    assert call.deed == chronicle.Arming(arm.arm, None, newest)
    assert call.retry == chronicle.Retry(2, "edge/2", second(9), "WorkerLost", "gone")
    first = PendingActivityInfo(activity_id="7", attempt=1)
    (call,) = [each for each in book.read(first).entries if isinstance(each, chronicle.Call)]
    assert (call.deed, call.retry) == (chronicle.Arming(arm.arm, None), None)


def test_what_was_asked_by_hand_is_read_with_what_came_of_it() -> None:
    book = Book().begin()
    accepted = book.add(
        "workflow_execution_update_accepted",
        accepted_request={"input": {"name": "move_stop", "args": payloads(Decimal("99.00"))}},
    )
    wish = chronicle.Wish(LIFE, second(2), "move_stop", ("99.00",), chronicle.Outcome.UNDER_WAY)
    assert book.last == wish
    book.add(
        "workflow_execution_update_completed",
        accepted_event_id=accepted,
        outcome={"success": payloads("guarding")},
    )
    assert (book.last.outcome, book.last.text) == (chronicle.Outcome.DONE, "guarding")
    book.events.pop()
    book.add(
        "workflow_execution_update_completed",
        accepted_event_id=accepted,
        outcome={"failure": APPLICATION},
    )
    assert (book.last.outcome, book.last.text) == (chronicle.Outcome.REFUSED, "gone")
    assert book.last.answered_at == second(3)


def test_a_kill_is_read_and_another_signal_is_not() -> None:
    book = Book().begin()
    book.add(
        "workflow_execution_signaled",
        signal_name="kill",
        input=payloads(3, KillMode.FREEZE),
    )
    assert book.last == chronicle.Killed(LIFE, second(2), 3, KillMode.FREEZE)
    book.add("workflow_execution_signaled", signal_name="hello")
    assert len(book.read().entries) == 2


def test_a_request_to_cancel_and_a_step_that_fails_are_read() -> None:
    book = Book().begin()
    book.add("workflow_execution_cancel_requested")
    assert book.last == chronicle.CallOff(LIFE, second(2))
    book.add("workflow_task_failed", failure=APPLICATION)
    assert book.last == chronicle.Stuck(LIFE, second(3), "gone")


def test_a_way_out_is_read_from_its_beginning_to_its_end() -> None:
    walk = Walk(STORY.way_out())
    book = Book().begin()
    book.add(
        "start_child_workflow_execution_initiated",
        workflow_id="exit:1",
        input=payloads(ExitStart("DU1", walk)),
    )
    assert book.last == chronicle.WayOutBegun(LIFE, second(2), "exit:1", walk)
    execution = {"workflow_id": "exit:1", "run_id": "run"}
    book.add("child_workflow_execution_started", workflow_execution=execution)
    assert book.read().ways_out == (("exit:1", "run"),)
    outcome = STORY.outcome()
    book.add(
        "child_workflow_execution_completed",
        workflow_execution=execution,
        result=payloads(outcome),
    )
    assert book.last == chronicle.WayOutOver(LIFE, second(4), "exit:1", outcome)
    book.add("child_workflow_execution_failed", workflow_execution=execution, failure=APPLICATION)
    assert book.last == chronicle.WayOutOver(LIFE, second(5), "exit:1", None, "gone")
    book.add("child_workflow_execution_terminated", workflow_execution=execution)
    assert book.last.failure == "it was ended from outside"


def test_the_end_of_a_trade_is_read_however_it_came() -> None:
    book = Book().begin()
    book.add("workflow_execution_failed", failure=APPLICATION)
    assert book.last == chronicle.Over(LIFE, second(2), None, "gone")
    book.events.pop()
    book.add("workflow_execution_terminated")
    assert book.last == chronicle.Over(LIFE, second(2), None, "it was ended from outside")


def test_a_way_out_that_goes_on_in_another_run_says_in_which() -> None:
    book = Book().begin("Exit", ExitStart("DU1", Walk(STORY.way_out())))
    assert book.read() == ((), (), "")
    book.add("workflow_execution_continued_as_new", new_execution_run_id="next")
    assert book.read() == ((), (), "next")
    book.events.pop()
    book.add("workflow_execution_completed", result=payloads(STORY.outcome()))
    assert book.read().entries == ()


def test_a_trade_is_read_without_any_worker() -> None:
    async def scenario() -> None:
        async with serving() as client:
            await client.start_workflow("Trade", ORDER, id=LIFE, task_queue="nobody")
            facts = await facts_of(client, LIFE, timedelta(seconds=5))
            assert (facts.workflow_id, facts.is_running) == (LIFE, True)
            (begun,) = facts.entries
            assert isinstance(begun, chronicle.Begun)
            assert begun.order == ORDER
            await client.get_workflow_handle(LIFE).terminate("enough")
            facts = await facts_of(client, LIFE, timedelta(seconds=5))
            assert not facts.is_running
            assert isinstance(facts.entries[-1], chronicle.Over)
            with pytest.raises(RPCError):
                await facts_of(client, "trade:DU1:nothing", timedelta(seconds=5))

    asyncio.run(scenario())
