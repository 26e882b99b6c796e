"""Lines that are written while they are played: what stands there first, and what comes."""

from decimal import Decimal

import pytest

from backstay.gateway.market.tape import TapeLine, parse_untimed
from backstay.gateway.market.tape_follower import TapeFollower
from backstay.gateway.market.words import Split
from tests.gateway.market.scene import AAPL, KO, SPY, Scene

D = Decimal


def lines(*texts: str) -> tuple[TapeLine, ...]:
    """The lines as they are read, one after the other."""
    parsed = [parse_untimed(number, text) for number, text in enumerate(texts, start=1)]
    return tuple(line for line in parsed if line is not None)


def begun(*texts: str) -> tuple[Scene, TapeFollower]:
    """A market that stands as these lines have left it."""
    scene = Scene()
    follower = TapeFollower(scene.market)
    refused: list[tuple[int, str]] = []
    follower.begin(lines(*texts), lambda *each: refused.append(each))
    assert refused == []
    return scene, follower


def play(follower: TapeFollower, text: str) -> None:
    (line,) = lines(text)
    follower.prepared(line)()


def test_what_stands_there_at_first_is_shown_as_it_ended_and_told_to_nobody() -> None:
    scene, _ = begun(
        "AAPL bid=150 ask=150.10 bid_size=3 last=150 last_size=7",
        "SPY halt",
        "AAPL bid=90.01 ask=90.03",
        "SPY resume",
        "AAPL ask_size=9",
        "AAPL last=90.02",
    )
    quote = scene.market.quote(AAPL)
    shown = (quote.bid, quote.ask, quote.bid_size, quote.ask_size, quote.last, quote.last_size)
    assert shown == (D("90.01"), D("90.03"), D(3), D(9), D("90.02"), D(7))
    assert not scene.market.quote(SPY).halted
    assert scene.moves == []


def test_the_days_before_are_on_the_level_of_what_stands_there() -> None:
    scene, _ = begun("AAPL bid=150 ask=150.10", "AAPL bid=90.01 ask=90.03")
    quote = scene.market.quote(AAPL)
    assert quote.close is not None
    assert quote.open is not None
    assert 80 < quote.close < 100
    assert 80 < quote.open < 100


def test_a_halt_that_stands_is_one() -> None:
    scene, follower = begun("AAPL last=90", "AAPL halt")
    assert scene.market.quote(AAPL).halted
    play(follower, "AAPL resume")
    assert not scene.market.quote(AAPL).halted


def test_what_walks_at_the_end_walks_on_from_where_it_stood() -> None:
    scene, _ = begun("AAPL bid=90.01 ask=90.03 last=90.02", "AAPL walk")
    scene.after(60)
    assert len(scene.moves) > 100
    quote = scene.market.quote(AAPL)
    assert quote.last is not None
    assert 89 < quote.last < 91


def test_a_price_after_a_walk_stands_by_itself() -> None:
    scene, _ = begun("AAPL bid=50 ask=50.02", "AAPL walk", "AAPL last=90")
    quote = scene.market.quote(AAPL)
    assert quote.last == 90
    assert quote.bid is not None
    assert 89 < quote.bid < 91
    scene.after(60)
    assert scene.moves == []


def test_a_line_about_nobody_is_refused_by_its_number_and_the_others_count() -> None:
    scene = Scene()
    refused: list[tuple[int, str]] = []
    TapeFollower(scene.market).begin(
        lines("AAPL last=90", "APPL last=1", "KO halt"), lambda *each: refused.append(each)
    )
    text = '"APPL" is not listed; expected a symbol, a local symbol or a con_id'
    assert refused == [(2, text)]
    assert scene.market.quote(AAPL).last == 90
    assert scene.market.quote(KO).halted
    with pytest.raises(ValueError, match=r'^"APPL" is not listed; '):
        TapeFollower(scene.market).prepared(*lines("APPL halt"))


def test_what_comes_is_told_when_it_is_played() -> None:
    scene, follower = begun("AAPL bid=90.01 ask=90.03 last=90.02")
    play(follower, "AAPL last=90.03 last_size=5")
    (move,) = scene.moves
    assert (move.printed, move.before.last, move.after.last) == (True, D("90.02"), D("90.03"))
    assert move.after.bid == D("90.01")


def test_what_was_named_once_stands_still_until_it_is_named_again() -> None:
    scene, follower = begun()
    scene.market.watch(AAPL)
    scene.market.watch(SPY)
    play(follower, "AAPL halt")
    play(follower, "AAPL resume")
    scene.news.clear()
    scene.after(60)
    assert {move.instrument.con_id for move in scene.moves} == {SPY}
    play(follower, "AAPL walk")
    scene.after(60)
    assert AAPL in {move.instrument.con_id for move in scene.moves}


def test_one_that_nobody_has_seen_is_named_on_its_own_level_of_prices() -> None:
    scene, follower = begun()
    play(follower, "AAPL last=90")
    quote = scene.market.quote(AAPL)
    assert quote.bid is not None
    assert quote.close is not None
    assert 89 < quote.bid < 91
    assert 80 < quote.close < 100


def test_one_that_is_watched_moves_from_where_it_was_seen() -> None:
    scene, follower = begun()
    scene.market.watch(AAPL)
    seen = scene.market.quote(AAPL)
    play(follower, "AAPL bid=90.01 ask=90.03")
    (move,) = scene.moves
    assert (move.before.bid, move.after.bid) == (seen.bid, D("90.01"))
    assert move.after.close == seen.close


def test_a_split_halves_what_stands_and_is_played_when_it_comes() -> None:
    scene, follower = begun("AAPL bid=150 ask=150.10 last=150", "AAPL split=2")
    assert scene.market.quote(AAPL).last == D(75)
    assert scene.news == []
    play(follower, "AAPL split=3")
    assert scene.market.quote(AAPL).last == D(25)
    assert isinstance(scene.news[0], Split)
