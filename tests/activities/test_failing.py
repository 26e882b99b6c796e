"""How the edge's errors reach the engine: tried again under a name, or never again."""

import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from activities.failing import broker_now, translated
from backstay.broker.clock.broker_clock import TimeUnknownError
from backstay.broker.doors.wire import EdgeError, NotAnsweredError, RequestRefusedError
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from backstay.lab.virtual_time import run
from tests.broker.edge.stage import START, START_NS


def failure_of(error: BaseException) -> ApplicationError:
    """What an error becomes."""
    with pytest.raises(ApplicationError) as told, translated("arm it"):
        raise error
    return told.value


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (SessionTakenError("another edge has it"), "SessionTaken", "arm it: another edge has it"),
        (NotAnsweredError("silence"), "NotAnswered", "arm it: silence"),
        (RequestRefusedError(321, "read-only"), "RequestRefused", "arm it: "),
        (TimeUnknownError("no time"), "TimeUnknown", "arm it: no time"),
        (EdgeError("something"), "Edge", "arm it: something"),
        (TimeoutError(), "TimedOut", "arm it: it has taken too long"),
        (TimeoutError("10 s"), "TimedOut", "arm it: 10 s"),
    ],
)
def test_what_the_edge_cannot_do_now_is_tried_again_under_its_name(
    error: Exception, kind: str, text: str
) -> None:
    failure = failure_of(error)
    assert (failure.type, failure.non_retryable) == (kind, False)
    assert failure.message.startswith(text)
    assert "\n" not in failure.message


def test_a_value_that_makes_no_sense_is_not_tried_again() -> None:
    failure = failure_of(ValueError("the part is 0"))
    assert (failure.type, failure.non_retryable) == ("BadValue", True)
    assert failure.message == "arm it: the part is 0"


@pytest.mark.parametrize("error", [KeyError("a"), AssertionError("b"), RuntimeError("c")])
def test_a_defect_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as told, translated("arm it"):
        raise error
    assert told.value is error


def test_an_attempt_that_is_called_off_is_handed_back() -> None:
    async def attempt() -> None:
        with translated("arm it"):
            await asyncio.sleep(60)

    async def story() -> None:
        task = asyncio.ensure_future(attempt())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    run(story(), start_ns=START_NS)


def test_an_edge_that_lets_go_of_who_waits_is_asked_again() -> None:
    async def story() -> None:
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        never.cancel()
        with pytest.raises(ApplicationError) as told, translated("arm it"):
            await never
        assert (told.value.type, told.value.non_retryable) == ("EdgeClosed", False)

    run(story(), start_ns=START_NS)


def health(time: BrokerTime | None) -> EdgeHealth:
    """An edge whose clock says this."""
    ready = SessionReport(SessionState.READY, START)
    return EdgeHealth("DU1234567", 1, ready, time, (), 0, 0, 0, 100, 0, None)


def test_broker_time_is_told_or_asked_again() -> None:
    assert broker_now(health(BrokerTime(START, 0.1))) == START
    with pytest.raises(ApplicationError) as told:
        broker_now(health(None))
    assert (told.value.type, told.value.non_retryable) == ("TimeUnknown", False)
