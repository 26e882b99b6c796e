"""A scene: the whole edge before a gateway that does what it should not.

A test is a story, an `async def` that is given a scene. It is told with the fault in the plan, and
once more without it. `@because_of` is for what the edge has to do about a fault: without the fault
the same story is refuted, so that no test passes for another reason. `@in_spite_of` is for what
must not matter: the story holds both times, and it ends alike.

Under every story the laws hold at its end: the fault has struck, the oracle finds nothing wrong in
the gateway's record, exactly the incidents were told that the story names, the edge believes what
the gateway has, and no position stands without a stop unless that was told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, ArmPhase, Progress
from backstay.domain.edge.guards import ExitBegun, Guard, GuardResult
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.values.held import HeldOrder
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running
from tests.broker.edge.stage import EDGE, SETTINGS, START_NS, STILL, Seat, Stage, key

ENTRY, STOP, STOP_2 = (
    str(key(Purpose.ENTRY)),
    str(key(Purpose.PROTECT)),
    str(key(Purpose.PROTECT, 2)),
)
EXIT, EXIT_2 = str(key(Purpose.EXIT_STOP)), str(key(Purpose.EXIT_STOP, 2))
LOST = "connection lost"
SETTLES_SECONDS = 2
"""How long a story's end is given to be heard of."""

PROMPT = replace(PESSIMISTIC, cancels_are_prompt=True)
"""Hard in everything but a market that is too fast for cancels, of which a person is told."""

BOTH = (PESSIMISTIC, OPTIMISTIC)
GATEWAYS = {
    PESSIMISTIC: HARD,
    PROMPT: replace(HARD, cancels_are_prompt=True),
    OPTIMISTIC: EASY,
}
NAMES = {PESSIMISTIC: "hard", PROMPT: "prompt", OPTIMISTIC: "easy"}
STALE = "ticks stale"
"""Told of every story in which nothing is traded for a while; it counts where it is named."""

_PROTECTED_BY = ("STP", "STP LMT", "TRAIL")
_TELLS_OF_NAKED = {"naked position", "protection mismatch", "order unknown", "manual action"}


class Scene(Stage):
    """A stage whose edge and whose gateway have one profile."""

    assumed: BrokerProfile = PESSIMISTIC

    @property
    def seconds(self) -> float:
        """How long the story has lasted."""
        return running().time()

    async def follow(self, edge: Edge, arm: Arm, phase: ArmPhase) -> Progress:
        """The progress in which an arm has come to a phase."""
        revision = 0
        while True:
            progress = await asyncio.wait_for(edge.arm(arm, 1, revision), 200)
            if progress.phase is phase:
                return progress
            revision = progress.revision

    async def held(self) -> tuple[Edge, Seat]:
        """An edge with 100 AAPL, bought at 100.02, whose stop rests at 95."""
        edge = await self.edge()
        seat = await self.seat(edge)
        await self.follow(edge, seat.arm(profile=self.assumed), ArmPhase.OVER)
        assert self.position() == 100
        return edge, seat

    async def guarded(self, **more: Any) -> tuple[Edge, Guard, "asyncio.Future[GuardResult]"]:
        """The same, with a guard whose stop is at 98; a second has passed."""
        edge, seat = await self.held()
        guard = seat.guard(profile=self.assumed, **more)
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await self.sleep(1)
        return edge, guard, guarding

    async def fall(self, *prices: str) -> None:
        """Trades at these prices, a moment apart."""
        for price in prices:
            self.trade(price)
            await self.sleep(0.01)

    async def breach(self, guarding: "asyncio.Future[GuardResult]") -> ExitBegun:
        """The price falls below the stop; the exit has begun."""
        await self.fall("97.80", "97.79")
        result = await asyncio.wait_for(guarding, 60)
        assert isinstance(result, ExitBegun), result
        return result

    async def flat(self, seconds: float = 60) -> None:
        """Wait until nothing is held."""
        await self.until(lambda: self.position() == 0, seconds)

    def strikes(self, name: str) -> list[str]:
        """What a fault has struck, as the audit names it."""
        lines = map(loads, self.audit)
        return [
            line["subject"] for line in lines if line["what"] == "fault" and line["name"] == name
        ]

    def living(self) -> list[HeldOrder]:
        """The orders that really live."""
        return list(self.gateway.exchange.open_orders())

    def stops(self) -> dict[str, Decimal]:
        """How much each stop that lives would close, by its reference."""
        return {
            held.order.order_ref: held.order.quantity - held.filled
            for held in self.living()
            if held.order.order_type in _PROTECTED_BY
        }

    def kinds(self) -> list[str]:
        """Of which incidents was told, in order."""
        return [notice.kind.value for notice in self.notices]

    def requests(self, message: str) -> int:
        """How many requests of a kind were read off the wire."""
        return sum(line["dir"] == "in" and line["msg"] == message for line in map(loads, self.wire))

    def connections(self) -> int:
        """How many connections have begun a session."""
        return self.requests("startApi")

    def ending(self) -> object:
        """What two runs of a story are compared by."""
        final = {line["ref"]: (line["status"], line["filled"]) for line in self.orders()}
        return self.position(), final, sorted(self.placed())


Story = Callable[[Scene], Awaitable[None]]


def play(
    story: Story,
    *plan: Rule,
    profile: BrokerProfile = PESSIMISTIC,
    tells: tuple[str, ...] | None = None,
) -> Scene:
    """Tell a story to its end and hold the laws against it; the scene as it is then."""
    net = MemoryNet()
    settings = replace(SETTINGS, profile=GATEWAYS[profile])

    async def main() -> Scene:
        scene = Scene(net, plan, settings, STILL, None)
        scene.assumed, scene.settings = profile, replace(EDGE, profile=profile)
        try:
            await story(scene)
            await scene.sleep(SETTLES_SECONDS)
            uphold(scene, tells)
        finally:
            await scene.leave()
        await scene.sleep(1)
        return scene

    return run(main(), start_ns=START_NS, net=net)


def uphold(scene: Scene, tells: tuple[str, ...] | None) -> None:
    """The laws that hold at the end of every story."""
    if tells is not None:
        told = [kind for kind in scene.kinds() if kind in tells or kind != STALE]
        assert told == list(tells), "\n".join(map(str, scene.notices))
    for line in sorted(scene.wire + scene.audit, key=lambda line: int(loads(line)["t"])):
        scene.oracle.read(line)
    assert scene.oracle.verdict() == ()
    edge = scene.edges[-1]
    if edge.health().session.state is SessionState.READY:
        _believes(edge, scene)
    _is_protected(scene)


def _believes(edge: Edge, scene: Scene) -> None:
    """What the edge has is what the gateway has."""
    snapshot = edge.snapshot()
    accounts = scene.gateway.accounts
    assert {held.con_id: held.quantity for held in snapshot.positions} == {
        held.contract.con_id: held.quantity
        for held in accounts.positions(accounts.default)
        if held.quantity
    }
    believed = sorted(
        perm_id for own in snapshot.orders for perm_id in own.order.surviving_perm_ids
    )
    ours = (held for held in scene.living() if held.order.order_ref)
    assert believed == sorted(held.order.perm_id for held in ours)


def _is_protected(scene: Scene) -> None:
    """No position without its stop, unless somebody was told."""
    stops = sum(
        (
            held.order.quantity - held.filled
            for held in scene.living()
            if held.order.order_type in _PROTECTED_BY
        ),
        start=Decimal(0),
    )
    assert stops >= scene.position() or _TELLS_OF_NAKED & set(scene.kinds())


def because_of(
    name: str,
    *,
    tells: tuple[str, ...] | None = (),
    profiles: tuple[BrokerProfile, ...] = (PESSIMISTIC,),
    **keys: object,
) -> Callable[[Story], Callable[..., None]]:
    """A story that holds because of this fault, and only because of it."""
    planned = rule(name, **keys)

    def told(story: Story) -> Callable[..., None]:
        @pytest.mark.parametrize("profile", profiles, ids=NAMES.get)
        def judge(profile: BrokerProfile) -> None:
            scene = play(story, planned, profile=profile, tells=tells)
            assert scene.strikes(name)
            with pytest.raises((AssertionError, TimeoutError, pytest.fail.Exception)):
                play(story, profile=profile)

        return _named(judge, story, name)

    return told


def in_spite_of(
    name: str,
    *,
    tells: tuple[str, ...] = (),
    profiles: tuple[BrokerProfile, ...] = (PESSIMISTIC,),
    **keys: object,
) -> Callable[[Story], Callable[..., None]]:
    """A story that ends alike with the fault and without it."""
    planned = rule(name, **keys)

    def told(story: Story) -> Callable[..., None]:
        @pytest.mark.parametrize("profile", profiles, ids=NAMES.get)
        def judge(profile: BrokerProfile) -> None:
            scene = play(story, planned, profile=profile, tells=tells)
            assert scene.strikes(name)
            assert scene.ending() == play(story, profile=profile, tells=()).ending()

        return _named(judge, story, name)

    return told


def _named(judge: Callable[..., None], story: Story, name: str) -> Callable[..., None]:
    # Not functools.wraps: pytest would take the scene for a fixture.
    judge.__name__ = judge.__qualname__ = getattr(story, "__name__", name)
    judge.__doc__ = story.__doc__
    judge.__module__ = story.__module__
    return judge
