"""Typed stand-ins for the rooms around the desk."""

# ruff: noqa: ARG002 - a stand-in looks at less than the real one

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.knowing import Session
from backstay.broker.doors.market import Catalogue, Quotes
from backstay.broker.doors.wire import (
    Asks,
    Departure,
    Lanes,
    Lost,
    NotAnsweredError,
    Numbers,
    OrderFrame,
    RequestRefusedError,
    Writing,
)
from backstay.broker.translation.telling import WhatIf
from backstay.domain.edge.contracts import InstrumentQuery, ResolveAnswer, VolatilityAnswer
from backstay.domain.edge.session import SessionReport, SessionState
from backstay.domain.ids import Lane
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions.calendar import Calendar, MarketPhase
from backstay.domain.ticks.quotes import Quote


class FakeCatalogue(Catalogue):
    """Every market is open, unless it is told otherwise."""

    def __init__(self) -> None:
        self.current = MarketPhase.REGULAR

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        raise NotImplementedError

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        raise NotImplementedError

    def calendar(self, con_id: int) -> Calendar | None:
        raise NotImplementedError

    def phase(self, con_id: int) -> MarketPhase:
        return self.current

    def zone_name(self, con_id: int) -> str | None:
        raise NotImplementedError


class FakeQuotes(Quotes):
    """A market around 100 that is always heard of."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def quote(self, con_id: int) -> Quote | None:
        raise NotImplementedError

    def touch(self, con_id: int) -> Touch | None:
        return Touch(Decimal("99.98"), Decimal("100.02"), self._now())

    def is_live(self, con_id: int) -> bool:
        raise NotImplementedError


class FakeLanes(Lanes):
    """Lets everything leave at once, or holds it until it is told to let it go or lose it."""

    def __init__(self) -> None:
        self.is_full = False
        self.written: list[bytes] = []
        self._held: list[tuple[Departure, Lost]] = []
        self.lanes: list[Lane] = []

    def send(
        self, lane: Lane, departure: Departure, lost: Lost, messages: int = 1, symbol: str = ""
    ) -> bool:
        self.lanes.append(lane)
        if self.is_full:
            self._held.append((departure, lost))
            return False
        self._write(departure())
        return True

    @property
    def waiting(self) -> int:
        return len(self._held)

    def let_go(self) -> None:
        """There is room again: whoever waits leaves."""
        self.is_full = False
        held, self._held = self._held, []
        for departure, _ in held:
            self._write(departure())

    def lose(self) -> None:
        """The line is gone."""
        held, self._held = self._held, []
        for _, lost in held:
            lost("the line is gone")

    def _write(self, frames: Sequence[bytes]) -> None:
        if frames:
            self.written.append(b"".join(frames))


class FakeNumbers(Numbers):
    """Counts."""

    def __init__(self) -> None:
        self.next = 1
        self.fell_back_to: int | None = None

    def next_order_id(self) -> int:
        self.next += 1
        return self.next - 1

    def next_request_id(self) -> int:
        raise NotImplementedError

    def is_request(self, subject_id: int) -> bool:
        raise NotImplementedError

    def heard(self, order_id: int) -> None:
        self.next = max(self.next, order_id + 1)

    def is_spent(self, order_id: int) -> bool:
        return self.fell_back_to is None or order_id < self.fell_back_to


class FakeWriting(Writing):
    """Frames that can be read."""

    def order(self, intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> OrderFrame:
        tail = b" %s%s" % (intent.order_ref.encode(), b"" if transmit else b" held")
        return OrderFrame(b"order ", b" parent ", tail, is_child=intent.parent is not None)

    def cancel(self, order_id: int) -> bytes:
        words = b"cancel %d" % order_id
        return len(words).to_bytes(4, "big") + words

    def market_data(self, request_id: int, instrument: Instrument, generic: str) -> bytes:
        raise NotImplementedError

    def end_market_data(self, request_id: int) -> bytes:
        raise NotImplementedError

    def market_data_type(self, data_type: int) -> bytes:
        raise NotImplementedError


class FakeSession(Session):
    """Ready, until it is told otherwise."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.is_ready = True
        self.synced = 1
        self._told: list[Callable[[SessionReport], None]] = []

    @property
    def report(self) -> SessionReport:
        state = SessionState.READY if self.is_ready else SessionState.DOWN
        return SessionReport(state, self._now())

    @property
    def may_send(self) -> bool:
        return self.is_ready

    @property
    def may_modify(self) -> bool:
        return self.is_ready

    @property
    def epoch(self) -> int:
        return self.synced

    def on_change(self, told: Callable[[SessionReport], None]) -> None:
        self._told.append(told)

    async def read_positions(self) -> None:
        """Nothing new is held."""

    def go_down(self) -> None:
        """The line is lost."""
        self.is_ready = False
        self._tell()

    def come_back(self) -> None:
        """Another session has been synced."""
        self.is_ready = True
        self.synced += 1
        self._tell()

    def _tell(self) -> None:
        for told in self._told:
            told(self.report)


class FakeAsks(Asks):
    """Answers after a moment, with whatever it is told to have heard by then, or not at all."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer_seconds = 0.01
        self.silent: set[str] = set()
        self.news: list[Callable[[], None]] = []
        self.refusal: RequestRefusedError | None = None
        self.figures: WhatIf | None = None

    async def current_time(self) -> datetime:
        raise NotImplementedError

    async def open_orders(self) -> None:
        await self._answer("open orders")
        for tell in self.news:
            tell()

    async def completed_orders(self) -> None:
        await self._answer("completed orders")

    async def executions(self) -> None:
        await self._answer("executions")

    async def positions(self) -> tuple[int, ...]:
        await self._answer("positions")
        return ()

    async def account(self, account: str) -> None:
        raise NotImplementedError

    async def what_if(self, intent: OrderIntent) -> WhatIf:
        await self._answer("what if")
        if self.refusal is not None:
            raise self.refusal
        assert self.figures is not None
        return self.figures

    async def _answer(self, question: str) -> None:
        self.asked.append(question)
        await asyncio.sleep(self.answer_seconds)
        if question in self.silent:
            raise NotAnsweredError(question)
