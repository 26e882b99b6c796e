"""A whole run: the same to the last byte, replayed by the engine's own replayer, and judged."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from json import loads
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from backstay.domain.trade.standing import Doing
from backstay.lab.engine.replaying import Replayed, replayed
from backstay.lab.oracle.judge import Judge
from backstay.lab.oracle.premises import Rest
from backstay.lab.simulation import employing
from backstay.lab.simulation.drawing.draw import draw
from backstay.lab.simulation.drawing.stories import story
from backstay.lab.simulation.employing import Employing
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.playing import (
    CLEAR_UP_SECONDS_MAX,
    SETTLE_SECONDS,
    STILL_SECONDS,
    play,
)
from backstay.lab.simulation.scenario import Away

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


def test_a_calm_story_breaks_no_law_and_the_engines_replayer_follows_its_histories() -> None:
    outcome = play(story("breakout"), replay=True)
    assert outcome.findings == ()
    assert outcome.is_replayed
    assert outcome.fills == 2


def test_a_history_that_the_replayer_does_not_follow_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def of_another_house(
        histories: Iterable[WorkflowHistory], kinds: Sequence[type], converter: DataConverter
    ) -> tuple[Replayed, ...]:
        bent = list(histories)
        for event in bent[0].events:
            if event.event_type == SCHEDULED:
                event.activity_task_scheduled_event_attributes.activity_type.name = "another"
        return replayed(bent, kinds, converter)

    monkeypatch.setattr(employing, "replayed", of_another_house)
    found = play(story("breakout"), replay=True).findings
    assert [finding.law for finding in found] == ["run"]
    assert "the engine's replayer does not follow trade:" in found[0].text


def test_the_same_scenario_gives_the_same_bytes_and_another_one_does_not() -> None:
    first, second, other = (play(draw(seed)) for seed in (23, 23, 24))
    assert first == second
    assert first.digest != other.digest


def test_whatever_ends_a_run_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("a wall")

    monkeypatch.setattr("backstay.lab.simulation.world.World.quiet", breaks)
    (finding,) = play(story("breakout")).findings
    assert (finding.law, finding.text) == ("run", "RuntimeError: a wall")


def test_a_run_tells_what_each_side_of_it_has_seen() -> None:
    journal = Journal(keeps=True)
    play(draw(23), journal)
    assert {entry.source for entry in journal.entries} >= {
        Source.AUDIT,
        Source.ENGINE,
        Source.HAND,
        Source.MARKET,
        Source.STRIKE,
        Source.WIRE,
    }


def test_whoever_goes_home_has_ended_once_and_not_by_itself() -> None:
    journal = Journal(keeps=True)
    calm = story("breakout")
    play(replace(calm, away=(Away(2.0, 4.0),)), journal)
    told = [loads(entry.text) for entry in journal.entries if entry.source is Source.STRIKE]
    gone = [(each["what"], each["who"]) for each in told if "ended" in each["what"]]
    assert sorted(gone) == [("ended", "broker")] * 2 + [("ended", "trades")] * 2


def test_the_judge_is_shown_how_each_trade_stands_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[Rest] = []
    monkeypatch.setattr(Judge, "at_rest", lambda _, rest: shown.append(rest))
    play(story("breakout"))
    (trade,) = shown[0].trades
    assert trade.standing is not None
    assert trade.standing.doing is Doing.OVER


def test_a_run_in_which_nothing_leads_on_any_more_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Employing, "has_running", lambda _: True)
    calm = story("breakout")
    seconds = play(calm).virtual_seconds - calm.quiet_at_seconds - SETTLE_SECONDS
    assert STILL_SECONDS <= seconds < CLEAR_UP_SECONDS_MAX
