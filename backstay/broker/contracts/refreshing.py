"""Values that are asked for once, shared, and asked for anew before they are too old.

    absent --ask--> fresh --its time is over--> due --ask again, unseen--> fresh
                                                 due --asked in vain until too old--> absent

Whoever asks for a value that is due is given it at once. Several who ask for an absent one share
one question. An error is never kept: each who waited for it hears it, and the next who asks starts
anew. What nobody has used since it was asked for last is left to grow old.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from backstay.broker.doors.wire import EdgeError, Now
from backstay.broker.notices import Notice, Tell, evidence_of
from backstay.domain.incidents.kinds import IncidentKind

RETRY_SECONDS = 60.0
"""How long after a vain attempt a value that is due is asked for again."""

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Life:
    """After how long a value is due, and after how long more it is too old."""

    fresh_seconds: float
    grace_seconds: float


@dataclass(slots=True)
class _Kept(Generic[_Value]):
    value: _Value
    due_at: float
    too_old_at: float
    is_used: bool = False


class Refreshing(Generic[_Key, _Value]):
    """The values of one kind, by key, on the loop's clock."""

    def __init__(
        self,
        name: str,
        ask: Callable[[_Key], Awaitable[_Value]],
        life: Callable[[_Value], Life],
        now: Now,
        tell: Tell,
    ) -> None:
        self._name = name
        self._ask = ask
        self._life = life
        self._now = now
        self._tell = tell
        self._kept: dict[_Key, _Kept[_Value]] = {}
        self._asking: dict[_Key, asyncio.Task[_Value]] = {}

    async def get(self, key: _Key) -> _Value:
        """The value; asked for if there is none that is young enough."""
        kept = self._kept.get(key)
        now = _time()
        if kept is None or now >= kept.too_old_at:
            self._begin(key)
            value = await asyncio.shield(self._asking[key])
            self.touch(key)
            return value
        kept.is_used = True
        if now >= kept.due_at:
            self._begin(key)
        return kept.value

    def touch(self, key: _Key) -> None:
        """The value is still in use, though nobody asks here."""
        kept = self._kept.get(key)
        if kept is not None:
            kept.is_used = True

    def look(self) -> None:
        """Ask anew for what is due and in use, and forget what is too old."""
        now = _time()
        for key, kept in list(self._kept.items()):
            if now >= kept.too_old_at:
                del self._kept[key]
            elif now >= kept.due_at and kept.is_used:
                self._begin(key)

    def _begin(self, key: _Key) -> None:
        if key in self._asking:
            return
        name = f"{self._name} {key}"
        task = asyncio.get_running_loop().create_task(self._answered(key), name=name)
        self._asking[key] = task
        task.add_done_callback(lambda done: self._done(key, done))

    async def _answered(self, key: _Key) -> _Value:
        value = await self._ask(key)
        life = self._life(value)
        due_at = _time() + life.fresh_seconds
        self._kept[key] = _Kept(value, due_at, due_at + life.grace_seconds)
        return value

    def _done(self, key: _Key, task: asyncio.Task[_Value]) -> None:
        """Also where nobody waits: an error in the open is told, not lost."""
        del self._asking[key]
        if task.cancelled():
            return
        fault = task.exception()
        if fault is None:
            return
        kept = self._kept.get(key)
        if kept is not None:
            kept.due_at = _time() + RETRY_SECONDS
        if not isinstance(fault, EdgeError):
            notice = Notice(IncidentKind.TASK_FAILED, self._name, evidence_of(fault), self._now())
            self._tell(notice)


def _time() -> float:
    return asyncio.get_running_loop().time()
