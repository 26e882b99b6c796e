"""What a process finds held that nothing explains, where trades were settled lately.

The broker can take a fill back after its trade was settled, and a hand can trade, while nobody is
there; on another broker day no execution tells of it any more. Then the position is all there is to
see, and to whoever reads it first it is one like any other. So what the first complete reading of a
process shows is held against the account's book. It has to stand for longer than a report of a
position lags behind the executions. Where a trade is under way its settlement may come in a
moment: it is waited for a minute. What is executed after that reading others tell, as it happens.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from activities.late_fills import ReadEdge
from backstay.accounts.errors import AccountsError
from backstay.accounts.state import AccountState, TradeRecord
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.snapshot import BookedExecution
from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.positions.settled import Beyond, beyond_settlements, is_under_way

LATELY = timedelta(days=7)
"""Fills are taken back within a day or two; nobody may have been there over some days more."""

PAUSE_SECONDS = 5.0
LOOKS = 12

NAMED_MAX = 5
"""Of many trades in a contract those that were settled last."""


class SettledBook(Protocol):
    """What of a book this needs."""

    async def state(self) -> AccountState:
        """The account as it stands."""

    async def settled_since(self, since: datetime) -> tuple[TradeRecord, ...]:
        """Every trade whose settlement is of then or later, in the order of these."""


class UnexplainedPositions:
    """Looks at what a process finds when it begins."""

    def __init__(
        self, book: SettledBook, edge: ReadEdge, tell: Tell, now: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._edge = edge
        self._tell = tell
        self._now = now
        self._seen: set[int] = set()
        self._read: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Look until each position is explained, or is told."""
        await self._edge.synced()
        first = self._edge.snapshot()
        self._read = frozenset(each.execution.exec_id for each in first.executions)
        waiting = {position.con_id for position in first.positions}
        for _ in range(LOOKS):
            waiting -= await self._settle(waiting)
            if not waiting:
                return
            await asyncio.sleep(PAUSE_SECONDS)
            await self._edge.synced()

    async def _settle(self, waiting: Collection[int]) -> set[int]:
        """Of which contracts everything is said."""
        try:
            state = await self._book.state()
            records = await self._book.settled_since(self._now() - LATELY)
        except AccountsError:
            return set()  # a book that can't be read is told by others
        snapshot = self._edge.snapshot()
        if not snapshot.completeness.is_whole:
            return set()
        done = {each.con_id for each in snapshot.executions if self._is_new(each)}
        settlements = [each.settlement for each in records if each.settlement and each.is_over]
        for con_id in sorted({*waiting} - done):
            if is_under_way(con_id, state.book):
                self._seen.discard(con_id)
                continue
            beyond = beyond_settlements(con_id, state.book, settlements, snapshot)
            if beyond is not None and con_id not in self._seen:
                self._seen.add(con_id)
                continue
            done.add(con_id)
            if beyond is not None:
                self._say(beyond, records)
        return done

    def _is_new(self, booked: BookedExecution) -> bool:
        return booked.execution.exec_id not in self._read

    def _say(self, beyond: Beyond, records: Sequence[TradeRecord]) -> None:
        trades = beyond.trades[-NAMED_MAX:]
        subject = f"{_symbol(beyond, records)}contract {beyond.con_id}, of {' and '.join(trades)}"
        text = (
            f"{plain(beyond.held)} are held, and what trades have left over, and others executed,"
            f" comes to {plain(beyond.explained)}: a fill was taken back, or somebody has traded,"
            " while nobody here could hear of it, and nobody looks after the rest"
        )
        self._tell(Notice(IncidentKind.UNEXPECTED_POSITION, subject, text, self._now()))


def _symbol(beyond: Beyond, records: Sequence[TradeRecord]) -> str:
    """What the contract is called, as far as what was approved in it says so."""
    approved = (
        approval.intent.instrument
        for record in records
        for answer in record.answers
        for approval in answer.admitted.approvals
    )
    symbols = (each.symbol for each in approved if each.con_id == beyond.con_id)
    return next((f"{symbol}, " for symbol in symbols), "")
