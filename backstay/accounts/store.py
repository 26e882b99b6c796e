"""The book of one account, for an event loop and for all processes of the account.

Each operation is one transaction: read, decide by the pure rules, write. It runs in a thread of its
own, so the loop goes on while the disk or another process lets us wait; and it is finished even if
nobody waits for it any more. Asking again is always safe.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from backstay.accounts import admitting, killing, preflighting, reporting, settling, shelf
from backstay.accounts.file import BUSY_SECONDS, AccountFile, Mark
from backstay.accounts.killing import Approach
from backstay.accounts.notices import KeptNote, Note, NoteCount
from backstay.accounts.state import AccountState, Settled, TradeRecord
from backstay.domain.incidents.resumption import ResumeVerdict
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.settlement import Settlement

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class KeptKill:
    """The kill state that is written down, and the plans of the trades that it finds open."""

    state: KillState
    plan_ids: tuple[str, ...]


class AccountStore:
    """What admits, settles and kills in one account.

    `thread` is where the file is worked on, one thing at a time, and is closed with the store.
    """

    def __init__(
        self,
        path: Path,
        account: str,
        busy_seconds: float = BUSY_SECONDS,
        thread: Executor | None = None,
    ) -> None:
        self._file = AccountFile(path, account, busy_seconds)
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix=f"book-{account}")

    @property
    def account(self) -> str:
        """Whose book it is."""
        return self._file.account

    async def close(self) -> None:
        """Finish what is under way, and let the file go."""
        await self._in_thread(self._file.close)
        self._thread.shutdown(wait=False)

    async def admit(
        self, request: AdmissionRequest, settings: LimitSettings | None
    ) -> AdmissionAnswer:
        """Whether there is room for the orders of a trade; it is taken if so."""

        def decide(connection: sqlite3.Connection) -> AdmissionAnswer:
            state = self._file.state(connection)
            known = self._file.record(connection, request.trade)
            done = admitting.admit(state, known, request, settings)
            self._keep(connection, state, done.state, known, done.record)
            return done.answer

        return await self._changing(decide)

    async def preflight(
        self, request: AdmissionRequest, settings: LimitSettings | None
    ) -> Preflight:
        """What would be answered to that; it is only looked at."""

        def look(connection: sqlite3.Connection) -> Preflight:
            state = self._file.state(connection)
            known = self._file.record(connection, request.trade)
            return preflighting.preflight(state, known, request, settings)

        return await self._reading(look)

    async def settle(self, settlement: Settlement) -> Settled:
        """Book what a trade has come to, and give its room back."""

        def decide(connection: sqlite3.Connection) -> Settled:
            state = self._file.state(connection)
            known = self._file.record(connection, settlement.trade)
            done = settling.settle(state, known, settlement)
            self._keep(connection, state, done.state, known, done.record)
            return done.answer

        return await self._changing(decide)

    async def report(self, order: OrderSummary) -> str:
        """Book what an order has filled so far; returns what of it does not fit, or nothing."""

        def decide(connection: sqlite3.Connection) -> str:
            state = self._file.state(connection)
            known = self._file.record(connection, order.key.trade)
            done = reporting.report(state, known, order)
            self._keep(connection, state, done.state, known, done.record)
            return done.doubt

        return await self._changing(decide)

    async def kill(self, mode: KillMode, reason: str, by: str, at: datetime) -> KeptKill:
        """Stop trading; it is stopped when this returns, and stays so through every restart."""

        def decide(connection: sqlite3.Connection) -> KeptKill:
            state = killing.killed(self._file.state(connection), mode, reason, by, at)
            self._file.keep(connection, state)
            shelf.keep_if_possible(connection, self.account, killing.notice_of(state))
            return KeptKill(state.kill, self._file.open_plans(connection))

        return await self._changing(decide)

    async def resume(self, approach: Approach, now: datetime, today: date | None) -> ResumeVerdict:
        """Go on trading after a kill, if everything is done that this takes."""

        def decide(connection: sqlite3.Connection) -> ResumeVerdict:
            before = self._file.state(connection)
            state, verdict = killing.resumed(before, approach, now, today)
            if state != before:
                self._file.keep(connection, state)
            return verdict

        return await self._changing(decide)

    async def halt(self, halt: Halt) -> None:
        """Have entries wait for one more reason."""
        await self._turn(lambda state: killing.halted(state, halt))

    async def lift(self, halt: Halt) -> None:
        """A reason to wait has ended."""
        await self._turn(lambda state: killing.lifted(state, halt))

    async def state(self) -> AccountState:
        """The account as it stands."""
        return await self._reading(self._file.state)

    async def kill_state(self) -> KillState:
        """The kill state in force."""
        return (await self.state()).kill

    async def revision(self) -> int:
        """A number that grows with each change of the account: cheaper than the account itself."""
        return await self._reading(self._file.revision)

    def mark(self) -> Mark:
        """What is another one after nearly every change of the file; it costs next to nothing."""
        return self._file.mark()

    async def record(self, trade: str) -> TradeRecord | None:
        """What is kept of a trade."""
        return await self._reading(lambda connection: self._file.record(connection, trade))

    async def open_records(self) -> tuple[TradeRecord, ...]:
        """Every trade for which something was approved and that has not ended."""
        return await self._reading(self._file.open_records)

    async def settled_since(self, since: datetime) -> tuple[TradeRecord, ...]:
        """Every trade whose settlement is of then or later, in the order of these."""
        return await self._reading(lambda connection: self._file.settled_since(connection, since))

    async def note(self, *notes: Note) -> tuple[Note, ...]:
        """Keep what somebody has to be told; returns what of it was not kept before."""
        account = self.account
        return await self._changing(lambda connection: shelf.keep_notes(connection, account, notes))

    async def notes(self, count: int) -> tuple[KeptNote, ...]:
        """The last notices, oldest first."""
        account = self.account
        return await self._reading(
            lambda connection: shelf.newest_notes(connection, account, count)
        )

    async def note_counts(self) -> tuple[NoteCount, ...]:
        """How many notices there have been, by kind."""
        account = self.account
        return await self._reading(lambda connection: shelf.note_counts(connection, account))

    async def _turn(self, turned: Callable[[AccountState], AccountState]) -> None:
        def decide(connection: sqlite3.Connection) -> None:
            before = self._file.state(connection)
            state = turned(before)
            if state != before:
                self._file.keep(connection, state)

        await self._changing(decide)

    def _keep(
        self,
        connection: sqlite3.Connection,
        before: AccountState,
        state: AccountState,
        known: TradeRecord | None,
        record: TradeRecord | None,
    ) -> None:
        """Write down what has changed, and nothing else."""
        if state != before:
            self._file.keep(connection, state)
        if record is not None and record != known:
            self._file.keep_record(connection, record)

    async def _changing(self, decide: Callable[[sqlite3.Connection], Answer]) -> Answer:
        return await self._in_thread(lambda: self._in_transaction(decide, writes=True))

    async def _reading(self, look: Callable[[sqlite3.Connection], Answer]) -> Answer:
        return await self._in_thread(lambda: self._in_transaction(look, writes=False))

    def _in_transaction(
        self, work: Callable[[sqlite3.Connection], Answer], *, writes: bool
    ) -> Answer:
        with self._file.transaction(writes=writes) as connection:
            return work(connection)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
