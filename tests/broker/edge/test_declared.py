"""Orders that nothing explains, and the person who says that the broker does not have them."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from backstay.broker.edge import Edge
from backstay.broker.news import OrderNews
from backstay.domain.edge.arms import Arm, ArmPhase
from backstay.domain.edge.looking import AbsenceDeclared, NotDeclared
from backstay.domain.ids import Purpose
from tests.broker.edge.stage import ACCOUNT, Seat, Stage, key, play
from tests.broker.edge.test_arms import ENTRY, STOP, until_phase
from tests.broker.edge.test_guards import hold


@dataclass(frozen=True, slots=True)
class Night:
    """What is left of an entry on the morning after."""

    edge: Edge
    seat: Seat
    arm: Arm

    @property
    def con_id(self) -> int:
        """Its contract."""
        return self.seat.instrument.con_id

    @property
    def live(self) -> set[str]:
        """The orders that may fill, as the last hop counts them."""
        return {str(order.key) for order in self.edge._inbox.live_orders(self.con_id)}


DAY_SECONDS = 86_400
ADA, REASON = "Ada", "TWS does not show it"


@pytest.mark.req("S0.2")
def test_an_order_that_the_broker_shows_is_never_declared_absent() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, edge, arm, ArmPhase.WORKING)
        await stage.sleep(5)
        for living in (arm.key, key(Purpose.PROTECT)):
            answer = await edge.declare_absent(living, ADA, REASON)
            assert answer == NotDeclared(living, "the broker shows it")
        live = {order.key for order in edge._inbox.live_orders(seat.instrument.con_id)}
        assert live == {arm.key, key(Purpose.PROTECT)}

    assert play(story).told("manual action") == []


async def gone_over_night(stage: Stage) -> Night:
    """An entry that stood yesterday with its stop; the broker shows neither any more."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    arm = seat.arm(limit="99.00")
    await until_phase(stage, edge, arm, ArmPhase.WORKING)
    stage.cut()
    stage.stand_still(DAY_SECONDS)
    await stage.sleep(60)
    await edge.synced()
    return Night(edge, seat, arm)


@pytest.mark.req("S0.2")
def test_what_was_gone_over_night_counts_no_more_once_a_person_has_said_so() -> None:
    async def story(stage: Stage) -> None:
        night = await gone_over_night(stage)
        assert night.live == {ENTRY, STOP}
        answer = await night.edge.declare_absent(night.arm.key, ADA, REASON)
        assert isinstance(answer, AbsenceDeclared)
        assert night.live == set()
        progress = await until_phase(stage, night.edge, night.arm, ArmPhase.EXPIRED)
        assert progress.why == "declared absent by Ada: TWS does not show it"
        again = await night.edge.declare_absent(night.arm.key, ADA, REASON)
        assert again == NotDeclared(night.arm.key, "it is over: absent")

    stage = play(story)
    (notice,) = stage.told("manual action")
    assert (notice.subject, notice.text) == (ENTRY, "declared absent by Ada: TWS does not show it")
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.req("S0.2")
def test_what_a_person_has_declared_absent_counts_again_once_the_broker_shows_it() -> None:
    async def story(stage: Stage) -> None:
        night = await gone_over_night(stage)
        await night.edge.declare_absent(night.arm.key, ADA, REASON)
        await stage.sleep(2)
        view = night.edge._inbox.view(night.arm.key)
        assert view is not None
        (life,) = view.instances
        assert life.described is not None
        shown = replace(life.described, status="Submitted", received_at=stage.now)
        news = OrderNews(ENTRY, 1, ACCOUNT, night.con_id, shown)
        night.edge._inbox.hear(news)
        assert night.live == {ENTRY}
        await stage.sleep(2)

    assert play(story).told("state inconsistent")


def test_an_entry_written_down_on_another_day_ends_by_a_persons_word() -> None:
    """Nothing of it is known here, so nothing but the wait for it can be ended."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        old = replace(arm, asked=replace(arm.asked, at=arm.asked.at - timedelta(days=1)))
        await until_phase(stage, edge, old, ArmPhase.UNKNOWN)
        answer = await edge.declare_absent(arm.key, ADA, REASON)
        assert isinstance(answer, AbsenceDeclared)
        progress = await until_phase(stage, edge, old, ArmPhase.EXPIRED)
        assert ADA in progress.why
        unheard_of = key(Purpose.ENTRY, trade="Z0000001")
        refused = await edge.declare_absent(unheard_of, ADA, REASON)
        assert refused == NotDeclared(unheard_of, "nobody here waits to hear what became of it")

    assert play(story).placed() == []


@pytest.mark.req("S0.2")
def test_no_entry_is_declared_absent_whose_stop_stands() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm()
        await hold(edge, arm)
        await edge.close()
        stage.stand_still(DAY_SECONDS)
        successor = await stage.edge()
        progress = await asyncio.wait_for(successor.arm(arm, 1, 0), 60)
        assert progress.phase is ArmPhase.UNKNOWN, progress
        answer = await successor.declare_absent(arm.key, ADA, REASON)
        assert isinstance(answer, NotDeclared)
        assert (
            answer.why == f"{STOP} stands at the broker, as it does only where {ENTRY} has filled"
        )
        assert stage.position() == 100

    assert play(story).told("manual action") == []


def test_no_word_is_taken_while_the_broker_can_not_be_asked() -> None:
    async def story(stage: Stage) -> None:
        night = await gone_over_night(stage)
        asking = asyncio.ensure_future(night.edge.declare_absent(night.arm.key, ADA, REASON))
        await asyncio.sleep(0)
        stage.cut()
        answer = await asking
        assert isinstance(answer, NotDeclared)
        assert answer.why.startswith("the broker")
        assert night.live == {ENTRY, STOP}

    assert play(story).told("manual action") == []
