"""What our workflows do not do yet: taken here as the library's own core takes it.

Each small workflow runs on the engine in memory, from memory and from its history after every step;
the histories come out alike, and the library replays them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.workflow import ActivityCancellationType as Calling
from temporalio.workflow import ChildWorkflowCancellationType as Bearing

from activities.converting import VALUES
from backstay.lab import virtual_time
from backstay.lab.engine.replaying import replayed
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.workers import ActivityWorker, Keeping, WorkflowWorker
from tests.lab.engine.house import at_work
from tests.lab.engine.told import START_NS
from tests.lab.engine.toys import (
    KINDS,
    Bears,
    Calls,
    Hands,
    Hurries,
    Renews,
    Throws,
    Waits,
)

WAY = 0.001


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
