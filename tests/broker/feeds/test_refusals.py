"""What the broker refuses, and what comes instead of prices of now."""

import asyncio

import pytest

from backstay.broker.doors.market import Rank
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.ticks.feeds import Doubt, FeedReport
from backstay.domain.ticks.quotes import Feed
from tests.broker.feeds.bench import Bench, Ear, doubts, play, want, wants_of

GUARDED, ARMED, WANTED = Rank.GUARDED, Rank.ARMED, Rank.WANTED


@pytest.mark.req("X.9")
def test_a_broker_that_grants_fewer_lines_is_believed_and_a_person_is_told_once() -> None:
    async def story(bench: Bench) -> None:
        bench.granted = 2
        for con_id, rank in ((1, WANTED), (2, ARMED), (3, WANTED), (4, GUARDED)):
            assert want(bench, con_id, rank)
        bench.answer()
        assert bench.subscribed == {2, 4}
        bench.tick(2)
        bench.tick(4)
        assert bench.feeds.report(4) == FeedReport(
            is_connected=True, is_subscribed=True, lines_used=2, lines_max=2, feed=Feed.REAL_TIME
        )
        assert doubts(bench, 1) == (Doubt.NOT_SUBSCRIBED,)
        await asyncio.sleep(3)
        assert bench.told() == ["data lost: market data lines: the broker grants 2 lines, not 4"]
        bench.granted = 4
        bench.notices.clear()
        for _ in range(150):
            await asyncio.sleep(1)
            bench.answer()
            bench.tick(1)
            bench.tick(3)
        assert bench.subscribed == {1, 2, 3, 4}
        assert bench.notices == []

    play(story, lines_max=4)


def test_a_guarded_trade_that_is_left_without_a_line_is_told_to_a_person() -> None:
    async def story(bench: Bench) -> None:
        bench.granted = 1
        want(bench, 1, GUARDED)
        want(bench, 2, GUARDED)
        bench.answer()
        assert bench.told() == ["data lost: S2 2: it is guarded and has no data line"]

    play(story, lines_max=2)


@pytest.mark.parametrize("code", [354, 10089, 10168, 10186])
def test_an_instrument_that_is_not_subscribed_is_told_gives_its_line_up_and_is_tried_again(
    code: int,
) -> None:
    async def story(bench: Bench) -> None:
        bench.refusals[1] = code
        want(bench, 1, GUARDED)
        want(bench, 2, WANTED)
        bench.answer()
        assert doubts(bench, 1) == (Doubt.NOT_SUBSCRIBED,)
        assert bench.told() == [f"data lost: S1 1: {code}: so it is"]
        assert want(bench, 3, ARMED), "there is a line again"
        assert bench.interrupted == [1]
        bench.refusals.clear()
        await asyncio.sleep(299)
        assert wants_of(bench, 1) == 1
        await asyncio.sleep(3)
        assert 1 in bench.subscribed, "and it takes one back"
        assert doubts(bench, 1) == ()
        bench.notices.clear()
        bench.tick(1)
        bench.error(bench.request_of(1), code)
        assert len(bench.notices) == 1, "what was over is told again"

    play(story, lines_max=2)


def test_an_instrument_that_the_broker_does_not_know_is_asked_for_again_only_if_wanted_anew() -> (
    None
):
    async def story(bench: Bench) -> None:
        bench.refusals[1] = 200
        want(bench, 1, ARMED)
        bench.answer()
        await asyncio.sleep(7200)
        assert wants_of(bench, 1) == 1
        assert [notice.kind for notice in bench.notices] == [IncidentKind.DATA_LOST]
        bench.refusals.clear()
        want(bench, 1, ARMED)
        assert bench.subscribed == {1}

    play(story)


def test_a_competing_session_is_told_once_and_the_prices_are_asked_for_every_15_seconds() -> None:
    async def story(bench: Bench) -> None:
        for con_id in (1, 2):
            want(bench, con_id, GUARDED)
            bench.tick(con_id)
            bench.refusals[con_id] = 10197
            bench.error(bench.request_of(con_id), 10197)
        bench.tick(1)
        assert doubts(bench, 1) == doubts(bench, 2) == (Doubt.NOT_SUBSCRIBED,)
        for _ in range(4):
            await asyncio.sleep(15.5)
            bench.answer()
        assert 4 <= wants_of(bench, 1) <= 5
        assert bench.told() == ["competing session: market data: 10197: so it is"]
        bench.refusals.clear()
        await asyncio.sleep(16)
        bench.tick(1)
        bench.tick(2)
        assert doubts(bench, 1) == doubts(bench, 2) == ()
        bench.error(bench.request_of(2), 10197)
        assert len(bench.notices) == 2, "another one is told again"

    play(story)


def test_prices_that_come_back_by_themselves_are_asked_for_anew_for_those_that_stand_still() -> (
    None
):
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        bench.tick(1)
        bench.error(bench.request_of(1), 10197)
        await asyncio.sleep(0.5)
        bench.tick(1)
        assert wants_of(bench, 1) == 1, "it may have been on its way"
        await asyncio.sleep(5)
        bench.tick(1)
        assert wants_of(bench, 1) == 2
        bench.tick(1)
        assert doubts(bench, 1) == ()
        await asyncio.sleep(60)
        assert wants_of(bench, 1) == 2

    play(story)


@pytest.mark.parametrize(
    ("data_type", "feed"),
    [
        (1, Feed.REAL_TIME),
        (2, Feed.FROZEN),
        (3, Feed.DELAYED),
        (4, Feed.DELAYED_FROZEN),
        (5, Feed.DELAYED_FROZEN),
    ],
)
@pytest.mark.req("X.9")
def test_the_report_says_what_kind_of_prices_come(data_type: int, feed: Feed) -> None:
    async def story(bench: Bench) -> None:
        ear = Ear()
        want(bench, 1, ARMED, ear)
        bench.line.sinks[bench.request_of(1)].on_data_type(data_type)
        report = bench.feeds.report(1)
        assert report is not None
        assert report.feed is feed
        assert ear.types == [data_type]
        told = [] if data_type == 1 else [f"data lost: S1 1: its prices are {feed}"]
        assert bench.told() == told

    play(story)


def test_delayed_prices_in_place_of_live_ones_are_told_and_never_of_now() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, ARMED)
        bench.error(bench.request_of(1), 10167)
        assert doubts(bench, 1) == (Doubt.NOT_REAL_TIME,)
        assert bench.told() == ["data lost: S1 1: 10167: so it is"]
        bench.disconnect()
        bench.connect()
        assert doubts(bench, 1) == ()

    play(story)


@pytest.mark.parametrize("code", [300, 2137])
def test_a_remark_about_a_request_changes_nothing(code: int) -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, ARMED)
        bench.error(bench.request_of(1), code)
        assert doubts(bench, 1) == ()
        assert bench.interrupted == []
        assert bench.notices == []

    play(story)


def test_an_error_that_nobody_foresaw_ends_the_stream_for_a_while() -> None:
    async def story(bench: Bench) -> None:
        bench.refusals[1] = 322
        want(bench, 1, GUARDED)
        bench.answer()
        assert doubts(bench, 1) == (Doubt.NOT_SUBSCRIBED,)
        bench.refusals.clear()
        await asyncio.sleep(32)
        assert doubts(bench, 1) == ()
        assert bench.told() == ["data lost: S1 1: 322: so it is"]

    play(story)
