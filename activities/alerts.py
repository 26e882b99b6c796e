"""The door to whoever has to be told: `alert`.

Owns the board on which everything is told, by trades and by the edge alike. What is told is kept in
the account's file, counted, and written to the log, so that nothing of it is lost before somebody
has seen it. The edge tells in the middle of a turn and must not wait: there it is only put down,
and the board's own task writes. While the file takes nothing, what was put down waits.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge
from temporalio import activity

from activities.account import translated
from activities.calls import Alert
from activities.ports import Alerts
from backstay.accounts.errors import AccountsError, BookMissingError
from backstay.accounts.notices import Note
from backstay.accounts.store import AccountStore
from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import Severity

WAITING_MAX = 10_000
AGAIN_SECONDS = 1.0

_LOG = logging.getLogger("backstay.alerts")
_LEVELS = {
    Severity.P1: logging.CRITICAL,
    Severity.P2: logging.ERROR,
    Severity.P3: logging.WARNING,
    Severity.P4: logging.INFO,
}


class NoticeMetrics:
    """How much was told, by kind and severity, and what has not reached the file."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.told = Counter(
            "backstay_notices", "What was told.", ("account", "kind", "severity"), registry=registry
        )
        self.waiting = Gauge(
            "backstay_notices_waiting",
            "What was told and is not on the disk yet.",
            ("account",),
            registry=registry,
        )
        self.dropped = Counter(
            "backstay_notices_dropped",
            "What was told while the disk took nothing, and is in the log only.",
            ("account",),
            registry=registry,
        )


class NoticeBoard:
    """The board of one account. `boot` names this life of the process: no other one has it."""

    def __init__(
        self,
        store: AccountStore,
        now: Callable[[], datetime],
        metrics: NoticeMetrics,
        boot: str,
    ) -> None:
        self._store = store
        self._now = now
        self._metrics = metrics
        self._boot = boot
        self._told = 0
        self._waiting: deque[Note] = deque()
        self._something = asyncio.Event()

    @property
    def account(self) -> str:
        """Whose board it is."""
        return self._store.account

    @property
    def waiting(self) -> int:
        """How many notices are not on the disk yet."""
        return len(self._waiting)

    def tell(self, notice: Notice) -> None:
        """Put a notice down. Called in a turn that can't wait."""
        self._told += 1
        name = f"{self._boot}:{self._told}"
        note = Note(notice.kind, notice.subject, notice.text, notice.at, name)
        self._count(note)
        if len(self._waiting) == WAITING_MAX:
            self._waiting.popleft()
            self._metrics.dropped.labels(self.account).inc()
        self._waiting.append(note)
        self._metrics.waiting.labels(self.account).set(len(self._waiting))
        self._something.set()

    async def raise_alert(self, alert: Alert, name: str = "") -> None:
        """Keep an alert; it is kept when this returns. One name is one alert."""
        note = Note(alert.kind, alert.subject, alert.text, self._now(), name)
        for new in await self._store.note(note):
            self._count(new)

    async def run(self) -> None:
        """Write what is put down, until cancelled; what is left then is written by `close`."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                try:
                    await self._write()
                except AccountsError as error:
                    _LOG.error("notices wait for the disk: %s", error)
                    await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        """Write what is still waiting, or say that it stays unwritten."""
        try:
            while self._waiting:
                await self._write()
        except AccountsError as error:
            _LOG.error("%d notices stay in the log only: %s", len(self._waiting), error)

    async def _write(self) -> None:
        batch = tuple(self._waiting)
        await self._store.note(*batch)
        for note in batch:
            if self._waiting and self._waiting[0] is note:
                self._waiting.popleft()
        self._metrics.waiting.labels(self.account).set(len(self._waiting))

    def _count(self, note: Note) -> None:
        self._metrics.told.labels(self.account, note.kind.value, note.severity.value).inc()
        _LOG.log(
            _LEVELS[note.severity],
            "%s %s, %s: %s",
            note.severity.upper(),
            note.kind.value,
            note.subject,
            note.text,
            extra={
                "account": self.account,
                "incident": note.kind.value,
                "severity": note.severity.value,
                "subject": note.subject,
            },
        )


class NoticeBoards:
    """The port `Alerts` over the boards of all accounts that this process serves."""

    def __init__(self, boards: Iterable[NoticeBoard]) -> None:
        self._boards = {board.account: board for board in boards}

    async def raise_alert(self, alert: Alert, name: str = "") -> None:
        """Keep an alert on the board of its account; without one it is in the log at least."""
        board = self._boards.get(alert.account)
        if board is None:
            _LOG.critical("%s, %s: %s", alert.kind.value, alert.subject, alert.text)
            raise BookMissingError(f"no board of {alert.account} is configured here")
        await board.raise_alert(alert, name)


class AlertDoor:
    """The activity over the boards."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    @activity.defn(name="alert")
    async def alert(self, asked: Alert) -> None:
        """Have a person told, once for each time that a trade asks for it."""
        info = activity.info()
        with translated(f"alert of {asked.kind}"):
            await self._alerts.raise_alert(asked, name=f"{info.workflow_run_id}:{info.activity_id}")
