"""How the session stands, what can happen to it, and what follows: one table.

Everything that moves the session's state lives here, and nothing here acts: what is to be done
comes out as values. What the table has no cell for changes nothing, because news of a connection
that is gone may come late.

The invariant: orders leave only while the session is ready and proven. A stall takes the proof away
at once, and only the broker's answer to a question that was asked after it gives it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from backstay.domain.edge.session import SessionState

BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0)
"""How long to wait before each try; the last one for ever after."""

STEADY_SECONDS = 30.0
"""How long a session must have been ready before its loss begins the waits from the start."""

STANDBY_SECONDS = 1.0
"""How often a client id that somebody else holds is tried."""

STANDBY_BRISK_TRIES = 300
"""How often it is tried that soon: a day of it would fill the gateway's log."""

STANDBY_LONG_SECONDS = 5.0

MISMATCH_SECONDS = 60.0
"""How long to wait for somebody to log in to the right account."""

SYNC_TRIES_MAX = 3
"""How often the broker is asked on one connection before another one is tried."""

SYNC_AGAIN_SECONDS = 1.0
READ_AGAIN_SECONDS = 5.0
READ_UNREADABLE_AGAIN_SECONDS = 60.0
"""What could not be read will hardly be readable a moment later."""


class Happened(StrEnum):
    """What can happen to a session."""

    STARTED = "started"
    DUE = "the wait before the next try is over"
    OPENED = "opened"
    MISMATCHED = "opened, to another account than ours"
    REFUSED = "refused"
    ID_IN_USE = "client id in use (326)"
    SYNCED = "everything was answered"
    SYNC_FAILED = "something was not answered"
    SYNC_UNREADABLE = "everything was answered, and something of it could not be read"
    SYNC_OWED = "something was not answered, and can't be asked for again"
    SYNC_EXHAUSTED = "something was not answered, time and again"
    LOST = "lost"
    SILENT = "a sign of life was asked for, and none came"
    UPSTREAM_LOST = "the gateway has lost IB (1100)"
    UPSTREAM_KEPT = "the gateway has IB back, its data kept (1102)"
    UPSTREAM_EMPTY = "the gateway has IB back, its data lost (1101)"
    STALLED = "we have stood still"
    PROVEN = "the broker has answered since"
    DOUBTED = "the broker has something to explain"
    WINDOW_BEGINS = "the broker's planned absence begins"
    WINDOW_ENDS = "the broker's planned absence ends"
    CLOSED = "closed by us"


class Do(StrEnum):
    """What is to be done about the session."""

    OPEN = "try to open a connection"
    WAIT = "say that it is due, later"
    BEGIN = "take the new connection into use"
    SYNC = "read all that the broker has"
    READ = "read orders and executions again, while all goes on"
    STOP_READING = "what is being read is worth nothing any more"
    RESUBSCRIBE = "every subscription is lost"
    HOLD = "let nothing leave but the question that proves the session"
    PROBE = "ask that question"
    RELEASE = "let everything leave again"
    HANG_UP = "end the connection"


class Command(NamedTuple):
    """Something to be done, after a while."""

    do: Do
    after_seconds: float = 0.0


class Move(NamedTuple):
    """Where an event leads, and what it has done."""

    to: SessionState
    does: tuple[Do, ...] = ()


DOWN = SessionState.DOWN
CONNECTING = SessionState.CONNECTING
STANDBY = SessionState.STANDBY
SYNCING = SessionState.SYNCING
READY = SessionState.READY
DEGRADED = SessionState.DEGRADED
RESTART_WINDOW = SessionState.RESTART_WINDOW

TABLE: Mapping[SessionState, Mapping[Happened, Move]] = {
    # A try that began before a planned absence did may end after it, so whatever can come of one
    # can come here.
    DOWN: {
        Happened.STARTED: Move(CONNECTING, (Do.OPEN,)),
        Happened.DUE: Move(CONNECTING, (Do.OPEN,)),
        Happened.OPENED: Move(SYNCING, (Do.BEGIN, Do.SYNC)),
        Happened.MISMATCHED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.REFUSED: Move(DOWN, (Do.WAIT,)),
        Happened.ID_IN_USE: Move(STANDBY, (Do.WAIT,)),
        Happened.WINDOW_BEGINS: Move(RESTART_WINDOW),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    CONNECTING: {
        Happened.OPENED: Move(SYNCING, (Do.BEGIN, Do.SYNC)),
        Happened.MISMATCHED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.REFUSED: Move(DOWN, (Do.WAIT,)),
        Happened.ID_IN_USE: Move(STANDBY, (Do.WAIT,)),
        Happened.WINDOW_BEGINS: Move(RESTART_WINDOW),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    STANDBY: {
        Happened.DUE: Move(STANDBY, (Do.OPEN,)),
        Happened.OPENED: Move(SYNCING, (Do.BEGIN, Do.SYNC)),
        Happened.MISMATCHED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.REFUSED: Move(DOWN, (Do.WAIT,)),
        Happened.ID_IN_USE: Move(STANDBY, (Do.WAIT,)),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    SYNCING: {
        Happened.SYNCED: Move(READY),
        Happened.SYNC_FAILED: Move(SYNCING, (Do.SYNC,)),
        # Nothing can leave before everything is read, and only a new line gets another answer.
        Happened.SYNC_OWED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.SYNC_EXHAUSTED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.LOST: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.SILENT: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        # What is answered without IB is what the gateway happens to remember.
        Happened.UPSTREAM_LOST: Move(DEGRADED, (Do.STOP_READING,)),
        Happened.UPSTREAM_KEPT: Move(SYNCING, (Do.SYNC,)),
        Happened.UPSTREAM_EMPTY: Move(SYNCING, (Do.RESUBSCRIBE, Do.SYNC)),
        Happened.STALLED: Move(SYNCING, (Do.HOLD, Do.PROBE)),
        Happened.PROVEN: Move(SYNCING, (Do.RELEASE,)),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    READY: {
        Happened.SYNCED: Move(READY),
        Happened.SYNC_FAILED: Move(READY, (Do.READ,)),
        # Another connection would bring the same message, and nobody could leave a position.
        Happened.SYNC_UNREADABLE: Move(READY, (Do.READ,)),
        Happened.SYNC_EXHAUSTED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.LOST: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.SILENT: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.UPSTREAM_LOST: Move(DEGRADED, (Do.STOP_READING,)),
        # The loss itself was not heard of, or was taken back: fills may be lost all the same.
        Happened.UPSTREAM_KEPT: Move(SYNCING, (Do.SYNC,)),
        Happened.UPSTREAM_EMPTY: Move(SYNCING, (Do.RESUBSCRIBE, Do.SYNC)),
        Happened.STALLED: Move(READY, (Do.HOLD, Do.PROBE)),
        Happened.PROVEN: Move(READY, (Do.RELEASE,)),
        Happened.DOUBTED: Move(READY, (Do.READ,)),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    DEGRADED: {
        Happened.LOST: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.SILENT: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.UPSTREAM_KEPT: Move(SYNCING, (Do.SYNC,)),
        Happened.UPSTREAM_EMPTY: Move(SYNCING, (Do.RESUBSCRIBE, Do.SYNC)),
        Happened.STALLED: Move(DEGRADED, (Do.HOLD, Do.PROBE)),
        Happened.PROVEN: Move(DEGRADED, (Do.RELEASE,)),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
    RESTART_WINDOW: {
        Happened.STARTED: Move(RESTART_WINDOW, (Do.OPEN,)),
        Happened.DUE: Move(RESTART_WINDOW, (Do.OPEN,)),
        Happened.OPENED: Move(SYNCING, (Do.BEGIN, Do.SYNC)),
        Happened.MISMATCHED: Move(DOWN, (Do.HANG_UP, Do.WAIT)),
        Happened.REFUSED: Move(DOWN, (Do.WAIT,)),
        Happened.ID_IN_USE: Move(STANDBY, (Do.WAIT,)),
        Happened.WINDOW_ENDS: Move(DOWN),
        Happened.CLOSED: Move(DOWN, (Do.HANG_UP,)),
    },
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the session stands, and what of its past counts. Times are on the loop's clock."""

    state: SessionState = DOWN
    why: str = ""
    epoch: int = 0
    in_window: bool = False
    is_proven: bool = False
    is_mismatched: bool = False
    failures: int = 0
    """How many tries for a connection have come to nothing in a row."""

    standby_tries: int = 0
    sync_failures: int = 0
    ready_at: float | None = None
    missing_since: float | None = None
    """Since when there should be a session and is none that can be used."""

    is_closed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether orders may leave."""
        return self.state is READY and self.is_proven

    @property
    def shown(self) -> SessionState:
        """What others are told: without proof it is not ready, and when it is proven they hear so,
        because what they wanted to send meanwhile has not left.
        """
        return SYNCING if self.state is READY and not self.is_proven else self.state


def decide(
    standing: Standing, happened: Happened, at: float, why: str = ""
) -> tuple[Standing, tuple[Command, ...]]:
    """How it stands after this, and what is to be done."""
    if standing.is_closed:
        return standing, ()
    happened = _as_it_counts(standing, happened)
    noted = _noted(standing, happened, at)
    move = TABLE[standing.state].get(happened)
    if move is None:
        return noted, ()
    state = _shown(move.to, happened, in_window=noted.in_window)
    moved = _moved(noted, happened, state, at, why)
    commands = (Command(do, _after_seconds(do, happened, moved)) for do in move.does)
    return moved, tuple(commands)


def _as_it_counts(standing: Standing, happened: Happened) -> Happened:
    if happened is Happened.SYNC_UNREADABLE and standing.state is not READY:
        happened = Happened.SYNC_FAILED
    # Whoever is ready can act meanwhile: an answer that is late is better than another line.
    if happened is Happened.SYNC_OWED and standing.state is READY:
        happened = Happened.SYNC_FAILED
    if happened is Happened.SYNC_FAILED and standing.sync_failures + 1 >= SYNC_TRIES_MAX:
        return Happened.SYNC_EXHAUSTED
    return happened


def _noted(standing: Standing, happened: Happened, at: float) -> Standing:
    """The planned absence is known in every state; what is missing after it is missed from now."""
    match happened:
        case Happened.WINDOW_BEGINS:
            return replace(standing, in_window=True)
        case Happened.WINDOW_ENDS:
            missing_since = None if standing.missing_since is None else at
            return replace(standing, in_window=False, missing_since=missing_since)
        case _:
            return standing


def _shown(state: SessionState, happened: Happened, *, in_window: bool) -> SessionState:
    """Being away as planned is a state of its own; a wrong account is no planned absence."""
    if state is DOWN and in_window and happened not in (Happened.MISMATCHED, Happened.CLOSED):
        return RESTART_WINDOW
    return state


def _moved(
    before: Standing, happened: Happened, state: SessionState, at: float, why: str
) -> Standing:
    is_new = state is not before.state
    after = replace(
        before,
        state=state,
        why=why or (str(happened) if is_new else before.why),
        is_proven=_is_proven(before, happened),
        is_mismatched=happened is Happened.MISMATCHED
        or (before.is_mismatched and happened is Happened.DUE),
        failures=_failures(before, happened, at),
        sync_failures=_sync_failures(before, happened),
        standby_tries=_standby_tries(before, happened),
        missing_since=_missing_since(before, state, at),
        is_closed=happened is Happened.CLOSED,
    )
    if after.is_open:
        after = replace(after, why="")
    if state is not READY:
        return replace(after, ready_at=None)
    return replace(after, epoch=before.epoch + 1, ready_at=at) if is_new else after


def _is_proven(before: Standing, happened: Happened) -> bool:
    """A connection that has just shaken hands is fresh; after a stall none is until it answers."""
    if happened in (Happened.OPENED, Happened.PROVEN):
        return True
    return before.is_proven and happened is not Happened.STALLED


def _failures(before: Standing, happened: Happened, at: float) -> int:
    was_steady = before.ready_at is not None and at - before.ready_at >= STEADY_SECONDS
    match happened:
        case Happened.REFUSED:
            return before.failures + 1
        case Happened.LOST | Happened.SILENT | Happened.SYNC_EXHAUSTED:
            return 1 if was_steady else before.failures + 1
        # It has welcomed us, and what it owes was waited for: that is wait enough between tries.
        case Happened.SYNC_OWED:
            return 1
        # Somebody is there, if not for us.
        case Happened.ID_IN_USE:
            return 0
        case _:
            return before.failures


def _standby_tries(before: Standing, happened: Happened) -> int:
    match happened:
        case Happened.ID_IN_USE:
            return before.standby_tries + 1
        case Happened.DUE:
            return before.standby_tries
        case _:
            return 0


def _sync_failures(before: Standing, happened: Happened) -> int:
    match happened:
        case Happened.SYNC_FAILED:
            return before.sync_failures + 1
        case Happened.SYNCED | Happened.OPENED | Happened.UPSTREAM_KEPT | Happened.UPSTREAM_EMPTY:
            return 0
        case _:
            return before.sync_failures


def _missing_since(before: Standing, state: SessionState, at: float) -> float | None:
    """Who waits for another one to go, and never was ready itself, misses nothing."""
    if state is READY or (state is STANDBY and before.epoch == 0):
        return None
    return at if before.missing_since is None else before.missing_since


def _after_seconds(do: Do, happened: Happened, standing: Standing) -> float:
    match do, happened:
        case Do.WAIT, Happened.MISMATCHED:
            return MISMATCH_SECONDS
        case Do.WAIT, Happened.ID_IN_USE:
            is_brisk = standing.standby_tries <= STANDBY_BRISK_TRIES
            return STANDBY_SECONDS if is_brisk else STANDBY_LONG_SECONDS
        case Do.WAIT, _:
            return BACKOFF_SECONDS[min(max(standing.failures, 1), len(BACKOFF_SECONDS)) - 1]
        case Do.SYNC, Happened.SYNC_FAILED:
            return SYNC_AGAIN_SECONDS
        case Do.READ, Happened.SYNC_FAILED:
            return READ_AGAIN_SECONDS
        case Do.READ, Happened.SYNC_UNREADABLE:
            return READ_UNREADABLE_AGAIN_SECONDS
        case _:
            return 0.0
