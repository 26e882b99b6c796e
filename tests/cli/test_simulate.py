"""`backstay simulate` as a process: what it shows while it runs, what it keeps, and how it ends."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps, loads
from pathlib import Path

import pytest

from backstay.cli.screen import Screen
from backstay.cli.simulate import command
from backstay.cli.simulate.page import progress_on, progress_text
from backstay.lab.simulation.report import Progress
from backstay.lab.simulation.scenario import SCENARIO, CutLines
from tests.cli.typed import typed
from tests.hanging import HANGS_AFTER_SECONDS
from tests.lab.simulation import stand_in
from tests.lab.simulation.scenarios import FULL

STAGE = stand_in.__name__
PROGRAM = f"""
import sys
from backstay.cli.simulate import command, page
command.STAGE, page.EVERY_SECONDS = {STAGE!r}, 0.1
from backstay.cli.main import app
sys.argv[0] = "backstay"
app()
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "STAGE", STAGE)


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own, whatever becomes of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "simulate", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    """The processes that it has begun."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in listed.split()]


def test_seeds_are_played_in_processes_of_their_own() -> None:
    said = typed("simulate", "--seeds", "102:105", "--jobs", "2")
    assert said.exit_code == 0
    assert said.lines[-1] == "No law was broken in 4 runs."
    assert "1 played again in another process" in said.out


def test_a_failure_is_kept_and_can_be_played_from_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    said = typed("simulate", "--seed", "15", "--keep", str(folder), "--json")
    assert said.exit_code == 1
    (small,) = loads(said.out)["shrunk"]
    (file,) = folder.iterdir()
    assert (small["file"], file.name) == (str(file), "i1-seed-15.json")
    (strike,) = SCENARIO.validate_json(file.read_bytes()).strikes
    assert isinstance(strike, CutLines)
    again = typed("simulate", "--scenario", str(file), "--trace")
    assert again.exit_code == 1
    assert again.lines[-1] == "Broken: I1."


def test_the_first_failure_is_the_last_if_that_is_wanted() -> None:
    said = typed("simulate", "--seeds", "108:300", "--jobs", "1", "--until-first", "--json")
    document = loads(said.out)
    assert [each["seed"] for each in document["failures"]] == [110]
    assert document["figures"]["runs"] == 3
    assert document["shrunk"] == []


def test_a_story_is_struck_before_every_step_that_makes_a_difference() -> None:
    words = ("simulate", "--story", "breakout", "--every-await", "--role", "broker", "--json")
    figures = loads(typed(*words).out)["figures"]
    assert (figures["runs"], figures["crash_points"]) == (6, 5)


def test_one_crash_of_a_story_can_be_told() -> None:
    step = str(stand_in.BAD_STEP)
    said = typed("simulate", "--story", "breakout", "--role", "broker", "--step", step, "--trace")
    assert said.exit_code == 1
    assert "+0 s, before its step 6 from there: broker crash" in said.out
    assert said.lines[-1] == "Broken: I11."


def test_a_crash_before_a_step_that_nobody_takes_proves_nothing() -> None:
    step = str(stand_in.STEPS_MAX + 1)
    said = typed("simulate", "--story", "breakout", "--role", "broker", "--step", step)
    assert (said.exit_code, said.out) == (2, "")
    complaint = f"--step {step}: the broker worker of breakout takes fewer steps"
    assert said.err.splitlines()[-1] == complaint


def test_a_folder_that_cannot_be_is_told_of_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = typed("simulate", "--seed", "101", "--keep", str(tmp_path / "file" / "kept"))
    assert (said.exit_code, said.out) == (2, "")
    assert said.err == f"--keep {tmp_path}/file/kept: Not a directory\n"


def test_no_time_to_play_is_no_good_end() -> None:
    said = typed("simulate", "--seeds", "102:105", "--minutes", "0")
    assert said.exit_code == 1
    assert said.lines[-1] == "Nothing was played; time was up before the rest."


@pytest.mark.parametrize(
    ("part", "value", "complaint"),
    [
        ("profile", "hopeful", 'profile: "hopeful" is no profile; expected "pessimistic"'),
        ("believed", "hopeful", 'believed: "hopeful" is no profile; expected "pessimistic"'),
        ("begins", "2026-11-23T15:00:00", "begins: Input should have timezone info"),
        ("quiet_at_seconds", -1, "quiet_at_seconds: Input should be greater than or equal to 0"),
        ("quiet_at_seconds", 1e300, "quiet_at_seconds: Input should be less than or equal to"),
        ("quiet_after", 5, "quiet_after: Unexpected keyword argument"),
        ("trades", [], "hands.0.trade: 1; it has 0 trades, the first being 0"),
    ],
)
def test_a_scenario_that_means_nothing_is_not_played(
    tmp_path: Path, part: str, value: object, complaint: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_text(dumps({**loads(SCENARIO.dump_json(FULL)), part: value}))
    said = typed("simulate", "--scenario", str(file))
    assert (said.exit_code, said.out) == (2, "")
    assert said.err.startswith(f"{file}: {complaint}")
    assert len(said.err.splitlines()) == 1


def test_what_is_unknown_in_a_part_of_a_scenario_is_not_passed_over(tmp_path: Path) -> None:
    told = loads(SCENARIO.dump_json(FULL))
    told["trades"][0]["cue"]["after_minutes"] = 1
    file = tmp_path / "bad.json"
    file.write_text(dumps(told))
    said = typed("simulate", "--scenario", str(file))
    assert said.err.startswith(f"{file}: trades.0.cue.after_minutes: Unexpected keyword argument")


def test_a_scenario_with_a_plan_that_is_none_is_not_played(tmp_path: Path) -> None:
    told = loads(SCENARIO.dump_json(FULL))
    told["trades"][0]["plan"] = 'id = "a"\nside = "hold"\n'
    file = tmp_path / "bad.json"
    file.write_text(dumps(told))
    said = typed("simulate", "--scenario", str(file))
    assert (said.exit_code, said.out) == (2, "")
    assert said.err.startswith(f"{file}: trades.0.plan: ")
    assert len(said.err.splitlines()) == 1


def test_where_nobody_can_play_nothing_is_told_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "STAGE", "tests.lab.simulation.no_such_stage")
    said = typed("simulate", "--seed", "1")
    assert said.exit_code == 3
    assert said.out == ""
    assert said.err.startswith("nothing could be played: the process that plays can't begin")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_it_gets_what_was_counted_and_leaves_nobody(number: int) -> None:
    with running("--seeds", "100:99999", "--jobs", "2", "--json") as process:
        assert process.stderr is not None
        assert "playing: " in process.stderr.readline()
        begun = children(process.pid)
        process.send_signal(number)
        out, _ = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert process.returncode == 1
    assert loads(out)["is_interrupted"]
    assert len(begun) >= 2
    assert [pid for pid in begun if Path(f"/proc/{pid}").exists()] == []


def test_whoever_is_killed_leaves_nobody_either() -> None:
    with running("--seeds", "100:99999", "--jobs", "2") as process:
        assert process.stderr is not None
        assert "playing: " in process.stderr.readline()
        begun = [os.pidfd_open(pid) for pid in children(process.pid)]
        process.kill()
        process.wait()
        assert begun
        assert all(map(has_ended, begun))


def has_ended(child: int) -> bool:
    """Whether the process of that descriptor ends, and lets go of it."""
    readable, _, _ = select.select([child], [], [], HANGS_AFTER_SECONDS)
    os.close(child)
    return bool(readable)


def progress(seconds: float, runs: int = 30) -> Progress:
    return Progress("playing", runs, seconds, 1200, 7, 1)


def test_progress_says_how_far_it_has_come() -> None:
    assert progress_text(progress(15)) == (
        "playing: 30 runs in 15 s, 2.0 a second; 1,200 broker events, 7 crash points; 1 failure"
    )


def test_in_a_file_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on(Screen()) as hear:
        for second in range(25):
            hear(progress(second))
    assert [line.split()[4] for line in capsys.readouterr().out.splitlines()] == ["10", "20"]
