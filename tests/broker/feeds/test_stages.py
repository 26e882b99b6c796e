"""What becomes of a line: every stage against everything that can be heard of it."""

from collections.abc import Callable
from math import inf

import pytest

from backstay.broker.feeds import stages
from backstay.broker.feeds.stages import Stage, Standing

NOW = 100.0
OFF, QUEUED, ASKED, ALIVE = Stage.OFF, Stage.QUEUED, Stage.ASKED, Stage.ALIVE
DOUBTED, REFUSED, BARRED = Stage.DOUBTED, Stage.REFUSED, Stage.BARRED


@pytest.mark.parametrize(
    ("event", "after"),
    [
        (stages.ticked, (OFF, QUEUED, ALIVE, ALIVE, ALIVE, ALIVE, BARRED)),
        (stages.doubted, (OFF, QUEUED, DOUBTED, DOUBTED, DOUBTED, REFUSED, BARRED)),
        (stages.restored, (OFF, QUEUED, ASKED, ALIVE, DOUBTED, REFUSED, BARRED)),
        (stages.queued, (QUEUED,) * 7),
        (stages.asked, (ASKED,) * 7),
        (lambda before, now: stages.refused(before, now, 1.0), (REFUSED,) * 7),
    ],
)
def test_what_each_event_makes_of_each_stage(
    event: Callable[[Standing, float], Standing], after: tuple[Stage, ...]
) -> None:
    found = tuple(event(Standing(stage, NOW - 10), NOW).stage for stage in Stage)
    assert found == after


@pytest.mark.parametrize("stage", [DOUBTED, REFUSED])
def test_a_tick_that_may_have_been_on_its_way_proves_nothing(stage: Stage) -> None:
    before = Standing(stage, NOW)
    assert stages.ticked(before, NOW + 0.999) is before
    assert stages.ticked(before, NOW + 1.0) == Standing(ALIVE, NOW + 1.0)


def test_a_line_that_stays_silent_is_asked_for_with_pauses_that_double_up_to_a_limit() -> None:
    standing = Standing()
    pauses = []
    for _ in range(9):
        standing = stages.asked(stages.queued(standing, NOW), NOW)
        pauses.append(standing.due_at - NOW)
        standing = stages.silent(standing)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert stages.asked(stages.ticked(stages.asked(standing, NOW), NOW), NOW).due_at == NOW + 5


def test_what_is_doubted_has_a_minute_and_once_restored_a_moment() -> None:
    doubted = stages.doubted(Standing(ALIVE), NOW)
    assert doubted.due_at == NOW + 60
    assert stages.restored(doubted, NOW + 10).due_at == NOW + 13
    assert stages.restored(doubted, NOW + 59).due_at == NOW + 60


@pytest.mark.parametrize(
    ("stage", "is_due_when_closed"),
    [(ASKED, False), (DOUBTED, False), (REFUSED, True), (BARRED, True)],
)
def test_silence_means_nothing_while_the_market_is_closed(
    stage: Stage, *, is_due_when_closed: bool
) -> None:
    standing = Standing(stage, NOW, NOW + 5)
    assert not stages.is_due(standing, NOW + 4.9, is_open=True)
    assert stages.is_due(standing, NOW + 5, is_open=True)
    assert stages.is_due(standing, NOW + 5, is_open=False) is is_due_when_closed


def test_what_is_alive_or_waits_is_never_due_by_itself() -> None:
    for standing in (Standing(), stages.queued(Standing(), NOW), Standing(ALIVE, NOW)):
        assert standing.due_at == inf
    assert stages.barred(NOW, inf).due_at == inf


@pytest.mark.parametrize("stage", Stage)
def test_ticks_may_be_on_their_way_only_once_the_request_has_left(stage: Stage) -> None:
    assert Standing(stage).is_subscribed is (stage in {ASKED, ALIVE, DOUBTED})
    assert Standing(stage).is_alive is (stage is ALIVE)
    assert stages.is_silence(Standing(stage)) is (stage in {ASKED, DOUBTED})
