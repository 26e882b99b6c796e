"""Values that are shared, refreshed unseen, and never kept in place of an error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from backstay.broker.contracts.refreshing import RETRY_SECONDS, Life, Refreshing
from backstay.broker.doors.wire import NotAnsweredError
from backstay.broker.notices import Notice
from backstay.lab.virtual_time import run
from tests.broker.feeds.bench import START, START_NS

FRESH, GRACE, ANSWER = 100.0, 150.0, 2.0


@dataclass
class Broker:
    """Answers each question after a while with its number, or fails."""

    asked: int = 0
    errors: list[Exception] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    async def ask(self, _key: str) -> int:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(ANSWER)
        if self.errors:
            raise self.errors.pop(0)
        return number


Values = Refreshing[str, int]


def play(story: Callable[[Broker, Values], Awaitable[None]]) -> Broker:
    broker = Broker()

    async def main() -> None:
        values = Values(
            "values",
            broker.ask,
            lambda _: Life(FRESH, GRACE),
            lambda: START,
            broker.notices.append,
        )
        await story(broker, values)

    run(main(), start_ns=START_NS)
    return broker


@pytest.mark.req("S2.2")
def test_whoever_asks_while_it_is_asked_shares_the_answer() -> None:
    async def story(broker: Broker, values: Values) -> None:
        assert await asyncio.gather(*(values.get("a") for _ in range(5))) == [1] * 5
        assert await values.get("b") == 2
        assert await values.get("a") == 1

    assert play(story).asked == 2


@pytest.mark.req("S2.2")
def test_what_is_due_is_given_at_once_and_asked_for_anew_unseen() -> None:
    async def story(broker: Broker, values: Values) -> None:
        await values.get("a")
        await asyncio.sleep(FRESH - 1)
        assert await values.get("a") == 1
        assert broker.asked == 1
        await asyncio.sleep(1)
        at = asyncio.get_running_loop().time()
        assert await values.get("a") == 1
        assert asyncio.get_running_loop().time() == at
        await asyncio.sleep(ANSWER + 0.1)
        assert await values.get("a") == 2

    play(story)


@pytest.mark.req("S2.2")
def test_what_is_too_old_is_never_given() -> None:
    async def story(broker: Broker, values: Values) -> None:
        await values.get("a")
        await asyncio.sleep(FRESH + GRACE)
        assert await values.get("a") == 2

    play(story)


@pytest.mark.req("S2.2")
def test_what_is_in_use_is_refreshed_though_nobody_asks_and_the_rest_grows_old() -> None:
    async def story(broker: Broker, values: Values) -> None:
        await values.get("a")
        values.touch("a")
        await asyncio.sleep(FRESH - 1)
        values.look()
        assert broker.asked == 1
        await asyncio.sleep(1)
        values.look()
        values.look()
        await asyncio.sleep(ANSWER)
        assert broker.asked == 2
        await asyncio.sleep(FRESH)
        values.look()
        await asyncio.sleep(GRACE)
        values.look()
        assert broker.asked == 2, "nobody has used it since"
        values.touch("a")
        assert await values.get("a") == 3

    play(story)


def test_an_error_is_heard_by_all_who_wait_and_not_kept() -> None:
    async def story(broker: Broker, values: Values) -> None:
        broker.errors.append(NotAnsweredError("too late"))
        answers = await asyncio.gather(values.get("a"), values.get("a"), return_exceptions=True)
        assert [type(answer) for answer in answers] == [NotAnsweredError] * 2
        assert await values.get("a") == 2

    assert play(story).notices == []


def test_a_refresh_in_vain_is_tried_again_after_a_while_and_the_value_stays() -> None:
    async def story(broker: Broker, values: Values) -> None:
        await values.get("a")
        await asyncio.sleep(FRESH)
        broker.errors.append(NotAnsweredError("too late"))
        assert await values.get("a") == 1
        await asyncio.sleep(RETRY_SECONDS)
        assert await values.get("a") == 1
        await asyncio.sleep(1)
        assert broker.asked == 2
        await asyncio.sleep(ANSWER)
        assert await values.get("a") == 1
        await asyncio.sleep(ANSWER + 0.1)
        assert await values.get("a") == 3

    play(story)


def test_who_stops_waiting_takes_the_answer_from_nobody() -> None:
    async def story(broker: Broker, values: Values) -> None:
        first = asyncio.create_task(values.get("a"))
        second = asyncio.create_task(values.get("a"))
        await asyncio.sleep(1)
        first.cancel()
        assert await second == 1
        assert first.cancelled()

    play(story)


def test_what_nobody_foresaw_is_told() -> None:
    async def story(broker: Broker, values: Values) -> None:
        broker.errors.append(KeyError("a"))
        with pytest.raises(KeyError):
            await values.get("a")

    (notice,) = play(story).notices
    assert notice.subject == "values"
    assert notice.text.startswith("KeyError: 'a'")
