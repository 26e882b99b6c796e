"""Entries that are called off while they can't be: nobody is there, or nobody knows of them."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowUpdateStage

from activities import calls
from backstay.domain.edge.arms import ArmPhase, Gone
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.guards import LeaveNow
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, Play, playing
from workflows.trade import Trade

DAYS, DAYS_LASTED = 3, 150
DAYS_WITHOUT_A_BROKER = 20
EVENTS_KEPT = 51_200
"""The engine ends a workflow that has more."""


def _after(span: timedelta) -> Any:
    """Nothing is heard for so long."""

    async def answer(_: Any) -> Any:
        raise cast.later(span)

    return answer


async def _is_called_off(play: Play) -> None:
    """A person calls it off, and does not wait for what comes of that."""
    await play.life.start_update("cancel", wait_for_stage=WorkflowUpdateStage.ACCEPTED)


async def _nothing_known(key: IntentKey) -> CancelReport:
    return CancelReport(key, CancelStanding.NOTHING)


async def _never_here(asked: calls.Release) -> Gone:
    return Gone(asked.key, "nothing of this key is armed here")


def test_only_the_first_call_of_an_arm_takes_for_granted_that_nothing_was_changed() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WAITING)
            await play.script.was_asked("arm", 2)
            await play.edge.reports(ArmPhase.EXPIRED)
            await play.settled()
        assert [asked.is_first for asked in play.script.calls_of("arm")] == [True, False]

    tell(story)


def test_an_entry_that_is_called_off_before_it_is_armed_stays_taken_back() -> None:
    """Whoever takes the arm up later asks, and must hear of it; what has left is not taken back."""

    def prepare(_: Edge, script: Script) -> None:
        script.always |= {"release": _never_here, "cancel": _nothing_known}

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.script.was_asked("arm")
            await _is_called_off(play)
            await play.script.was_asked("cancel")
            (taken_back,) = {each.change for each in await play.life.query(Trade.arm_changes)}
            assert taken_back is None
            await play.edge.reports(ArmPhase.WORKING)
            await play.comes_to(Doing.ENTERING)
            assert await play.life.query(Trade.arm_changes) == ()
            await play.edge.reports(ArmPhase.OVER)
            assert (await play.settled()).state is TradeState.CANCELLED

    tell(story)


def test_an_entry_that_nobody_finds_for_days_is_asked_about_ever_more_seldom() -> None:
    async def story() -> None:
        order = cast.an_order()
        unknown = cast.report(order, ArmPhase.UNKNOWN)
        over = cast.report(order, ArmPhase.OVER, revision=2)
        arm: list[Any] = [cast.always(unknown), _after(timedelta(days=DAYS)), cast.always(over)]

        def prepare(_: Edge, script: Script) -> None:
            script.always["cancel"] = _nothing_known
            script.answers["arm"] = arm

        async with playing(prepare=prepare, order=order) as play:
            await play.comes_to(Doing.UNKNOWN)
            await _is_called_off(play)
            assert (await play.settled()).state is TradeState.CANCELLED
            events = len(await play.history())
            cancels = len(play.script.calls_of("cancel"))
            assert [alert.kind for alert in play.script.alerts] == [IncidentKind.ORDER_SURVIVES]
        assert 24 * DAYS - 2 <= cancels <= 24 * DAYS + 12
        assert events < EVENTS_KEPT * DAYS / DAYS_LASTED

    tell(story)


def test_an_entry_that_is_found_after_all_is_cancelled_at_once() -> None:
    asked: list[IntentKey] = []

    async def cancel(key: IntentKey) -> Any:
        asked.append(key)
        return CancelReport(key, CancelStanding.NOTHING)

    def prepare(_: Edge, script: Script) -> None:
        script.always["cancel"] = cancel

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.UNKNOWN)
            await play.comes_to(Doing.UNKNOWN)
            await _is_called_off(play)
            await play.script.was_asked("cancel")
            count = len(asked)
            began = await play.house.env.get_current_time()
            await play.edge.reports(ArmPhase.WORKING)
            await play.script.was_asked("cancel", count + 1)
            assert await play.house.env.get_current_time() - began < timedelta(seconds=1)
            await play.edge.reports(ArmPhase.OVER)
            await play.settled()

    tell(story)


def test_a_position_that_nobody_watches_leaves_as_soon_as_somebody_does() -> None:
    """The guard is not there to be told; whoever takes it up asks, and must hear of it."""

    async def nobody(asked: calls.AmendGuard) -> Gone:
        return Gone(asked.key, "nothing of this key is guarded")

    def prepare(_: Edge, script: Script) -> None:
        script.always["amend_guard"] = nobody

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.is_guarded()
            await play.life.start_update("close", wait_for_stage=WorkflowUpdateStage.ACCEPTED)
            told = await play.script.was_asked("amend_guard", 2)
            (kept,) = await play.life.query(Trade.changes)
            assert isinstance(kept.change, LeaveNow)
            assert kept.version >= told.version
            await play.edge.stop_is_hit()
            assert (await play.settled()).state is TradeState.CLOSED

    tell(story)


def test_weeks_without_a_broker_leave_room_in_the_history_of_what_is_to_be_left() -> None:
    async def nobody(asked: calls.AmendGuard) -> Gone:
        return Gone(asked.key, "nothing of this key is guarded")

    def prepare(_: Edge, script: Script) -> None:
        script.always["amend_guard"] = nobody
        script.answers["guard"] = [_after(timedelta(hours=6))]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.is_guarded()
            await play.life.start_update("close", wait_for_stage=WorkflowUpdateStage.ACCEPTED)
            settled = asyncio.ensure_future(play.settled())
            await play.script.was_asked("guard", 2)
            await play.edge.stop_is_hit()
            assert (await settled).state is TradeState.CLOSED
            assert len(await play.history()) < EVENTS_KEPT / 4 / DAYS_WITHOUT_A_BROKER

    tell(story)
