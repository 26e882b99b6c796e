"""What is measured of the edge, for whoever watches it: how long reads take, and the broker."""

import asyncio

import pytest

from backstay.domain.edge.session import Durations
from backstay.domain.ids import Purpose
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_port import FAR, given, watched


def how_many(durations: Durations) -> int:
    return sum(durations.counts)


@pytest.mark.req("S1.10", "S2.7")
def test_the_brokers_first_word_on_an_order_is_timed_once() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        assert how_many(edge.health().answers) == 0
        begun = asyncio.get_running_loop().time()
        answer = await edge.submit(given(stage, seat.order(Purpose.ENTRY, 10, FAR)))
        took = asyncio.get_running_loop().time() - begun
        assert isinstance(answer, Accepted)
        answers = edge.health().answers
        assert how_many(answers) == 1
        assert 0 < answers.total_seconds == pytest.approx(took, abs=0.001)
        stage.trade("99.00")
        await asyncio.sleep(5)
        await edge.cancel(answer.key)
        await asyncio.sleep(5)
        assert edge.health().answers == answers

    play(story)


def test_a_rejection_is_a_word_too() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        answer = await edge.submit(given(stage, seat.order(Purpose.ENTRY, 10, FAR)))
        assert isinstance(answer, Rejected)
        assert how_many(edge.health().answers) == 1

    play(story, rule("order-rejected", nth=1))


def test_what_was_found_after_its_line_was_lost_was_no_answer() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        answer = await edge.submit(given(stage, seat.order(Purpose.ENTRY, 10, FAR)))
        assert isinstance(answer, Unknown)
        await asyncio.sleep(60)
        assert edge.snapshot().orders
        assert how_many(edge.health().answers) == 0

    play(story, rule("reset-after-frame", nth=1, kinds=["placeOrder"]))


@pytest.mark.req("S2.7")
def test_each_read_is_timed_with_all_that_it_leads_to() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await watched(stage, edge)
        before = how_many(edge.health().reads)
        assert before > 0
        stage.trade("100.01")
        await asyncio.sleep(1)
        assert how_many(edge.health().reads) > before

    play(story)
