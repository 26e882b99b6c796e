"""Quotes that as a whole decide nothing: crossed, halted, interrupted or not real-time."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.ticks.quotes import BadTick, Feed, Flaw, GoodTick, Quote, judge
from tests.domain.ticks.samples import ASK, BID, KNOWN, LAST, NOON, STOCK, fold, quote, tick


@pytest.mark.req("S0.3", "I6")
def test_a_crossed_quote_decides_nothing() -> None:
    judged = judge(KNOWN, tick(BID, "190.02"), STOCK, NOON)
    assert isinstance(judged, BadTick)
    assert judged.flaw is Flaw.CROSSED
    assert judged.quote.flaw is Flaw.CROSSED


@pytest.mark.req("S0.3")
def test_a_locked_quote_is_not_crossed() -> None:
    judged = judge(KNOWN, tick(BID, "190.01"), STOCK, NOON)
    assert judged == GoodTick(replace(KNOWN, bid=Decimal("190.01")), (BID,))
    assert judged.quote.flaw is None


@pytest.mark.parametrize("rest", [quote(bid="191"), quote(ask="190"), quote(last="1")])
def test_a_quote_with_one_side_is_not_crossed(rest: Quote) -> None:
    assert rest.flaw is None


def test_the_tick_that_uncrosses_tells_what_was_held_back() -> None:
    judged = fold(KNOWN, [tick(BID, "190.05"), tick(ASK, "190.07")])
    assert judged == GoodTick(
        replace(KNOWN, bid=Decimal("190.05"), ask=Decimal("190.07")), (BID, ASK)
    )


def test_a_print_in_a_crossed_quote_is_told_when_it_uncrosses() -> None:
    judged = fold(KNOWN, [tick(BID, "190.05"), tick(LAST, "190.06"), tick(ASK, "190.07")])
    assert isinstance(judged, GoodTick)
    assert judged.news == (BID, LAST, ASK)


def test_what_is_held_back_is_told_once_however_often_it_ticked() -> None:
    judged = fold(KNOWN, [tick(BID, "190.05"), tick(BID, "190.06"), tick(BID, "190.00")])
    assert isinstance(judged, GoodTick)
    assert judged.news == (BID,)


def test_what_was_told_is_not_told_again() -> None:
    judged = fold(KNOWN, [tick(BID, "190.05"), tick(ASK, "190.07"), tick(LAST, "190.06")])
    assert isinstance(judged, GoodTick)
    assert judged.news == (LAST,)


def test_an_unreadable_tick_does_not_lose_what_is_held_back() -> None:
    judged = fold(KNOWN, [tick(BID, "190.05"), tick(LAST, "NaN"), tick(ASK, "190.07")])
    assert isinstance(judged, GoodTick)
    assert judged.news == (BID, ASK)


@pytest.mark.req("S0.3", "S3.7", "X.9", "I6")
@pytest.mark.parametrize("feed", [Feed.FROZEN, Feed.DELAYED, Feed.DELAYED_FROZEN])
def test_data_that_is_not_real_time_decides_nothing_and_is_not_kept(feed: Feed) -> None:
    delayed = KNOWN.from_feed(feed)
    assert delayed == Quote(feed)
    assert delayed.flaw is Flaw.NOT_REAL_TIME
    assert judge(delayed, tick(LAST, "190"), STOCK, NOON) == BadTick(delayed, Flaw.NOT_REAL_TIME)


def test_the_first_real_time_price_is_believed_after_delayed_ones() -> None:
    back = KNOWN.from_feed(Feed.DELAYED).from_feed(Feed.REAL_TIME)
    assert back == quote()


def test_the_same_type_of_data_again_changes_nothing() -> None:
    assert KNOWN.from_feed(Feed.REAL_TIME) is KNOWN


def test_a_halt_outlives_a_change_of_the_feed() -> None:
    assert KNOWN.halted().from_feed(Feed.DELAYED) == Quote(Feed.DELAYED, is_halted=True)


@pytest.mark.req("S0.3", "I6")
def test_a_halt_voids_what_was_quoted_and_what_is_indicated() -> None:
    halted = KNOWN.halted()
    assert halted == Quote(Feed.REAL_TIME, is_halted=True)
    assert halted.flaw is Flaw.HALTED
    assert judge(halted, tick(LAST, "190"), STOCK, NOON) == BadTick(halted, Flaw.HALTED)


def test_a_halt_that_is_told_again_changes_nothing() -> None:
    halted = KNOWN.halted()
    assert halted.halted() is halted


def test_a_resumed_market_starts_without_a_price() -> None:
    assert KNOWN.halted().resumed() == quote()


def test_a_market_that_was_not_halted_can_not_resume() -> None:
    assert KNOWN.resumed() is KNOWN


@pytest.mark.req("S1.4")
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (KNOWN, quote()),
        (KNOWN.halted(), KNOWN.halted()),
        (Quote(Feed.DELAYED), Quote(Feed.DELAYED)),
    ],
)
def test_nothing_is_known_after_an_interruption(before: Quote, expected: Quote) -> None:
    assert before.interrupted() == expected
