"""Entries that fill in part, are lost sight of, outlive their approval, or wait for the open."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities import calls
from backstay.domain.edge.arms import Amended, ArmPhase, FireNow, Gone
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.looking import AbsenceDeclared, DeclareAnswer, NotDeclared
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.ticks.triggers import Missed
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, playing, waits
from workflows.trade import Trade


def test_what_filled_before_the_rest_was_cancelled_is_guarded_and_left() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(40)
            told = await play.wants("cancel")
            assert told == "completed: guarding the position"
            assert play.script.calls_of("cancel") == [
                IntentKey(play.order.trade, 0, Purpose.ENTRY, 1)
            ]
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert [order.filled for order in settlement.orders if order.filled] == [40, 40]
        assert settlement.why == "stop"

    tell(story)


def test_a_fill_that_comes_after_the_cancel_is_guarded_as_well() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(40)
            play.edge.entry_rests_on_cancel = True
            asked = asyncio.create_task(play.wants("cancel"))
            await play.script.was_asked("cancel")
            await play.edge.fills(25, ArmPhase.OVER)
            assert await asked == "completed: guarding the position"
            assert (await play.standing()).entered == 65
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_an_unknown_entry_that_is_found_goes_on_as_if_nothing_had_been() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.UNKNOWN, why="the broker has not answered")
            standing = await play.comes_to(Doing.UNKNOWN)
            assert standing.lifecycle.state is TradeState.RISK_SUBMITTED
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_an_unknown_entry_that_the_broker_never_had_ends_the_trade() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.UNKNOWN)
            await play.comes_to(Doing.UNKNOWN)
            await play.edge.reports(ArmPhase.EXPIRED, why="the broker never had it")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == "the broker never had it"

    tell(story)


def test_an_unknown_entry_of_another_day_stays_unknown_until_a_person_decides() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.UNKNOWN)
            for number in range(2, 5):
                await play.script.was_asked("arm", number)
                await play.edge.reports(ArmPhase.UNKNOWN, why="it was sent on another day")
            standing = await play.comes_to(Doing.UNKNOWN, lambda now: now.at == cast.at(4))
            assert standing.why == "it was sent on another day"
            assert not play.script.calls_of("release")
            await play.edge.reports(ArmPhase.OVER, why="a person says that it is absent")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == "a person says that it is absent"

    tell(story)


def test_a_person_who_has_looked_ends_an_unknown_entry_under_their_name() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await play.wants("declare_absent", "Ada", "TWS shows none")
            assert "nothing is unknown" in str(refused.value.cause)
            await play.edge.reports(ArmPhase.UNKNOWN, why="it was sent on another day")
            await play.comes_to(Doing.UNKNOWN)
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await play.wants("declare_absent", " ", "TWS shows none")
            assert "it takes a name and a reason" in str(refused.value.cause)

            async def declared(asked: calls.DeclareAbsent) -> DeclareAnswer:
                word = AbsenceDeclared(asked.key, asked.by, asked.reason, cast.at(9))
                await play.edge.reports(ArmPhase.EXPIRED, why=word.text)
                return word

            alive = NotDeclared(
                IntentKey(play.order.trade, 0, Purpose.ENTRY, 1), "the broker shows it alive"
            )
            play.script.answers["declare_absent"] = [cast.always(alive), declared]
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await play.wants("declare_absent", "Ada", "TWS shows none")
            assert "the broker shows it alive" in str(refused.value.cause)
            await play.wants("declare_absent", "Ada", "TWS shows none")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == "declared absent by Ada: TWS shows none"

    tell(story)


def test_each_report_of_an_entry_is_asked_for_after_a_longer_pause() -> None:
    async def story() -> None:
        async with playing() as play:
            for number in range(1, 12):
                await play.script.was_asked("arm", number)
                await play.edge.reports(ArmPhase.WORKING)
            await play.edge.fills(0, ArmPhase.OVER)
            await play.settled()
        pauses = [asked.pause_seconds for asked in play.script.calls_of("arm")[:11]]
        assert pauses == [1, 4, 16, 64, 256, 1024, 4096, 14400, 14400, 14400, 14400]
        assert [asked.after for asked in play.script.calls_of("arm")[:11]] == list(range(11))

    tell(story)


def test_a_crossing_that_nobody_saw_is_asked_about_and_entered_when_a_person_says_so() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            missed = Missed(Decimal("100.40"), cast.NOW)
            await play.edge.reports(ArmPhase.WAITING, watch=missed)
            await play.comes_to(Doing.ASKING)
            assert await play.wants("enter")
            (asked,) = play.script.calls_of("amend_arm")
            assert asked.change == FireNow()
            await play.is_guarded()
            (change,) = await play.life.query(Trade.arm_changes)
            assert change.change == FireNow()
            assert change.version == asked.version == 2
            await play.edge.stop_is_hit()
            assert (await play.settled()).state is TradeState.CLOSED

    tell(story)


def test_what_is_told_of_an_arm_goes_on_from_the_version_that_it_had_then() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WAITING)
            await play.script.was_asked("arm", 2)
            await play.comes_to(Doing.WAITING)
            play.script.answers["amend_arm"] = [waits(cue, play.script.always["amend_arm"])]
            entering = asyncio.create_task(play.wants("enter"))
            assert (await play.script.was_asked("amend_arm")).version == 2
            await play.edge.reports(ArmPhase.WAITING)
            third = await play.script.was_asked("arm", 3)
            cue.set()
            fourth = await play.script.was_asked("arm", 4)
            assert (third.version, fourth.version) == (1, 2)
            await entering
            await play.edge.reports(ArmPhase.OVER)
            await play.settled()

    tell(story)


def test_what_can_not_be_let_go_any_more_is_cancelled() -> None:
    async def gone(asked: calls.Release) -> Any:
        return Gone(asked.key, "the entry is sending")

    def prepare(_: Edge, script: Script) -> None:
        script.answers["release"] = [gone]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WAITING)
            await play.wants("cancel")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert len(play.script.calls_of("cancel")) == 1
        assert settlement.why == "called off by hand"

    tell(story)


def test_that_an_entry_is_let_go_counts_before_the_edge_has_answered() -> None:
    async def story() -> None:
        let_go = asyncio.Event()

        async def slow(asked: calls.Release) -> Any:
            await let_go.wait()
            return Amended(asked.key, asked.version)

        async with playing() as play:
            await play.script.was_asked("arm")
            play.script.answers["release"] = [slow]
            await play.life.signal(Trade.kill, args=[3, "freeze"])
            asked = await play.script.was_asked("release")
            (change,) = await play.life.query(Trade.arm_changes)
            assert (change.version, change.change) == (asked.version, None)
            await play.edge.reports(ArmPhase.WITHDRAWN, why="released")
            let_go.set()
            await play.settled()

    tell(story)


def test_a_release_that_came_too_late_is_no_change() -> None:
    async def gone(asked: calls.Release) -> Any:
        return Gone(asked.key, "the entry is working")

    async def rests(key: IntentKey) -> CancelReport:
        return CancelReport(key, CancelStanding.PENDING)

    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            play.script.answers["release"] = [gone]
            play.script.answers["cancel"] = [rests]
            await play.life.signal(Trade.kill, args=[3, "freeze"])
            await play.script.was_asked("cancel")
            await play.edge.fills(10, ArmPhase.OVER)
            await play.script.was_asked("guard")
            assert await play.life.query(Trade.arm_changes) == ()
            await play.edge.stop_is_hit()
            assert (await play.settled()).state is TradeState.CLOSED

    tell(story)


def test_a_stop_that_is_hit_while_the_entry_still_fills_ends_the_entry() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(60)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert len(play.script.calls_of("cancel")) == 1
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    tell(story)
