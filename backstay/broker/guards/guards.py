"""All guards, by key.

Whoever guards a tranche again gets the result of the guard that runs, or ran. A ladder whose first
exit has left stays here until it is done, so that it can go on alone.
"""

from collections.abc import Iterable

from backstay.broker.guards.claims import Claims
from backstay.broker.guards.entries import Entries
from backstay.broker.guards.ladder_run import LadderRun
from backstay.broker.guards.run import GuardRun
from backstay.broker.rooms import Rooms
from backstay.domain.edge.arms import AmendAnswer, Amended, Gone
from backstay.domain.edge.guards import (
    Guard,
    GuardChange,
    GuardResult,
    GuardState,
    NotSplit,
    SplitAnswer,
    SplitOff,
)
from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView


class Guards:
    """What is guarded here, and the ladders that have come of it."""

    def __init__(self, entries: Entries, claims: Claims, rooms: Rooms) -> None:
        self._entries = entries
        self._claims = claims
        self._rooms = rooms
        self._runs: dict[IntentKey, GuardRun] = {}
        self._by_leg: dict[tuple[str, int], GuardRun] = {}
        self._by_contract: dict[int, set[IntentKey]] = {}

    @property
    def by_leg(self) -> Iterable[tuple[tuple[str, int], GuardRun]]:
        """The guard that answers for each leg."""
        return self._by_leg.items()

    @property
    def watching(self) -> int:
        """How many positions are watched."""
        return sum(run.is_watching for run in self._runs.values())

    async def guard(self, guard: Guard, version: int, after: int = 0) -> GuardResult:
        """Guard it, unless it is guarded, and wait for news after `after`, or the result."""
        run = self._runs.get(guard.key) or self._begun(guard, version, after)
        return await run.news(after)

    def state(self, key: IntentKey) -> GuardState | None:
        """How a guard stands."""
        run = self._runs.get(key)
        return run.state if run is not None else None

    def amend(
        self, key: IntentKey, version: int, change: GuardChange, *, again: bool
    ) -> AmendAnswer:
        """Change a running guard."""
        run = self._runs.get(key)
        if run is None:
            return Gone(key, "nothing of this key is guarded")
        return run.amend(version, change, again=again)

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Split a part off what is guarded."""
        run = self._runs.get(asked.key)
        if run is None:
            return NotSplit(asked.key, "nothing of this key is guarded yet", is_over=False)
        return await run.split_off(asked)

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

    def session_is_ready(self) -> None:
        """A session has synced completely."""
        for run in tuple(self._runs.values()):
            run.session_is_ready()

    def ladder_of(self, key: IntentKey) -> LadderRun | None:
        """The ladder of an order's leg, where its guard has begun to leave."""
        run = self._by_leg.get((key.trade, key.leg))
        return run.ladder if run is not None else None

    @property
    def at_work(self) -> int:
        """How many positions are watched, or left."""
        return sum(not run.is_over for run in self._runs.values())

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
                self._claims.drop(run.guard.instrument.con_id, run)
                self._by_contract[run.guard.instrument.con_id].discard(key)
                if self._by_leg.get((key.trade, key.leg)) is run:
                    del self._by_leg[key.trade, key.leg]

    def close(self) -> None:
        """Let go of everything here; at the broker nothing changes."""
        for run in self._runs.values():
            run.close()
            self._claims.drop(run.guard.instrument.con_id, run)
        self._runs.clear()
        self._by_leg.clear()
        self._by_contract.clear()

    def _begun(self, guard: Guard, version: int, after: int) -> GuardRun:
        """A new guard; one that can't be begun leaves nothing behind but its error."""
        con_id, profile = guard.instrument.con_id, guard.ladder.profile
        self._rooms.naked.goes_on(guard.key.trade, con_id, guard.naked, profile)
        run = GuardRun(guard, version, after, self._entries, self._claims, self._rooms)
        run.begin()
        self._claims.join(con_id, run)
        self._runs[guard.key] = run
        self._by_leg[guard.key.trade, guard.key.leg] = run
        self._by_contract.setdefault(con_id, set()).add(guard.key)
        return run
