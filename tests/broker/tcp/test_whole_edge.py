"""The whole edge over real sockets, on the loops that it may run on."""

import asyncio
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.broker.line.line import GatewayLine
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import Exit, ExitBegun, GuardEnd, GuardEnded
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from tests.broker.edge.stage import Seat, key
from tests.broker.tcp.quay import Quay, on_each_loop, play
from tests.hanging import HANGS_AFTER_SECONDS

ENTRY, STOP, EXIT = (
    str(key(purpose)) for purpose in (Purpose.ENTRY, Purpose.PROTECT, Purpose.EXIT_STOP)
)
ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)
BURST = 500


async def held(quay: Quay) -> tuple[Edge, Seat]:
    """An edge with 100 AAPL, whose stop rests at 95."""
    edge = await quay.edge()
    seat = await quay.seat(edge)
    await quay.in_phase(edge, seat.arm(), ArmPhase.OVER)
    assert quay.position() == 100
    return edge, seat


@on_each_loop
def test_a_trade_from_its_trigger_to_its_exit(loop: str) -> None:
    async def story(quay: Quay) -> None:
        edge = await quay.edge()
        seat = await quay.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.create_task(quay.in_phase(edge, arm, ArmPhase.OVER))
        await quay.quoted(edge)
        assert quay.placed() == []
        quay.trade("100.50")
        quay.trade("101.20")
        progress = await waiting
        assert progress.entry is not None
        assert progress.entry.filled == 100
        assert progress.naked is not None
        assert progress.naked.quantity == 0
        guarding = asyncio.create_task(edge.guard(seat.guard(), 1))
        await quay.until(lambda: edge.health().guarded)
        quay.trade("97.80")
        quay.trade("97.79")
        result = await asyncio.wait_for(guarding, HANGS_AFTER_SECONDS)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.STOP
        await quay.until(lambda: quay.position() == 0)

    quay = play(story, loop=loop)
    assert quay.placed() == [ENTRY, STOP, EXIT]
    assert quay.standing()[STOP] == "Cancelled"
    assert quay.notices == []


@on_each_loop
def test_what_is_armed_goes_on_after_the_gateway_has_restarted(loop: str) -> None:
    async def story(quay: Quay) -> None:
        edge = await quay.edge()
        seat = await quay.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.create_task(quay.in_phase(edge, arm, ArmPhase.OVER))
        await quay.quoted(edge)
        quay.restart_gateway(0.3)
        await quay.is_in(edge, SessionState.DOWN)
        before = edge.health().last_tick_at
        await asyncio.wait_for(edge.synced(), HANGS_AFTER_SECONDS)
        await quay.until(lambda: edge.health().last_tick_at != before)
        quay.trade("100.50")
        quay.trade("101.20")
        progress = await waiting
        assert progress.entry is not None
        assert progress.entry.filled == 100

    assert play(story, loop=loop).placed() == [ENTRY, STOP]


@on_each_loop
def test_a_fill_in_the_middle_of_a_burst_is_known_before_the_quotes_behind_it(
    loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    received = GatewayLine.data_received

    def noted(line: GatewayLine, data: bytes) -> None:
        reads.append(len(data))
        received(line, data)

    monkeypatch.setattr(GatewayLine, "data_received", noted)

    async def story(quay: Quay) -> None:
        edge, seat = await held(quay)
        guarding = asyncio.create_task(edge.guard(seat.guard(), 1))
        await quay.until(lambda: edge.health().guarded)
        calm = [f"{99 + i % 100 / 100:.2f}" for i in range(BURST)]
        # The first trade at 94 fills the stop at the broker; those behind it would confirm ours.
        quay.trades(*calm, *["94.00"] * BURST)
        result = await asyncio.wait_for(guarding, HANGS_AFTER_SECONDS)
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.SHIELD_FILLED

    quay = play(story, loop=loop)
    assert max(reads) > 60_000
    assert quay.placed() == [ENTRY, STOP]
    assert quay.position() == 0
