"""The session, carried out: what happens is put to the table, and what the table says is done.

There is one connection at a time and one task for each thing that takes time: to open, to wait, to
read, to keep alive. All of it is looked after every quarter of a second. The same look is how we
notice that we ourselves have stood still; `may_send` asks when the last one was, so that whoever
sends in the first turn after a stall is stopped before any look could come.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from backstay.broker.doors.knowing import Session, SyncedInbox
from backstay.broker.doors.wire import EdgeError
from backstay.broker.health import Sign
from backstay.broker.line.errors import ClientIdTakenError, OpeningError
from backstay.broker.news import ErrorNews, UnreadNews
from backstay.broker.notices import Notice, Tell, evidence_of
from backstay.broker.session import alarm, codes
from backstay.broker.session.accounts import mismatch
from backstay.broker.session.doubts import Doubts
from backstay.broker.session.needs import Connection, Gate, Opening, Timing
from backstay.broker.session.pulse import Pulse
from backstay.broker.session.reading import Reading
from backstay.broker.session.standing import Do, Happened, Standing, decide
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.session import SessionReport, SessionState
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.sessions.broker_day import planned_absence

LOOK_SECONDS = 0.25
STALL_SECONDS = 1.0


class BrokerSession(Session):
    """One session for one account and client id; `run` keeps it."""

    def __init__(
        self,
        settings: EdgeSettings,
        opening: Opening,
        lanes: Gate,
        inbox: SyncedInbox,
        time: Timing,
        tell: Tell,
    ) -> None:
        self._settings = settings
        self._opening = opening
        self._lanes = lanes
        self._inbox = inbox
        self._time = time
        self._now = time.now
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._standing = Standing()
        self._report = SessionReport(self._standing.state, time.now())
        self._is_ready = False
        self._looked_at = self._loop.time()
        self._told_at: float | None = None
        self._connection: Connection | None = None
        self._pulse: Pulse | None = None
        self._next: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._read_at = self._looked_at
        self._doubts = Doubts()
        self._missed = 0
        self._early: list[tuple[Happened, str]] = []
        self._must_resubscribe = False
        self._followers: list[Callable[[SessionReport], None]] = []
        self._subscribers: list[Callable[[], None]] = []
        self._carry_out: dict[Do, Callable[[float], None]] = {
            Do.OPEN: self._open,
            Do.WAIT: self._wait,
            Do.BEGIN: self._begin,
            Do.SYNC: self._sync,
            Do.READ: self._read,
            Do.STOP_READING: self._stop_reading,
            Do.RESUBSCRIBE: self._resubscribe,
            Do.HOLD: self._hold,
            Do.PROBE: self._probe,
            Do.RELEASE: self._release,
            Do.HANG_UP: self._hang_up,
        }

    # --- the door -------------------------------------------------------------------------------

    @property
    def report(self) -> SessionReport:
        """State, since when, why."""
        return self._report

    @property
    def may_send(self) -> bool:
        """Ready, proven, and not in the first turn after a stall either."""
        connection = self._connection
        return (
            self._is_ready
            and connection is not None
            and connection.line.is_open
            and self._loop.time() - self._looked_at <= STALL_SECONDS
        )

    @property
    def may_modify(self) -> bool:
        """Only while ready, as for whatever is sent."""
        return self.may_send

    @property
    def epoch(self) -> int:
        """How many sessions have been synced."""
        return self._standing.epoch

    def on_change(self, told: Callable[[SessionReport], None]) -> None:
        """Have every change of state told."""
        self._followers.append(told)

    def on_resubscribe(self, told: Callable[[], None]) -> None:
        """Have it told when the session is ready and every subscription has to be made anew."""
        self._subscribers.append(told)

    # --- what is heard --------------------------------------------------------------------------

    def hear(self, news: ErrorNews | UnreadNews) -> None:
        """An error, if it is about the connection; or that something could not be read."""
        if isinstance(news, UnreadNews):
            self._missed += codes.is_missed(news)
            return
        happened = codes.happened(news)
        if happened is None:
            return
        why = f"{news.code}: {news.text}"
        if self._connection is None:
            # Told together with the welcome, before the connection is ours to use.
            self._early.append((happened, why))
            return
        self._happen(happened, why)

    # --- the life of it -------------------------------------------------------------------------

    async def run(self, sign: Sign) -> None:
        """Connect and stay so, until cancelled. It may be begun again: what was missed since the
        last look counts as a stall.
        """
        self._look()
        self._happen(Happened.STARTED)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            sign()
            self._look()

    async def close(self) -> None:
        """End it for good."""
        tasks = [task for task in (self._next, self._beating, self._reader) if task]
        self._happen(Happened.CLOSED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _look(self) -> None:
        """See whether all is as it should be."""
        at = self._loop.time()
        stood_still = at - self._looked_at
        self._looked_at = at
        if stood_still > STALL_SECONDS:
            # What has come meanwhile is perhaps not read yet: silence is for the next look.
            self._happen(Happened.STALLED, f"stood still for {stood_still:.1f} s")
        elif self._pulse is not None and (silence := self._pulse.silence(at)) is not None:
            self._happen(Happened.SILENT, silence)
        self._look_at_calendar()
        self._look_for_doubts(at)
        self._look_for_alarm(at)

    def _look_at_calendar(self) -> None:
        settings = self._settings
        absence = planned_absence(settings.restart_windows, self._now(), settings.zone)
        if absence is not None and not self._standing.in_window:
            self._happen(Happened.WINDOW_BEGINS, f"{absence.absence} until {absence.until}")
        if absence is None and self._standing.in_window:
            self._happen(Happened.WINDOW_ENDS)

    def _look_for_doubts(self, at: float) -> None:
        is_reading = self._reader is not None and not self._reader.done()
        if not self._standing.is_open or is_reading:
            return
        waited, has_missed = at - self._read_at, self._missed > 0
        if self._doubts.is_due(waited, self._inbox.unexplained, has_missed=has_missed):
            self._happen(Happened.DOUBTED)

    def _look_for_alarm(self, at: float) -> None:
        standing = self._standing
        if standing.missing_since is None:
            self._told_at = None
        if not alarm.is_due(standing, self._told_at, at):
            return
        self._told_at = at
        settings = self._settings
        subject = f"{settings.account} as client {settings.client_id}"
        seconds = at - (standing.missing_since or at)
        text = f"{standing.shown} for {seconds:.0f} s: {standing.why}"
        self._tell(Notice(IncidentKind.CONNECTION_LOST, subject, text, self._now()))

    # --- what happens ---------------------------------------------------------------------------

    def _happen(self, happened: Happened, why: str = "") -> None:
        standing, commands = decide(self._standing, happened, self._loop.time(), why)
        self._standing = standing
        self._is_ready = standing.is_open
        for do, after_seconds in commands:
            self._call(do, partial(self._carry_out[do], after_seconds))
        # What was done may have led on; then the later standing has been told already.
        if self._standing is standing:
            self._tell_change(standing)

    def _tell_change(self, standing: Standing) -> None:
        state, before = standing.shown, self._report
        if (state, standing.why) == (before.state, before.why):
            return
        since = before.since if state is before.state else self._now()
        self._report = SessionReport(state, since, standing.why)
        for told in self._followers:
            self._call("telling a change", partial(told, self._report))
        if state is SessionState.READY and self._must_resubscribe:
            self._must_resubscribe = False
            for resubscribe in self._subscribers:
                self._call("telling to resubscribe", resubscribe)

    def _call(self, what: str, call: Callable[[], None]) -> None:
        """What fails is told, and what comes after it is done all the same: half of what the table
        says would leave the session between two states.
        """
        try:
            call()
        except Exception as error:  # noqa: BLE001 - it is told, not lost
            self._tell_fault(what, error)

    def _tell_fault(self, what: str, error: Exception) -> None:
        subject = f"the session, {what}"
        self._tell(Notice(IncidentKind.TASK_FAILED, subject, evidence_of(error), self._now()))

    # --- what is done ---------------------------------------------------------------------------

    def _open(self, _: float) -> None:
        # One that came to nothing would keep our own client id from us.
        self._hang_up()
        self._early.clear()
        self._follow(self._begin_task("connecting", self._try_to_open, Happened.REFUSED))

    async def _try_to_open(self) -> None:
        ended_early: list[str] = []
        opened: list[Connection] = []

        def ended(why: str) -> None:
            if not opened:
                ended_early.append(why)
            elif opened[0] is self._connection:
                self._happen(Happened.LOST, why)

        try:
            connection = await self._opening(ended)
        except ClientIdTakenError as error:
            self._happen(Happened.ID_IN_USE, str(error))
            return
        except OpeningError as error:
            self._happen(Happened.REFUSED, str(error))
            return
        opened.append(connection)
        self._connection = connection
        settings = self._settings
        why = mismatch(settings.account, settings.kind, connection.line.accounts)
        if why is not None:
            self._happen(Happened.MISMATCHED, why)
            return
        self._happen(Happened.OPENED)
        for happened, reason in self._early:
            self._happen(happened, reason)
        if ended_early:
            self._happen(Happened.LOST, ended_early[0])

    def _wait(self, after_seconds: float) -> None:
        async def wait() -> None:
            await asyncio.sleep(after_seconds)
            self._happen(Happened.DUE)

        self._follow(self._begin_task("waiting", wait, Happened.DUE))

    def _follow(self, following: asyncio.Task[None]) -> None:
        """One try at a time: what was to come next comes no more."""
        if self._next is not None and self._next is not asyncio.current_task():
            self._next.cancel()
        self._next = following

    def _begin(self, _: float) -> None:
        connection = self._connection
        assert connection is not None
        self._lanes.attach(connection.line.write)
        self._inbox.begin_session()
        self._must_resubscribe = True
        self._pulse = Pulse(connection.line, connection.asks, self._time, self._proven)
        self._beating = self._begin_task("keeping alive", self._pulse.run, Happened.SILENT)
        if self._settings.client_id == 0:
            connection.adopt_manual_orders()

    def _proven(self) -> None:
        self._happen(Happened.PROVEN)

    def _sync(self, after_seconds: float) -> None:
        self._start_reading(after_seconds, Reading.everything)

    def _read(self, after_seconds: float) -> None:
        self._start_reading(after_seconds, Reading.orders)

    def _start_reading(
        self, after_seconds: float, read: Callable[[Reading], Awaitable[None]]
    ) -> None:
        """What is being read is given up."""
        assert self._connection is not None
        self._stop_reading()
        reading = self._new_reading(self._connection)

        async def run() -> None:
            await asyncio.sleep(after_seconds)
            self._missed = 0
            happened, why = Happened.SYNCED, ""
            try:
                await read(reading)
                if self._missed:
                    happened, why = Happened.SYNC_UNREADABLE, "a message could not be read"
            except EdgeError as error:
                happened, why = codes.unanswered(error), str(error)
            self._reader = None
            self._read_at = self._loop.time()
            self._doubts.was_read(self._inbox.unexplained())
            self._happen(happened, why)

        self._reader = self._begin_task("reading", run, Happened.SYNC_FAILED)

    def _new_reading(self, connection: Connection) -> Reading:
        return Reading(connection.asks, self._inbox, self._settings.account, self._time)

    async def read_positions(self) -> None:
        """Have the broker say anew what is held; EdgeError if it doesn't."""
        if self._connection is not None:
            await self._new_reading(self._connection).positions()

    def _stop_reading(self, _: float = 0.0) -> None:
        """Nothing is told by it any more; whether its question is answered is its own affair."""
        reader, self._reader = self._reader, None
        if reader is not None and reader is not asyncio.current_task():
            reader.cancel()

    def _resubscribe(self, _: float) -> None:
        self._must_resubscribe = True

    def _hold(self, _: float) -> None:
        self._lanes.hold()

    def _probe(self, _: float) -> None:
        if self._pulse is not None:
            self._pulse.doubt()

    def _release(self, _: float) -> None:
        self._lanes.go_on()

    def _hang_up(self, _: float = 0.0) -> None:
        """The tasks of the connection end with it; the one that calls this ends by itself."""
        connection, self._connection, self._pulse = self._connection, None, None
        self._stop_reading()
        beating, self._beating = self._beating, None
        if beating is not None and beating is not asyncio.current_task():
            beating.cancel()
        if connection is not None:
            self._lanes.detach(self._standing.why)
            connection.no_more_answers(self._standing.why)
            connection.line.close()

    # --- tasks ----------------------------------------------------------------------------------

    def _begin_task(
        self, name: str, work: Callable[[], Awaitable[None]], failed: Happened
    ) -> asyncio.Task[None]:
        """A task whose unforeseen end is told, and then counts as `failed`."""

        async def run() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the edge of a task: it is told, not lost
                self._tell_fault(name, error)
                self._happen(failed, evidence_of(error))

        return self._loop.create_task(run(), name=name)
