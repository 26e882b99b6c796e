"""Seeded prices: on their grid, the same for one seed, and the same whoever looks."""

import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.gateway.chance import Chance
from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.grid import is_on_grid
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.track import SpotTrack
from backstay.gateway.market.words import Moved, Phase, PhaseChanged, Quote
from backstay.gateway.times import from_ns, local
from tests.gateway.market.scene import AAPL, CALM, KO, MONDAY, SPX, SPY, Scene

D = Decimal
OPTION = "AAPL  261218C00195000"
FAR_OPTION = "AAPL  261127C00300000"
CALLS_AND_PUTS = [f"{right}00{strike}000" for right in "CP" for strike in range(180, 215, 5)]


def everything(scene: Scene) -> tuple[int, ...]:
    return AAPL, KO, SPY, SPX, scene.option(OPTION).con_id, scene.option(FAR_OPTION).con_id


@given(seed=st.integers(0, 1 << 32), minutes=st.integers(0, 959))
@settings(max_examples=40)
def test_every_price_is_on_its_grid_and_no_quote_is_crossed(seed: int, minutes: int) -> None:
    scene = Scene(f"{MONDAY}T04:00", seed=seed)
    scene.after(60 * minutes)
    for con_id in everything(scene):
        instrument = scene.market.instrument(con_id)
        quote = scene.market.quote(con_id)
        assert instrument is not None
        shown = (quote.bid, quote.ask, quote.last, quote.open, quote.high, quote.low, quote.close)
        assert all(price > 0 and is_on_grid(instrument.steps, price) for price in shown if price)
        assert None not in shown[:2] or not instrument.is_tradable or quote.bid is None
        if quote.bid is not None and quote.ask is not None:
            assert quote.bid < quote.ask
            assert quote.bid_size > 0
            assert quote.ask_size > 0


def test_trades_lie_within_the_touch_and_add_up() -> None:
    scene = Scene()
    scene.market.watch(AAPL)
    scene.after(600)
    prints = [move for move in scene.moves if move.printed]
    assert len(prints) > 500
    for move in prints:
        after = move.after
        assert after.bid is not None
        assert after.ask is not None
        assert after.last is not None
        assert after.high is not None
        assert after.low is not None
        assert after.bid <= after.last <= after.ask
        assert after.low <= after.last <= after.high
        assert after.volume == move.before.volume + after.last_size
        assert after.last_time_ns == after.time_ns


def test_the_news_of_a_watched_instrument_follow_one_another() -> None:
    scene = Scene()
    before = scene.market.quote(AAPL)
    scene.market.watch(AAPL)
    scene.after(60)
    assert [move.before.bid for move in scene.moves] == [
        before.bid,
        *(move.after.bid for move in scene.moves[:-1]),
    ]
    assert all(early.after.time_ns < late.after.time_ns for early, late in pairwise(scene.moves))


@given(
    looks=st.lists(st.integers(1, 200_000), max_size=6),
    start=st.sampled_from((f"{MONDAY}T03:00", f"{MONDAY}T09:29", f"{MONDAY}T15:59")),
)
@settings(max_examples=25)
def test_a_quote_does_not_depend_on_who_has_looked_before(looks: list[int], start: str) -> None:
    seen, fresh = Scene(start, walk=Walk()), Scene(start, walk=Walk())
    for seconds in looks:
        seen.after(seconds)
        for con_id in everything(fresh):
            seen.market.quote(con_id)
    seen.after(100)
    fresh.after(sum(looks) + 100)
    for con_id in everything(fresh):
        assert seen.market.quote(con_id) == fresh.market.quote(con_id)


@pytest.mark.parametrize("until", [f"{MONDAY}T10:03", f"{MONDAY}T20:30", "2026-11-24T09:31"])
def test_a_quote_does_not_depend_on_being_watched(until: str) -> None:
    watched, alone = Scene(walk=Walk(step_ms=5000)), Scene(walk=Walk(step_ms=5000))
    for con_id in everything(watched):
        watched.market.watch(con_id)
    watched.until(until)
    alone.until(until)
    for con_id in everything(alone):
        assert watched.market.quote(con_id) == alone.market.quote(con_id)


def test_what_hardly_trades_does_not_depend_on_being_watched_either() -> None:
    watched = Scene(f"{MONDAY}T17:00")
    watched.market.watch(KO)
    for _ in range(60):
        watched.after(21)
        alone = Scene(f"{MONDAY}T17:00")
        alone.agenda.advance(watched.agenda.now_ns)
        assert alone.market.quote(KO) == watched.market.quote(KO)


@pytest.mark.parametrize("con_id", [AAPL, KO, SPX])
def test_the_last_trade_of_every_minute_is_where_it_is_said_to_be(con_id: int) -> None:
    listing = next(each for each in CATALOGUE if each.con_id == con_id)
    track = SpotTrack(Chance(7), Walk(step_ms=1000), listing)
    day = date.fromisoformat(MONDAY)
    for minute in range(0, 960, 7):
        traded = [step for step in range(60) if track.trade(day, minute, step)]
        assert (track.summary(day, minute) is not None) == bool(traded)
        assert not traded or track.last_trade_step(day, minute) == traded[-1]


def test_a_market_that_starts_later_is_at_the_same_prices() -> None:
    early, late = Scene("2026-11-20T10:00"), Scene(f"{MONDAY}T10:00")
    early.until(f"{MONDAY}T10:00")
    assert early.market.quote(AAPL) == late.market.quote(AAPL)


def test_another_seed_is_another_path() -> None:
    assert Scene(seed=1).market.quote(AAPL) != Scene(seed=2).market.quote(AAPL)


def test_prices_stay_near_those_of_the_catalogue_for_years() -> None:
    for year in (2024, 2025, 2026, 2027, 2028):
        close = Scene(f"{year}-06-03T12:00").market.quote(AAPL).last
        assert close is not None
        assert 160 < close < 220


def test_the_path_is_the_same_in_every_process() -> None:
    program = (
        "from tests.gateway.market.scene import *\n"
        "scene = Scene(); [scene.market.watch(each) for each in (SPY, AAPL, SPX)]\n"
        "scene.after(30)\n"
        "print(scene.news)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(told.pop()) > 10_000


def test_an_unwatched_instrument_puts_nothing_on_the_agenda() -> None:
    scene = Scene()
    scene.market.quote(AAPL)
    scene.after(60)
    assert scene.news == []
    due_ns = scene.agenda.next_due_ns()
    assert due_ns is not None
    assert f"{local(due_ns):%H:%M}" == "16:00"


def test_watching_is_counted() -> None:
    scene = Scene()
    scene.market.watch(AAPL)
    scene.market.watch(AAPL)
    scene.market.unwatch(AAPL)
    scene.after(10)
    told = len(scene.news)
    assert told > 0
    scene.market.unwatch(AAPL)
    scene.market.unwatch(AAPL)
    scene.after(10)
    assert len(scene.news) == told


def test_a_closed_market_is_silent() -> None:
    scene = Scene(f"{MONDAY}T19:59:50")
    scene.market.watch(AAPL)
    scene.until("2026-11-24T03:59")
    assert all(f"{local(move.after.time_ns):%H}" == "19" for move in scene.moves)


def test_it_is_quieter_and_wider_outside_regular_hours() -> None:
    def minute(at: str) -> tuple[int, float]:
        scene = Scene(at)
        scene.market.watch(AAPL)
        scene.after(300)
        touches = [(move.after.bid, move.after.ask) for move in scene.moves]
        spreads = [float(ask - bid) for bid, ask in touches if bid and ask]
        return sum(move.printed for move in scene.moves), sum(spreads) / len(spreads)

    (regular_trades, regular_spread), (trades, spread) = (
        minute(f"{MONDAY}T12:00"),
        minute(f"{MONDAY}T17:00"),
    )
    assert trades < regular_trades / 5
    assert spread > 2 * regular_spread


def test_phases_are_told_for_each_calendar_in_order_of_time() -> None:
    scene = Scene(f"{MONDAY}T03:00")
    scene.until("2026-11-24T03:00")
    assert [
        (news.calendar, news.phase, f"{local(news.time_ns):%H:%M}")
        for news in scene.news
        if isinstance(news, PhaseChanged)
    ] == [
        ("us-stocks", Phase.EXTENDED, "04:00"),
        ("us-options", Phase.REGULAR, "09:30"),
        ("us-index", Phase.REGULAR, "09:30"),
        ("us-stocks", Phase.REGULAR, "09:30"),
        ("us-options", Phase.CLOSED, "16:00"),
        ("us-stocks", Phase.EXTENDED, "16:00"),
        ("us-index", Phase.CLOSED, "16:15"),
        ("us-stocks", Phase.CLOSED, "20:00"),
    ]


def test_the_market_has_opened_before_anything_moves() -> None:
    scene = Scene(f"{MONDAY}T09:29", walk=CALM)
    scene.market.watch(scene.option(OPTION).con_id)
    scene.until(f"{MONDAY}T09:31")
    kinds = [type(news) for news in scene.news]
    assert Moved in kinds
    assert kinds.index(PhaseChanged) < kinds.index(Moved)


def test_a_market_has_opened_again_before_anything_moves_the_next_day() -> None:
    scene = Scene(f"{MONDAY}T19:59")
    scene.market.watch(AAPL)
    scene.until(f"{MONDAY}T21:00")
    scene.news.clear()
    scene.until("2026-11-24T04:01")
    assert isinstance(scene.news[0], PhaseChanged)


def test_a_listener_that_looks_at_others_takes_no_news_from_anybody() -> None:
    looking, alone = Scene(), Scene()
    seen: list[Quote] = []
    looking.market.listen(lambda _: seen.append(looking.market.quote(AAPL)))
    for scene in (looking, alone):
        scene.market.watch(SPY)
        scene.market.watch(AAPL)
        scene.after(30)
    assert looking.news == alone.news


def test_nothing_is_fast_because_a_session_begins() -> None:
    lively = Walk(swing=8, gap_chance=0, halt_chance=0)
    for seed in range(20):
        scene = Scene(f"{MONDAY}T04:00:00.5", seed=seed, walk=lively)
        assert not scene.market.is_fast(AAPL)


def test_a_days_figures_roll_when_the_session_begins() -> None:
    scene = Scene(f"{MONDAY}T16:30")
    monday = scene.market.quote(AAPL)
    assert None not in {monday.open, monday.high, monday.low, monday.close}
    scene.until("2026-11-24T04:30")
    early = scene.market.quote(AAPL)
    assert (early.open, early.high, early.low) == (None, None, None)
    assert early.volume < monday.volume / 10
    assert early.close is not None
    assert early.close != monday.close
    scene.until("2026-11-24T09:31")
    opened = scene.market.quote(AAPL)
    assert opened.close == early.close
    assert opened.open is not None


def test_a_storm_moves_as_many_times_as_often() -> None:
    calm, storm = Scene(), Scene(walk=Walk(storm=10, halt_chance=0, gap_chance=0))
    for scene in (calm, storm):
        scene.market.watch(AAPL)
        scene.after(10)
    assert len(storm.moves) > 5 * len(calm.moves)


@pytest.mark.parametrize(("step_ms", "storm"), [(0, 1), (250, 0), (7001, 1), (60_000, 1)])
def test_a_temper_that_no_minute_is_made_of_is_refused(step_ms: int, storm: int) -> None:
    with pytest.raises(ValueError, match=f"a step of {step_ms} ms"):
        Walk(step_ms=step_ms, storm=storm)


def test_a_seeded_halt_stands_still_and_says_so() -> None:
    scene = Scene(f"{MONDAY}T09:30", walk=Walk(halt_chance=1, step_ms=5000))
    scene.market.watch(AAPL)
    scene.until(f"{MONDAY}T16:00")
    changes = [move for move in scene.moves if move.before.halted != move.after.halted]
    begins, ends = changes
    assert begins.after.halted
    assert from_ns(ends.after.time_ns) - from_ns(begins.after.time_ns) == timedelta(minutes=5)
    assert begins.after.bid == begins.before.bid
    told = [move.after.time_ns for move in scene.moves]
    assert not any(begins.after.time_ns < at < ends.after.time_ns for at in told)
    late = Scene(f"{MONDAY}T09:30", walk=Walk(halt_chance=1, step_ms=5000))
    late.agenda.advance(begins.after.time_ns)
    options = [late.option(f"AAPL  261218{each}").con_id for each in CALLS_AND_PUTS]
    volumes = [late.market.quote(each).volume for each in options]
    late.after(290)
    assert late.market.quote(AAPL).halted
    assert all(late.market.quote(each).halted for each in options)
    assert [late.market.quote(each).volume for each in options] == volumes


def test_a_gap_is_a_leap_from_one_step_to_the_next() -> None:
    scene = Scene(f"{MONDAY}T09:30", walk=Walk(gap_chance=1, halt_chance=0, step_ms=1000))
    scene.market.watch(AAPL)
    scene.until(f"{MONDAY}T16:00")
    leaps = [
        abs(float(move.after.ask / move.before.ask) - 1)
        for move in scene.moves
        if move.after.ask and move.before.ask
    ]
    assert sum(leap > 0.005 for leap in leaps) == 1


def test_an_index_has_a_price_and_no_touch() -> None:
    quote = Scene().market.quote(SPX)
    assert (quote.bid, quote.ask, quote.volume) == (None, None, D(0))
    assert quote.last is not None
    assert 5600 < quote.last < 6400
