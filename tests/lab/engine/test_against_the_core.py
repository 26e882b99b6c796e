"""What our workflows do not do yet: taken here as the library's own core takes it.

Each small workflow runs on the engine in memory, from memory and from its history after every step;
the histories come out alike, and the library replays them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.workflow import ActivityCancellationType as Calling
from temporalio.workflow import ChildWorkflowCancellationType as Bearing
from temporalio.workflow import ParentClosePolicy

from activities.converting import VALUES
from backstay.lab import virtual_time
from backstay.lab.engine.replaying import replayed
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.workers import ActivityWorker, Keeping, WorkflowWorker
from tests.lab.engine.house import at_work
from tests.lab.engine.told import START_NS

SECOND = timedelta(seconds=1)
WAY = 0.001
MARK = SearchAttributeKey.for_keyword("BackstayState")


@workflow.defn(name="Calls")
class Calls:
    """Calls an activity off at a bad moment."""

    def __init__(self) -> None:
        self.heard = 0

    @workflow.signal(name="go")
    def go(self) -> None:
        self.heard += 1

    @workflow.run
    async def run(self, how: int, is_at_once: bool) -> str:
        call = workflow.start_activity(
            "linger",
            start_to_close_timeout=60 * SECOND,
            heartbeat_timeout=10 * SECOND,
            cancellation_type=Calling(how),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        await asyncio.sleep(0)
        if not is_at_once:
            await workflow.wait_condition(lambda: self.heard > 0)
        call.cancel()
        try:
            told = await call
        except ActivityError as error:
            told = type(error.cause).__name__
        await workflow.wait_condition(lambda: self.heard > 1)
        return str(told)


@workflow.defn(name="Bears")
class Bears:
    """Calls a child off at a bad moment."""

    def __init__(self) -> None:
        self.heard = 0

    @workflow.signal(name="go")
    def go(self) -> None:
        self.heard += 1

    @workflow.run
    async def run(self, how: int, is_at_once: bool) -> str:
        async def bear() -> str:
            told: str = await workflow.execute_child_workflow(
                "Child",
                id=f"{workflow.info().workflow_id}:child",
                cancellation_type=Bearing(how),
                parent_close_policy=ParentClosePolicy.ABANDON,
            )
            return told

        child = asyncio.create_task(bear())
        if is_at_once:
            await asyncio.sleep(0)
        else:
            await workflow.wait_condition(lambda: self.heard > 0)
        child.cancel()
        try:
            told = await child
        except (ChildWorkflowError, asyncio.CancelledError) as error:
            told = type(error.__cause__ or error).__name__
        await workflow.wait_condition(lambda: self.heard > 1)
        return told


@workflow.defn(name="Child")
class Child:
    def __init__(self) -> None:
        self.is_free = False

    @workflow.signal(name="free")
    def free(self) -> None:
        self.is_free = True

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.is_free)
        return "grown"


@workflow.defn(name="Waits")
class Waits:
    """Timers that fire, that are called off, and that never were."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.signal(name="say")
    def say(self, word: str) -> None:
        self.heard.append(word)

    @workflow.update(name="add")
    async def add(self, word: str) -> int:
        await workflow.sleep(SECOND)
        self.heard.append(word)
        return len(self.heard)

    @add.validator
    def check(self, word: str) -> None:
        if word == "no":
            raise ApplicationError("not that")

    @workflow.run
    async def run(self) -> list[str]:
        never = asyncio.create_task(workflow.sleep(5 * SECOND))
        await asyncio.sleep(0)
        never.cancel()
        for _ in range(3):
            try:
                count = len(self.heard)
                await workflow.wait_condition(
                    lambda count=count: len(self.heard) > count,  # type: ignore[misc]
                    timeout=3 * SECOND,
                )
            except TimeoutError:
                self.heard.append(f"nothing by {workflow.now():%H:%M:%S}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.heard


@workflow.defn(name="Throws")
class Throws:
    """What it throws is thrown alike at every replay."""

    @workflow.run
    async def run(self) -> str:
        thrown = f"{workflow.random().randrange(10**12)}/{workflow.uuid4()}"
        if workflow.patched("loud"):
            thrown += "!"
        await workflow.execute_activity(
            "echo", thrown, activity_id=thrown, start_to_close_timeout=SECOND
        )
        workflow.upsert_memo({"thrown": thrown})
        assert workflow.patched("loud")
        await workflow.sleep(SECOND)
        return str(workflow.uuid4())


@workflow.defn(name="Renews")
class Renews:
    """Goes on in new histories."""

    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.signal(name="say")
    def say(self, word: str) -> None:
        self.words.append(word)

    @workflow.run
    async def run(self, rounds: int, said: list[str]) -> list[str]:
        await workflow.wait_condition(lambda: bool(self.words))
        workflow.upsert_search_attributes([MARK.value_set(f"round {rounds}")])
        await workflow.sleep(SECOND)
        said = [*said, *self.words, f"{workflow.memo_value('who')}/{workflow.random().random()}"]
        if rounds:
            workflow.continue_as_new(args=[rounds - 1, said])
        return said


@workflow.defn(name="Hurries")
class Hurries:
    """Calls an activity off that has come to its end in the same moment."""

    @workflow.run
    async def run(self) -> str:
        call = workflow.start_activity("nap", start_to_close_timeout=60 * SECOND)
        await workflow.sleep(SECOND)
        call.cancel()
        try:
            return str(await call)
        except asyncio.CancelledError:
            return "called off"


class Hands:
    @activity.defn(name="linger")
    async def linger(self) -> str:
        for _ in range(30):
            activity.heartbeat()
            await asyncio.sleep(1)
        return "over"

    @activity.defn(name="nap")
    async def nap(self) -> str:
        await asyncio.sleep(1)
        return "slept"

    @activity.defn(name="echo")
    async def echo(self, word: str) -> str:
        return word


KINDS = [Calls, Bears, Child, Waits, Throws, Renews, Hurries]
Story = Callable[[Client], Awaitable[Any]]


def lives(story: Story, *, is_forgetful: bool) -> tuple[Any, list[WorkflowHistory]]:
    """What a story comes to, and the histories that it leaves."""

    async def main() -> tuple[Any, list[WorkflowHistory]]:
        engine = MemoryEngine()
        failed: list[Any] = []
        keeping = Keeping(evict=lambda _: is_forgetful, failed=lambda *what: failed.append(what))
        source, hands = engine.source(lambda: WAY), Hands()
        doors: list[Callable[..., Any]] = [hands.linger, hands.echo, hands.nap]
        async with (
            at_work(WorkflowWorker(source, "toys", KINDS, VALUES, "toys/1", keeping)),
            at_work(ActivityWorker(source, "toys", doors, VALUES, "toys/1")),
        ):
            told = await story(engine.client(lambda: WAY, "person", VALUES))
        assert failed == []
        return told, [
            WorkflowHistory(run.name.workflow_id, list(run.history)) for run in engine.runs
        ]

    return virtual_time.run(main(), start_ns=START_NS)


def both_ways(story: Story) -> tuple[Any, list[WorkflowHistory]]:
    """The same from memory and from histories; and the library agrees."""
    told, histories = lives(story, is_forgetful=False)
    again, others = lives(story, is_forgetful=True)
    assert again == told
    for history, other in zip(histories, others, strict=True):
        assert list(map(_kind, other.events)) == list(map(_kind, history.events))
    results = replayed([*histories, *others], KINDS, VALUES)
    assert [str(each) for each in results if not each.is_whole] == []
    return told, histories


def _kind(event: Any) -> str:
    return EventType.Name(event.event_type)


def kinds(history: WorkflowHistory) -> list[str]:
    """What stands in it beside its steps."""
    names = [_kind(event).removeprefix("EVENT_TYPE_").lower() for event in history.events]
    return [name for name in names if not name.startswith("workflow_task")]


async def begun(client: Client, kind: Any, *args: Any, **more: Any) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        kind.run, args=args, id=f"toy:{kind.__name__}", task_queue="toys", **more
    )


CALLED_OFF = {
    (Calling.TRY_CANCEL, True): "CancelledError",
    (Calling.TRY_CANCEL, False): "CancelledError",
    (Calling.WAIT_CANCELLATION_COMPLETED, True): "CancelledError",
    (Calling.WAIT_CANCELLATION_COMPLETED, False): "CancelledError",
    (Calling.ABANDON, True): "CancelledError",
    (Calling.ABANDON, False): "CancelledError",
}


@pytest.mark.parametrize(("how", "is_at_once"), CALLED_OFF)
def test_an_activity_is_called_off(how: Calling, is_at_once: bool) -> None:
    async def story(client: Client) -> Any:
        life = await begun(client, Calls, int(how), is_at_once)
        await asyncio.sleep(2.5)
        await life.signal("go")
        await asyncio.sleep(40)
        await life.signal("go")
        return await life.result()

    told, (history,) = both_ways(story)
    assert told == CALLED_OFF[how, is_at_once]
    stands = kinds(history)
    assert ("activity_task_scheduled" in stands) is not is_at_once
    is_asked = not is_at_once and how is not Calling.ABANDON
    assert ("activity_task_cancel_requested" in stands) is is_asked
    assert ("activity_task_canceled" in stands) is is_asked


@pytest.mark.parametrize("is_at_once", [True, False])
@pytest.mark.parametrize("how", list(Bearing))
def test_a_child_is_called_off(how: Bearing, is_at_once: bool) -> None:
    async def story(client: Client) -> Any:
        life = await begun(client, Bears, int(how), is_at_once)
        await asyncio.sleep(2.5)
        await life.signal("go")
        await asyncio.sleep(5)
        if not is_at_once and how is Bearing.ABANDON:
            await client.get_workflow_handle("toy:Bears:child").signal("free")
        await asyncio.sleep(5)
        await life.signal("go")
        return await life.result()

    told, histories = both_ways(story)
    assert told == "CancelledError"
    assert len(histories) == 1 + (not is_at_once)
    asked = "request_cancel_external_workflow_execution_initiated" in kinds(histories[0])
    assert asked is (not is_at_once and how is not Bearing.ABANDON)


def test_timers_fire_are_called_off_and_never_were() -> None:
    async def story(client: Client) -> Any:
        life = await begun(client, Waits)
        await asyncio.sleep(1)
        await life.signal("say", "one")
        await asyncio.sleep(10)
        return await life.result()

    told, (history,) = both_ways(story)
    assert told[0] == "one"
    assert len(told) == 3
    stands = kinds(history)
    assert stands.count("timer_started") == 3
    assert (stands.count("timer_canceled"), stands.count("timer_fired")) == (1, 2)


def test_updates_are_accepted_refused_and_answered_in_their_time() -> None:
    async def story(client: Client) -> Any:
        life = await begun(client, Waits)
        await asyncio.sleep(0.5)
        answers = await asyncio.gather(
            *(life.execute_update("add", word) for word in ("one", "no", "two", "no")),
            return_exceptions=True,
        )
        said = [getattr(getattr(answer, "cause", None), "message", answer) for answer in answers]
        return said, await life.result()

    (said, told), (history,) = both_ways(story)
    assert said == [1, "not that", 2, "not that"]
    assert told[:2] == ["one", "two"]
    stands = kinds(history)
    assert stands.count("workflow_execution_update_accepted") == 2
    assert stands.count("workflow_execution_update_completed") == 2


def test_the_dice_of_a_workflow_fall_as_the_core_has_them_fall() -> None:
    """The activity is named by what was thrown, so another throw would not fit its history."""

    async def story(client: Client) -> Any:
        return await (await begun(client, Throws)).result()

    _, (history,) = both_ways(story)
    stands = kinds(history)
    assert stands.count("marker_recorded") == 1
    assert stands.count("workflow_properties_modified") == 1


def test_a_workflow_that_goes_on_takes_with_it_what_is_its_own() -> None:
    async def story(client: Client) -> Any:
        life = await begun(client, Renews, 2, [], memo={"who": "Ada"})
        for word in ("one", "two", "three"):
            await life.signal("say", word)
            await asyncio.sleep(2)
        return await life.result()

    told, histories = both_ways(story)
    assert [word for word in told if "/" not in word] == ["one", "two", "three"]
    assert [word.split("/")[0] for word in told if "/" in word] == ["Ada"] * 3
    assert len({word for word in told if "/" in word}) == 3
    assert len(histories) == 3
    for history, before in zip(histories[1:], (2, 1), strict=True):
        start = history.events[0].workflow_execution_started_event_attributes
        mark = start.search_attributes.indexed_fields["BackstayState"]
        assert f"round {before}" in mark.data.decode()


def test_a_behaviour_that_is_newer_than_the_history_is_noted_in_it() -> None:
    """The library raises here what it did not raise once; it has to know whether it did."""

    async def main() -> list[WorkflowHistory]:
        engine = MemoryEngine()
        source, hands = engine.source(lambda: WAY), Hands()
        client = engine.client(lambda: WAY, "person", VALUES)
        async with at_work(ActivityWorker(source, "toys", [hands.nap], VALUES, "toys/1")):
            async with at_work(WorkflowWorker(source, "toys", KINDS, VALUES, "toys/1")):
                life = await begun(client, Hurries)
                await asyncio.sleep(0.5)
            await asyncio.sleep(2)
            async with at_work(WorkflowWorker(source, "toys", KINDS, VALUES, "toys/2")):
                assert await life.result() == "called off"
        return [WorkflowHistory(run.name.workflow_id, list(run.history)) for run in engine.runs]

    histories = virtual_time.run(main(), start_ns=START_NS)
    results = replayed(histories, KINDS, VALUES)
    assert [str(each) for each in results if not each.is_whole] == []
    flags = [
        flag
        for event in histories[0].events
        for flag in event.workflow_task_completed_event_attributes.sdk_metadata.lang_used_flags
    ]
    assert flags == [1]
