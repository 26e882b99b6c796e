"""How the session with the broker stands, and the health of what runs around it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backstay.domain.checks import check_utc


class SessionState(StrEnum):
    """Where the one session of an account and client id stands."""

    DOWN = "down"
    """Not connected, and waiting to try again."""

    CONNECTING = "connecting"
    STANDBY = "standby"
    """Somebody else holds the client id (326); it is taken over when they are gone."""

    SYNCING = "syncing"
    """Connected; what the broker has is being read, and nothing may be sent."""

    READY = "ready"
    DEGRADED = "degraded"
    """The gateway has lost IB (1100): what is sent may be lost, and so may what is filled."""

    RESTART_WINDOW = "restart window"
    """The broker is away as planned; silence is no alarm."""


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The state, since when, and why."""

    state: SessionState
    since: datetime
    why: str = ""

    def __post_init__(self) -> None:
        check_utc("the state of a session", self.since)


@dataclass(frozen=True, slots=True)
class BrokerTime:
    """The broker's clock as far as it is known: within `error_seconds` to both sides."""

    at: datetime
    error_seconds: float


@dataclass(frozen=True, slots=True)
class TaskHealth:
    """One task: its last sign of life, and how often it had to be restarted."""

    name: str
    last_sign_at: datetime
    restarts: int
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Durations:
    """How often something has taken how long.

    `counts` says how often at most as long as the bound at the same place, and longer than the one
    before; the last of them, longer than every bound.
    """

    bounds_seconds: tuple[float, ...] = ()
    counts: tuple[int, ...] = (0,)
    total_seconds: float = 0.0

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.bounds_seconds) + 1:
            raise ValueError("there is a count for each bound, and one for what is longer")


@dataclass(frozen=True, slots=True)
class EdgeHealth:
    """Everything that a supervisor, a metric or a screen asks the edge for.

    `reads` is how long it takes from bytes that are read to the end of all that they lead to: ticks
    are evaluated, orders have left. `answers` is how long the broker takes for its first word on an
    order that has left.
    """

    account: str
    client_id: int
    session: SessionReport
    time: BrokerTime | None
    tasks: tuple[TaskHealth, ...]
    armed: int
    guarded: int
    lines_used: int
    lines_max: int
    waiting_in_lanes: int
    last_tick_at: datetime | None
    reads: Durations = Durations()
    answers: Durations = Durations()
