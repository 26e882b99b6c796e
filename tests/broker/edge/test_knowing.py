"""What the edge finds out by itself about whatever it is to trade."""

import asyncio
from dataclasses import replace

from backstay.domain.edge.contracts import InstrumentQuery
from tests.broker.edge.stage import Stage, play


def test_what_is_armed_is_known_by_its_id() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await stage.leave()
        stage.edges.clear()
        later = await stage.edge()
        asked: list[InstrumentQuery] = []
        resolve = later._catalogue.resolve

        async def spy(query: InstrumentQuery) -> object:
            asked.append(query)
            return await resolve(query)

        later._catalogue.resolve = spy  # type: ignore[method-assign, assignment]
        arming = asyncio.create_task(later.arm(seat.arm(limit="99.00"), 1))
        await stage.until(lambda: asked)
        assert [query.con_id for query in asked] == [265598]
        arming.cancel()

    play(story)


def test_a_contract_that_the_broker_does_not_know_is_told() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        strange = replace(seat, instrument=replace(seat.instrument, con_id=4711))
        arming = asyncio.create_task(edge.arm(strange.arm(limit="99.00"), 1))
        await stage.until(lambda: stage.told("state inconsistent"))
        (notice,) = stage.told("state inconsistent")
        assert notice.text == (
            "nothing can be sent in it, because its hours are unknown:"
            " the broker knows no stock AAPL with the id 4711 in USD on SMART"
        )
        arming.cancel()

    play(story)
