"""All parts together: begun in order, ended backwards, and independent of each other in between."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import IncidentKind
from tests.workers.supervising.scripted import Life, ScriptedStarter, now, run, seconds
from workers.supervising.alarms import Alarms
from workers.supervising.errors import HouseError
from workers.supervising.household import Household
from workers.supervising.report import PartState
from workers.supervising.roster import Part


class Stage:
    """A household of scripted parts, and what was told of it."""

    def __init__(self, **lives: list[Life]) -> None:
        self.log: list[str] = []
        self.said: list[str] = []
        self.notices: list[Notice] = []
        self.noted = 0
        self.starters = {
            part: ScriptedStarter(
                part,
                lives.get(part.value, [Life()]),
                self.log,
                is_worker=part in (Part.TRADES, Part.BROKER),
            )
            for part in Part
        }
        self.alarms = Alarms(self.said.append, self.notices.append, now)
        one = self.starters
        stages = [[one[Part.ENGINE]], [one[Part.GATEWAY]], [one[Part.TRADES], one[Part.BROKER]]]
        self.household = Household(stages, self.alarms, self._note, now)

    def _note(self) -> None:
        self.noted += 1

    def states(self) -> list[PartState]:
        return [each.state for each in self.household.reports()]

    def begun(self, part: Part) -> int:
        return len(self.starters[part].begun)


def played(story: Callable[[Stage], Awaitable[None]], **lives: list[Life]) -> Stage:
    async def main() -> Stage:
        stage = Stage(**lives)
        await story(stage)
        await stage.household.end()
        return stage

    return run(main())


async def begin(stage: Stage) -> None:
    await stage.household.begin()


def test_each_stage_begins_when_the_one_before_serves_and_all_end_backwards() -> None:
    stage = played(begin)
    assert stage.log == [
        *("engine begun", "gateway begun", "trades begun", "broker begun"),
        *("trades told", "broker told", "trades gone", "broker gone"),
        *("gateway told", "gateway gone", "engine told", "engine gone"),
    ]
    began = [each.begun[0].began_at for each in stage.starters.values()]
    assert began == pytest.approx([0.0, 0.5, 1.0, 1.0])
    assert stage.said == [
        "engine serves at 127.0.0.1:1000, as process 1000",
        "gateway serves at 127.0.0.1:1000, as process 1000",
        "trades serves at 127.0.0.1:1000, as process 1000",
        "broker serves at 127.0.0.1:1000, as process 1000",
    ]
    assert stage.alarms.raised == ()


def test_one_that_cant_begin_is_named_and_whoever_began_is_ended() -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(HouseError, match=r"^gateway: a port is taken$"):
            await stage.household.begin()

    stage = played(story, gateway=[Life(fails="a port\n  is taken")])
    assert stage.log == [
        *("engine begun", "gateway begun", "gateway told", "gateway gone"),
        *("engine told", "engine gone"),
    ]


def test_a_death_is_an_alarm_on_the_screen_and_in_the_book_and_so_is_giving_up() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        await asyncio.sleep(200)
        assert stage.states() == [
            PartState.RUNNING,
            PartState.GIVEN_UP,
            PartState.RUNNING,
            PartState.RUNNING,
        ]
        assert not stage.household.is_given_up
        assert [each.part for each in stage.household.running] == [
            Part.ENGINE,
            Part.TRADES,
            Part.BROKER,
        ]

    stage = played(story, gateway=[Life(dies_after=2)])
    died = "gateway has died (of old age); begins again in 0.2 s"
    given_up = "gateway has died 6 times within 10 minutes (of old age); given up"
    assert [each.text for each in stage.alarms.raised][:1] == [died]
    assert stage.said[4:6] == [died, "gateway serves again"]
    assert stage.said[-1] == stage.alarms.raised[-1].text == given_up
    assert [(each.kind, each.subject) for each in stage.notices] == [
        *[(IncidentKind.PROCESS_ENDED, "gateway")] * 5,
        (IncidentKind.PROCESS_GIVEN_UP, "gateway"),
    ]
    assert f"gateway {stage.notices[-1].text}" == given_up


@pytest.mark.parametrize("part", list(Part))
def test_a_part_that_stands_still_is_an_alarm_on_the_screen_and_in_the_book(part: Part) -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        await asyncio.sleep(20)
        (alarm,) = stage.alarms.raised
        told = "has not answered for 6 s; begins again if it stays silent for 20 s"
        assert alarm.text == f"{part} {told}"
        assert seconds(alarm.at) <= 10 + 8
        (notice,) = stage.notices
        assert (notice.kind, notice.subject) == (IncidentKind.PROCESS_SILENT, part)
        assert notice.text == told
        assert stage.said[-1] == alarm.text
        (silent,) = [each for each in stage.household.reports() if each.silent_seconds]
        assert (silent.part, silent.state) == (part, PartState.RUNNING)
        stage.starters[part].begun[0].life.answers_until = None
        await asyncio.sleep(5)
        assert stage.said[-1] == f"{part} answers again"
        assert not any(each.silent_seconds for each in stage.household.reports())
        assert [len(each.begun) for each in stage.starters.values()] == [1, 1, 1, 1]

    played(story, **{part.value: [Life(answers_until=10)]})


def test_a_worker_waits_for_its_engine_instead_of_dying_of_its_absence() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        stage.starters[Part.ENGINE].begun[0].die("killed")
        stage.starters[Part.TRADES].begun[0].die("killed")
        await asyncio.sleep(5)
        assert stage.begun(Part.TRADES) == 1
        await asyncio.sleep(6)
        assert stage.begun(Part.TRADES) == 2
        assert stage.states() == [PartState.RUNNING] * 4
        assert stage.begun(Part.BROKER) == 1

    played(story, engine=[Life(), Life(serves_after=10)])


def test_when_the_engine_is_given_up_what_has_died_for_it_is_given_up_too() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        for part in Part:
            stage.starters[part].begun[0].die("killed")
        async with asyncio.timeout(1000):
            while not stage.household.is_given_up:
                await stage.household.next_change()

    gone = [Life(), Life(fails="the disk is full")]
    stage = played(story, engine=gone, gateway=gone)
    assert stage.begun(Part.TRADES) == 1
    assert any("no engine to work for" in each.text for each in stage.alarms.raised)


def test_all_can_be_killed_at_once_and_nothing_comes_back() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        ending = asyncio.ensure_future(stage.household.end())
        await asyncio.sleep(1)
        assert "trades gone" not in stage.log
        stage.household.kill()
        assert [each for each in stage.log if each.endswith("gone")] == [
            *("engine gone", "gateway gone", "trades gone", "broker gone"),
        ]
        await ending

    slow = [Life(ends_after=60)]
    stage = played(story, trades=slow, broker=slow, gateway=slow, engine=slow)
    assert [stage.begun(part) for part in Part] == [1, 1, 1, 1]


def test_whoever_waits_for_a_change_hears_of_it() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        noted = stage.noted
        waiting = asyncio.ensure_future(stage.household.next_change())
        await asyncio.sleep(0)
        stage.starters[Part.GATEWAY].begun[0].die("killed")
        await waiting
        assert stage.noted > noted

    played(story)


def test_a_change_is_not_missed_by_whoever_awaits_it_only_later() -> None:
    async def story(stage: Stage) -> None:
        await stage.household.begin()
        change = stage.household.next_change()
        stage.household.changed()
        async with asyncio.timeout(0.001):
            await change

    played(story)
