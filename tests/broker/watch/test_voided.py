"""What is void is asked for anew: soon, then less often, and only where asking can help."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backstay.broker.watch.voided import BEATS, BEATS_MAX, Voided
from backstay.domain.ticks.guarding import GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Feed, Flaw, Quote, TickField
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from tests.broker.watch.scene import OPTION, Scene, guard_of, play
from tests.domain.edge.samples import SHARE

RULES = GuardRules(StopRule(Crossing.BELOW), SHARE.grid)
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
ONE_SIDED = Quote(Feed.REAL_TIME, bid=Decimal(97), bid_at=AT)


def beats_until_due(voided: Voided) -> int:
    return next((beat for beat in range(1, 1_000) if voided.is_due(ONE_SIDED)), 0)


def test_it_is_asked_for_at_most_every_so_often() -> None:
    voided = Voided()
    waits = []
    for _ in range(8):
        voided.by_tick(TickField.ASK, Flaw.NEGATIVE)
        waits.append(beats_until_due(voided))
    assert waits == [BEATS, 4, 8, 16, 32, BEATS_MAX, BEATS_MAX, BEATS_MAX]


@pytest.mark.parametrize("flaw", [Flaw.MISSING, Flaw.NOT_A_NUMBER, Flaw.NEGATIVE, Flaw.ZERO])
@pytest.mark.parametrize("field", [TickField.BID, TickField.ASK])
def test_a_side_that_can_not_be_read_is_asked_for(field: TickField, flaw: Flaw) -> None:
    voided = Voided()
    voided.by_tick(field, flaw)
    voided.by_tick(field, flaw)
    assert beats_until_due(voided) == BEATS


@pytest.mark.parametrize(
    ("field", "flaw"),
    [
        (TickField.LAST, Flaw.NEGATIVE),
        (TickField.BID, Flaw.NOT_REAL_TIME),
        (TickField.BID, Flaw.HALTED),
        (TickField.BID, Flaw.OUT_OF_ORDER),
        (TickField.ASK, Flaw.CROSSED),
    ],
)
def test_what_comes_by_itself_is_not(field: TickField, flaw: Flaw) -> None:
    voided = Voided()
    voided.by_tick(field, flaw)
    assert beats_until_due(voided) == 0


def test_after_a_halt_it_is_asked_for_soon_however_often_it_was_before() -> None:
    voided = Voided()
    for _ in range(3):
        voided.by_tick(TickField.BID, Flaw.ZERO)
        beats_until_due(voided)
    voided.by_halt(is_on=True)
    voided.by_halt(is_on=False)
    assert beats_until_due(voided) == BEATS


@pytest.mark.req("S2.8")
def test_a_side_that_could_not_be_read_is_asked_for_anew_less_and_less_often() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "98", PriceSource.MID))
        scene.bid("98.98")
        scene.ask("99.02")
        scene.bid("96.98")
        scene.ask("-1")
        await asyncio.sleep(0.5)
        asked: list[int] = []
        for beat in range(15):
            await asyncio.sleep(1)
            if len(scene.feeds.anew) > len(asked):
                asked.append(beat)
                scene.ask("-1")
        assert asked == [1, 5, 13]
        assert scene.log.entries == []
        scene.ask("97.02")
        await asyncio.sleep(10)
        assert scene.log.entries == [("guard 0", "stop")]
        assert len(scene.feeds.anew) == len(asked)
        scene.bid("-1")
        await asyncio.sleep(2)
        assert len(scene.feeds.anew) == len(asked) + 1, "known once, it is asked for soon again"
        beating.cancel()

    play(story)


def test_a_side_that_is_quoted_soon_after_it_could_not_be_read_is_not_asked_for() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "98", PriceSource.MID))
        scene.bid("98.98")
        scene.ask("-1")
        await asyncio.sleep(1.5)
        scene.ask("99.02")
        await asyncio.sleep(10)
        assert scene.feeds.anew == []
        beating.cancel()

    play(story)


def test_what_nobody_quotes_of_an_option_is_a_state_that_nobody_asks_about() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "1", PriceSource.MID, instrument=OPTION))
        scene.ask("2", OPTION)
        scene.bid("-1", OPTION)
        await asyncio.sleep(10)
        assert scene.feeds.anew == []
        beating.cancel()

    play(story)
