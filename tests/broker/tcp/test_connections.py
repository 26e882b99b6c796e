"""How the edge finds out over real sockets that it is alone, and who takes over from whom."""

import asyncio
from decimal import Decimal

from backstay.broker.session.pulse import EVERY_SECONDS, SILENT_SECONDS
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import key
from tests.broker.tcp.quay import Quay, on_each_loop, play
from tests.hanging import HANGS_AFTER_SECONDS

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))
ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)


def test_a_socket_that_nothing_flows_through_is_noticed_within_ten_seconds() -> None:
    async def story(quay: Quay) -> None:
        loop = asyncio.get_running_loop()
        edge = await quay.edge()
        synced_at = loop.time()
        await quay.is_in(edge, SessionState.DOWN)
        assert loop.time() - synced_at <= EVERY_SECONDS + SILENT_SECONDS + 1
        assert "nothing was heard" in edge.health().session.why
        assert quay.told("connection lost") == []

    # The first two questions for the time belong to the beginning of a session.
    mute = rule("half-open", nth=3, kinds=["reqCurrentTime"], lasting="60s")
    play(story, mute, loop="uvloop")


@on_each_loop
def test_who_stands_by_takes_over_when_the_holder_hangs_up(loop: str) -> None:
    async def story(quay: Quay) -> None:
        holder = await quay.edge()
        standby = await quay.edge(synced=False)
        await quay.is_in(standby, SessionState.STANDBY)
        seat = await quay.seat(holder)
        arm = seat.arm(limit="99.00")
        await quay.in_phase(holder, arm, ArmPhase.WORKING)
        following = asyncio.create_task(quay.in_phase(standby, arm, ArmPhase.OVER))
        await asyncio.sleep(0)
        assert not following.done()
        await holder.close()
        await asyncio.wait_for(standby.synced(), HANGS_AFTER_SECONDS)
        quay.trade("98.90")
        progress = await following
        assert progress.entry is not None
        assert progress.entry.filled == 100

    quay = play(story, loop=loop)
    assert quay.placed() == [ENTRY, STOP]
    assert quay.position() == 100


@on_each_loop
def test_an_order_whose_connection_broke_as_it_was_read_is_followed_on_the_next(loop: str) -> None:
    async def story(quay: Quay) -> None:
        edge = await quay.edge()
        seat = await quay.seat(edge)
        arm = seat.arm()
        progress = await quay.in_phase(edge, arm, ArmPhase.OVER)
        assert progress.entry is not None
        assert progress.entry.filled == 100
        assert progress.naked is not None
        assert progress.naked.quantity == 0

    fault = rule("reset-after-frame", nth=2, kinds=["placeOrder"])
    quay = play(story, fault, loop=loop)
    assert quay.placed().count(ENTRY) == 1
    assert quay.position() == 100
