"""One part: it is begun, seen dying, begun again after a pause, and given up some day."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from tests.workers.supervising.scripted import (
    BEGIN,
    Heard,
    Life,
    ScriptedStarter,
    now,
    run,
    seconds,
)
from workers.supervising.ends import End
from workers.supervising.keeper import Keeper, NotServingError
from workers.supervising.policy import PAUSES_SECONDS, Again, GivenUp
from workers.supervising.report import PartReport, PartState
from workers.supervising.roster import Part, Process

Story = Callable[[Keeper, ScriptedStarter, Heard], Awaitable[None]]


def kept(story: Story, *lives: Life, is_worker: bool = False) -> tuple[ScriptedStarter, Heard]:
    """Keep a part with these lives while the story lasts."""
    starter, heard = ScriptedStarter(Part.TRADES, list(lives), is_worker=is_worker), Heard()

    async def main() -> None:
        keeper = Keeper(starter, heard, now)
        await story(keeper, starter, heard)
        await keeper.leave()
        await keeper.end()
        assert keeper.running is None

    run(main())
    return starter, heard


def test_what_has_died_is_begun_again_after_its_pause_and_says_so() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        assert keeper.running is not None
        assert keeper.running.process == Process(1000, "began 1000")
        await asyncio.sleep(10)
        report = keeper.report()
        assert report == PartReport(
            part=Part.TRADES,
            state=PartState.RUNNING,
            since=report.since,
            pid=1001,
            address="127.0.0.1:1001",
            restarts=1,
            trouble="of old age",
        )
        assert seconds(report.since) == pytest.approx(3 + 0.2 + 0.5)
        assert keeper.running.restarts == 1
        assert seconds(keeper.running.since) == pytest.approx(3.2)

    _, heard = kept(story, Life(dies_after=3), Life())
    assert [text for _, text in heard.told] == [f"of old age: {Again(0.2)}", "again"]
    assert [at for at, _ in heard.told] == pytest.approx([3.0, 3.7])


def test_one_that_dies_again_and_again_is_given_up_after_all_pauses() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(1000)
        report = keeper.report()
        assert (report.state, report.pid, report.restarts) == (PartState.GIVEN_UP, None, 5)
        assert report.trouble == "of old age"

    starter, heard = kept(story, Life(dies_after=1))
    assert len(starter.begun) == 6
    begun = [each.began_at for each in starter.begun]
    gaps = [later - before - 1 for before, later in pairwise(begun)]
    assert gaps == pytest.approx(list(PAUSES_SECONDS))
    assert heard.told[-1][1] == f"of old age: {GivenUp(6)}"


def test_one_that_never_serves_again_dies_of_that_each_time() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(2.0)
        assert keeper.report().state is PartState.RESTARTING
        assert keeper.report().trouble == "port in use"
        assert keeper.running is None
        await asyncio.sleep(1000)
        assert keeper.report().state is PartState.GIVEN_UP

    _, heard = kept(story, Life(dies_after=1), Life(fails="port in use"))
    assert [text for _, text in heard.told][1] == f"port in use: {Again(1.0)}"


def test_a_machine_without_memory_for_it_is_one_more_death() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(1.5)
        assert keeper.report().trouble == "it can't be started: no memory"

    kept(story, Life(dies_after=1), Life(fails="no memory"))


def test_one_that_does_not_even_begin_once_is_told_to_whoever_begins_it() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        with pytest.raises(NotServingError, match="no such table"):
            await keeper.begin()
        assert keeper.running is None

    starter, heard = kept(story, Life(fails="no such table"))
    assert starter.log == ["trades begun", "trades told", "trades gone"]
    assert heard.told == []


def test_a_worker_that_is_silent_for_twenty_seconds_is_killed_and_begun_again() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(9.0)
        report = keeper.report()
        assert report.health is not None
        assert report.health_age_seconds is not None
        assert report.health_age_seconds <= 1.0
        await asyncio.sleep(19.0)
        assert keeper.report().state is PartState.RUNNING
        assert (keeper.report().health_age_seconds or 0) > 18
        await asyncio.sleep(4.0)
        assert keeper.report().restarts == 1

    _, heard = kept(story, Life(answers_until=10), Life(), is_worker=True)
    (told_at, told), (at, text), (_, again) = heard.told
    assert told == "silent for 6 s"
    assert 15 < told_at <= 18
    assert text == f"silent for 21 s; killed: {Again(0.2)}"
    assert 30 <= at <= 33
    assert again == "again"


def test_one_that_is_silent_whenever_it_is_begun_is_given_up_some_day() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(1000)
        assert keeper.report().state is PartState.GIVEN_UP
        assert keeper.report().silent_seconds == 0

    starter, heard = kept(story, Life(answers_until=1))
    assert len(starter.begun) == 6
    assert heard.told[-1][1] == f"silent for 21 s; killed: {GivenUp(6)}"


def test_a_worker_that_is_silent_for_less_than_that_goes_on_as_if_nothing_had_been() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        for _ in range(20):
            life = starter.begun[0].life
            life.answers_until = 0.0
            await asyncio.sleep(15)
            life.answers_until = None
            await asyncio.sleep(4)

    starter, heard = kept(story, Life(), is_worker=True)
    assert len(starter.begun) == 1
    assert [text for _, text in heard.told] == ["silent for 6 s", "answers again"] * 20


def test_one_that_is_silent_for_a_moment_is_not_even_told_of() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        for _ in range(20):
            life = starter.begun[0].life
            life.answers_until = 0.0
            await asyncio.sleep(3)
            life.answers_until = None
            await asyncio.sleep(4)

    starter, heard = kept(story, Life())
    assert (len(starter.begun), heard.told) == (1, [])


def test_one_that_is_left_stays_dead() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await keeper.leave()
        starter.begun[0].die("meanwhile")
        await asyncio.sleep(100)

    starter, heard = kept(story, Life())
    assert (len(starter.begun), heard.told) == (1, [])


def test_one_that_is_left_in_its_pause_is_not_begun_any_more() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        await asyncio.sleep(0.6)
        assert keeper.report().state is PartState.RESTARTING

    starter, _ = kept(story, Life(dies_after=1))
    assert len(starter.begun) == 1


def test_one_that_is_killed_at_once_is_not_begun_again() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        keeper.kill()
        await asyncio.sleep(100)

    starter, heard = kept(story, Life())
    assert (len(starter.begun), heard.told) == (1, [])


def test_before_it_is_begun_it_is_said_to_be_starting() -> None:
    async def main() -> None:
        keeper = Keeper(ScriptedStarter(Part.ENGINE, [Life()], address="here:1"), Heard(), now)
        assert keeper.report() == PartReport(
            Part.ENGINE, PartState.STARTING, BEGIN, address="here:1"
        )
        assert keeper.running is None

    run(main())


def ended(end: End) -> Life:
    return Life(fails=f"it has ended while it started: {end}", end=end)


def test_a_mischance_at_the_first_beginning_is_worth_another_try_after_a_pause() -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        await keeper.begin()
        assert keeper.report().restarts == 0
        assert [each.began_at for each in starter.begun] == [0.0, 0.95, 2.7]

    panic, taken = End(2, "panic: no port"), End(1, "bind: address already in use")
    starter, heard = kept(story, ended(panic), ended(taken), Life())
    assert (len(starter.begun), heard.told) == (3, [])


@pytest.mark.parametrize(
    ("life", "begun"),
    [
        (ended(End(2, "panic: no port")), 3),
        (ended(End(1, "Error: file is not a database (26)")), 1),
        (ended(End(-9)), 1),
        (Life(fails="it does not serve within 60 s"), 1),
    ],
)
def test_what_goes_on_failing_or_is_really_wrong_is_refused_in_its_own_words(
    life: Life, begun: int
) -> None:
    async def story(keeper: Keeper, starter: ScriptedStarter, heard: Heard) -> None:
        with pytest.raises(NotServingError) as raised:
            await keeper.begin()
        assert str(raised.value) == life.fails

    assert len(kept(story, life)[0].begun) == begun


def test_a_fault_in_keeping_itself_is_shown_and_not_swallowed() -> None:
    class Deaf(Heard):
        def died(self, *_: object, **__: object) -> None:
            raise RuntimeError("no screen")

    async def main() -> PartReport:
        keeper = Keeper(ScriptedStarter(Part.ENGINE, [Life(dies_after=1)]), Deaf(), now)
        await keeper.begin()
        await asyncio.sleep(5)
        return keeper.report()

    report = run(main())
    assert report.state is PartState.GIVEN_UP
    assert report.trouble == "it is not kept any more: RuntimeError('no screen')"
