"""What a trade says of itself while it runs: what a person was told, and who leads its way out."""

import asyncio
from typing import Any

from temporalio.exceptions import ApplicationError

from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, playing


def test_what_a_person_is_told_stands_on_the_page_of_the_trade() -> None:
    async def fails(_: Any) -> Any:
        raise ApplicationError("a value that makes no sense", type="BadValue", non_retryable=True)

    def prepare(_: Edge, script: Script) -> None:
        script.answers["prospect"] = [fails]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            skipping = asyncio.create_task(play.settled())
            await play.script.was_asked("arm")
            standing = await play.standing()
            (alert,) = play.script.alerts
            assert standing.told == (f"{alert.kind.value}: {alert.text}",)
            await play.edge.fills(100)
            await play.script.was_asked("guard")
            await play.edge.stop_is_hit()
            await skipping

    tell(story)


def test_a_trade_that_leaves_names_the_life_that_leads_its_way_out() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            standing = await play.standing()
            assert standing.ways_out == ()
            assert standing.limit is not None
            assert standing.terms.trigger.startswith("last is above 100")
            await play.edge.fills(100)
            await play.script.was_asked("guard")
            await play.edge.stop_is_hit()
            await play.settled()
            assert (await play.standing()).ways_out == (f"exit:{play.order.trade}:0:1",)

    tell(story)
