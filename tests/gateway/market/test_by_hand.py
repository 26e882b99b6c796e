"""Quotes that somebody moves: they stand, are told, and the walk goes on from them."""

from decimal import Decimal

import pytest

from backstay.gateway.market.words import Phase
from tests.gateway.market.scene import AAPL, MONDAY, SPY, Scene

D = Decimal
OPTION = "AAPL  261218C00195000"


def test_what_is_injected_is_displayed_and_told_at_once_to_everybody() -> None:
    scene = Scene()
    before = scene.market.quote(AAPL)
    scene.market.inject(AAPL, bid=D("180.00"), ask=D("180.05"), bid_size=D(7))
    after = scene.market.quote(AAPL)
    assert (after.bid, after.ask, after.bid_size) == (D("180.00"), D("180.05"), D(7))
    assert (after.ask_size, after.last, after.volume) == (
        before.ask_size,
        before.last,
        before.volume,
    )
    (move,) = scene.moves
    assert (move.before, move.after, move.printed) == (before, after, False)


def test_an_injected_last_is_a_trade() -> None:
    scene = Scene()
    before = scene.market.quote(AAPL)
    scene.market.inject(AAPL, last=D("150.00"), last_size=D(40))
    after = scene.market.quote(AAPL)
    assert (after.last, after.last_size, after.low) == (D("150.00"), D(40), D("150.00"))
    assert after.volume == before.volume + 40
    assert after.last_time_ns == after.time_ns == scene.agenda.now_ns
    assert scene.moves[0].printed


def test_a_trade_outside_regular_hours_is_not_the_days_low() -> None:
    scene = Scene(f"{MONDAY}T17:00")
    before = scene.market.quote(AAPL)
    scene.market.inject(AAPL, last=D("150.00"), last_size=D(40))
    after = scene.market.quote(AAPL)
    assert (after.low, after.volume) == (before.low, before.volume + 40)


def test_no_bid_can_be_injected_and_a_crossed_market_too() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=None, bid_size=D(0))
    assert scene.market.quote(AAPL).bid is None
    assert scene.market.depth(AAPL, "SELL") == ()
    scene.market.inject(AAPL, bid=D(200), ask=D(190))
    assert (scene.market.quote(AAPL).bid, scene.market.quote(AAPL).ask) == (D(200), D(190))


def test_injecting_what_stands_already_is_no_news() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=D("180.00"))
    scene.market.inject(AAPL, bid=D("180.00"))
    assert len(scene.moves) == 1


def test_what_was_injected_stands_until_it_may_walk() -> None:
    scene = Scene()
    scene.market.watch(AAPL)
    scene.market.inject(AAPL, bid=D("180.00"), ask=D("180.02"))
    told = len(scene.news)
    scene.after(600)
    assert len(scene.news) == told
    assert scene.market.quote(AAPL).bid == D("180.00")
    scene.market.walk(AAPL)
    scene.after(1)
    assert len(scene.news) > told
    bid = scene.market.quote(AAPL).bid
    assert bid is not None
    assert D("179.80") < bid < D("180.20")


def test_what_walks_on_from_an_injected_price_does_so_the_next_day_too() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=D("90.00"), ask=D("90.02"))
    scene.market.walk(AAPL)
    scene.until("2026-11-24T10:00")
    last = scene.market.quote(AAPL).last
    assert last is not None
    assert 80 < last < 100


def test_a_new_day_rolls_what_stands() -> None:
    scene = Scene()
    scene.market.watch(AAPL)
    scene.market.inject(AAPL, bid=D("180.00"), ask=D("180.02"), last=D("180.01"), last_size=D(5))
    scene.until("2026-11-24T10:00")
    quote = scene.market.quote(AAPL)
    assert (quote.bid, quote.last, quote.close) == (D("180.00"), D("180.01"), D("180.01"))
    assert (quote.volume, quote.open, quote.high, quote.low) == (D(0), None, None, None)


def test_a_halt_stands_still_and_its_end_is_told() -> None:
    scene = Scene()
    scene.market.watch(AAPL)
    scene.after(1)
    scene.market.halt(AAPL)
    halted = scene.market.quote(AAPL)
    told = len(scene.news)
    assert halted.halted
    assert scene.market.phase(AAPL) is Phase.REGULAR
    scene.after(300)
    assert len(scene.news) == told
    scene.market.resume(AAPL)
    assert not scene.moves[-1].after.halted
    scene.after(5)
    assert scene.market.quote(AAPL).volume > halted.volume


def test_what_nobody_could_trade_in_a_halt_is_not_counted() -> None:
    scene, free = Scene(), Scene()
    scene.market.halt(AAPL)
    before = scene.market.quote(AAPL).volume
    scene.after(600)
    free.after(600)
    scene.market.resume(AAPL)
    scene.after(1)
    gained = scene.market.quote(AAPL).volume - before
    assert gained < (free.market.quote(AAPL).volume - before) / 50


def test_an_instrument_can_be_halted_while_it_stands() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=D("180.00"))
    scene.market.halt(AAPL)
    scene.market.resume(AAPL)
    assert scene.market.quote(AAPL).bid == D("180.00")
    scene.after(60)
    assert scene.market.quote(AAPL).bid == D("180.00")


def test_options_follow_an_underlying_that_was_moved() -> None:
    scene = Scene()
    call = scene.option(OPTION).con_id
    scene.market.inject(AAPL, bid=D("210.00"), ask=D("210.02"))
    scene.after(1)
    quote = scene.market.quote(call)
    assert quote.bid is not None
    assert quote.bid > 15
    assert scene.market.quote(call).ask > quote.bid  # type: ignore[operator]


def test_a_watched_option_tells_that_its_underlying_was_moved() -> None:
    scene = Scene()
    call = scene.option(OPTION).con_id
    scene.market.watch(call)
    scene.market.inject(AAPL, bid=D("210.00"), ask=D("210.02"))
    scene.after(1)
    bids = [move.after.bid for move in scene.moves if move.instrument.con_id == call]
    assert bids
    assert all(bid is not None and bid > 15 for bid in bids)


def test_options_are_halted_with_their_underlying() -> None:
    scene = Scene()
    call = scene.option(OPTION).con_id
    scene.market.halt(AAPL)
    scene.after(1)
    assert scene.market.quote(call).halted
    scene.market.resume(AAPL)
    scene.after(1)
    assert not scene.market.quote(call).halted


def test_an_injected_leap_is_fast_for_some_seconds() -> None:
    scene = Scene()
    call = scene.option(OPTION).con_id
    assert not scene.market.is_fast(AAPL)
    scene.market.inject(AAPL, bid=D("180.00"), ask=D("180.02"))
    assert scene.market.is_fast(AAPL)
    assert scene.market.is_fast(call)
    assert not scene.market.is_fast(SPY)
    scene.after(5)
    assert not scene.market.is_fast(AAPL)


def test_a_small_move_is_not_fast() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=D("100.00"), ask=D("100.02"))
    scene.after(10)
    scene.market.inject(AAPL, bid=D("100.25"), ask=D("100.27"))
    assert not scene.market.is_fast(AAPL)
    scene.market.inject(AAPL, bid=D("100.35"), ask=D("100.37"))
    assert scene.market.is_fast(AAPL)


def test_what_is_not_listed_is_an_error() -> None:
    with pytest.raises(KeyError, match="no instrument has the con_id 1"):
        Scene().market.quote(1)


def test_depth_begins_with_the_touch_and_goes_away_from_it() -> None:
    scene = Scene()
    quote = scene.market.quote(AAPL)
    offers, wants = scene.market.depth(AAPL, "BUY"), scene.market.depth(AAPL, "SELL")
    assert (offers[0].price, offers[0].size) == (quote.ask, quote.ask_size)
    assert (wants[0].price, wants[0].size) == (quote.bid, quote.bid_size)
    step = D("0.01")
    assert [each.price - offers[0].price for each in offers] == [n * step for n in range(10)]
    assert [wants[0].price - each.price for each in wants] == [n * step for n in range(10)]
    assert all(each.size > 0 for each in offers + wants)
    assert len({each.size for each in offers}) > 2
    assert scene.market.depth(AAPL, "BUY") == offers


def test_depth_ends_where_prices_do() -> None:
    scene = Scene()
    scene.market.inject(AAPL, bid=D("0.03"), bid_size=D(1))
    assert [each.price for each in scene.market.depth(AAPL, "SELL")] == [
        D("0.03"),
        D("0.02"),
        D("0.01"),
    ]


def closes(scene: Scene) -> list[D]:
    instrument = scene.market.instrument(AAPL)
    assert instrument is not None
    asked = (scene.agenda.now_ns, "2 D", "1 day", "TRADES", True)
    return [bar.close for bar in scene.market.bars(instrument, *asked)]


def test_a_split_stock_walks_on_at_its_new_level_and_always_did() -> None:
    split, whole = Scene(), Scene()
    for scene in (split, whole):
        scene.market.watch(AAPL)
    split.market.split(AAPL, D(2))
    before, once = closes(split), closes(whole)
    for halved, bar in zip(before, once, strict=True):
        assert abs(halved * 2 - bar) <= D("0.02")
    for scene in (split, whole):
        scene.after(60)
    bid, was = split.market.quote(AAPL).bid, whole.market.quote(AAPL).bid
    assert bid is not None
    assert was is not None
    assert abs(bid * 2 - was) <= D("0.03")
    assert not split.market.is_fast(AAPL)


@pytest.mark.parametrize(("name", "ratio"), [("SPX", "2"), (OPTION, "2"), ("AAPL", "0")])
def test_only_a_stock_can_be_split_and_into_something(name: str, ratio: str) -> None:
    scene = Scene()
    instrument = scene.market.named(name.replace(" ", ""))
    assert instrument is not None
    with pytest.raises(ValueError, match="can't be split"):
        scene.market.split(instrument.con_id, D(ratio))
