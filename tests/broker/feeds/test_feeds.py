"""Claims, lines and reconnects: who hears which prices, and who is told of gaps."""

import asyncio

import pytest

from backstay.broker.doors.market import Rank
from backstay.domain.ticks.feeds import Doubt
from tests.broker.feeds.bench import Bench, Ear, doubts, instrument, play, want, wants_of

GUARDED, ARMED, WANTED = Rank.GUARDED, Rank.ARMED, Rank.WANTED


@pytest.mark.req("X.9")
def test_claims_on_one_instrument_share_a_line_and_one_sink_hears_each_tick_once() -> None:
    async def story(bench: Bench) -> None:
        ear, other = Ear(), Ear()
        for rank in (ARMED, GUARDED):
            assert want(bench, 7, rank, ear)
        assert want(bench, 7, WANTED, other)
        assert want(bench, 8, WANTED)
        bench.tick(7)
        bench.tick(8)
        assert ear.heard == [(1, b"7")]
        assert other.heard == [(1, b"7")]
        assert bench.line.frames == [b"type 1", b"want 1001 7 233", b"want 1002 8 233"]

    play(story)


@pytest.mark.req("X.9")
def test_without_a_line_there_is_no_admission() -> None:
    async def story(bench: Bench) -> None:
        assert want(bench, 1, WANTED)
        assert want(bench, 2, ARMED)
        assert not want(bench, 3, ARMED)
        assert bench.feeds.report(3) is None
        assert want(bench, 2, WANTED), "a line that is there is shared"
        assert bench.feeds.lines_used == bench.feeds.lines_max == 2

    play(story, lines_max=2)


@pytest.mark.req("X.9")
def test_a_guarded_trade_takes_the_line_of_a_lesser_one_which_is_told_and_gets_it_back() -> None:
    async def story(bench: Bench) -> None:
        ear = Ear()
        want(bench, 1, ARMED)
        want(bench, 2, WANTED, ear)
        bench.tick(2)
        bench.interrupted.clear()
        guard = bench.feeds.want(instrument(3), Ear(), GUARDED)
        assert guard is not None
        assert bench.subscribed == {1, 3}
        assert bench.interrupted == [2]
        assert doubts(bench, 2) == (Doubt.NOT_SUBSCRIBED,)
        guard.end()
        assert bench.subscribed == {1, 2}, "what lingers makes way at once"
        bench.tick(2)
        assert len(ear.heard) == 2
        assert bench.lines_most == 2

    play(story, lines_max=2)


@pytest.mark.req("X.9")
def test_who_was_not_admitted_hears_nothing_later_either() -> None:
    async def story(bench: Bench) -> None:
        admitted, refused = Ear(), Ear()
        want(bench, 2, WANTED, admitted)
        guard = bench.feeds.want(instrument(1), Ear(), GUARDED)
        assert not want(bench, 2, ARMED, refused)
        assert guard is not None
        guard.end()
        bench.tick(2)
        assert admitted.heard == [(1, b"2")]
        assert refused.heard == []

    play(story, lines_max=1)


def test_a_guarded_trade_finds_no_line_only_where_all_are_guarded() -> None:
    async def story(bench: Bench) -> None:
        assert want(bench, 1, GUARDED)
        assert not want(bench, 2, GUARDED)
        assert bench.subscribed == {1}
        assert bench.interrupted == []

    play(story, lines_max=1)


def test_a_line_outlives_its_last_claim_by_a_moment_so_that_armed_becomes_guarded_on_it() -> None:
    async def story(bench: Bench) -> None:
        arm = bench.feeds.want(instrument(1), Ear(), ARMED)
        assert arm is not None
        arm.end()
        arm.end()
        await asyncio.sleep(4)
        guard = bench.feeds.want(instrument(1), Ear(), GUARDED)
        # The prices that stand were told to the other one: they are asked for again.
        assert wants_of(bench, 1) == 2
        assert bench.subscribed == {1}
        assert guard is not None
        guard.end()
        arm.end()
        await asyncio.sleep(4)
        assert bench.subscribed == {1}
        await asyncio.sleep(3)
        assert bench.subscribed == set()
        assert bench.feeds.report(1) is None
        assert bench.line.sinks == {}

    play(story)


def test_a_request_that_still_waits_never_leaves_once_nobody_wants_it() -> None:
    async def story(bench: Bench) -> None:
        bench.lanes.is_held = True
        arm = bench.feeds.want(instrument(1), Ear(), ARMED)
        assert arm is not None
        assert doubts(bench, 1) == (Doubt.NOT_SUBSCRIBED,)
        arm.end()
        await asyncio.sleep(10)
        bench.lanes.release()
        assert bench.line.frames == [b"type 1"]

    play(story)


def test_a_request_that_the_lane_has_lost_is_made_again() -> None:
    async def story(bench: Bench) -> None:
        bench.lanes.is_held = True
        want(bench, 1, ARMED)
        bench.lanes.lose()
        bench.lanes.is_held = False
        await asyncio.sleep(7)
        assert bench.subscribed == {1}

    play(story)


@pytest.mark.req("X.9")
def test_after_a_reconnect_everything_is_subscribed_again_what_is_guarded_first() -> None:
    async def story(bench: Bench) -> None:
        ear = Ear()
        want(bench, 1, WANTED)
        want(bench, 2, GUARDED, ear)
        want(bench, 3, ARMED)
        bench.disconnect()
        assert sorted(bench.interrupted) == [1, 2, 3]
        assert doubts(bench, 2) == (Doubt.NOT_CONNECTED, Doubt.NOT_SUBSCRIBED)
        bench.interrupted.clear()
        bench.connect()
        assert sorted(bench.interrupted) == [1, 2, 3]
        assert [frame.split()[-2:] for frame in bench.line.frames[1:]] == [
            [b"2", b"233"],
            [b"3", b"233"],
            [b"1", b"233"],
        ]
        assert doubts(bench, 2) == ()
        bench.tick(2)
        assert ear.heard == [(1, b"2")]

    play(story)


@pytest.mark.req("X.9")
def test_a_new_connection_may_grant_all_lines_again() -> None:
    async def story(bench: Bench) -> None:
        bench.granted = 1
        for con_id in (1, 2, 3):
            want(bench, con_id, ARMED)
        bench.answer()
        assert len(bench.subscribed) == bench.feeds.lines_max == 1
        bench.granted = 3
        bench.connect()
        assert bench.subscribed == {1, 2, 3}, "though nobody has said that the old one is gone"

    play(story)


def test_a_line_that_is_shut_is_not_connected_before_anybody_says_so() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, ARMED)
        bench.line.close()
        assert doubts(bench, 1) == (Doubt.NOT_CONNECTED,)

    play(story)


def test_while_nothing_is_connected_claims_are_admitted_as_if_it_were() -> None:
    async def story(bench: Bench) -> None:
        assert want(bench, 1, WANTED)
        bench.disconnect()
        assert not want(bench, 2, ARMED), "nobody's line is taken behind their back"
        assert want(bench, 3, GUARDED)
        bench.connect()
        assert bench.subscribed == {3}

    play(story, lines_max=1)


@pytest.mark.parametrize("broken", [2103, 2105, 1100, 2110])
@pytest.mark.parametrize("back", [2104, 2106, 1102])
def test_a_stream_that_stays_dead_after_its_farm_is_back_is_subscribed_again(
    broken: int, back: int
) -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        want(bench, 2, ARMED)
        bench.tick(1)
        bench.tick(2)
        bench.interrupted.clear()
        bench.error(-1, broken)
        assert bench.interrupted == [1, 2]
        assert doubts(bench, 1) == doubts(bench, 2) == (Doubt.NOT_CONNECTED,)
        await asyncio.sleep(10)
        bench.error(-1, back)
        await asyncio.sleep(1)
        bench.tick(2)
        assert wants_of(bench, 2) == 2, "what stands still is told anew"
        bench.tick(2)
        assert doubts(bench, 2) == ()
        await asyncio.sleep(3)
        assert (wants_of(bench, 1), wants_of(bench, 2)) == (2, 2)
        assert bench.subscribed == {1, 2}
        assert bench.lines_most == 2
        assert bench.interrupted == [1, 2, 2, 1]

    play(story)


def test_a_farm_that_never_says_it_is_back_is_not_waited_for_longer_than_a_minute() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        bench.tick(1)
        bench.error(-1, 2103)
        await asyncio.sleep(59)
        assert wants_of(bench, 1) == 1
        await asyncio.sleep(3)
        assert wants_of(bench, 1) == 2

    play(story)


def test_a_farm_that_is_well_as_always_changes_nothing() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        bench.tick(1)
        bench.error(-1, 2104)
        bench.error(-1, 2158)
        bench.error(4711, 200)
        await asyncio.sleep(600)
        assert wants_of(bench, 1) == 1
        assert bench.interrupted == []
        assert bench.notices == []

    play(story)


def test_what_ib_has_forgotten_is_subscribed_again_on_the_same_connection() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, ARMED)
        want(bench, 2, GUARDED)
        bench.tick(2)
        bench.error(-1, 1100)
        bench.line.lines.clear()
        bench.error(-1, 1101)
        assert doubts(bench, 1) == doubts(bench, 2) == (Doubt.NOT_CONNECTED,)
        bench.feeds.attach(bench.line)
        bench.answer()
        assert bench.subscribed == {1, 2}
        assert bench.line.frames[-4:] == [
            b"end 1002",
            b"want 1003 2 233",
            b"end 1001",
            b"want 1004 1 233",
        ]
        assert bench.notices == []

    play(story)


def test_a_stream_that_never_ticks_is_asked_for_again_ever_more_seldom_and_told_once() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        await asyncio.sleep(4)
        assert wants_of(bench, 1) == 1
        await asyncio.sleep(3600)
        assert 14 <= wants_of(bench, 1) <= 18
        assert bench.told() == ["data lost: S1 1: subscribed 3 times, and silent"]
        bench.tick(1)
        before = wants_of(bench, 1)
        await asyncio.sleep(3600)
        assert wants_of(bench, 1) == before

    play(story)


def test_a_stream_may_be_silent_while_its_market_is_closed() -> None:
    async def story(bench: Bench) -> None:
        bench.closed.add(1)
        want(bench, 1, GUARDED)
        await asyncio.sleep(3600)
        assert wants_of(bench, 1) == 1
        bench.closed.clear()
        await asyncio.sleep(1)
        assert wants_of(bench, 1) == 2

    play(story)


def test_prices_that_stand_are_told_anew_by_a_line_that_lives() -> None:
    async def story(bench: Bench) -> None:
        want(bench, 1, GUARDED)
        for unknown_or_silent in (1, 2):
            bench.feeds.ask_anew(unknown_or_silent)
        assert wants_of(bench, 1) == 1
        bench.tick(1)
        bench.interrupted.clear()
        bench.feeds.ask_anew(1)
        assert bench.line.frames[-2:] == [b"end 1001", b"want 1002 1 233"]
        assert bench.interrupted == []
        bench.tick(1)
        assert doubts(bench, 1) == ()

    play(story)
