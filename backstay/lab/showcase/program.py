"""The whole showcase: a fresh house, every story in it, and the document that it ends in.

A story that fails is told as failed, and the next one is played all the same. Every figure in the
document is read off what happened.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.settlement import Settlement
from backstay.lab.lives import Life, lives_of
from backstay.lab.showcase import stories, verdicts
from backstay.lab.showcase.premises import ACCOUNT, Premises, premises
from backstay.lab.showcase.record import Record
from backstay.lab.showcase.scene import Scene, StoryError, Told
from backstay.lab.showcase.stories import STORIES, Story
from backstay.lab.telling import Check, Event, Who
from workers import clock
from workers.supervising.house import House, ToldToEndError, Wish, kept_house

PLANS = Path(__file__).resolve().parents[3] / "examples" / "demo"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one story comes to. Naked time is filled quantity x seconds without a stop that the
    broker has acknowledged.
    """

    intents_written: int
    orders_sent: int
    changes_sent: int
    cancels_sent: int
    executions: int
    history_events: int
    naked_unit_seconds: Decimal
    profit: Decimal | None
    commissions: Decimal
    seconds: float


@dataclass(frozen=True, slots=True)
class Chapter:
    """One story: what it was about, what happened, what it came to, whether it may be so."""

    title: str
    plan_id: str
    workflow_id: str
    events: tuple[Event, ...]
    figures: Figures | None
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether all of it may be so."""
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Summary:
    """The sums over all stories, and what must hold of the house."""

    holds: bool
    checks: int
    checks_held: int
    orders_sent: int
    intents_written: int
    executions: int
    history_events: int
    naked_unit_seconds: Decimal
    restarts: int
    seconds: float
    house: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Showcase:
    """The whole document."""

    account: str
    chapters: tuple[Chapter, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told: of the house, of a story that begins, of each line, of a story that is over."""

    house: Callable[[str], None]
    begins: Callable[[int, Story], None]
    line: Callable[[Event], None]
    ends: Callable[[Chapter], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """A house in which everything has begun, and in which stories can be played."""

    premises: Premises
    house: House
    stage: "Stage"


@asynccontextmanager
async def opened(audience: Audience) -> AsyncIterator[Opened]:
    """A fresh house until the block ends; nothing of it is left. HouseError if it can't begin."""
    killed = _plan(stories.KILLED)
    reference = IntentKey(trade_id(ACCOUNT, killed.id), 0, Purpose.ENTRY, 1)
    with premises(str(reference)) as place:
        wish = Wish(place.settings_file, place.settings, place.gateway, place.ui_port)
        said = _Said(audience.house)
        async with kept_house(wish, said) as house:
            where = place.settings.temporal.address
            client = await Client.connect(where, data_converter=VALUES)
            stage = Stage(place, house, client, audience)
            said.to = stage.of_the_house
            yield Opened(place, house, stage)


class _Said:
    """What the house says of itself: lines of their own before there are stories, then lines of
    the story that it happens in.
    """

    def __init__(self, to: Callable[[str], None]) -> None:
        self.to = to

    def __call__(self, text: str) -> None:
        self.to(text)


class Stage:
    """Where stories are played, one after the other."""

    def __init__(self, place: Premises, house: House, client: Client, audience: Audience) -> None:
        self._place = place
        self._house = house
        self._client = client
        self._audience = audience
        self._events: list[Event] = []
        self._began = clock.now()
        self._record = Record(place.data.wire_log, place.data.audit, clock.now)
        engine = TemporalEngine(client, AccountBooks([], {}), clock.now)
        self._scene = Scene(house, client, engine, place.prices, self._record, self._tell)

    def of_the_house(self, text: str) -> None:
        """A process has died, or serves again."""
        what, _, why = text.partition("; ")
        self._scene.say(Who.HOUSE, what, why)

    async def play(self) -> Showcase:
        """All stories, and what they come to."""
        for symbol, price in stories.OPENING_PRICES.items():
            self._scene.open_at(symbol, price)
        chapters = []
        for number, story in enumerate(STORIES, start=1):
            self._audience.begins(number, story)
            chapter = await self._chapter(story)
            self._audience.ends(chapter)
            chapters.append(chapter)
        return Showcase(ACCOUNT, tuple(chapters), self._summary(chapters))

    async def _chapter(self, story: Story) -> Chapter:
        self._events, began = [], clock.now()
        told: Told | None = None
        figures, checks = None, list[Check]()
        profile = self._place.settings.broker.assumed
        try:
            told = await self._scene.submit(_plan(story.plan), ACCOUNT, profile)
            await story.play(self._scene, told)
            settlement = await self._scene.settled(told)
            await self._scene.beat()
            lives = await lives_of(self._client, told.order.workflow_id)
            trade = told.order.trade
            checks += story.checks(told, self._record, settlement)
            checks += verdicts.trade_checks(self._record, trade, lives)
            seconds = (clock.now() - began).total_seconds()
            figures = self._figures(trade, lives, settlement, seconds)
        except (StoryError, KeyError) as error:
            checks.append(Check("the story was played to its end", holds=False, found=str(error)))
        return Chapter(
            title=story.title,
            plan_id="" if told is None else told.order.plan.id,
            workflow_id="" if told is None else told.order.workflow_id,
            events=tuple(self._events),
            figures=figures,
            checks=tuple(checks),
        )

    def _figures(
        self, trade: str, lives: list[Life], settlement: Settlement, seconds: float
    ) -> Figures:
        orders = verdicts.of_trade(self._record, trade)
        return Figures(
            intents_written=len(verdicts.intents_of(lives)),
            orders_sent=sum(len(order.numbers) for order in orders),
            changes_sent=sum(order.changes for order in orders),
            cancels_sent=sum(order.cancels for order in orders),
            executions=sum(len(order.fills) for order in orders),
            history_events=sum(len(life.events) for life in lives),
            naked_unit_seconds=settlement.naked_seconds,
            profit=settlement.profit,
            commissions=sum((each.amount for each in settlement.commissions), Decimal(0)),
            seconds=round(seconds, 1),
        )

    def _summary(self, chapters: list[Chapter]) -> Summary:
        self._scene.listen()
        house = tuple(verdicts.house_checks(self._record))
        checks = [*(check for chapter in chapters for check in chapter.checks), *house]
        figures = [chapter.figures for chapter in chapters if chapter.figures is not None]
        return Summary(
            holds=all(check.holds for check in checks),
            checks=len(checks),
            checks_held=sum(check.holds for check in checks),
            orders_sent=sum(each.orders_sent for each in figures),
            intents_written=sum(each.intents_written for each in figures),
            executions=sum(each.executions for each in figures),
            history_events=sum(each.history_events for each in figures),
            naked_unit_seconds=sum((each.naked_unit_seconds for each in figures), Decimal(0)),
            restarts=sum(part.restarts for part in self._house.report().parts),
            seconds=round((clock.now() - self._began).total_seconds(), 1),
            house=house,
        )

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self._audience.line(event)


def _plan(name: str) -> TradePlan:
    plan = read_toml((PLANS / name).read_text("utf-8"))
    assert isinstance(plan, TradePlan), f"{name} is the plan of a group"
    return plan


def show(
    audience: Audience,
    told: Callable[[Showcase], None],
    stays: Callable[[Opened, Showcase], None] | None,
) -> Showcase:
    """Play everything; `told` hears what it came to. With `stays` the house is kept, and that is
    told, until somebody ends it.
    """

    async def run() -> Showcase:
        async with opened(audience) as where:
            shown = await _unless_ended(where.stage.play(), where.house)
            told(shown)
            if stays is not None:
                stays(where, shown)
                await where.house.ended()
            return shown

    return asyncio.run(run())


async def _unless_ended(playing: Coroutine[Any, Any, Showcase], house: House) -> Showcase:
    """What is played, unless somebody has had enough before; then ToldToEndError."""
    played, ended = asyncio.ensure_future(playing), asyncio.ensure_future(house.ended())
    try:
        await asyncio.wait((played, ended), return_when=asyncio.FIRST_COMPLETED)
        if not played.done():
            raise ToldToEndError("told to end before the stories were over")
        return played.result()
    finally:
        for each in (played, ended):
            each.cancel()
        await asyncio.gather(played, ended, return_exceptions=True)
