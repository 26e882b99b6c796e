"""What every process stands on: the book, the engine's client, the board, and who watches them.

Owns what is opened in which order, and that it is closed in the other. What can't be had is one
line for whoever asked. What a role adds stands in `trades` and `broker`; a process is composed here
and there, and nowhere else.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.alerts import NoticeBoard, NoticeMetrics
from activities.attributes import register_attributes
from activities.converting import VALUES
from backstay.accounts.errors import AccountsError, BookBusyError, BookMissingError, DiskError
from backstay.accounts.store import AccountStore
from backstay.broker.health import Health, Sign
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.limits.kill import KillState
from workers import clock
from workers.attendance import LOOK_SECONDS as ATTENDANCE_SECONDS
from workers.attendance import SIGN_EVERY
from workers.clock import Clock
from workers.config import Settings, TemporalTable
from workers.failures import FailingTasks
from workers.health import HealthReport, Role, troubles
from workers.killing import LOOK_SECONDS, READ_SECONDS, KillWatch
from workers.labour import EngineLabour, Labour
from workers.measuring import Drain, EngineMeasures
from workers.watchdog import BEAT_SECONDS, Watchdog

BUILD = version("backstay")

METRICS_KEPT_MAX = 100_000
"""How many counts wait for being drained; a second's worth is a few hundred."""

ANSWER_WITHIN = timedelta(seconds=2)
SILENT_AFTER_SECONDS = 30.0

_LOG = logging.getLogger("backstay.worker")
_REASONS = re.compile(r'message: "([^"]+)"')
"""What the library has to say, within the innermost of the errors that it prints one in another."""


@dataclass(frozen=True, slots=True)
class Paces:
    """How often a process looks after itself, in seconds."""

    book: float = LOOK_SECONDS
    """Whether the book is another one: a kill is heard of that soon."""

    read: float = READ_SECONDS
    """How often the book is read although it seems to be the same."""

    beat: float = BEAT_SECONDS
    """Whether its loop turns."""

    drain: float = 1.0
    """What the engine's library has counted."""

    probe: float = 2.0
    """Whether the engine answers."""

    attendance: float = ATTENDANCE_SECONDS
    """Whether anybody serves the edge of an account."""


EARNEST = Paces()


class StartError(Exception):
    """The process can't begin; the message is one line."""


class Foundation:
    """What every process stands on, whatever its role."""

    def __init__(
        self,
        settings: Settings,
        client: Client,
        store: AccountStore,
        labour: Labour,
        counts: Drain,
        clock: Clock,
        paces: Paces = EARNEST,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.paces = paces
        self.labour = labour
        self.boot = clock.boot()
        self.client = client
        self.store = store
        self.registry = CollectorRegistry()
        self.board = NoticeBoard(store, clock.now, NoticeMetrics(self.registry), self.boot)
        self.health = Health(clock.now, self.board.tell)
        self.watchdog = Watchdog(clock.now, self.board.tell, paces.beat)
        self.measures = EngineMeasures(counts)
        self.registry.register(self.measures)
        self._failing = FailingTasks(self.measures.counted, self.board.tell, clock.now)
        self.engine_trouble = ""

    def kill_watch(self, heard: Callable[[KillState], object]) -> KillWatch:
        """Have the kill state told, from now on."""
        watch = KillWatch(
            self.store, heard, self.clock.now, self.board.tell, self.paces.book, self.paces.read
        )
        self.keep("kill state", watch.run)
        return watch

    def start(self) -> None:
        """Have the tasks run that every process has."""
        self.health.run("notices", self.board.run)
        self.health.run("event loop", self.watchdog.run)
        self.keep("measures", self._drain)
        self.keep("engine", self._probe)

    def keep(self, name: str, work: Callable[[Sign], Awaitable[None]]) -> None:
        """Have it done until the end, and told if it gives no sign of life."""
        sign = partial(self.health.sign, name)
        self.health.run(name, partial(work, sign), SILENT_AFTER_SECONDS)

    def report(
        self,
        role: Role,
        book: str,
        edge: EdgeHealth | None = None,
        *,
        polls: bool,
        unattended: str = "",
    ) -> HealthReport:
        """How the process stands."""
        tasks = self.health.report()
        return HealthReport(
            role=role,
            account=self.settings.account,
            boot=self.boot,
            at=self.clock.now(),
            trouble=troubles(self.engine_trouble, book, tasks, edge),
            takes_calls=polls,
            engine=self.engine_trouble,
            book=book,
            limits=self.settings.limits is not None,
            loop_lag_seconds=self.watchdog.last_seconds,
            loop_lag_seconds_max=self.watchdog.worst_seconds,
            notices_waiting=self.board.waiting,
            tasks=tasks,
            edge=edge,
            unattended=unattended,
        )

    async def _drain(self, sign: Sign) -> None:
        while True:
            sign()
            self.measures.drain()
            self._failing.look(asyncio.get_running_loop().time())
            await asyncio.sleep(self.paces.drain)

    async def _probe(self, sign: Sign) -> None:
        """See whether the engine answers."""
        while True:
            sign()
            try:
                await self.client.service_client.check_health(timeout=ANSWER_WITHIN)
            except RPCError as error:
                if not self.engine_trouble:
                    _LOG.error("the engine does not answer: %s", error)
                self.engine_trouble = str(error)
            else:
                self.engine_trouble = ""
            await asyncio.sleep(self.paces.probe)


@asynccontextmanager
async def founded(settings: Settings) -> AsyncIterator[Foundation]:
    """Everything that a process stands on, open; StartError if something can't be had."""
    async with AsyncExitStack() as opened:
        store = AccountStore(settings.book, settings.account)
        opened.push_async_callback(store.close)
        await _look_at_book(store)
        buffer = MetricBuffer(METRICS_KEPT_MAX, MetricBufferDurationFormat.SECONDS)
        client = await connected(settings.temporal, _runtime(buffer))
        labour = EngineLabour(client, settings.capacity, BUILD)
        foundation = Foundation(settings, client, store, labour, buffer.retrieve_updates, clock)
        opened.push_async_callback(foundation.board.close)
        opened.push_async_callback(foundation.health.close)
        foundation.start()
        yield foundation


async def _look_at_book(store: AccountStore) -> None:
    """A book that is not there is made on purpose; one that is busy will be free in a moment."""
    try:
        await store.revision()
    except (BookBusyError, DiskError) as error:
        _LOG.error("%s", error)
    except BookMissingError as error:
        raise StartError(f"{error}; to make it: backstay account create") from None
    except AccountsError as error:
        raise StartError(str(error)) from None


async def connected(where: TemporalTable, runtime: Runtime | None = None) -> Client:
    """A client that speaks pydantic, before a namespace that knows our attributes; StartError if
    nobody answers there.
    """
    try:
        client = await Client.connect(
            where.address,
            namespace=where.namespace,
            tls=where.tls,
            data_converter=VALUES,
            runtime=runtime,
        )
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=where.namespace), timeout=ANSWER_WITHIN
        )
        await register_attributes(client)
    except RuntimeError as error:
        text = f"no engine answers here: {last_reason(error)}"
        raise StartError(f"{where.address}: {text}") from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            text = f"the engine has no namespace {where.namespace}"
            raise StartError(f"{where.address}: {text}") from None
        raise StartError(f"{where.address}: the engine refuses: {error}") from None
    except ValueError as error:
        raise StartError(f"{where.address}: {error}") from None
    return client


def last_reason(error: Exception) -> str:
    """What the library has to say at last, where it prints one error within another."""
    reasons: list[str] = _REASONS.findall(str(error))
    return reasons[-1] if reasons else str(error).splitlines()[0]


def _runtime(buffer: MetricBuffer) -> Runtime:
    """The library's threads; what they count and log goes where everything else goes."""
    forwarding = LogForwardingConfig(
        logging.getLogger("temporalio.core"), append_log_fields_to_message=False
    )
    logs = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding)
    telemetry = TelemetryConfig(logging=logs, metrics=buffer)
    return Runtime(telemetry=telemetry, worker_heartbeat_interval=SIGN_EVERY)
