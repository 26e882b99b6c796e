"""What the other rooms see of the watch."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.doors.market import ArmedWatch, Rank
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.ticks.guarding import GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Flaw
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import Breached, StopRule
from backstay.domain.ticks.trails import Trail
from backstay.domain.ticks.triggers import Fired, PremarketPolicy, Unseen, Waiting
from tests.broker.watch.scene import HALTED, OPEN, OPTION, Scene, guard_of, play
from tests.domain.edge.samples import SHARE, TRADE, TRIGGER

RULES = GuardRules(StopRule(Crossing.BELOW), SHARE.grid)
CON_ID = SHARE.con_id
TRIGGER_NAME = IntentKey(TRADE, 0, Purpose.ENTRY, 1)


def reached(armed: ArmedWatch) -> object:
    """How far it has come by now."""
    return armed.state


@pytest.mark.req("X.9", "S3.7")
def test_without_a_line_nothing_is_watched() -> None:
    async def story(scene: Scene) -> None:
        scene.feeds.refused = {SHARE.con_id, OPTION.con_id}
        log = scene.log
        name = TRIGGER_NAME
        armed = scene.watch.arm(name, SHARE, TRIGGER, None, log.triggered(""), log.rebased(""))
        assert armed is None
        guard = guard_of(RULES, "98")
        assert scene.watch.guard(name, guard, log.fired(""), log.moved("")) is None
        assert scene.watch.quote(CON_ID) is None

    play(story)


def test_each_watch_claims_the_line_and_the_last_gives_it_up() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TRIGGER)
        guarded = scene.guard(guard_of(RULES, "98", instrument=OPTION, underlying=SHARE))
        ranks = [(claim.con_id, claim.rank) for claim in scene.feeds.claims]
        assert ranks == [
            (SHARE.con_id, Rank.ARMED),
            (OPTION.con_id, Rank.GUARDED),
            (SHARE.con_id, Rank.GUARDED),
        ]
        armed.end()
        armed.end()
        assert scene.watch.quote(CON_ID) is not None
        guarded.end()
        assert scene.feeds.claims == []
        assert scene.watch.quote(CON_ID) is None
        assert scene.watch.quote(OPTION.con_id) is None

    play(story)


@pytest.mark.req("S0.1")
def test_a_trigger_is_told_once_and_in_the_turn_of_its_tick() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TRIGGER)
        scene.trade("99")
        scene.trade("100.01")
        assert scene.log.entries == [("trigger 0", "fire")]
        scene.trade("101")
        assert len(scene.log.entries) == 1
        with pytest.raises(ValueError, match="over"):
            armed.retrigger(TRIGGER)

    play(story)


def test_another_trigger_is_watched_anew() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TRIGGER)
        scene.trade("99")
        armed.retrigger(replace(TRIGGER, price=Decimal(105)))
        assert reached(armed) == Unseen(Decimal(105))
        scene.trade("101")
        assert reached(armed) == Waiting(Decimal(105))
        scene.trade("105.01")
        assert isinstance(reached(armed), Fired)

    play(story)


@pytest.mark.req("S1.2")
def test_premarket_moves_the_level_and_the_next_day_takes_it_back() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(replace(TRIGGER, premarket=PremarketPolicy.REBASE))
        scene.trade("101")
        scene.trade("100.50")
        assert reached(armed) == Waiting(Decimal(101))
        assert scene.log.entries == [("trigger 0", "rebased 101")]
        await asyncio.sleep(86_400 - 60)
        scene.bid("99")
        assert reached(armed) == Unseen(Decimal(100))
        assert scene.log.entries[1:] == [("trigger 0", "rebased 100.00")]

    play(story, OPEN - timedelta(minutes=5))


@pytest.mark.req("S0.6")
def test_a_breach_that_stands_fires_half_a_second_later_on_a_live_feed() -> None:
    async def story(scene: Scene) -> None:
        guarded = scene.guard(guard_of(RULES, "98"))
        await asyncio.sleep(0.001)
        scene.ask("97.10")
        scene.trade("97")
        assert isinstance(guarded.guarded.breach, Breached)
        await asyncio.sleep(0.499)
        assert scene.log.entries == []
        await asyncio.sleep(0.002)
        assert scene.log.entries == [("guard 0", "stop")]

    play(story)


@pytest.mark.req("S3.7", "S0.6")
def test_a_breach_waits_for_a_feed_that_is_live() -> None:
    async def story(scene: Scene) -> None:
        scene.guard(guard_of(RULES, "98"))
        await asyncio.sleep(0.001)
        scene.trade("97")
        reported = scene.feeds.reported
        assert reported is not None
        scene.feeds.reported = replace(reported, is_connected=False)
        assert not scene.watch.is_live(CON_ID)
        await asyncio.sleep(2.05)
        assert scene.log.entries == []
        scene.feeds.reported = reported
        scene.bid("96.90")
        assert scene.watch.is_live(CON_ID)
        await asyncio.sleep(0.2)
        assert scene.log.entries == [("guard 0", "stop")]

    play(story)


def test_hands_move_the_stop_and_shorten_the_trail() -> None:
    async def story(scene: Scene) -> None:
        trail = Trail(Crossing.BELOW, Decimal(100), Decimal(0), Decimal(2))
        guarded = scene.guard(guard_of(replace(RULES, trail=trail), "98"))
        guarded.break_even(Decimal(99))
        assert guarded.guarded.level.stop == Decimal(99)
        guarded.move_stop(Decimal(97))
        assert guarded.guarded.level.stop == Decimal(97)
        scene.trade("101")
        scene.trade("101")
        assert scene.log.entries == [("guard 0", "moved 99.00")]
        guarded.tighten_trail(Decimal(1))
        assert guarded.guarded.level.stop == Decimal(100)
        with pytest.raises(ValueError, match="not tightened"):
            guarded.tighten_trail(Decimal(1))
        scene.trade("103")
        scene.trade("103")
        assert scene.log.entries[1:] == [("guard 0", "moved 102.00")]
        guarded.end()
        scene.trade("90")
        scene.trade("90")
        assert len(scene.log.entries) == 2

    play(story)


@pytest.mark.req("S2.8")
def test_silence_is_told_once_for_all_and_so_is_its_end() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        armed = scene.arm(TRIGGER)
        scene.guard(guard_of(RULES, "98"))
        scene.bid("99")
        assert armed.last_tick_at == scene.now() == scene.watch.last_tick_at
        await asyncio.sleep(9.9)
        assert scene.notices == []
        await asyncio.sleep(10)
        assert [notice.kind for notice in scene.notices] == [IncidentKind.TICKS_STALE]
        assert "no good tick since" in scene.notices[0].text
        assert ":XS:" in scene.notices[0].text
        scene.bid("99.01")
        await asyncio.sleep(1)
        assert [notice.text.split(" for ")[0] for notice in scene.notices[1:]] == [
            "ticks come again"
        ]
        beating.cancel()

    play(story)


@pytest.mark.req("S2.8")
def test_silence_outside_regular_hours_or_in_a_halt_is_no_alert() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.arm(TRIGGER)
        await asyncio.sleep(60)
        scene.sink().on_generic(HALTED, b"2")
        await asyncio.sleep(600)
        assert scene.notices == []
        beating.cancel()

    play(story, OPEN - timedelta(minutes=1))


def halts_and_goes_on(scene: Scene) -> None:
    scene.sink().on_generic(HALTED, b"1")
    scene.sink().on_generic(HALTED, b"0")


@pytest.mark.req("S2.8")
def test_prices_that_do_not_come_again_after_a_halt_are_asked_for_anew_once() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "98", PriceSource.MID))
        scene.bid("96.98")
        scene.ask("97.02")
        scene.sink().on_generic(HALTED, b"1")
        await asyncio.sleep(5.5)
        assert scene.feeds.anew == [], "in a halt there is nothing to ask for"
        scene.sink().on_generic(HALTED, b"0")
        scene.trade("97")
        await asyncio.sleep(1)
        assert scene.feeds.anew == [], "a market that goes on has a moment to quote"
        await asyncio.sleep(1)
        assert scene.feeds.anew == [CON_ID]
        scene.bid("96.98")
        scene.ask("97.02")
        scene.sink().on_generic(HALTED, b"0")
        await asyncio.sleep(10)
        assert scene.log.entries == [("guard 0", "stop")]
        assert scene.feeds.anew == [CON_ID]
        beating.cancel()

    play(story)


def test_prices_that_come_again_after_a_halt_are_not_asked_for() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "98", PriceSource.MID))
        halts_and_goes_on(scene)
        await asyncio.sleep(1.5)
        scene.bid("98.98")
        scene.ask("99.02")
        await asyncio.sleep(10)
        assert scene.feeds.anew == []
        beating.cancel()

    play(story)


def test_a_second_halt_takes_back_what_was_to_be_asked_for_after_the_first() -> None:
    async def story(scene: Scene) -> None:
        beating = asyncio.ensure_future(scene.watch.run(lambda: None))
        scene.guard(guard_of(RULES, "98", PriceSource.MID))
        halts_and_goes_on(scene)
        await asyncio.sleep(1.5)
        halts_and_goes_on(scene)
        await asyncio.sleep(1)
        assert scene.feeds.anew == []
        await asyncio.sleep(1)
        assert scene.feeds.anew == [CON_ID]
        beating.cancel()

    play(story)


@pytest.mark.req("I6", "X.9")
def test_delayed_prices_decide_nothing_and_make_the_feed_doubtful() -> None:
    async def story(scene: Scene) -> None:
        armed = scene.arm(TRIGGER)
        await asyncio.sleep(0.001)
        scene.trade("99")
        scene.bid("98")
        assert scene.watch.is_live(CON_ID)
        scene.sink().on_price(66, b"101")
        scene.trade("101")
        assert not scene.watch.is_live(CON_ID)
        assert isinstance(reached(armed), Unseen)
        touch = scene.watch.touch(CON_ID)
        assert touch is not None
        assert (touch.bid, touch.flaw) == (None, Flaw.NOT_REAL_TIME)

    play(story)


@pytest.mark.req("S1.8")
def test_what_one_watch_breaks_is_told_and_others_hear_the_tick() -> None:
    async def story(scene: Scene) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("out of order")

        log = scene.log
        scene.watch.arm(TRIGGER_NAME, SHARE, TRIGGER, None, broken, log.rebased(""))
        scene.arm(TRIGGER, 2)
        scene.trade("99")
        scene.trade("101")
        assert log.entries == [("trigger 2", "fire")]
        assert [notice.kind for notice in scene.notices] == [IncidentKind.TASK_FAILED]

    play(story)


@pytest.mark.req("S2.1")
def test_exits_come_before_entries_and_the_deepest_breach_first() -> None:
    async def story(scene: Scene) -> None:
        scene.arm(replace(TRIGGER, when=Crossing.BELOW, price=Decimal(99)), 1)
        once = replace(RULES, stop=StopRule(Crossing.BELOW, confirm_ticks=1))
        scene.guard(guard_of(once, "97"), 1)
        scene.guard(guard_of(once, "98"), 2)
        scene.trade("100")
        scene.trade("90")
        assert scene.log.entries == [
            ("guard 2", "stop"),
            ("guard 1", "stop"),
            ("trigger 1", "fire"),
        ]

    play(story)


@pytest.mark.req("S0.6")
def test_a_short_option_that_nobody_offers_is_judged_by_its_underlying() -> None:
    async def story(scene: Scene) -> None:
        short = GuardRules(StopRule(Crossing.ABOVE), SHARE.grid)
        guard = guard_of(short, "4", PriceSource.ASK, instrument=OPTION, underlying=SHARE)
        scene.guard(guard)
        scene.bid("3", OPTION)
        scene.trade("103")
        scene.trade("105")
        assert scene.log.entries == []
        scene.trade("106")
        assert scene.log.entries == [("guard 0", "stop")]

    play(story)
