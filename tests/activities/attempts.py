"""One attempt at an activity, without an engine.

What crosses a process border crosses it here, too: details of a heartbeat arrive as the payload
converter leaves them, with no type to guide it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar, get_type_hints

from temporalio.testing import ActivityEnvironment

from activities.changes import ChangesUnknownError
from activities.converting import VALUES
from backstay.domain.edge.arms import Arm, ArmAmendment
from backstay.domain.edge.guards import Guard, GuardAmendment
from backstay.domain.ids import IntentKey
from backstay.domain.orders.summary import OrderSummary

WORKFLOW = "trade:DU1234567:aapl-breakout-0312"
CONVERTER = VALUES.payload_converter

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def crossed(value: object, kind: Any = None) -> Any:
    """The value as it arrives where `kind` is expected; untyped without one."""
    payloads = CONVERTER.to_payloads([value])
    return CONVERTER.from_payloads(payloads, None if kind is None else [kind])[0]


def survived(value: _Answer, kind: Any) -> _Answer:
    """The value after the journey, which has to leave it as it is."""
    after: _Answer = crossed(value, kind)
    assert after == value
    assert type(after) is type(value)
    return after


def kinds_of(activity: Callable[..., Any]) -> tuple[Any, Any]:
    """What an activity takes, and what it answers with."""
    hints = dict(get_type_hints(activity, include_extras=True))
    answer = hints.pop("return")
    (asked,) = hints.values()
    return asked, answer


class Attempt:
    """The environment of one attempt, and the heartbeats that it has sent."""

    def __init__(
        self, number: int = 1, details: object = None, timeout: timedelta | None = None
    ) -> None:
        self.beats: list[tuple[Any, ...]] = []
        self.env = ActivityEnvironment()
        self.env.payload_converter = CONVERTER
        self.env.on_heartbeat = lambda *beat: self.beats.append(beat)
        self.env.info = replace(
            self.env.info,
            attempt=number,
            heartbeat_details=[] if details is None else [crossed(details)],
            heartbeat_timeout=timeout or timedelta(seconds=30),
            workflow_id=WORKFLOW,
        )

    async def run(self, activity: Callable[[_Asked], Awaitable[_Answer]], asked: _Asked) -> _Answer:
        """Carry it out; what goes in, and what comes out, crosses as between two processes."""
        asks, answers = kinds_of(activity)
        answer = await self.env.run(activity, survived(asked, asks))
        return survived(answer, answers)

    @property
    def last_beat(self) -> Any:
        """The details of the last heartbeat."""
        (details,) = self.beats[-1]
        return details


@dataclass
class ScriptedEntered:
    """Somebody who knows this of every entry that the broker does not show."""

    entry: OrderSummary | None = None
    is_readable: bool = True
    more: Decimal | None = None
    asked: list[tuple[IntentKey, OrderSummary | None, datetime]] = field(default_factory=list)
    days: list[tuple[IntentKey, datetime]] = field(default_factory=list)

    async def of(self, arm: Arm, heard: OrderSummary | None, now: datetime) -> OrderSummary | None:
        self.asked.append((arm.key, heard, now))
        return self.entry

    async def guarded(self, guard: Guard, now: datetime) -> Guard:
        self.days.append((guard.key, now))
        return guard if self.more is None else replace(guard, quantity=self.more)

    def is_of_today(self, arm: Arm, now: datetime) -> bool:
        self.days.append((arm.key, now))
        return self.is_readable


@dataclass
class ScriptedChanges:
    """A workflow that says what was changed, once it has been silent so often."""

    arm: tuple[ArmAmendment, ...] = ()
    guard: tuple[GuardAmendment, ...] = ()
    silences: int = 0
    asked: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    """On the clock of the loop."""

    async def of_arm(self, workflow_id: str) -> tuple[ArmAmendment, ...]:
        self._hear(workflow_id)
        return self.arm

    async def of_guard(self, workflow_id: str) -> tuple[GuardAmendment, ...]:
        self._hear(workflow_id)
        return self.guard

    def _hear(self, workflow_id: str) -> None:
        self.asked.append(workflow_id)
        self.asked_at.append(asyncio.get_running_loop().time())
        if self.silences:
            self.silences -= 1
            raise ChangesUnknownError(f"{workflow_id} has not answered")
