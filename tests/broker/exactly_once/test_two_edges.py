"""Two edges for one client id: what one was given up with is never sent by it later."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.arms import Amended, Arm, ArmPhase, Progress
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.lab.memory_net import MemoryNet
from backstay.lab.processes import ProcessGoneError
from backstay.lab.virtual_time import run
from tests.broker.edge.stage import SETTINGS, START_NS, STILL
from tests.broker.exactly_once.stories import ABOVE_101, seated
from tests.broker.exactly_once.world import Living, World


async def armed(world: World, living: Living, arm: Arm) -> asyncio.Future[Progress]:
    """Armed there; what comes of it is not waited for."""
    waiting = asyncio.ensure_future(living.process.call(living.edge.arm(arm, 1)))
    await world.sleep(0.5)
    return waiting


@pytest.mark.req("S2.6")
def test_an_edge_that_gets_its_session_back_sends_nothing_that_was_asked_of_it_before() -> None:
    net = MemoryNet()

    async def story() -> list[str]:
        world = World(net, (), SETTINGS, STILL, None)
        seat = await seated(world)
        old = await world.alive()
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        arming = await armed(world, old, arm)
        # The old edge loses its connection, and is asked for something before it can look around.
        old.process.freeze()
        new = world.launch()
        world.cut()
        await new.process.call(asyncio.wait_for(new.edge.synced(), 10))
        released = await armed(world, new, arm)
        assert new.process.run(new.edge.release, arm.key, 2) == Amended(arm.key, 2)
        assert (await released).phase is ArmPhase.WITHDRAWN
        with pytest.raises(ProcessGoneError):
            await arming
        old.process.thaw()
        await world.sleep(0.1)
        bare = seat.order(Purpose.ENTRY, 100, Limit(Decimal("101.50")))
        other = replace(bare, key=replace(bare.key, leg=1))
        submission = Submission(world.approve(other), other, world.asked(seat.instrument))
        waiting = [
            asyncio.ensure_future(old.process.call(old.edge.submit(submission))),
            asyncio.ensure_future(old.process.call(old.edge.arm(arm, 1, 10))),
        ]
        await world.sleep(5)
        new.process.kill()
        await old.process.call(old.edge.synced())
        await world.sleep(2)
        world.trade("100.50")
        await world.sleep(1)
        world.trade("101.20")
        await world.sleep(5)
        for each in waiting:
            with pytest.raises(SessionTakenError):
                await each
        with pytest.raises(ProcessGoneError):
            await new.process.call(new.edge.synced())
        await world.leave()
        return world.placed()

    assert run(story(), start_ns=START_NS, net=net) == []
