"""An attempt of an activity runs as in a worker of the engine's own library."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.converting import VALUES
from backstay.lab import virtual_time
from backstay.lab.engine.tasks import ActivityFailed
from backstay.lab.engine.workers import ActivityWorker
from tests.lab.engine.desk import Desk, an_attempt, answer_in
from tests.lab.engine.told import START_NS

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sum:
    left: int
    right: int


class Hands:
    """Activities, and what they have seen."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.may_go = asyncio.Event()

    def all(self) -> list[Callable[..., Any]]:
        return [self.add, self.look, self.fail, self.wait, self.resist, self.beat, self.hand_over]

    @activity.defn(name="add")
    async def add(self, given: Sum) -> Sum:
        return Sum(given.left + given.right, 0)

    @activity.defn(name="look")
    async def look(self) -> None:
        activity.logger.info("it looks")
        self.seen.append(activity.info())
        assert not activity.is_cancelled()
        assert not activity.is_worker_shutdown()

    @activity.defn(name="fail")
    async def fail(self, how: str) -> None:
        match how:
            case "foreseen":
                delay = timedelta(seconds=3)
                raise ApplicationError(
                    "no", Sum(1, 2), type="Odd", non_retryable=True, next_retry_delay=delay
                )
            case "benign":
                raise ApplicationError("no", category=ApplicationErrorCategory.BENIGN)
            case "caused":
                raise ApplicationError("no") from ValueError("odd")
            case _:
                raise KeyError(how)

    @activity.defn(name="wait")
    async def wait(self) -> str:
        try:
            await self.may_go.wait()
        finally:
            details = activity.cancellation_details()
            self.seen.append((activity.is_cancelled(), details))
        return "went"

    @activity.defn(name="resist")
    async def resist(self) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)
        return "in its own time"

    @activity.defn(name="beat")
    async def beat(self, times: int, every: float) -> int:
        for number in range(times):
            activity.heartbeat(number)
            await asyncio.sleep(every)
        await self.may_go.wait()
        return times

    @activity.defn(name="hand_over")
    async def hand_over(self) -> None:
        activity.raise_complete_async()


Story = Callable[[Desk, Hands, ActivityWorker], Awaitable[None]]


def told(story: Story, **options: Any) -> Desk:
    """What came of it; the worker is shut down behind it."""
    desk: Desk | None = None

    async def main() -> None:
        nonlocal desk
        desk = Desk()
        hands = Hands()
        worker = ActivityWorker(desk, "edge", hands.all(), VALUES, "edge/1", **options)
        run = asyncio.create_task(worker.run())
        await story(desk, hands, worker)
        await worker.shutdown()
        await run

    virtual_time.run(main(), start_ns=START_NS)
    assert desk is not None
    return desk


def failure_of(desk: Desk, token: bytes) -> Any:
    end = desk.ends[token]
    assert isinstance(end, ActivityFailed)
    return end.failure


def test_an_answer_comes_back_as_a_value() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("add", Sum(2, 3)))
        await asyncio.sleep(1)

    assert answer_in(told(story).ends[b"add 1"]) == {"left": 5, "right": 0}


def test_an_attempt_knows_all_about_itself() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(
            an_attempt("look", attempt=3, left=["so far"], heartbeat=MINUTE, within=2 * MINUTE)
        )
        await asyncio.sleep(1)
        (info,) = hands.seen
        at = datetime.fromtimestamp(START_NS // 10**9, UTC)
        assert (info.scheduled_time, info.started_time) == (at, at)
        assert info.current_attempt_scheduled_time == at
        assert info.attempt == 3
        assert info.heartbeat_details == ["so far"]
        assert info.heartbeat_timeout == MINUTE
        assert info.start_to_close_timeout == 2 * MINUTE
        assert info.schedule_to_close_timeout is None
        assert (info.workflow_id, info.workflow_run_id) == ("trade:1", "run")
        assert (info.activity_id, info.activity_type) == ("7", "look")
        assert (info.task_token, info.task_queue) == (b"look 3", "edge")
        assert (info.workflow_type, info.namespace) == ("Trade", "default")

    assert answer_in(told(story).ends[b"look 3"]) is None


def test_an_error_that_was_foreseen_keeps_its_type_and_what_follows_from_it() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("fail", "foreseen"))
        await asyncio.sleep(1)

    failure = failure_of(told(story), b"fail 1")
    info = failure.application_failure_info
    assert (failure.message, info.type, info.non_retryable) == ("no", "Odd", True)
    assert info.next_retry_delay.ToTimedelta() == timedelta(seconds=3)
    assert VALUES.payload_converter.from_payloads(info.details.payloads, [Sum]) == [Sum(1, 2)]


@pytest.mark.parametrize(
    ("how", "message", "kind"), [("odd", "'odd'", "KeyError"), ("caused", "no", "")]
)
def test_any_other_error_is_told_by_its_name(how: str, message: str, kind: str) -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("fail", how))
        await asyncio.sleep(1)

    failure = failure_of(told(story), b"fail 1")
    assert failure.message == message
    assert failure.application_failure_info.type == kind
    assert not failure.application_failure_info.non_retryable
    assert failure.cause.application_failure_info.type == ("ValueError" if how == "caused" else "")


def test_what_nobody_can_do_and_what_nobody_can_read_fails() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("dance"))
        desk.lay(an_attempt("add", "not a sum"))
        await asyncio.sleep(1)

    desk = told(story)
    unknown = failure_of(desk, b"dance 1")
    assert unknown.application_failure_info.type == "NotFoundError"
    assert "dance is no activity of this worker" in unknown.message
    assert failure_of(desk, b"add 1").message == "Failed decoding arguments"


def test_a_shutdown_cancels_every_attempt_and_hands_it_back() -> None:
    async def story(desk: Desk, hands: Hands, worker: ActivityWorker) -> None:
        desk.lay(an_attempt("wait"))
        desk.lay(an_attempt("resist"))
        await asyncio.sleep(1)
        await worker.shutdown()
        ((is_cancelled, details),) = hands.seen
        assert is_cancelled
        assert details == activity.ActivityCancellationDetails(worker_shutdown=True)

    desk = told(story)
    failure = failure_of(desk, b"wait 1")
    assert failure.application_failure_info.type == "WorkerShutdown"
    assert answer_in(desk.ends[b"resist 1"]) == "in its own time"
    assert desk.heard("end") == [(1.0, b"wait 1"), (1.5, b"resist 1")]


def test_a_worker_that_stops_polls_no_more() -> None:
    async def story(desk: Desk, hands: Hands, worker: ActivityWorker) -> None:
        await asyncio.sleep(1)
        await worker.shutdown()
        desk.lay(an_attempt("look"))
        await asyncio.sleep(60)
        assert hands.seen == []

    assert len(told(story).heard("poll")) == 1


def test_no_more_attempts_run_at_once_than_there_is_room_for() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        for attempt in (1, 2, 3):
            desk.lay(an_attempt("wait", attempt=attempt))
        await asyncio.sleep(1)
        assert len(desk.heard("poll")) == 2
        hands.may_go.set()
        await asyncio.sleep(1)

    assert len(told(story, attempts_max=2).ends) == 3


# --- signs of life ---


def test_heartbeats_leave_at_once_and_then_no_more_often_than_need_be() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("beat", 20, 0.99, heartbeat=timedelta(seconds=10)))
        await asyncio.sleep(30)
        hands.may_go.set()
        await asyncio.sleep(1)

    desk = told(story)
    assert desk.heard("beat") == [(0.001, [0]), (8.001, [8]), (16.001, [16]), (24.001, [19])]
    assert answer_in(desk.ends[b"beat 1"]) == 20


def test_an_upper_bound_makes_them_leave_more_often() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("beat", 10, 1, heartbeat=MINUTE))
        await asyncio.sleep(10)

    assert [at for at, _ in told(story, beats_within=timedelta(seconds=4)).heard("beat")] == [
        0.001,
        4.001,
        8.001,
        10.0,
    ]


def test_what_was_said_last_is_passed_on_before_an_attempt_is_handed_back() -> None:
    async def story(desk: Desk, hands: Hands, worker: ActivityWorker) -> None:
        desk.lay(an_attempt("beat", 5, 1, heartbeat=MINUTE))
        await asyncio.sleep(4.5)
        await worker.shutdown()

    desk = told(story)
    assert desk.heard("beat") == [(0.001, [0]), (4.5, [4])]
    assert desk.heard("end") == [(4.501, b"beat 1")]


def test_an_attempt_that_is_asked_to_stop_is_cancelled_and_says_so() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.asked_to_stop.add(b"beat 1")
        desk.lay(an_attempt("beat", 1, 1, heartbeat=MINUTE))
        await asyncio.sleep(1)

    failure = failure_of(told(story), b"beat 1")
    assert failure.HasField("canceled_failure_info")
    assert failure.message == "Cancelled"


def test_of_an_attempt_that_the_engine_does_not_know_any_more_nothing_is_reported() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.unknown.add(b"beat 1")
        desk.lay(an_attempt("beat", 100, 1, heartbeat=MINUTE))
        await asyncio.sleep(200)

    desk = told(story)
    assert [at for at, _ in desk.heard("beat")] == [0.001]
    assert desk.heard("end") == []


def test_a_heartbeat_that_can_not_be_written_fails_the_attempt() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("beat_oddly"))
        await asyncio.sleep(1)

    @activity.defn(name="beat_oddly")
    async def beat_oddly() -> None:
        activity.heartbeat(object())
        await asyncio.Event().wait()

    async def main() -> Desk:
        desk = Desk()
        worker = ActivityWorker(desk, "edge", [beat_oddly], VALUES, "edge/1")
        run = asyncio.create_task(worker.run())
        await story(desk, Hands(), worker)
        await worker.shutdown()
        await run
        return desk

    desk = virtual_time.run(main(), start_ns=START_NS)
    assert failure_of(desk, b"beat_oddly 1").application_failure_info.type
    assert desk.heard("beat") == []


def test_what_the_engine_has_long_given_up_is_called_off() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("wait", heartbeat=timedelta(seconds=10)))
        await asyncio.sleep(14.9)
        assert hands.seen == []
        await asyncio.sleep(0.2)
        ((_, details),) = hands.seen
        assert details.timed_out

    assert told(story).heard("end") == []


def test_who_gives_signs_of_life_is_let_live() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("beat", 100, 5, heartbeat=timedelta(seconds=10)))
        await asyncio.sleep(300)
        hands.may_go.set()

    assert answer_in(told(story_and(story, 300)).ends[b"beat 1"]) == 100


def story_and(story: Story, seconds: float) -> Story:
    """The story, and so much time behind it."""

    async def longer(desk: Desk, hands: Hands, worker: ActivityWorker) -> None:
        await story(desk, hands, worker)
        await asyncio.sleep(seconds)

    return longer


# --- an engine that is away ---


def test_a_poll_is_tried_again_for_ever_with_longer_pauses() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.is_away = True
        await asyncio.sleep(60)
        desk.is_away = False
        desk.lay(an_attempt("look"))
        await asyncio.sleep(11)
        assert len(hands.seen) == 1

    times = [at for at, _ in told(story).heard("poll")]
    assert times[:8] == [0.0, 0.201, 0.602, 1.403, 3.004, 6.205, 12.606, 22.607]


def test_a_report_is_tried_again_for_ten_seconds_and_then_given_up() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("wait"))
        await asyncio.sleep(1)
        desk.is_away = True
        hands.may_go.set()
        await asyncio.sleep(30)

    desk = told(story)
    times = [at for at, _ in desk.heard("end")]
    assert times[:3] == [1.0, 1.101, 1.272]
    assert 5 < times[-1] < 11
    assert desk.ends == {}


def test_a_report_gets_through_when_the_engine_is_back_soon() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("wait"))
        await asyncio.sleep(1)
        desk.is_away = True
        hands.may_go.set()
        await asyncio.sleep(3)
        desk.is_away = False
        await asyncio.sleep(5)

    assert answer_in(told(story).ends[b"wait 1"]) == "went"


def test_what_is_completed_elsewhere_is_not_reported() -> None:
    async def story(desk: Desk, hands: Hands, _: ActivityWorker) -> None:
        desk.lay(an_attempt("hand_over"))
        await asyncio.sleep(1)

    assert told(story).heard("end") == []
