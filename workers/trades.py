"""The role `trades`: it runs workflows, and the doors that need no broker."""

import asyncio

from activities.account import AccountDoor
from activities.alerts import AlertDoor
from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE
from workers.attendance import Attendance, EngineRollCall
from workers.bootstrap import Foundation
from workers.faults import Faults
from workers.health import HealthReport, Role
from workers.polling import poll
from workers.serving import Pages
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade


class TradesRole:
    """Runs workflows."""

    role = Role.TRADES

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self._watch = foundation.kill_watch(lambda _: None)
        tell, now = foundation.board.tell, foundation.clock.now
        self._faults = Faults(foundation.board, now)
        roll_call = EngineRollCall(foundation.client)
        account = foundation.settings.account
        self._attendance = Attendance(roll_call, account, now, tell, foundation.paces.attendance)
        foundation.keep("attendance", self._attendance.run)
        self._is_polling = False

    async def run(self) -> None:
        """Take calls until cancelled."""
        base = self._foundation
        limits = base.settings.bounds
        books = AccountBooks([base.store], {} if limits is None else {limits.account: limits})
        account = AccountDoor(books, base.board)
        worker = base.labour.of_workflows(
            TRADES_QUEUE,
            (Trade, Exit, DryRun),
            (account.admit, account.preflight, account.settle, AlertDoor(base.board).alert),
            identity=f"trades/{base.settings.account}/{base.boot}",
            heard=self._faults.heard,
        )
        self._is_polling = True
        try:
            await poll([worker], _for_ever())
        finally:
            self._is_polling = False

    async def close(self) -> None:
        """Finish telling."""
        await self._faults.close()

    def report(self) -> HealthReport:
        """How it stands."""
        return self._foundation.report(
            self.role,
            self._watch.trouble,
            polls=self._is_polling,
            unattended=self._attendance.trouble,
        )

    def pages(self) -> Pages:
        """What runs here the engine shows."""
        return {}


async def _for_ever() -> None:
    await asyncio.Event().wait()
