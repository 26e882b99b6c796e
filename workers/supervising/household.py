"""All parts together: begun one stage after the other, and ended in the other direction."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from workers.supervising.alarms import Alarms
from workers.supervising.errors import HouseError
from workers.supervising.keeper import Keeper, NotServingError, Starter
from workers.supervising.policy import Again, GivenUp
from workers.supervising.report import PartReport, PartState
from workers.supervising.roster import Part, Running

_WORKERS = (Part.TRADES, Part.BROKER)


class Household:
    """The parts of `stages`; those of one stage begin side by side, each stage after the other.

    `noted` is called whenever something is otherwise than it was.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[Starter]],
        alarms: Alarms,
        noted: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._alarms = alarms
        self._noted = noted
        self._change = asyncio.Event()
        self._stages = [[Keeper(each, self, now) for each in stage] for stage in stages]

    @property
    def running(self) -> tuple[Running, ...]:
        """Every process that runs."""
        return tuple(each.running for each in self._keepers() if each.running is not None)

    @property
    def is_given_up(self) -> bool:
        """Whether nothing is left that is kept."""
        return all(each.state is PartState.GIVEN_UP for each in self.reports())

    def reports(self) -> tuple[PartReport, ...]:
        """How each part stands."""
        return tuple(each.report() for each in self._keepers())

    async def begin(self) -> None:
        """Begin everything; HouseError if something can't begin."""
        for stage in self._stages:
            outcomes = await asyncio.gather(
                *(each.begin() for each in stage), return_exceptions=True
            )
            for keeper, outcome in zip(stage, outcomes, strict=True):
                if isinstance(outcome, NotServingError):
                    raise HouseError(f"{keeper.part}: {' '.join(str(outcome).split())}") from None
                if outcome is not None:
                    raise outcome
                self._alarms.begun(keeper.report())

    async def end(self) -> None:
        """End everything; what dies now stays dead."""
        await asyncio.gather(*(each.leave() for each in self._keepers()))
        for stage in reversed(self._stages):
            await asyncio.gather(*(each.end() for each in stage))

    def kill(self) -> None:
        """End every process where it stands."""
        for each in self._keepers():
            each.kill()

    def next_change(self) -> Coroutine[Any, Any, object]:
        """Waits until something is otherwise than at this call, whenever it is awaited."""
        return self._change.wait()

    async def may_begin(self, part: Part) -> None:
        """Wait until what it needs is there: without an engine, a worker only dies. NotServingError
        if that was given up.
        """
        while part in _WORKERS and (engine := self._state(Part.ENGINE)) is not PartState.RUNNING:
            if engine is PartState.GIVEN_UP:
                raise NotServingError("there is no engine to work for")
            await self.next_change()

    def changed(self) -> None:
        """Something is otherwise than it was."""
        self._noted()
        before, self._change = self._change, asyncio.Event()
        before.set()

    def died(self, part: Part, how: str, next_step: Again | GivenUp) -> None:
        """A part has died, and this is what is done."""
        self._alarms.died(part, how, next_step)
        self.changed()

    def lives_again(self, part: Part) -> None:
        """A part serves again."""
        self._alarms.lives_again(part)

    def fell_silent(self, part: Part, seconds: float) -> None:
        """A part runs and has not answered for so long."""
        self._alarms.fell_silent(part, seconds)
        self.changed()

    def answers_again(self, part: Part) -> None:
        """A part was silent, and has answered."""
        self._alarms.answers_again(part)
        self.changed()

    def _state(self, part: Part) -> PartState | None:
        return next((each.state for each in self.reports() if each.part is part), None)

    def _keepers(self) -> list[Keeper]:
        return [each for stage in self._stages for each in stage]
