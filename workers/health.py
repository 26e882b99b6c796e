"""How a process stands, for whoever supervises it: one document, and one answer.

Everything that keeps it from its work is named in `trouble`; without any the answer is 200, else
503. Standing by is no trouble, for that is what the process is there for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from pydantic import TypeAdapter

from backstay.domain.edge.session import EdgeHealth, SessionState, TaskHealth
from workers.serving import Page


class Role(StrEnum):
    """What a process is there for."""

    TRADES = "trades"
    """It runs workflows, and the calls that need no broker."""

    BROKER = "broker"
    """It holds the session of one account and client id."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The document."""

    role: Role
    account: str
    boot: str
    at: datetime
    trouble: tuple[str, ...]
    takes_calls: bool
    engine: str
    """Why the engine can't be reached, or nothing."""

    book: str
    """Why the book of the account can't be read, or nothing."""

    limits: bool
    """Whether there are any; without, everything that opens a position is refused."""

    loop_lag_seconds: float
    loop_lag_seconds_max: float
    notices_waiting: int
    tasks: tuple[TaskHealth, ...]
    edge: EdgeHealth | None = None
    unattended: str = ""
    """That trades are under way and nobody serves their edge, or nothing. That is another process's
    trouble: to begin this one again would mend nothing."""


_REPORT: TypeAdapter[HealthReport] = TypeAdapter(HealthReport)

_AWAY = (SessionState.DOWN, SessionState.CONNECTING, SessionState.SYNCING, SessionState.DEGRADED)


def troubles(
    engine: str, book: str, tasks: tuple[TaskHealth, ...], edge: EdgeHealth | None
) -> tuple[str, ...]:
    """Everything that keeps a process from its work."""
    found = [f"engine: {engine}"] if engine else []
    found += [f"book: {book}"] if book else []
    found += [f"task given up: {task.name}" for task in tasks if task.given_up]
    if edge is not None:
        found += [f"task given up: {task.name}" for task in edge.tasks if task.given_up]
        if edge.session.state in _AWAY:
            why = f": {edge.session.why}" if edge.session.why else ""
            found.append(f"session: {edge.session.state}{why}")
    return tuple(found)


def page(report: HealthReport) -> Page:
    """As it is served."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if report.trouble else HTTPStatus.OK
    return Page(status, "application/json", _REPORT.dump_json(report, indent=2) + b"\n")


def read_report(body: bytes) -> HealthReport:
    """The document of another process; ValidationError if it is none."""
    return _REPORT.validate_json(body)
