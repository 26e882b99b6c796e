"""What is held, as the edge reads it out: looked after, by nobody, or outside of all trades."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.held import HeldPosition, Unattended
from backstay.domain.edge.live import LegPhase
from backstay.domain.ids import Purpose
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import TRADE, Stage, key, play
from tests.broker.edge.test_guards import held, hold
from tests.broker.reading.legs import ABOVE_101, OTHER, only, quietly, short_entry


def the_one(edge: Edge) -> HeldPosition:
    """The one contract that is held."""
    positions = edge.live().positions
    assert positions is not None
    (position,) = positions
    assert position.symbol == "AAPL"
    return position


def figures(position: HeldPosition) -> tuple[int, ...]:
    """Held, looked after, foreign."""
    return tuple(map(int, (position.quantity, position.attended, position.foreign)))


def nobody(quantity: int, stop: int) -> tuple[Unattended, ...]:
    return (Unattended(TRADE, Decimal(quantity), Decimal(stop)),)


def test_before_everything_is_read_nobody_says_what_is_held() -> None:
    async def story(stage: Stage) -> None:
        idle = Edge(stage.settings, stage.notices.append, stage.now)
        assert idle.live().positions is None
        assert (await stage.edge()).live().positions == ()

    play(story)


def test_what_is_bought_and_guarded_is_looked_after_and_an_order_that_works_holds_nothing() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await quietly(stage, edge.guard(seat.guard(), 1))
        other = await stage.seat(edge, "MSFT", trade=OTHER)
        await quietly(stage, edge.arm(other.arm(limit="101.50", trigger=ABOVE_101), 1, 1))
        position = the_one(edge)
        assert figures(position) == (100, 100, 0)
        assert (position.trades, position.unattended) == ((TRADE,), ())
        named = edge.live(trades=(TRADE,)).positions
        assert named == ()

    play(story)


def test_what_fills_while_its_entry_works_is_looked_after() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        await quietly(stage, edge.arm(seat.arm(limit="100.02"), 1, 9))
        assert only(edge).phase is LegPhase.WORKING
        assert figures(the_one(edge)) == (40, 40, 0)

    play(story)


@pytest.mark.req("X.1")
def test_an_entry_that_is_over_and_that_no_guard_has_taken_is_looked_after_by_nobody() -> None:
    async def story(stage: Stage) -> None:
        edge, _ = await held(stage)
        assert only(edge).phase is LegPhase.HELD
        position = the_one(edge)
        assert figures(position) == (100, 0, 0)
        assert position.unattended == nobody(100, 100)

    play(story)


async def _long(stage: Stage) -> None:
    await held(stage)


async def _short(stage: Stage) -> None:
    edge = await stage.edge()
    await hold(edge, short_entry(await stage.seat(edge)))


@pytest.mark.req("X.1")
@pytest.mark.parametrize(("opened", "quantity"), [(_long, 100), (_short, -50)])
def test_a_process_that_has_begun_anew_shows_what_it_finds_and_nobody_guards(
    opened: Callable[..., object], quantity: int
) -> None:
    async def story(stage: Stage) -> None:
        await opened(stage)  # type: ignore[misc]
        await stage.leave()
        again = await stage.edge()
        assert again.live().legs == ()
        position = the_one(again)
        assert figures(position) == (quantity, 0, 0)
        assert position.unattended == nobody(quantity, abs(quantity))
        assert again.live(trades=(TRADE,)).positions == (position,)
        assert again.live(trades=(OTHER,)).positions == ()
        stage.cancel_by_hand(str(key(Purpose.PROTECT)))
        await stage.sleep(1)
        assert the_one(again).unattended == nobody(quantity, 0)

    play(story)


def test_what_somebody_else_holds_is_foreign_and_takes_nothing_from_a_trade() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await quietly(stage, edge.guard(seat.guard(), 1), 12)
        position = the_one(edge)
        assert figures(position) == (130, 100, 30)
        assert position.unattended == ()

    play(story, rule("manual-order", at="+8s", symbol="AAPL", side="BUY", quantity=30))


def test_of_what_a_hand_has_closed_nothing_has_to_be_guarded() -> None:
    async def story(stage: Stage) -> None:
        await held(stage)
        await stage.sleep(12)
        await stage.leave()
        position = the_one(await stage.edge())
        assert figures(position) == (60, 0, 0)
        assert position.unattended == nobody(60, 100)

    play(story, rule("manual-order", at="+8s", symbol="AAPL", side="SELL", quantity=40))
