"""All arms, by key.

Whoever arms a key again is told how it stands; an arm that is done is kept through the broker day
after that on which it was, so that a late question gets the same answer.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from backstay.broker.arms.run import ArmRun
from backstay.broker.arms.stopped import Stopped
from backstay.broker.arms.telling import PAUSE
from backstay.broker.notices import attempt
from backstay.broker.rooms import Rooms
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.arms import (
    AmendAnswer,
    Amended,
    Arm,
    ArmChange,
    ArmPhase,
    Gone,
    Progress,
)
from backstay.domain.edge.looking import AbsenceDeclared
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.view import OrderView


class Arms:
    """What is armed here, and what became of it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._runs: dict[IntentKey, ArmRun] = {}
        self._by_leg: dict[tuple[str, int], ArmRun] = {}
        self._kill = KillState()
        self._stopped = Stopped(rooms, lambda key: self.protects(key.trade, key.leg))
        self._done_by_midnight: frozenset[IntentKey] = frozenset()

    @property
    def runs(self) -> Iterable[ArmRun]:
        """Every arm that is known, the newest of each leg last."""
        return self._runs.values()

    @property
    def by_leg(self) -> Iterable[tuple[tuple[str, int], ArmRun]]:
        """The arm that answers for each leg."""
        return self._by_leg.items()

    @property
    def waiting(self) -> int:
        """How many triggers are watched."""
        return sum(run.phase is ArmPhase.WAITING for run in self._runs.values())

    async def arm(
        self, arm: Arm, version: int, after: int = 0, pause: timedelta = PAUSE
    ) -> Progress:
        """Arm it, unless it is armed, and wait for progress newer than `after`; what nobody acts on
        is told no sooner than `pause` after what was told last.
        """
        run = self._runs.get(arm.key) or self._begun(arm, version)
        return await run.telling.after(after, pause)

    def state(self, key: IntentKey) -> Progress | None:
        """How an arm stands."""
        run = self._runs.get(key)
        return run.telling.newest() if run is not None else None

    def amend(self, key: IntentKey, version: int, change: ArmChange) -> AmendAnswer:
        """Change a running arm."""
        run = self._runs.get(key)
        return run.amend(version, change) if run else Gone(key, "nothing of this key is armed here")

    def release(self, key: IntentKey, version: int) -> Amended | Gone:
        """Let an arm go."""
        run = self._runs.get(key)
        if run is None:
            return Gone(key, "nothing of this key is armed here")
        return run.release(version)

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of one of our orders."""
        run = self._by_leg.get((key.trade, key.leg))
        if run is not None:
            run.changed(key, view)
        self._stopped.changed(key, view)

    def is_unknown(self, key: IntentKey) -> bool:
        """Whether nobody can tell what became of an entry."""
        run = self._runs.get(key)
        return run is not None and run.phase is ArmPhase.UNKNOWN

    def declared_absent(self, declared: AbsenceDeclared) -> None:
        """A person says that the broker does not have one of our orders."""
        run = self._runs.get(declared.key)
        if run is not None:
            run.declared_absent(declared.text)

    def killed(self, kill: KillState) -> None:
        """Nothing opens any more: what waits is refused, and what works is cancelled, also what is
        armed or followed later; until trading is resumed.
        """
        self._kill = kill
        if kill.mode is not None:
            self._each("a kill", lambda run: run.killed(kill))
        self._stopped.killed(kill)

    def session_is_ready(self) -> None:
        """A session has synced completely."""
        self._each("a session that is ready", ArmRun.session_is_ready)

    def session_is_taken(self) -> None:
        """Another edge has the session, and may be asked for what has not left here: that leaves
        only if it is armed again.
        """
        for key, run in tuple(self._runs.items()):
            if run.phase is ArmPhase.WAITING:
                run.close(SessionTakenError(f"another edge has the session; {key} has not left"))
                del self._runs[key]
                if self._by_leg.get((key.trade, key.leg)) is run:
                    del self._by_leg[key.trade, key.leg]

    @property
    def trades(self) -> frozenset[str]:
        """The trades whose entries are known here."""
        return frozenset(key.trade for key in self._runs)

    def day_has_turned(self) -> None:
        """A new broker day has begun; what was done before the last one is forgotten."""
        for key in self._done_by_midnight:
            run = self._runs.pop(key)
            if self._by_leg.get((key.trade, key.leg)) is run:
                del self._by_leg[key.trade, key.leg]
        self._each("a new broker day", ArmRun.day_has_turned)
        self._done_by_midnight = frozenset(key for key, run in self._runs.items() if run.is_done)

    def hand_over(self, trade: str, leg: int) -> None:
        """A guard answers for what the arm of this leg has filled."""
        run = self._by_leg.get((trade, leg))
        if run is not None:
            run.hand_over()

    def leave(self, trade: str, leg: int) -> None:
        """The position of this leg is being left: what could still add to it goes."""
        run = self._by_leg.get((trade, leg))
        if run is not None:
            run.leave()
            return
        for key in self._rooms.inbox.keys_of(trade):
            if key.leg == leg and key.purpose.effect is not Effect.REDUCES:
                self._rooms.desk.cancel_now(key)

    def protects(self, trade: str, leg: int) -> bool:
        """Whether the entry of this leg can still fill, and its arm sees to the stops."""
        run = self._by_leg.get((trade, leg))
        return run is not None and not run.phase.is_final

    def can_fill(self, trade: str, leg: int) -> bool:
        """Whether an entry of this leg can still fill: one that is armed here, or one that only the
        broker shows.
        """
        if self.protects(trade, leg):
            return True
        entries = (
            self._rooms.inbox.view(key)
            for key in self._rooms.inbox.keys_of(trade)
            if key.leg == leg and key.purpose.effect is not Effect.REDUCES
        )
        return any(view is not None and view.working for view in entries)

    def _begun(self, arm: Arm, version: int) -> ArmRun:
        """A new arm; it answers for all that its leg has filled, also by an earlier entry."""
        run = self._runs[arm.key] = ArmRun(arm, version, self._rooms)
        leg = arm.key.trade, arm.key.leg
        before = self._by_leg.get(leg)
        if before is not None and not before.phase.is_final:
            run.refuse(f"{before.key} of the same leg is not over")
            return run
        if before is not None:
            before.hand_over()
        self._by_leg[leg] = run
        run.begin()
        if self._kill.mode is not None:
            run.killed(self._kill)
        return run

    def _each(self, what: str, told: Callable[[ArmRun], None]) -> None:
        """Tell every arm; one that fails never keeps it from the others."""
        for key, run in tuple(self._runs.items()):
            attempt(f"{key}, {what}", partial(told, run), self._rooms.now, self._rooms.tell)

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        for run in self._runs.values():
            run.close()
        self._stopped.close()
        self._runs.clear()
        self._by_leg.clear()
