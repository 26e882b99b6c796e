"""Entries kept ready, attempt after attempt: nothing is lost, and nothing leaves twice."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError

from activities.arms import ArmActivities, Heard
from activities.calls import AmendArm, ArmCall
from backstay.broker.edge import Edge
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.arms import (
    AmendAnswer,
    Amended,
    Arm,
    ArmAmendment,
    ArmChange,
    ArmPhase,
    ArmReport,
    FireNow,
    MoveTrigger,
    Progress,
)
from backstay.domain.edge.earlier import earlier_report
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger, Waiting
from backstay.lab.virtual_time import run
from tests.accounts.cases import summary
from tests.activities.attempts import (
    WORKFLOW,
    Attempt,
    ScriptedChanges,
    ScriptedEntered,
    crossed,
)
from tests.broker.edge.stage import START, START_NS, Seat, Stage, key, play
from tests.domain.edge.samples import ARM

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))
ABOVE = Trigger(Decimal("101.00"), Crossing.ABOVE)
HIGHER = Trigger(Decimal("103.00"), Crossing.ABOVE)
SEEN = Waiting(Decimal("100.00"))


# --- before an edge that does as it is told ---


@dataclass
class ScriptedEdge:
    """An edge that remembers what it was asked for, and answers after a while."""

    standing: Progress | None = None
    is_known: bool = False
    is_synced: bool = False
    error: Exception | None = None
    changed: ArmChange | None = None
    armed: list[tuple[Arm, int, int, timedelta]] = field(default_factory=list)

    async def synced(self) -> None:
        await asyncio.sleep(1)
        self.is_synced = True

    async def arm(
        self, arm: Arm, version: int, after: int = 0, pause: timedelta = timedelta(0)
    ) -> Progress:
        self.armed.append((arm, version, after, pause))
        if self.error is not None:
            raise self.error
        self.standing = Progress(arm.key, version, after + 1, ArmPhase.WAITING, START, arm.watch)
        await asyncio.sleep(59)
        return self.standing

    def arm_state(self, key: IntentKey) -> Progress | None:
        return self.standing if key == ARM.key else None

    def amend_arm(self, key: IntentKey, version: int, change: ArmChange) -> AmendAnswer:
        self.changed = change
        return Amended(key, version)

    def knows(self, key: IntentKey) -> bool:
        return self.is_synced and self.is_known and key == ARM.key

    def health(self) -> EdgeHealth:
        ready = SessionReport(SessionState.READY, START)
        return EdgeHealth("DU1", 1, ready, BrokerTime(START, 0.1), (), 0, 0, 0, 9, 0, None)


REPORT = ArmReport(ARM.key, 3, 9, ArmPhase.WAITING, START, watch=SEEN)
CALL = ArmCall(ARM, 1, 4, 2.5)


def attempted(
    edge: ScriptedEdge,
    attempt: Attempt,
    changes: ScriptedChanges | None = None,
    heard: Heard = lambda _: None,
    entered: ScriptedEntered | None = None,
) -> ArmReport:
    """What one attempt comes to."""
    changes, entered = changes or ScriptedChanges(), entered or ScriptedEntered()
    doors = ArmActivities(edge, changes, entered, heard, lambda: None)
    return run(attempt.run(doors.arm, CALL), start_ns=START_NS)


def test_a_first_attempt_arms_what_was_written_down_and_asks_nobody() -> None:
    edge, changes, attempt = ScriptedEdge(), ScriptedChanges(), Attempt()
    report = attempted(edge, attempt, changes)
    assert edge.armed == [(ARM, 1, 4, timedelta(seconds=2.5))]
    assert report == ArmReport(ARM.key, 1, 5, ArmPhase.WAITING, START)
    assert changes.asked == []


def test_its_heartbeat_is_the_newest_report() -> None:
    attempt = Attempt()
    report = attempted(ScriptedEdge(), attempt)
    assert [beat[0] for beat in attempt.beats] == [report] * 6


def test_whoever_books_hears_each_report_with_the_heartbeat_and_the_last_with_the_answer() -> None:
    heard: list[ArmReport] = []
    report = attempted(ScriptedEdge(), Attempt(), heard=heard.append)
    assert heard == [report] * 7


def test_a_later_attempt_goes_on_from_the_heartbeat_with_every_change_since() -> None:
    edge = ScriptedEdge()
    changes = ScriptedChanges(arm=(ArmAmendment(2, MoveTrigger(ABOVE)),))
    attempted(edge, Attempt(2, REPORT), changes)
    ((arm, version, after, _),) = edge.armed
    assert (arm.trigger, arm.watch, version, after) == (ABOVE, SEEN, 3, 4)
    assert changes.asked == [WORKFLOW]


@pytest.mark.parametrize("details", [None, REPORT])
def test_an_entry_that_may_have_been_taken_back_waits_for_its_workflow(
    details: ArmReport | None,
) -> None:
    edge, changes = ScriptedEdge(), ScriptedChanges(silences=20)
    attempt = Attempt(2, details)
    attempted(edge, attempt, changes)
    assert changes.asked == [WORKFLOW] * 21
    assert len(edge.armed) == 1
    assert attempt.beats[:2] == [() if details is None else (crossed(details),)] * 2


def test_what_was_let_go_is_not_armed_again() -> None:
    edge = ScriptedEdge()
    report = attempted(edge, Attempt(2), ScriptedChanges(arm=(ArmAmendment(2, None),)))
    assert edge.armed == []
    assert (report.phase, report.version, report.revision) == (ArmPhase.WITHDRAWN, 2, 5)


def test_an_entry_that_has_left_is_followed_at_once() -> None:
    edge, changes = ScriptedEdge(is_known=True), ScriptedChanges(silences=99)
    attempted(edge, Attempt(2, REPORT), changes)
    assert changes.asked == []
    assert [asked[1] for asked in edge.armed] == [3]


def test_what_is_known_of_an_entry_counts_where_the_broker_shows_it_no_more() -> None:
    """It has filled on another day, and is neither armed again nor given up."""
    entry, heard = summary(ARM.key, 40), summary(ARM.key, 20, is_settled=False)
    details = replace(REPORT, phase=ArmPhase.WORKING, entry=heard)
    edge, changes, entered = ScriptedEdge(), ScriptedChanges(), ScriptedEntered(entry)
    report = attempted(edge, Attempt(2, details), changes, entered=entered)
    assert (edge.armed, changes.asked) == ([], [])
    assert entered.asked == [(ARM.key, heard, START)]
    assert report == earlier_report(ARM, 1, entry, 4, START)


def test_a_first_attempt_and_what_the_broker_shows_need_nobody_who_knows() -> None:
    entered = ScriptedEntered(summary(ARM.key, 40))
    for edge, attempt in (
        (ScriptedEdge(), Attempt()),
        (ScriptedEdge(is_known=True), Attempt(2)),
    ):
        assert attempted(edge, attempt, entered=entered).phase is ArmPhase.WAITING
        assert (len(edge.armed), entered.asked) == (1, [])


def test_an_entry_of_which_nothing_is_known_is_armed_again() -> None:
    edge, entered = ScriptedEdge(), ScriptedEntered()
    assert attempted(edge, Attempt(2), entered=entered).phase is ArmPhase.WAITING
    assert (len(edge.armed), entered.asked) == (1, [(ARM.key, None, START)])


def test_of_what_was_let_go_on_another_day_nobody_says_that_it_had_not_left() -> None:
    edge, changes = ScriptedEdge(), ScriptedChanges(arm=(ArmAmendment(2, None),))
    entered = ScriptedEntered(is_readable=False)
    attempted(edge, Attempt(2), changes, entered=entered)
    ((arm, version, _, _),) = edge.armed
    assert (arm, version) == (ARM, 2)
    assert entered.days == [(ARM.key, START)]


def test_an_arm_that_runs_here_is_joined() -> None:
    standing = Progress(ARM.key, 5, 1, ArmPhase.WAITING, START)
    edge, changes = ScriptedEdge(standing), ScriptedChanges(silences=99)
    attempted(edge, Attempt(2, REPORT), changes)
    assert changes.asked == []
    assert edge.armed == [(ARM, 1, 4, timedelta(seconds=2.5))]


def test_a_session_that_somebody_else_has_is_tried_again() -> None:
    edge = ScriptedEdge(error=SessionTakenError("another edge has the session"))
    with pytest.raises(ApplicationError) as told:
        attempted(edge, Attempt())
    assert (told.value.type, told.value.non_retryable) == ("SessionTaken", False)


# --- before the whole edge and the whole gateway ---


def doors(edge: Edge, *changes: ArmAmendment) -> ArmActivities:
    """The doors of an edge whose workflow has made these changes."""
    scripted, entered = ScriptedChanges(arm=changes), ScriptedEntered()
    return ArmActivities(edge, scripted, entered, lambda _: None, lambda: None)


async def begun(
    edge: Edge, call: ArmCall, attempt: Attempt, *changes: ArmAmendment
) -> asyncio.Task[ArmReport]:
    """An attempt that is under way."""
    task = asyncio.ensure_future(attempt.run(doors(edge, *changes).arm, call))
    await asyncio.sleep(0.5)
    return task


def call_of(seat: Seat, trigger: Trigger | None = None, after: int = 0) -> ArmCall:
    """Arm a hundred shares."""
    return ArmCall(seat.arm(trigger=trigger), 1, after, 1.0)


async def over(edge: Edge, call: ArmCall, number: int = 1) -> ArmReport:
    """Hear of an arm until it is over."""
    report = await Attempt(number).run(doors(edge).arm, call)
    while not report.phase.is_final:
        call = replace(call, after=report.revision)
        report = await asyncio.wait_for(Attempt(number).run(doors(edge).arm, call), 60)
    return report


def test_an_entry_is_armed_fired_and_told_of_in_figures() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        report = await over(edge, call_of(seat))
        assert report.phase is ArmPhase.OVER
        assert report.entry is not None
        assert report.entry.filled == 100
        assert [stop.key for stop in report.stops] == [key(Purpose.PROTECT)]

    assert play(story).placed() == [ENTRY, STOP]


@pytest.mark.req("S0.1")
@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0])
def test_an_attempt_that_is_called_off_in_mid_flight_loses_and_doubles_nothing(
    seconds: float,
) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        call, first = call_of(seat), Attempt()
        task = asyncio.ensure_future(first.run(doors(edge).arm, call))
        await asyncio.sleep(seconds)
        first.env.cancel()
        await asyncio.wait([task])
        report = await over(edge, call, number=2)
        assert report.phase is ArmPhase.OVER
        assert stage.position() == 100

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]


def test_a_trigger_fires_although_the_attempt_that_armed_it_was_called_off() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        call, first = call_of(seat, ABOVE), Attempt()
        task = await begun(edge, call, first)
        first.env.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        stage.trade("101.20")
        await stage.until(lambda: ENTRY in stage.placed(), 5)

    play(story)


async def left(stage: Stage, edge: Edge, attempt: Attempt, task: "asyncio.Task[ArmReport]") -> Edge:
    """The edge's process ends, and another begins."""
    await edge.close()
    await asyncio.wait([task])
    error = task.exception()
    assert isinstance(error, ApplicationError)
    assert (error.type, error.non_retryable) == ("EdgeClosed", False)
    return await stage.edge()


@pytest.mark.req("S1.14")
def test_another_process_goes_on_watching_with_the_trigger_that_was_moved() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        call, first = call_of(seat, ABOVE), Attempt(timeout=timedelta(seconds=3))
        task = await begun(edge, call, first)
        changed = await first.run(
            doors(edge).amend_arm, AmendArm(call.arm.key, 2, MoveTrigger(HIGHER))
        )
        assert changed == Amended(call.arm.key, 2)
        stage.trade("100.10")
        await stage.sleep(2)
        assert (first.last_beat.version, first.last_beat.watch) == (2, Waiting(HIGHER.price))
        other = await left(stage, edge, first, task)
        second = Attempt(2, first.last_beat, timedelta(seconds=3))
        again = await begun(other, call, second, ArmAmendment(2, MoveTrigger(HIGHER)))
        stage.trade("101.50")
        await stage.sleep(1)
        assert stage.placed() == []
        assert second.last_beat.version == 2
        stage.trade("103.10")
        await stage.until(lambda: ENTRY in stage.placed(), 5)
        assert not again.done() or again.result().version == 2
        again.cancel()

    play(story)


def test_what_was_let_go_in_the_moment_of_a_crash_never_leaves() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        call, first = call_of(seat, ABOVE), Attempt()
        task = await begun(edge, call, first)
        other = await left(stage, edge, first, task)
        second = Attempt(2, first.last_beat)
        again = await begun(other, call, second, ArmAmendment(2, None))
        assert again.result().phase is ArmPhase.WITHDRAWN
        stage.trade("101.50")
        await stage.sleep(5)

    assert play(story).placed() == []


def test_what_a_person_has_fired_in_the_moment_of_a_crash_leaves_with_the_next_price() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        call, first = call_of(seat, ABOVE), Attempt()
        task = await begun(edge, call, first)
        other = await left(stage, edge, first, task)
        again = await begun(other, call, Attempt(2), ArmAmendment(2, FireNow()))
        await stage.until(lambda: ENTRY in stage.placed(), 5)
        again.cancel()

    assert play(story).placed() == [ENTRY, STOP]


def test_an_edge_that_is_not_synced_arms_nothing_and_forgets_who_was_called_off() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await edge.close()
        other = await stage.edge(synced=False)
        call, first = call_of(seat), Attempt()
        task = asyncio.ensure_future(first.run(doors(other).arm, call))
        await asyncio.sleep(0)
        first.env.cancel()
        await asyncio.wait([task])
        await stage.sleep(30)

    assert play(story).placed() == []
