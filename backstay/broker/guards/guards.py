"""All guards, by key.

Whoever guards a tranche again gets the result of the guard that runs, or ran. A ladder whose first
exit has left stays here until it is done, so that it can go on alone.
"""

import asyncio

from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.run import GuardRun
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import Amended, Gone
from backstay.domain.edge.guards import Guard, GuardChange, GuardResult, GuardState
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView


class Guards:
    """What is guarded here, and the ladders that have come of it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._runs: dict[IntentKey, GuardRun] = {}
        self._by_leg: dict[tuple[str, int], GuardRun] = {}
        self._by_contract: dict[int, set[IntentKey]] = {}

    @property
    def watching(self) -> int:
        """How many positions are watched."""
        return sum(not run.result.done() for run in self._runs.values())

    async def guard(self, guard: Guard, version: int) -> GuardResult:
        """Guard it, unless it is guarded, and wait for the result."""
        run = self._runs.get(guard.key)
        if run is None:
            run = self._runs[guard.key] = GuardRun(guard, version, self._rooms)
            self._by_leg[guard.key.trade, guard.key.leg] = run
            self._by_contract.setdefault(guard.instrument.con_id, set()).add(guard.key)
            run.begin()
        else:
            run.version = max(run.version, version)
        return await asyncio.shield(run.result)

    def state(self, key: IntentKey) -> GuardState | None:
        """How a guard stands."""
        run = self._runs.get(key)
        return run.state if run is not None else None

    def amend(self, key: IntentKey, version: int, change: GuardChange) -> Amended | Gone:
        """Change a running guard."""
        run = self._runs.get(key)
        return run.amend(version, change) if run else Gone(key, "nothing of this key is guarded")

    def release(self, key: IntentKey, version: int) -> Amended | Gone:
        """Let a guard go."""
        run = self._runs.get(key)
        return run.release(version) if run else Gone(key, "nothing of this key is guarded")

    def changed(self, key: IntentKey, view: OrderView) -> None:
        """Something was heard of one of our orders."""
        run = self._by_leg.get((key.trade, key.leg))
        if run is not None:
            run.changed(key, view)

    def position_changed(self, con_id: int) -> None:
        """The broker has told another position."""
        for key in sorted(self._by_contract.get(con_id, ())):
            self._runs[key].position_changed()

    def engine_sent(self, intent: OrderIntent) -> None:
        """The engine sends an order, perhaps of a ladder that stands by here."""
        ladder = self._ladder_of(intent.key)
        if ladder is not None:
            ladder.engine_sent(intent)

    def engine_cancelled(self, key: IntentKey) -> None:
        """The engine cancels an order, perhaps of a ladder that stands by here."""
        ladder = self._ladder_of(key)
        if ladder is not None:
            ladder.engine_cancelled(key)

    def engine_asked(self, key: IntentKey) -> None:
        """The engine asks about an order, perhaps of a ladder that stands by here."""
        ladder = self._ladder_of(key)
        if ladder is not None:
            ladder.engine_asked()

    def engine_was_answered(self, answer: FindAnswer) -> None:
        """What the engine was answered, perhaps about an order of a ladder here."""
        ladder = self._ladder_of(answer.key)
        if ladder is not None:
            ladder.engine_was_answered(answer)

    def session_is_ready(self) -> None:
        """A session has synced completely."""
        for run in tuple(self._runs.values()):
            run.session_is_ready()

    @property
    def trades(self) -> frozenset[str]:
        """The trades of which something is watched, or left, here."""
        return frozenset(key.trade for key, run in self._runs.items() if not run.is_over)

    def day_has_turned(self) -> None:
        """A new broker day has begun; what is over is forgotten."""
        for key, run in tuple(self._runs.items()):
            run.day_has_turned()
            if run.is_over:
                run.close()
                del self._runs[key]
                self._by_contract[run.guard.instrument.con_id].discard(key)
                if self._by_leg.get((key.trade, key.leg)) is run:
                    del self._by_leg[key.trade, key.leg]

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        for run in self._runs.values():
            run.close()

    def _ladder_of(self, key: IntentKey) -> LadderRun | None:
        run = self._by_leg.get((key.trade, key.leg))
        return run.ladder if run is not None else None
