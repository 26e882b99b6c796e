"""Parts that are split off from what a guard watches.

A part is split off in one turn, once the broker shows the stop for no more than the rest; until
then, and if anything else comes of it, the guard answers for everything. Each is split off once, by
its version, and one at a time.
"""

import asyncio
from typing import Protocol

from backstay.broker.guards.shielding import Shielding
from backstay.broker.guards.sight import Sight
from backstay.broker.guards.telling import Telling
from backstay.broker.guards.tranche import Tranche
from backstay.broker.rooms import Rooms
from backstay.domain.edge.guards import Guard, Headway, NotSplit, Split, SplitAnswer, SplitOff
from backstay.domain.figures import plain, whole
from backstay.domain.limits.approval import Approved


class Owner(Protocol):
    """The guard that parts are split off of."""

    def objection_to(self, asked: SplitOff) -> NotSplit | None:
        """Why nothing can be split off as things stand."""

    def has_split(self) -> None:
        """A part was split off, or everything is to be as it was."""


class Splitting:
    """The parts of one guard, and the target that is next."""

    def __init__(
        self,
        guard: Guard,
        tranche: Tranche,
        shielding: Shielding,
        sight: Sight,
        telling: Telling,
        rooms: Rooms,
        owner: Owner,
    ) -> None:
        self.target = guard.target
        self.last = guard.headway.split
        self._tranche = tranche
        self._shielding = shielding
        self._sight = sight
        self._telling = telling
        self._rooms = rooms
        self._owner = owner
        self._asked: SplitOff | None = None
        self._answer: asyncio.Future[SplitAnswer] = asyncio.get_running_loop().create_future()

    def headway(self, leaving: Approved | None) -> Headway:
        """How far it has come, for whoever takes its place."""
        return Headway(
            told=self._telling.told,
            reached=self._telling.reached,
            split_off=self._tranche.split_off,
            split=self.last,
            entered=self._tranche.counted,
            leaving=leaving,
            entry=self._tranche.entry,
        )

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Split a part off; what was split off under this version is told again."""
        if self.last is not None and self.last.version == asked.version:
            return self.last
        objection = self._found(asked)
        if objection is not None:
            return objection
        if self._asked is None:
            self._begin(asked)
        elif self._asked.version != asked.version:
            return NotSplit(asked.key, f"version {self._asked.version} is under way", is_over=False)
        return await asyncio.shield(self._answer)

    def _found(self, asked: SplitOff) -> NotSplit | None:
        """What stands against it."""
        objection = self._owner.objection_to(asked)
        if objection is None and whole(self._tranche.open_after(asked.part)) <= 0:
            text = f"no more than {plain(self._tranche.held_open)} is open"
            return NotSplit(asked.key, text, is_over=True)
        return objection

    def _begin(self, asked: SplitOff) -> None:
        self._asked = asked
        answer = self._answer = asyncio.get_running_loop().create_future()

        async def split() -> None:
            try:
                answer.set_result(await self._carried_out(asked))
            finally:
                self._asked = None
                answer.cancel()
            self._owner.has_split()

        self._rooms.errands.begin(f"split {plain(asked.part)} off {asked.key}", split)

    async def _carried_out(self, asked: SplitOff) -> SplitAnswer:
        why_not = await self._shielding.shrink(lambda: self._tranche.open_after(asked.part))
        objection = self._found(asked)
        if objection is not None:
            return objection
        if why_not:
            return NotSplit(asked.key, why_not, is_over=False)
        return self._split(asked)

    def _answer_for(self, asked: SplitOff) -> None:
        """Until its way out begins nothing protects the part: that is measured from now on, also
        where its entry can't be read any more.
        """
        target = self.target
        if target is not None and target.part == asked.part:
            key = target.exit.intent.key
            self._rooms.naked.answers_for(key, target.exit.intent.instrument.con_id, asked.part)

    def _split(self, asked: SplitOff) -> Split:
        """In one turn: the rest, its next target, and its stop at the entry's price."""
        self._tranche.split(asked.part)
        self._answer_for(asked)
        if asked.target != self.target:
            self.target = asked.target
            self._telling.next_target(asked.target)
            self._sight.aim(None if self._telling.is_reached else asked.target)
        if asked.break_even is not None:
            self._sight.break_even(asked.break_even)
            self._shielding.follow(self._sight.guarded.level.stop)
        rest, now = self._tranche.given, self._rooms.now()
        self.last = Split(asked.key, asked.version, asked.part, rest, now)
        return self.last
