"""Tells a story once, with a fate for its orders and a crash, and judges it."""

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.profile import PESSIMISTIC as ASSUMED
from backstay.domain.profile import BrokerProfile
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import PESSIMISTIC, Profile
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running
from tests.broker.edge.stage import EDGE, SETTINGS, START, START_NS, STILL
from tests.broker.exactly_once.engine import FORGOTTEN_AFTER_SECONDS
from tests.broker.exactly_once.judging import faults_found
from tests.broker.exactly_once.stories import Story
from tests.broker.exactly_once.world import SOON, Crash, Freeze, World

ROLLED_BACK = rule("ids-roll-back", by=10, kinds=("reconnect",))
SETTLED_AFTER_SECONDS = 15.0
BOUGHT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told, and under which circumstances: before which step the edge is struck, if it is,
    and how.
    """

    story: Story
    plan: tuple[Rule, ...] = ()
    profile: Profile = PESSIMISTIC
    assumed: BrokerProfile = ASSUMED
    strikes_at: int | None = None
    ending: Crash | Freeze = SOON

    @property
    def down_seconds(self) -> float:
        """How long there may be no edge."""
        return self.ending.down_seconds if isinstance(self.ending, Crash) else self.ending.seconds


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it."""

    world: World
    points: tuple[int, ...]
    steps: int
    wrong: tuple[str, ...]


def tell(telling: Telling, *, find_points: bool = False) -> Told:
    """Tell it, to the verdict; with the steps before which dying makes a difference."""
    net = MemoryNet()
    points: list[int] = []
    seen: list[object] = [None]
    steps = [0]

    async def main() -> tuple[World, list[str]]:
        settings = replace(SETTINGS, profile=telling.profile)
        world = World(net, (ROLLED_BACK, *telling.plan), settings, STILL, None)
        world.settings = replace(EDGE, profile=telling.assumed)
        world.strikes_at, world.ending = telling.strikes_at, telling.ending

        def watch(step: int) -> None:
            steps[0] = step
            now = (
                running().now_ns,
                len(world.wire),
                len(world.audit),
                sum(line.client.get_write_buffer_size() for line in net.lines),
                world.answers,
            )
            if now != seen[0]:
                seen[0] = now
                points.append(step)

        if find_points:
            world.watch = watch
        try:
            try:
                await asyncio.wait_for(
                    telling.story.act(world, telling.assumed), _patience(telling)
                )
                wrong = []
            except (TimeoutError, AssertionError) as error:
                wrong = [f"the engine has not come to an end: {error!r}"]
            await world.sleep(1)
            world.end()
            if isinstance(telling.ending, Freeze) and len(world.launched) > 1:
                await world.sleep(telling.ending.seconds)
                await world.alive()
                world.fail_over()
            await world.ask(lambda edge: edge.synced())
            await world.sleep(SETTLED_AFTER_SECONDS)
            wrong += faults_found(
                world,
                telling.profile,
                bought=BOUGHT,
                is_naked_on_purpose=telling.story.is_naked_on_purpose,
                same_day=world.now.day == START.day,
            )
        finally:
            await world.leave()
        return world, wrong

    world, wrong = run(main(), start_ns=START_NS, net=net)
    return Told(world, tuple(points), steps[0], tuple(wrong))


def _patience(telling: Telling) -> float:
    """How long the engine may take to come to an end."""
    return 4 * FORGOTTEN_AFTER_SECONDS + telling.down_seconds
