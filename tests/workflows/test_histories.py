"""How long the histories become: an engine keeps so many events of a workflow, and no more."""

import sys
from decimal import Decimal
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.lifecycle import TradeState
from tests.workflows.house import tell
from tests.workflows.stage import Edge, Play, playing
from workflows.board import OPEN_QUANTITY

PARTS = 200
PACES = (1, 5, 60, 115)
"""Seconds for a part; with the slowest the last one comes at the end of the day."""


async def exit_history(play: Play) -> list[Any]:
    """The events of the way out of everything."""
    handle = play.house.client.get_workflow_handle(f"exit:{play.order.trade}:0:1")
    return [event async for event in handle.fetch_history_events()]


def shown(name: str, events: list[Any]) -> int:
    """Print how many events there are, and of which kinds; and count them."""
    kinds: dict[str, int] = {}
    for event in events:
        kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
        kinds[kind] = kinds.get(kind, 0) + 1
    sys.stdout.write(f"\n{name}: {len(events)} events: {kinds}\n")
    return len(events)


def test_a_trade_with_one_stop_has_a_short_history(capsys: pytest.CaptureFixture[str]) -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(40)
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WORKING)
            await play.script.was_asked("arm", 2)
            await play.edge.fills(40)
            await play.script.was_asked("arm", 3)
            await play.edge.fills(60)
            await _is_open(play, 100)
            await play.edge.stop_is_hit()
            assert (await play.settled()).state is TradeState.CLOSED
            assert len(play.script.calls_of("arm")) == 3
            trade = shown("a trade with one stop", await play.history())
            way_out = shown("its way out", await exit_history(play))
        assert trade <= 60
        assert way_out <= 40

    with capsys.disabled():
        tell(story)


async def _is_open(play: Play, quantity: int) -> None:
    """Wait until so much is known to be open, and guarded. Nobody asks the trade itself: this
    server, unlike a real one, notes each question as a task.
    """
    await play.script.was_asked("guard")
    found = await play.life.describe()
    while found.typed_search_attributes.get(OPEN_QUANTITY) != quantity:
        found = await play.life.describe()


async def _fills_in_parts(play: Play, edge: Edge, pace: int) -> None:
    """A part every few seconds; each is told when the pause that was asked for is over."""
    told_at, calls_heard, filled = 0.0, 0, 0
    for number in range(1, PARTS + 1):
        now = float(number * pace)
        filled += 1
        asked = await play.script.was_asked("arm", calls_heard + 1)
        is_news = edge.filled == 0 or number == PARTS
        if is_news or now - told_at >= asked.pause_seconds:
            await edge.fills(filled)
            told_at, calls_heard, filled = now, calls_heard + 1, 0


@pytest.mark.parametrize("pace", PACES)
def test_an_entry_in_many_parts_has_a_history_that_does_not_grow_with_them(
    pace: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.quantity = PARTS
            play.edge.order = play.order
            await _fills_in_parts(play, play.edge, pace)
            await _is_open(play, PARTS)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
            assert settlement.left_over == 0
            trade = shown(f"a trade in {PARTS} parts, one in {pace} s", await play.history())
            shown("its way out", await exit_history(play))
        assert trade <= 100

    with capsys.disabled():
        tell(story)
