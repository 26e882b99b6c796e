"""Many runs: none gets lost, none is counted twice, and what is found is made small."""

import asyncio
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import pytest

from backstay.lab.simulation.cases import Case, of_seeds, of_story
from backstay.lab.simulation.jobs import Done, Drawn, Job, Told
from backstay.lab.simulation.players import Player, PlayersError
from backstay.lab.simulation.report import Progress, Report, Terms
from backstay.lab.simulation.running import Running, first_difference
from backstay.lab.simulation.scenario import CutLines, Role
from backstay.lab.simulation.tally import Tally
from tests.lab.simulation import stand_in

STAGE = stand_in.__name__
TERMS = Terms(processes=2, run_seconds_max=2.0, stage=STAGE)


def ran(cases: Iterable[Case], terms: Terms = TERMS) -> Report:
    return asyncio.run(Running(terms, lambda _: None).run(cases))


def found(report: Report) -> dict[str, list[str]]:
    return {each.case.name: list(map(str, each.findings)) for each in report.failures}


def test_each_seed_is_played_once_and_counted() -> None:
    report = ran(of_seeds(range(100, 110)))
    figures = report.figures
    assert (figures.runs, figures.events, figures.fills) == (10, 1000, 20)
    assert (figures.crash_points, figures.faults_seen, figures.pairs) == (10, 40, 2)
    assert figures.virtual_hours == pytest.approx(1.0)
    assert (figures.runs_replayed, figures.runs_played_twice) == (1, 1)
    assert (report.failures, report.shrunk, report.is_interrupted) == ((), (), False)
    assert report.runs_per_second > 0


def test_what_is_found_is_made_small_and_is_still_found() -> None:
    report = ran(of_seeds([8, 15, 16]))
    assert found(report) == {
        "seed 15": ["I1: two live orders"],
        "seed 16": ["I1: two live orders"],
    }
    (small,) = report.shrunk
    assert small.case.name in found(report)
    left = small.scenario
    assert [*left.moves, *left.hands, *left.trades] == []
    (strike,) = small.scenario.strikes
    assert isinstance(strike, CutLines)
    assert str(small.finding) == "I1: two live orders"


def test_a_run_that_can_t_go_on_is_found_and_made_small() -> None:
    report = ran(of_seeds([21]))
    (text,) = found(report)["seed 21"]
    assert text.startswith("run: ValueError: seed 21 can't be played (stand_in.py:")
    (small,) = report.shrunk
    assert len(small.scenario.strikes) == 1


def test_a_process_that_dies_is_found_and_the_others_go_on() -> None:
    report = ran(of_seeds([31, 101, 102]), Terms(stage=STAGE, tries_max=0))
    assert found(report) == {"seed 31": ["run: its process has died with 3: out of memory"]}
    assert report.figures.runs == 3
    assert report.failures[0].scenario == stand_in.draw(31)


def test_a_run_without_an_end_is_found_and_the_others_go_on() -> None:
    terms = Terms(stage=STAGE, run_seconds_max=1.5, tries_max=0)
    report = ran(of_seeds([41, 101]), terms)
    ((text,),) = found(report).values()
    assert text.startswith("run: no end within 1.5 s, in threading.py:")
    assert " < stand_in.py:" in text
    assert report.figures.runs == 2


def test_other_bytes_in_another_process_are_found() -> None:
    report = ran(of_seeds([55]))
    (text,) = found(report)["seed 55"]
    assert text.startswith("determinism: line 5: ")
    assert text.count("scattered by ") == 2
    assert report.shrunk == ()


def test_time_that_is_up_ends_it_between_two_runs() -> None:
    report = ran(of_seeds(count(100)), Terms(stage=STAGE, seconds_max=0.5))
    assert 0 < report.figures.runs < 10_000
    assert (report.is_interrupted, report.is_cut_short) == (False, True)


def test_time_that_was_enough_has_cut_nothing_short() -> None:
    report = ran(of_seeds([100, 101]), Terms(stage=STAGE, seconds_max=600))
    assert (report.figures.runs, report.is_cut_short) == (2, False)


def test_whoever_has_seen_enough_gets_what_was_counted() -> None:
    async def stopped() -> Report:
        running = Running(TERMS, lambda progress: stop_at(progress, running))
        return await running.run(of_seeds(count(100)))

    def stop_at(progress: Progress, running: Running) -> None:
        if progress.runs == 5:
            running.stop()

    report = asyncio.run(stopped())
    assert report.is_interrupted
    assert report.figures.runs >= 5


def test_no_process_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    real = Player._begun

    async def remember(player: Player) -> asyncio.subprocess.Process:
        process = await real(player)
        begun.append(process.pid)
        return process

    monkeypatch.setattr(Player, "_begun", remember)
    ran(of_seeds([41, 100, 101]), Terms(2, run_seconds_max=1.0, stage=STAGE, tries_max=0))
    assert len(begun) >= 3
    assert [pid for pid in begun if Path(f"/proc/{pid}").exists()] == []


def test_where_nobody_can_play_it_is_said_why() -> None:
    with pytest.raises(PlayersError, match=r"can't begin: ModuleNotFoundError: .*no_such_stage"):
        ran(of_seeds([100]), Terms(stage="tests.lab.simulation.no_such_stage"))


def test_a_mistake_of_our_own_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Tally, "add", broken)
    with pytest.raises(ZeroDivisionError):
        ran(of_seeds([100]))


def play(job: Job) -> Done:
    async def played() -> Done:
        player = Player(count(1), STAGE)
        try:
            done = await player.play(job)
        finally:
            await player.close()
        assert isinstance(done, Done)
        return done

    return asyncio.run(played())


def test_what_is_only_looked_at_is_not_played() -> None:
    done = play(Job(Drawn(33, "optimistic"), plays=False))
    assert done == Done(None, stand_in.draw(33, "optimistic"))


def test_the_points_of_a_story_are_where_something_outside_has_changed() -> None:
    done = play(Job(Told("breakout"), points_of=Role.TRADES))
    assert done.points == (2, 3, 6, 9, 12)


def test_a_story_can_be_struck_before_any_step_of_it() -> None:
    report = ran([of_story("breakout", Role.BROKER, step) for step in (6, stand_in.BAD_STEP)])
    assert found(report) == {"story breakout, broker worker, step 7": ["I11: no stop"]}
    assert report.figures.crash_points == 2


def test_a_journal_is_written_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    play(Job(Drawn(100), journal=str(file)))
    lines = file.read_text("utf-8").splitlines()
    assert lines[0].endswith(" wire {}")
    assert lines[-1].endswith(" market scattered by nothing")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a\nb\n", "a\nc\n", "line 2: 'b' the first time, 'c' the second"),
        ("a\n", "a\nc\n", "line 2: 'nothing any more' the first time, 'c' the second"),
        ("a\n", "a\n", "the journals are the same, and their digests are not"),
    ],
)
def test_the_first_difference_is_named(
    first: str, second: str, expected: str, tmp_path: Path
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(first)
    other.write_text(second)
    assert first_difference(one, other) == expected
