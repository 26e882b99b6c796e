"""The way out: the stop's limit, its proven cancel, and the market for exactly what is left.

It takes up what the guard has begun in the turn of its trigger, and leads from there. Each step is
written down before the edge carries it out; what the edge heard meanwhile, and what it did alone
while nobody led, comes back as the ladder that counts. It ends when nothing is open, nothing lives
and no fill can be missing, and not before: whoever cancels it is not heard.
"""

import asyncio
from dataclasses import replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.edge.walking import Walk, Walked
    from backstay.domain.exits.events import LadderCommand, TimePassed
    from backstay.domain.exits.foresight import foreseen
    from backstay.domain.exits.ladder import Ladder
    from backstay.domain.exits.steps import decide
    from backstay.domain.trade.leaving import ExitOutcome, ExitStart, outcome_of
    from backstay.domain.trade.pages import ladder_page, walk_summary
    from workflows.patience import Patience


@workflow.defn(name="Exit")
class Exit:
    """The way out of one tranche."""

    @workflow.init
    def __init__(self, start: ExitStart) -> None:
        self._start = start
        self._ladder: Ladder | None = start.walk.ladder
        self._patience = Patience(start.account, str(start.walk.way_out.key))

    @workflow.run
    async def run(self, start: ExitStart) -> ExitOutcome:
        """Walk until nothing is left, whoever cancels the workflow."""
        way = asyncio.create_task(self._to_its_end(start.walk))
        while True:
            try:
                outcome = await asyncio.shield(way)
            except asyncio.CancelledError:
                if way.done():
                    raise
                continue
            if isinstance(outcome, Walk):
                workflow.continue_as_new(ExitStart(start.account, outcome))
            return outcome

    async def _to_its_end(self, walk: Walk) -> ExitOutcome | Walk:
        """The same as walking out, and nobody is left without a word that was meant for them."""
        outcome = await self._walk_out(walk)
        await self._patience.all_told()
        return outcome

    async def _walk_out(self, walk: Walk) -> ExitOutcome | Walk:
        """The outcome, or the walk to begin another history with."""
        while True:
            walked = await self._walk(_foreseeing(walk))
            ladder, commands = decide(walked.ladder, TimePassed(), walked.at)
            self._show(ladder, commands, went_alone=walked.went_alone)
            if ladder.is_done and not commands:
                return outcome_of(walked)
            walk = Walk(walk.way_out, ladder, commands, walked.naked, walked.entered)
            if workflow.info().is_continue_as_new_suggested():
                return walk

    @workflow.query(name="state")
    def state(self) -> Ladder | None:
        """The ladder as it was decided on last."""
        return self._ladder

    async def _walk(self, walk: Walk) -> Walked:
        """The next steps, carried out at the edge, until it needs another decision."""
        account, summary = self._start.account, walk_summary(walk)
        return await self._patience.ask(calls.walk, account, walk, summary)

    def _show(
        self, ladder: Ladder, commands: tuple[LadderCommand, ...], *, went_alone: bool
    ) -> None:
        self._ladder = ladder
        workflow.set_current_details(ladder_page(ladder, commands, went_alone=went_alone))


def _foreseeing(walk: Walk) -> Walk:
    """The same with the steps that follow if nothing comes between: written down now, they leave
    without a way there and back.
    """
    return walk if walk.ladder is None else replace(walk, ahead=foreseen(walk.ladder))
