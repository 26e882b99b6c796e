"""Positions that stay guarded, attempt after attempt, with whatever was changed by hand."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from logging import WARNING

import pytest
from temporalio.exceptions import ApplicationError

from activities.calls import AmendGuard, GuardCall, Release
from activities.guards import GuardActivities
from backstay.broker.edge import Edge
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.arms import AmendAnswer, Amended, Gone
from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    Guard,
    GuardAmendment,
    GuardChange,
    GuardEnd,
    GuardEnded,
    GuardResult,
    GuardState,
    MoveStop,
    NotSplit,
    Split,
    SplitAnswer,
    SplitOff,
    TargetReached,
    resumed,
)
from backstay.domain.edge.resuming import reguarded
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.trails import Resting
from backstay.lab.virtual_time import run
from tests.activities.attempts import WORKFLOW, Attempt, ScriptedChanges, ScriptedEntered
from tests.broker.edge.stage import START, START_NS, Stage, key, play
from tests.broker.edge.test_guards import fall, held
from tests.broker.guards.parts import shown, split, target, walk_out
from tests.domain.edge.samples import GUARD, STATE

EXIT = str(key(Purpose.EXIT_STOP))
SYNCED_AFTER = 7.0
LOOSER = MoveStop(Decimal("97.00"))
SPLIT = SplitOff(GUARD.key, 6, Decimal(30))
ENDED = GuardEnded(GUARD.key, 9, GuardEnd.RELEASED, GUARD.guarded, START)


# --- before an edge that does as it is told ---


@dataclass
class ScriptedEdge:
    """An edge whose guard begins after a while, and ends a minute later."""

    begins_after: float = 0.0
    standing: GuardState | None = None
    answer: AmendAnswer | None = None
    split: SplitAnswer = field(default_factory=lambda: NotSplit(GUARD.key, "no", is_over=True))
    error: Exception | None = None
    guarded: list[tuple[Guard, int, int]] = field(default_factory=list)
    changed: list[tuple[int, GuardChange | SplitOff | None]] = field(default_factory=list)

    async def synced(self) -> None:
        await asyncio.sleep(SYNCED_AFTER)

    async def guard(self, guard: Guard, version: int, after: int = 0) -> GuardResult:
        self.guarded.append((guard, version, after))
        if self.error is not None:
            raise self.error
        await asyncio.sleep(self.begins_after)
        self.standing = replace(STATE, version=version)
        await asyncio.sleep(59)
        return ENDED

    def health(self) -> EdgeHealth:
        ready = SessionReport(SessionState.READY, START)
        return EdgeHealth("DU1", 1, ready, BrokerTime(START, 0.1), (), 0, 0, 0, 9, 0, None)

    def guard_state(self, key: IntentKey) -> GuardState | None:
        return self.standing if key == GUARD.key else None

    def amend_guard(
        self, key: IntentKey, version: int, change: GuardChange, *, again: bool = False
    ) -> AmendAnswer:
        assert self.standing is not None, "it is too early for a change"
        assert again is bool(self.guarded), "only what was made before is made again"
        self.changed.append((version, change))
        return self.answer or Amended(key, version)

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        self.changed.append((asked.version, asked))
        await asyncio.sleep(2)
        return self.split

    def release(self, key: IntentKey, version: int) -> AmendAnswer:
        self.changed.append((version, None))
        return Gone(key, "the exit has begun")


CALL = GuardCall(GUARD, 1, 2)


def attempted(
    edge: ScriptedEdge, attempt: Attempt, changes: ScriptedChanges | None = None
) -> GuardResult:
    """What one attempt comes to."""
    doors = GuardActivities(edge, changes or ScriptedChanges(), ScriptedEntered(), lambda: None)
    return run(attempt.run(doors.guard, CALL), start_ns=START_NS)


def test_a_first_attempt_guards_what_was_written_down_and_asks_nobody() -> None:
    edge, changes, attempt = ScriptedEdge(), ScriptedChanges(), Attempt()
    assert attempted(edge, attempt, changes) == ENDED
    assert edge.guarded == [(GUARD, 1, 2)]
    assert changes.asked == []
    assert attempt.last_beat == replace(STATE, version=1)


def test_a_later_attempt_goes_on_from_the_heartbeat() -> None:
    edge, changes = ScriptedEdge(), ScriptedChanges()
    attempted(edge, Attempt(2, STATE), changes)
    assert edge.guarded == [(reguarded(GUARD, STATE), STATE.version, 2)]
    assert changes.asked == [WORKFLOW]


def test_the_workflow_is_asked_once_a_guard_could_begin_and_not_long_before() -> None:
    changes = ScriptedChanges()
    attempted(ScriptedEdge(), Attempt(2, STATE), changes)
    assert changes.asked_at == [SYNCED_AFTER]


def test_a_later_attempt_without_a_heartbeat_begins_with_what_was_written_down() -> None:
    edge = ScriptedEdge()
    attempted(edge, Attempt(2))
    assert edge.guarded == [(GUARD, 1, 2)]


def test_a_later_attempt_takes_in_what_has_filled_where_nobody_could_hear_of_it() -> None:
    edge, entered = ScriptedEdge(), ScriptedEntered(more=Decimal(170))
    doors = GuardActivities(edge, ScriptedChanges(), entered, lambda: None)
    run(Attempt(2, STATE).run(doors.guard, CALL), start_ns=START_NS)
    ((guard, _, _),) = edge.guarded
    assert guard == replace(resumed(GUARD, STATE), quantity=Decimal(170))
    assert entered.days == [(GUARD.key, START)]


def test_a_heartbeat_that_makes_no_sense_keeps_no_position_unguarded() -> None:
    edge = ScriptedEdge()
    attempted(edge, Attempt(2, replace(STATE, quantity=Decimal(0))))
    assert edge.guarded == [(GUARD, 1, 2)]


@pytest.mark.parametrize("seconds", [0.0, 0.01, 3.0])
def test_changes_that_the_heartbeat_does_not_know_are_made_again_in_their_order(
    seconds: float,
) -> None:
    edge = ScriptedEdge(
        begins_after=seconds, split=Split(GUARD.key, 6, Decimal(30), Decimal(70), START)
    )
    younger = GuardAmendment(5, LOOSER), GuardAmendment(6, SPLIT), GuardAmendment(7, LOOSER)
    changes = ScriptedChanges(guard=(GuardAmendment(4, MoveStop(Decimal(1))), *younger))
    attempted(edge, Attempt(2, STATE), changes)
    assert STATE.version == 4
    assert edge.changed == [(5, LOOSER), (6, SPLIT), (7, LOOSER)]


def test_a_change_that_comes_too_late_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    edge = ScriptedEdge(answer=Gone(GUARD.key, "the exit has begun"))
    changes = ScriptedChanges(guard=(GuardAmendment(5, LOOSER), GuardAmendment(6, SPLIT)))
    with caplog.at_level(WARNING):
        attempted(edge, Attempt(2, STATE), changes)
    first, second = [record.getMessage() for record in caplog.records]
    assert "change 5" in first
    assert "the exit has begun" in first
    assert "change 6" in second


def test_a_workflow_that_is_silent_keeps_no_position_unguarded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    edge = ScriptedEdge()
    changes = ScriptedChanges(guard=(GuardAmendment(5, LOOSER),), silences=5)
    with caplog.at_level(WARNING):
        attempted(edge, Attempt(2, STATE), changes)
    assert edge.guarded == [(reguarded(GUARD, STATE), STATE.version, 2)]
    assert edge.changed == [(5, LOOSER)]
    assert len(changes.asked) == 6
    assert "is guarded on what is known" in caplog.text


def test_a_guard_that_runs_here_is_joined() -> None:
    edge, changes = ScriptedEdge(standing=STATE), ScriptedChanges(silences=99)
    attempted(edge, Attempt(2, STATE), changes)
    assert edge.guarded == [(GUARD, 1, 2)]
    assert changes.asked == []


def test_a_session_that_somebody_else_has_is_tried_again() -> None:
    edge = ScriptedEdge(error=SessionTakenError("another edge has the session"))
    for number in (1, 2):
        with pytest.raises(ApplicationError) as told:
            attempted(edge, Attempt(number))
        assert (told.value.type, told.value.non_retryable) == ("SessionTaken", False)


def test_the_short_doors_pass_on_what_they_are_asked() -> None:
    edge = ScriptedEdge(standing=STATE)
    doors = GuardActivities(edge, ScriptedChanges(), ScriptedEntered(), lambda: None)

    async def story() -> None:
        amended = await Attempt().run(doors.amend_guard, AmendGuard(GUARD.key, 5, LOOSER))
        assert amended == Amended(GUARD.key, 5)
        assert await Attempt().run(doors.split_off, SPLIT) == edge.split
        gone = await Attempt().run(doors.release, Release(GUARD.key, 7))
        assert gone == Gone(GUARD.key, "the exit has begun")

    run(story(), start_ns=START_NS)
    assert edge.changed == [(5, LOOSER), (6, SPLIT), (7, None)]


# --- before the whole edge and the whole gateway ---


async def begun(
    edge: Edge, call: GuardCall, attempt: Attempt, changes: ScriptedChanges | None = None
) -> asyncio.Task[GuardResult]:
    """An attempt that is under way."""
    doors = GuardActivities(edge, changes or ScriptedChanges(), ScriptedEntered(), lambda: None)
    task = asyncio.ensure_future(attempt.run(doors.guard, call))
    await asyncio.sleep(1)
    return task


def test_a_guard_watches_on_although_its_attempt_was_called_off() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        call, first = GuardCall(seat.guard(), 1, 0), Attempt()
        task = await begun(edge, call, first)
        first.env.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await fall(stage, "97.80", "97.79")
        await stage.until(lambda: EXIT in stage.placed(), 5)
        result = await asyncio.wait_for(await begun(edge, call, Attempt(2)), 5)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.STOP

    assert play(story).placed().count(EXIT) == 1


async def left(edge: Edge, task: "asyncio.Task[GuardResult]") -> None:
    """The edge's process ends."""
    await edge.close()
    await asyncio.wait([task])
    error = task.exception()
    assert isinstance(error, ApplicationError)
    assert (error.type, error.non_retryable) == ("EdgeClosed", False)


@pytest.mark.req("S1.14")
@pytest.mark.parametrize("is_heard", [True, False])
def test_a_stop_that_was_moved_by_hand_stays_moved_in_another_process(is_heard: bool) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        call, first = GuardCall(seat.guard(), 1, 0), Attempt(timeout=timedelta(seconds=3))
        task = await begun(edge, call, first)
        before = first.last_beat
        doors = GuardActivities(edge, ScriptedChanges(), ScriptedEntered(), lambda: None)
        await first.run(doors.amend_guard, AmendGuard(call.guard.key, 2, LOOSER))
        await stage.sleep(2)
        assert first.last_beat.version == 2
        await left(edge, task)
        other = await stage.edge()
        made = ScriptedChanges(guard=(GuardAmendment(2, LOOSER),))
        second = Attempt(2, first.last_beat if is_heard else before)
        again = await begun(other, call, second, made)
        await fall(stage, "97.50", "97.49")
        await stage.sleep(2)
        assert EXIT not in stage.placed()
        await fall(stage, "96.80", "96.79")
        result = await asyncio.wait_for(again, 5)
        assert isinstance(result, ExitBegun)
        assert result.version == 2
        assert result.guarded.level.stop == LOOSER.stop

    play(story)


@pytest.mark.req("S1.14")
def test_a_stop_that_the_price_has_passed_meanwhile_is_put_there_again_and_leaves() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        call, first = GuardCall(seat.guard(), 1, 0), Attempt()
        task = await begun(edge, call, first)
        await left(edge, task)
        stage.trade("98.60")
        other = await stage.edge()
        tighter = MoveStop(Decimal("99.00"))
        made = ScriptedChanges(guard=(GuardAmendment(2, tighter),), silences=2)
        again = await begun(other, call, Attempt(2), made)
        result = await asyncio.wait_for(again, 15)
        assert isinstance(result, ExitBegun)
        assert (result.why, result.guarded.level.stop) == (Exit.STOP, tighter.stop)

    assert EXIT in play(story).placed()


def test_a_change_that_the_workflow_tells_late_is_made_while_the_guard_runs() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        call, first = GuardCall(seat.guard(), 1, 0), Attempt()
        task = await begun(edge, call, first)
        await left(edge, task)
        other = await stage.edge()
        made = ScriptedChanges(guard=(GuardAmendment(2, LOOSER),), silences=2)
        again = await begun(other, call, Attempt(2), made)
        state = other.guard_state(call.guard.key)
        assert state is not None
        assert state.guarded == Guarded(Resting(Decimal("98.00")))
        await stage.sleep(5)
        state = other.guard_state(call.guard.key)
        assert state is not None
        assert (state.version, state.guarded.level.stop) == (2, LOOSER.stop)
        again.cancel()

    play(story)


@pytest.mark.parametrize("is_sold", [False, True])
def test_a_part_that_was_split_off_after_the_last_heartbeat_stays_so(is_sold: bool) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one = target(seat, "103.00", 30, 1)
        guard = seat.guard(target=one)
        call, first = GuardCall(guard, 1, 0), Attempt()
        task = await begun(edge, call, first)
        before = first.last_beat
        await fall(stage, "103.05", "103.06")
        assert isinstance(await asyncio.wait_for(task, 5), TargetReached)
        call = replace(call, after=1)
        task = await begun(edge, call, first)
        made = split(guard, 2, 30)
        doors = GuardActivities(edge, ScriptedChanges(), ScriptedEntered(), lambda: None)
        assert isinstance(await first.run(doors.split_off, made), Split)
        if is_sold:
            await walk_out(stage, edge, guard, seat, one)
        await left(edge, task)
        other = await stage.edge()
        changes = ScriptedChanges(guard=(GuardAmendment(2, made),))
        again = await begun(other, call, Attempt(2, before), changes)
        await stage.sleep(20)
        assert shown(stage) == 70
        state = other.guard_state(guard.key)
        assert state is not None
        assert (state.version, state.quantity) == (2, Decimal(70))
        await fall(stage, "97.80", "97.79")
        result = await asyncio.wait_for(again, 10)
        assert isinstance(result, ExitBegun)
        await stage.sleep(10)
        assert stage.position() == (0 if is_sold else 30)

    play(story)
