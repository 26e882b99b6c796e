"""Entries that wait: for longer than their approval lasts, for the open, or to be let go."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from activities import calls
from backstay.domain.edge.arms import ArmPhase, ExtendUntil
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.plan.complaints import Complaint
from backstay.domain.trade.prospect import NoProspect, Prospect
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, playing
from workflows.trade import Trade

LONG = cast.PLAN.replace("2026-11-23T20:55:00Z", "2036-11-23T20:55:00Z")
A_DAY = timedelta(days=1)


def _passing(script: Script, edge: Edge) -> None:
    """Time passes although the arm waits: it fails, and is tried again an hour later."""
    arm = script.always["arm"]

    async def waits(asked: calls.ArmCall) -> Any:
        told = edge._report
        if told is not None and told.revision > asked.after:
            return await arm(asked)
        raise cast.later(timedelta(hours=1))

    script.always["arm"] = waits


async def _a_day_later(order: Any) -> Prospect:
    return replace(await cast.prospect_of(order), at=cast.NOW + A_DAY)


def test_an_entry_that_outlives_its_approval_is_admitted_anew_in_time() -> None:
    def prepare(edge: Edge, script: Script) -> None:
        script.answers["prospect"] = [cast.prospect_of, _a_day_later]
        script.always["admit"] = cast.admitted_now
        _passing(script, edge)

    async def story() -> None:
        async with playing(plan=LONG, prepare=prepare) as play:
            await play.script.was_asked("arm")
            begun_at = await play.house.env.get_current_time()
            await play.skips(A_DAY - timedelta(minutes=11))
            assert len(play.script.calls_of("admit")) == 1
            await play.skips(timedelta(minutes=2))
            changed = await play.script.was_asked("amend_arm")
            assert isinstance(changed.change, ExtendUntil)
            until = changed.change.entry.valid_until
            assert until is not None
            assert timedelta(hours=47) < until - begun_at < timedelta(hours=48)
            assert len(play.script.calls_of("admit")) == 2
            standing = await play.standing()
            assert standing.doing is Doing.WAITING
            await play.edge.reports(ArmPhase.EXPIRED)
            assert (await play.settled()).state is TradeState.CANCELLED

    tell(story)


@pytest.mark.parametrize("by", ["the account", "the broker"])
def test_an_entry_that_is_not_admitted_anew_is_let_go_and_its_room_given_back(by: str) -> None:
    async def refuses(asked: Any) -> Any:
        key = asked.requests[0].intent.key
        return Refused(key, RefusalCode.KILLED, "trading is stopped", cast.NOW)

    def prepare(edge: Edge, script: Script) -> None:
        no = NoProspect((Complaint(("instrument", "symbol"), "AAPL; delisted"),), cast.NOW)
        again = cast.always(no) if by == "the broker" else cast.prospect_of
        script.answers["prospect"] = [cast.prospect_of, again]
        script.answers["admit"] = [cast.admitted_now, refuses]
        _passing(script, edge)

    async def story() -> None:
        async with playing(plan=LONG, prepare=prepare) as play:
            await play.script.was_asked("arm")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        why = {"the account": "trading is stopped", "the broker": "AAPL; delisted"}[by]
        assert settlement.why.startswith("not admitted again: ")
        assert settlement.why.endswith(why)
        assert play.script.calls_of("release")
        assert play.script.settled == [settlement]

    tell(story)


def test_an_entry_that_waits_for_the_open_is_asked_about_again_then() -> None:
    async def closed(order: Any) -> Prospect:
        opens_at = cast.NOW + timedelta(hours=17)
        return replace(await cast.prospect_of(order), not_before=opens_at)

    def prepare(_: Edge, script: Script) -> None:
        script.answers["prospect"] = [closed, _a_day_later]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.comes_to(Doing.QUEUED)
            before = await play.house.env.get_current_time()
            assert not play.script.calls_of("admit")
            await play.skips(timedelta(hours=17))
            armed = await play.script.was_asked("arm")
            assert armed.arm.asked.at == cast.NOW + A_DAY
            assert await play.house.env.get_current_time() >= before + timedelta(hours=17)
            await play.edge.reports(ArmPhase.EXPIRED)
            await play.settled()

    tell(story)


def test_an_entry_that_waits_for_the_open_can_be_called_off() -> None:
    async def closed(order: Any) -> Prospect:
        opens_at = cast.NOW + timedelta(hours=17)
        return replace(await cast.prospect_of(order), not_before=opens_at)

    def prepare(_: Edge, script: Script) -> None:
        script.answers["prospect"] = [closed]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.comes_to(Doing.QUEUED)
            await play.wants("cancel")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == "called off by hand"
        assert not play.script.calls_of("admit")
        assert play.script.settled == []

    tell(story)


def test_a_cancel_of_the_entry_that_is_not_answered_is_told_and_asked_ever_less_often() -> None:
    def prepare(edge: Edge, script: Script) -> None:
        _passing(script, edge)
        edge.entry_rests_on_cancel = True

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WORKING)
            await play.skips(timedelta(hours=2))
            await play.comes_to(Doing.ENTERING)
            await play.life.signal(Trade.kill, args=[3, "freeze"])
            await play.script.was_asked("cancel")
            await play.skips(timedelta(hours=2))
            asked = len(play.script.calls_of("cancel"))
            assert 5 < asked < 40
            (alert,) = play.script.alerts
            assert alert.kind is IncidentKind.ORDER_SURVIVES
            assert alert.text == f"bs1:{play.order.trade}:0:EN:1: the cancel is pending"
            await play.edge.reports(ArmPhase.OVER)
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == "trading is stopped: freeze, epoch 3"

    tell(story)
