"""Bars of the past: they agree with the ticks, with the quote, and with each other."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market.history import SIZES_SECONDS
from backstay.gateway.market.parameters import Walk
from backstay.gateway.messages.data_replies import Bar
from backstay.gateway.times import SECOND_NS
from tests.gateway.market.scene import AAPL, KO, MONDAY, SPX, Scene, new_york

D = Decimal


def bars(
    scene: Scene,
    duration: str,
    size: str,
    what: str = "TRADES",
    *,
    con_id: int = AAPL,
    end: str = "",
    use_rth: bool = True,
) -> tuple[Bar, ...]:
    instrument = scene.market.instrument(con_id)
    assert instrument is not None
    end_ns = new_york(end) if end else scene.agenda.now_ns
    return scene.market.bars(instrument, end_ns, duration, size, what, use_rth)


def seconds(at: str) -> str:
    return str(new_york(at) // SECOND_NS)


def together(parts: tuple[Bar, ...]) -> tuple[Decimal, ...]:
    return (
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum((part.volume for part in parts), D(0)),
        D(sum(part.count for part in parts)),
    )


@pytest.mark.parametrize(
    ("con_id", "start"),
    [(AAPL, f"{MONDAY}T10:00"), (KO, f"{MONDAY}T17:00"), (KO, f"{MONDAY}T05:00")],
)
def test_a_minute_bar_is_made_of_the_trades_of_its_minute(con_id: int, start: str) -> None:
    scene = Scene(start, walk=Walk(swing=20, gap_chance=0, halt_chance=0))
    scene.market.watch(con_id)
    scene.after(1200)
    told = bars(scene, "1 D", "1 min", con_id=con_id, use_rth=False)
    new = [bar for bar in told[:-1] if bar.date > seconds(start)]
    assert len(new) > 4
    for bar in new:
        starts_ns = int(bar.date) * SECOND_NS
        ends_ns = starts_ns + 60 * SECOND_NS
        trades = [
            (move.after.last, move.after.last_size)
            for move in scene.moves
            if move.printed and starts_ns <= move.after.time_ns < ends_ns
        ]
        prices = [price for price, _ in trades if price is not None]
        assert (bar.open, bar.close) == (prices[0], prices[-1])
        assert (bar.high, bar.low) == (max(prices), min(prices))
        assert bar.count == len(prices)
        assert bar.volume == sum(size for _, size in trades)


def test_the_bar_of_today_is_what_the_quote_says() -> None:
    scene = Scene(f"{MONDAY}T15:20:10")
    quote = scene.market.quote(AAPL)
    (today,) = bars(scene, "1 D", "1 day")
    assert (today.open, today.high, today.low, today.close) == (
        quote.open,
        quote.high,
        quote.low,
        quote.last,
    )
    (whole,) = bars(scene, "1 D", "1 day", use_rth=False)
    assert whole.volume == quote.volume


@pytest.mark.parametrize("size", ["1 secs", "30 secs", "2 mins", "5 mins", "30 mins", "1 hour"])
def test_small_bars_put_together_are_large_ones(size: str) -> None:
    scene = Scene(f"{MONDAY}T12:00")
    small, large = bars(scene, "1 D", size), bars(scene, "1 D", "1 day")
    assert together(small) == together(large)
    assert all(early.date < late.date for early, late in pairwise(small))


def test_a_past_day_put_together_faster_is_the_same() -> None:
    scene = Scene(f"{MONDAY}T12:00")
    days = bars(scene, "3 D", "1 day")
    minutes = bars(scene, "3 D", "1 min")
    assert [day.date for day in days] == ["20261119", "20261120", "20261123"]
    friday = tuple(
        bar
        for bar in minutes
        if seconds("2026-11-20T09:30") <= bar.date < seconds("2026-11-20T16:00")
    )
    assert together(friday) == together(days[1:2])


def test_bars_begin_at_round_times_and_with_the_session() -> None:
    dates = [bar.date for bar in bars(Scene(f"{MONDAY}T12:30"), "1 D", "1 hour")]
    assert dates == [seconds(f"{MONDAY}T{at}") for at in ("09:30", "10:00", "11:00", "12:00")]
    early = bars(Scene(f"{MONDAY}T12:30"), "1 D", "4 hours", use_rth=False)
    assert [bar.date for bar in early] == [
        seconds(f"{MONDAY}T{at}") for at in ("04:00", "08:00", "12:00")
    ]


def test_days_weeks_and_months_are_dated_by_their_last_day() -> None:
    scene = Scene(f"{MONDAY}T12:00")
    assert [bar.date for bar in bars(scene, "2 W", "1 day")] == [
        f"202611{day:02}" for day in (10, 11, 12, 13, 16, 17, 18, 19, 20, 23)
    ]
    assert [bar.date for bar in bars(scene, "2 W", "1 week")] == [
        "20261113",
        "20261120",
        "20261123",
    ]
    assert [bar.date for bar in bars(scene, "2 M", "1 month")][-2:] == ["20261030", "20261123"]


def test_days_are_counted_as_trading_days() -> None:
    dates = [bar.date for bar in bars(Scene("2026-11-30T12:00"), "3 D", "1 day")]
    assert dates == ["20261125", "20261127", "20261130"]


def test_seconds_reach_back_from_the_end() -> None:
    scene = Scene(f"{MONDAY}T10:00")
    told = bars(scene, "120 S", "30 secs", end=f"{MONDAY}T09:45")
    assert seconds(f"{MONDAY}T09:43") <= told[0].date
    assert told[-1].date <= seconds(f"{MONDAY}T09:45")
    assert 4 <= len(told) <= 5


def test_no_bar_is_of_the_future() -> None:
    scene = Scene()
    assert bars(scene, "1 D", "1 min", end="2026-11-25T12:00") == bars(scene, "1 D", "1 min")


def test_history_is_the_same_whenever_it_is_asked_for() -> None:
    early = bars(Scene(f"{MONDAY}T10:00"), "2 D", "5 mins", end="2026-11-20T16:00")
    late = bars(Scene("2026-12-03T10:00"), "2 D", "5 mins", end="2026-11-20T16:00")
    assert early == late
    assert len(early) == 2 * 78


def test_what_was_injected_is_in_the_bars_and_what_was_silent_is_not() -> None:
    scene = Scene(f"{MONDAY}T10:00:30")
    scene.market.inject(AAPL, bid=D("180.00"), ask=D("180.02"), last=D("180.01"), last_size=D(5))
    scene.until(f"{MONDAY}T10:02:10")
    scene.market.inject(AAPL, last=D("180.02"), last_size=D(7))
    scene.until(f"{MONDAY}T10:05")
    told = {bar.date: bar for bar in bars(scene, "1 D", "1 min")}
    assert seconds(f"{MONDAY}T10:01") not in told
    assert seconds(f"{MONDAY}T10:04") not in told
    mixed, alone = told[seconds(f"{MONDAY}T10:00")], told[seconds(f"{MONDAY}T10:02")]
    assert (mixed.low, mixed.close) == (D("180.01"), D("180.01"))
    assert mixed.count > 10
    assert (alone.open, alone.volume, alone.count) == (D("180.02"), D(7), 1)


def test_what_was_told_before_a_walk_went_on_elsewhere_stays_true() -> None:
    scene = Scene(f"{MONDAY}T10:00:30")
    before = bars(scene, "1 D", "1 min")[:-1]
    scene.market.inject(AAPL, bid=D("90.00"), ask=D("90.02"))
    scene.market.walk(AAPL)
    scene.until(f"{MONDAY}T10:10")
    after = bars(scene, "1 D", "1 min")
    assert after[: len(before)] == before
    assert after[-1].close < 100
    quote = scene.market.quote(AAPL)
    (today,) = bars(scene, "1 D", "1 day")
    assert (today.high, today.low, today.close) == (quote.high, quote.low, quote.last)


def test_what_was_done_by_hand_counts_alike_in_the_quote_and_in_the_bars() -> None:
    scene = Scene(f"{MONDAY}T10:00:30")
    scene.market.watch(AAPL)
    for _ in range(8):
        scene.market.inject(AAPL, last=D("195.00"), last_size=D(11))
        scene.after(20)
        scene.market.walk(AAPL)
        scene.after(40)
        scene.market.halt(AAPL)
        scene.after(25.25)
        scene.market.resume(AAPL)
        scene.after(70)
    (today,) = bars(scene, "1 D", "1 day", use_rth=False)
    quote = scene.market.quote(AAPL)
    assert (today.volume, today.close) == (quote.volume, quote.last)


def test_the_close_is_that_of_the_last_regular_session() -> None:
    (monday,) = bars(Scene(f"{MONDAY}T19:00"), "1 D", "1 day")
    assert Scene("2026-11-24T10:00").market.quote(AAPL).close == monday.close


def test_bids_and_asks_enclose_the_middle_and_have_no_volume() -> None:
    scene = Scene()
    bid, middle, ask = (bars(scene, "1 D", "5 mins", what) for what in ("BID", "MIDPOINT", "ASK"))
    for low, mid, high in zip(bid, middle, ask, strict=True):
        assert low.close < mid.close < high.close
        assert (mid.volume, mid.average, mid.count) == (D(-1), D(-1), -1)


@given(st.sampled_from(list(SIZES_SECONDS)), st.booleans(), st.sampled_from((AAPL, SPX)))
def test_every_bar_is_sound(size: str, use_rth: bool, con_id: int) -> None:
    scene = Scene(f"{MONDAY}T09:50")
    duration = "600 S" if SIZES_SECONDS[size] < 60 else "2 D"
    told = bars(scene, duration, size, con_id=con_id, use_rth=use_rth)
    assert told
    for bar in told:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.low - D("0.01") <= bar.average <= bar.high + D("0.01")
        assert bar.count > 0
        assert bar.volume >= bar.count or con_id == SPX


def test_an_option_has_bars_of_its_own_trades() -> None:
    scene = Scene(f"{MONDAY}T12:00")
    option = scene.option("AAPL  261218C00195000").con_id
    (today,) = bars(scene, "1 D", "1 day", con_id=option)
    quote = scene.market.quote(option)
    assert (today.open, today.high, today.low, today.close, today.volume) == (
        quote.open,
        quote.high,
        quote.low,
        quote.last,
        quote.volume,
    )


@pytest.mark.parametrize(
    ("duration", "size", "what", "complaint"),
    [
        ("1 D", "7 mins", "TRADES", 'bar size "7 mins"; expected one of 1 secs, '),
        ("1 D", "1 min", "YIELD", 'bars of "YIELD"; expected one of TRADES, '),
        ("1D", "1 min", "TRADES", 'duration "1D"; expected a count and one of S, D, W, M, Y'),
        ("0 D", "1 min", "TRADES", 'duration "0 D"; expected a count'),
        ("2 D", "1 secs", "TRADES", 'duration "2 D" for bars of 1 secs; expected 1 days at'),
        ("2 M", "1 min", "TRADES", 'duration "2 M" for bars of 1 min; expected 31 days at'),
        ("5 Y", "1 day", "TRADES", 'duration "5 Y" for bars of 1 day; expected 800 days at'),
    ],
)
def test_a_request_that_makes_no_sense_says_why(
    duration: str, size: str, what: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match="expected") as raised:
        bars(Scene(), duration, size, what)
    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize(
    ("short", "long"), [("1 sec", "1 secs"), ("1W", "1 week"), ("1M", "1 month")]
)
def test_a_size_has_other_words(short: str, long: str) -> None:
    scene = Scene(f"{MONDAY}T09:32")
    duration = "60 S" if "sec" in short else "1 M"
    assert bars(scene, duration, short) == bars(scene, duration, long)
