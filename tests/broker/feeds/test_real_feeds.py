"""The feeds before the embedded gateway, over the real line and the real lanes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from backstay.broker.doors.market import Rank
from backstay.broker.feeds.feeds import SharedFeeds
from backstay.broker.feeds.requests import Doors
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.line import GatewayLine
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.opening import open_line
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears
from backstay.broker.news import ErrorNews, News
from backstay.broker.notices import Notice
from backstay.broker.translation.hearing import Hearing
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.ticks.feeds import Doubt, doubts_about
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from tests.broker.feeds.bench import Ear
from tests.broker.line.stage import HOST, PORT, SETTINGS, START, Stage, play

GUARDED, ARMED, WANTED = Rank.GUARDED, Rank.ARMED, Rank.WANTED
RT_VOLUME = 48


def stock(con_id: int, symbol: str) -> Instrument:
    grid = PriceGrid.uniform(Decimal("0.01"))
    return Instrument(con_id, symbol, "SMART", "USD", Decimal(1), grid, "US/Eastern")


MSFT, NVDA, AMZN = stock(272093, "MSFT"), stock(4815747, "NVDA"), stock(3691937, "AMZN")


class Room:
    """Feeds, joined with the rest as the edge joins them."""

    def __init__(self, stage: Stage, lines_max: int = 100) -> None:
        self.stage = stage
        self.notices: list[Notice] = []
        self.codes: list[int] = []
        self.interrupted: list[int] = []
        self._lanes = OutgoingLanes(self.notices.append, self.now)
        self._numbers = IdNumbers()
        self._questions = Questions(self._lanes)
        writing = FrameWriting(stage.encoder)
        self.feeds = SharedFeeds(
            Doors(self._lanes, self._numbers, writing),
            lambda _con_id: MarketPhase.REGULAR,
            self.now,
            self.notices.append,
            lines_max,
        )
        self.feeds.on_interrupted(self.interrupted.append)
        self.line: GatewayLine | None = None
        self._tending = asyncio.create_task(self.feeds.tend(lambda: None))

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    async def connect(self) -> None:
        hearing = Hearing(self._hear, self.now, self._questions)
        ears = Ears(hearing, hearing.unread)
        self.line = await open_line(HOST, PORT, 1, ears, self._lost)
        self._numbers.goes_on_from(self.line.next_order_id)
        self._lanes.attach(self.line.write)
        self.feeds.attach(self.line)

    def leave(self) -> None:
        self._tending.cancel()
        if self.line is not None:
            self.line.close()

    def _hear(self, news: News) -> None:
        if isinstance(news, ErrorNews):
            self.codes.append(news.code)
            self.feeds.on_error(news)
            if news.code == 1101 and self.line is not None:
                self.feeds.attach(self.line)

    def _lost(self, why: str) -> None:
        self._lanes.detach(why)
        self._questions.line_lost(why)
        self.feeds.detach()

    def want(self, instrument: Instrument, rank: Rank = GUARDED) -> Ear:
        ear = Ear()
        assert self.feeds.want(instrument, ear, rank) is not None
        return ear

    def doubts(self, instrument: Instrument) -> tuple[Doubt, ...]:
        report = self.feeds.report(instrument.con_id)
        assert report is not None
        return doubts_about(report)

    def told(self) -> list[str]:
        return [f"{notice.kind}: {notice.subject}: {notice.text}" for notice in self.notices]


Story = Callable[[Room], Awaitable[None]]


def tell(story: Story, *plan: Rule, lines_max: int = 100, granted: int = 100) -> None:
    """A story of feeds that are connected and tended."""

    async def main(stage: Stage) -> None:
        room = Room(stage, lines_max)
        await room.connect()
        try:
            await story(room)
        finally:
            room.leave()

    play(main, *plan, settings=replace(SETTINGS, data_lines_max=granted))


async def ticks(ear: Ear, seconds: float = 5.0) -> int:
    """How many ticks an ear hears in a while."""
    before = len(ear.heard)
    await asyncio.sleep(seconds)
    return len(ear.heard) - before


def test_prices_and_trades_with_their_time_are_heard_and_of_now() -> None:
    async def story(room: Room) -> None:
        ear, other = room.want(MSFT), room.want(NVDA, WANTED)
        assert await ticks(ear) > 0
        assert await ticks(other) > 0
        assert RT_VOLUME in {tick_type for tick_type, _ in ear.heard}
        assert ear.types == [1]
        assert room.doubts(MSFT) == room.doubts(NVDA) == ()
        assert room.notices == []

    tell(story)


def test_a_dead_stream_is_subscribed_again_though_the_broker_calls_it_well() -> None:
    async def story(room: Room) -> None:
        ear = room.want(MSFT)
        await asyncio.sleep(11)
        assert room.codes[-2:] == [2103, 2104]
        assert room.doubts(MSFT) == (Doubt.NOT_CONNECTED,)
        await asyncio.sleep(4)
        assert room.doubts(MSFT) == ()
        assert await ticks(ear) > 0
        assert room.interrupted.count(MSFT.con_id) >= 2

    tell(story, rule("stream-dead", at="+10s"))


def test_a_broken_farm_is_waited_for() -> None:
    async def story(room: Room) -> None:
        ear = room.want(MSFT)
        await asyncio.sleep(12)
        assert room.doubts(MSFT) == (Doubt.NOT_CONNECTED,)
        assert await ticks(ear, 20) == 0
        await asyncio.sleep(15)
        assert room.doubts(MSFT) == ()
        assert await ticks(ear) > 0
        assert room.notices == []

    tell(story, rule("farm-broken", at="+10s", lasting="30s"))


def test_a_competing_login_is_told_and_the_prices_come_back_when_it_has_left() -> None:
    async def story(room: Room) -> None:
        ears = [room.want(MSFT), room.want(NVDA)]
        await asyncio.sleep(12)
        assert room.doubts(MSFT) == room.doubts(NVDA) == (Doubt.NOT_SUBSCRIBED,)
        assert room.told() == [
            "competing session: market data: 10197: No market data during competing live session"
        ]
        await asyncio.sleep(75)
        assert room.codes.count(10197) >= 4
        assert room.doubts(MSFT) == room.doubts(NVDA) == ()
        for ear in ears:
            assert await ticks(ear) > 0
        assert len(room.notices) == 1

    tell(story, rule("competing-login", at="+10s", lasting="60s"))


@pytest.mark.parametrize(("then", "code"), [("kept", 1102), ("lost", 1101)])
def test_prices_come_again_when_the_gateway_has_found_ib_again(then: str, code: int) -> None:
    async def story(room: Room) -> None:
        ear = room.want(MSFT)
        await asyncio.sleep(15)
        assert room.doubts(MSFT) == (Doubt.NOT_CONNECTED,)
        await asyncio.sleep(20)
        assert code in room.codes
        assert room.doubts(MSFT) == ()
        assert await ticks(ear) > 0
        assert 101 not in room.codes

    tell(story, rule("upstream-lost", at="+10s", lasting="20s", then=then), granted=1)


@pytest.mark.req("X.9")
def test_a_gateway_with_fewer_lines_than_configured_keeps_what_is_guarded() -> None:
    async def story(room: Room) -> None:
        lesser = room.want(MSFT, WANTED), room.want(NVDA, ARMED)
        await asyncio.sleep(1)
        guarded = room.want(AMZN)
        await asyncio.sleep(3)
        assert room.codes.count(101) == 1
        assert await ticks(guarded) > 0
        heard = [await ticks(ear) for ear in lesser]
        assert heard[0] == 0, "what is only wanted gives way"
        assert heard[1] > 0
        assert room.doubts(MSFT) == (Doubt.NOT_SUBSCRIBED,)
        assert room.told() == ["data lost: market data lines: the broker grants 2 lines, not 3"]

    tell(story, lines_max=3, granted=2)


@pytest.mark.req("X.9")
def test_within_the_budget_the_gateway_never_has_to_refuse() -> None:
    async def story(room: Room) -> None:
        room.want(MSFT, WANTED)
        first = room.feeds.want(NVDA, Ear(), ARMED)
        for _ in range(5):
            assert first is not None
            await asyncio.sleep(1)
            guard = room.feeds.want(AMZN, Ear(), GUARDED)
            await asyncio.sleep(1)
            assert guard is not None
            guard.end()
            first.end()
            first = room.feeds.want(NVDA, Ear(), GUARDED)
        await asyncio.sleep(1)
        assert 101 not in room.codes
        assert 300 not in room.codes

    tell(story, lines_max=2, granted=2)


def test_an_instrument_without_live_data_is_told_and_comes_once_it_is_subscribed() -> None:
    async def story(room: Room) -> None:
        front = room.stage.gateway.front
        front.refuse_data(MSFT.con_id)
        ear = room.want(MSFT)
        await asyncio.sleep(1)
        assert room.doubts(MSFT) == (Doubt.NOT_SUBSCRIBED,)
        assert [text.split(":")[:3] for text in room.told()] == [
            ["data lost", " MSFT 272093", " 354"]
        ]
        front.refuse_data(MSFT.con_id, refuse=False)
        await asyncio.sleep(302)
        assert room.doubts(MSFT) == ()
        assert await ticks(ear) > 0

    tell(story)


def test_a_contract_that_does_not_exist_is_told() -> None:
    async def story(room: Room) -> None:
        room.want(stock(4711, "NONE"))
        await asyncio.sleep(1)
        assert room.codes[-1] == 200
        assert len(room.notices) == 1

    tell(story)


def test_after_a_reconnect_the_prices_come_again() -> None:
    async def story(room: Room) -> None:
        ear = room.want(MSFT)
        assert await ticks(ear) > 0
        assert room.line is not None
        room.line.close()
        await asyncio.sleep(1)
        room.feeds.detach()
        assert Doubt.NOT_CONNECTED in room.doubts(MSFT)
        assert await ticks(ear) == 0
        await room.connect()
        assert await ticks(ear) > 0
        assert room.doubts(MSFT) == ()

    tell(story)
