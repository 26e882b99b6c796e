"""Who lives is told by signs that go on, and clocks are compared at one moment."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from activities.calls import Door
from workers.bootstrap import BUILD
from workers.examining import crew
from workers.examining.crew import Sign, Visited
from workers.examining.findings import Finding, Outcome
from workers.health import HealthReport, Role, page
from workers.supervising.roster import Part

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
BEAT = timedelta(seconds=2)
ACCOUNT = "DU1"
ALL = tuple(Sign(door, f"key-{door}", f"{door}/DU1/7", BUILD, AT) for door in Door)
REPORT = HealthReport(
    role=Role.BROKER,
    account=ACCOUNT,
    boot="7-1",
    at=AT,
    trouble=(),
    takes_calls=True,
    engine="",
    book="",
    limits=True,
    loop_lag_seconds=0.0,
    loop_lag_seconds_max=0.0,
    notices_waiting=0,
    tasks=(),
)


def later(signs: Iterable[Sign]) -> tuple[Sign, ...]:
    """The same, one sign on."""
    return tuple(replace(each, at=each.at + BEAT) for each in signs)


def judged(before: Iterable[Sign], after: Iterable[Sign]) -> dict[str, Finding]:
    found = crew.judge_queues(before, after, ACCOUNT, AT + BEAT + BEAT)
    return {each.subject: each for each in found}


def test_whoever_gives_another_sign_serves_its_queue() -> None:
    found = judged(ALL, later(ALL))
    assert [each.outcome for each in found.values()] == [Outcome.PASSED] * 3
    assert found["edge-arms"].found == f"edge-arms/DU1/7, build {BUILD}, seen 2 s ago"


def test_whoever_gives_no_other_sign_is_dead_however_fresh_the_last_one_is() -> None:
    found = judged(ALL, (*later(ALL[:1]), *ALL[1:]))
    assert found["trades"].outcome is Outcome.PASSED
    assert (found["edge-arms"].outcome, found["edge-arms"].found) == (
        Outcome.FAILED,
        "nobody serves edge-arms:DU1",
    )
    assert "--role broker" in found["edge-arms"].remedy


def test_whoever_has_come_between_the_looks_is_there() -> None:
    assert judged((), ALL)["edge-ops"].outcome is Outcome.PASSED


def test_a_sign_for_one_queue_is_none_for_another() -> None:
    stranger = replace(ALL[0], door=Door.OPS, at=AT - BEAT)
    found = judged((stranger, *ALL), (*later(ALL[:2]), replace(stranger, key=ALL[2].key)))
    assert found["edge-ops"].outcome is Outcome.PASSED
    assert found["edge-ops"].found.startswith("trades/DU1/7")


def test_a_worker_of_another_build_is_noted() -> None:
    old = replace(ALL[0], build="0.0.9")
    finding = judged((), (old, *ALL[1:]))["trades"]
    assert finding.outcome is Outcome.NOTED
    assert finding.found.endswith(f"this is build {BUILD}")


def test_a_worker_that_does_not_say_its_build_is_not_of_another_one() -> None:
    silent = replace(ALL[0], build="")
    assert judged((), (silent, *ALL[1:]))["trades"].outcome is Outcome.PASSED


def health(visited: Visited) -> list[tuple[Outcome, str]]:
    return [(each.outcome, each.found) for each in crew.judge_health(visited)]


def test_each_trouble_of_a_part_is_a_failure_of_its_own() -> None:
    report = replace(REPORT, trouble=("engine: gone", "book: gone"), unattended="nobody is there")
    assert health(Visited(Part.TRADES, "127.0.0.1:1", report, AT)) == [
        (Outcome.FAILED, "engine: gone"),
        (Outcome.FAILED, "book: gone"),
        (Outcome.FAILED, "nobody is there"),
    ]


@pytest.mark.parametrize(("takes_calls", "words"), [(True, "takes calls"), (False, "stands by")])
def test_a_part_that_is_well_says_what_it_does(takes_calls: bool, words: str) -> None:
    report = replace(REPORT, takes_calls=takes_calls)
    assert health(Visited(Part.BROKER, "127.0.0.1:1", report, AT)) == [
        (Outcome.PASSED, f"127.0.0.1:1 is well and {words}")
    ]


def test_a_part_that_does_not_answer_has_failed() -> None:
    visited = Visited(Part.BROKER, "127.0.0.1:1", silence="Connection refused")
    assert health(visited) == [(Outcome.FAILED, "127.0.0.1:1 does not answer: Connection refused")]


def test_a_page_of_health_is_read_and_any_other_page_is_none() -> None:
    assert crew.read_health(page(REPORT).body) == REPORT
    assert crew.read_health(b"<html>") is None


@pytest.mark.parametrize(
    ("ahead", "outcome", "found"),
    [
        (2.0, Outcome.PASSED, "agrees with this machine within 2 s"),
        (-2.0, Outcome.PASSED, "agrees with this machine within 2 s"),
        (2.000001, Outcome.FAILED, "about 2.0 s ahead of this machine's"),
        (-3.2, Outcome.FAILED, "about 3.2 s behind this machine's"),
    ],
)
def test_a_clock_may_differ_by_two_seconds(ahead: float, outcome: Outcome, found: str) -> None:
    machine = AT + timedelta(microseconds=250_000)
    finding = crew.judge_clock("trades", machine + timedelta(seconds=ahead), machine)
    assert (finding.outcome, finding.found) == (outcome, found)


def test_a_clock_that_tells_whole_seconds_is_half_a_second_on() -> None:
    late, early = AT + timedelta(seconds=2.5), AT - timedelta(seconds=1.5)
    assert crew.judge_clock("engine", AT, late).outcome is Outcome.PASSED
    assert crew.judge_clock("engine", AT, early).outcome is Outcome.PASSED
    just = timedelta(microseconds=1)
    assert crew.judge_clock("engine", AT, late + just).outcome is Outcome.FAILED
    assert crew.judge_clock("engine", AT, early - just).outcome is Outcome.FAILED


def test_a_clock_that_nobody_could_ask_was_not_reached() -> None:
    assert crew.judge_clock("engine", None, AT).outcome is Outcome.NOT_REACHED
