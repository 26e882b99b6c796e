"""An order id is no name: what becomes of orders that are placed again, lost, or misnamed."""

from collections.abc import Awaitable, Callable
from json import loads

import pytest

from backstay.domain.edge.looking import Absent, Found, Unanswered
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage
from tests.broker.hazards.twice import Ours, Ticket, limit_at_the_broker, tell

Step = Callable[[Ours, Ticket], Awaitable[None]]


async def nothing(trader: Ours, ticket: Ticket) -> None:
    """It was sent a moment ago."""


async def time_passes(trader: Ours, ticket: Ticket) -> None:
    """It rests."""
    await trader.stage.sleep(2)


async def it_fills(trader: Ours, ticket: Ticket) -> None:
    """It fills."""
    await time_passes(trader, ticket)
    trader.stage.trade("94.90")
    await time_passes(trader, ticket)


async def it_is_cancelled(trader: Ours, ticket: Ticket) -> None:
    """It is cancelled."""
    await time_passes(trader, ticket)
    assert await trader.cancel(ticket) == "ended"


async def a_new_process(trader: Ours, ticket: Ticket) -> None:
    """It rests, and another process takes over."""
    await time_passes(trader, ticket)
    await trader.leave()
    await trader.begin()
    await time_passes(trader, ticket)


async def it_fills_while_away(trader: Ours, ticket: Ticket) -> None:
    """It fills between two processes."""
    await time_passes(trader, ticket)
    await trader.leave()
    trader.stage.trade("94.90")
    await time_passes(trader, ticket)
    await trader.begin()
    await time_passes(trader, ticket)


def placements(stage: Stage) -> list[tuple[str, int]]:
    """Every placement that was read off the wire: its reference and its order id."""
    lines = [loads(line) for line in stage.wire]
    return [
        (line["ref"], line["order_id"])
        for line in lines
        if line["dir"] == "in" and line["msg"] == "placeOrder"
    ]


@pytest.mark.req("S4.2", "S4.3")
@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (nothing, "accepted"),
        (time_passes, "accepted"),
        (it_fills, "accepted"),
        (it_is_cancelled, "accepted"),
        (a_new_process, "accepted"),
        (it_fills_while_away, "accepted"),
    ],
)
def test_an_order_that_is_asked_for_again_is_placed_once(step: Step, answer: str) -> None:
    """103, 104, a modification or a second order: what IB makes of it depends on the moment."""

    async def story(trader: Ours) -> tuple[str, int]:
        ticket = await trader.buy()
        await trader.stage.until(trader.stage.placed)
        await step(trader, ticket)
        return await trader.again(ticket), len(trader.stage.placed())

    assert tell(Ours, story) == (answer, 1)


@pytest.mark.req("S4.3")
def test_an_order_that_was_rejected_is_not_placed_again() -> None:
    async def story(trader: Ours) -> tuple[str, str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        return trader.word(ticket), await trader.again(ticket), len(trader.stage.placed())

    assert tell(Ours, story, rule("order-rejected", nth=1)) == ("refused", "rejected", 1)


@pytest.mark.req("S4.2", "S4.3")
def test_order_ids_that_are_given_out_again_join_no_two_orders() -> None:
    """After a restart ids roll back; an earlier order must not take the fills of a later one."""

    async def story(trader: Ours) -> tuple[list[int], list[int]]:
        tickets = []
        for _ in range(3):
            tickets.append(await trader.buy(None))
            await trader.stage.sleep(2)
        await trader.leave()
        await trader.stage.sleep(2)
        await trader.begin()
        await trader.stage.sleep(2)
        tickets.append(await trader.buy(None))
        await trader.stage.sleep(5)
        ids = [order_id for _, order_id in placements(trader.stage)]
        return ids, [int(trader.filled(ticket)) for ticket in tickets]

    ids, filled = tell(Ours, story, rule("ids-roll-back", by=3))
    assert filled == [100, 100, 100, 100]
    assert len(set(ids)) < len(ids)


@pytest.mark.req("S4.3")
def test_ids_that_roll_back_under_a_running_process_are_never_used_twice() -> None:
    async def story(trader: Ours) -> list[int]:
        for _ in range(3):
            await trader.buy(None)
            await trader.stage.sleep(2)
        trader.stage.cut()
        await trader.stage.sleep(10)
        await trader.buy(None)
        await trader.stage.sleep(5)
        return [order_id for _, order_id in placements(trader.stage)]

    ids = tell(Ours, story, rule("ids-roll-back", by=3))
    assert sorted(set(ids)) == ids
    assert len(ids) == 4


@pytest.mark.req("S4.2", "S4.3")
def test_an_order_that_never_reached_ib_takes_no_fill_of_the_one_that_got_its_id() -> None:
    """What was written just before a restart may never have been read; its id is given out anew."""

    async def story(trader: Ours) -> tuple[str, int, int, bool]:
        lost = await trader.buy(None)
        await trader.stage.until(lambda: not trader.stage.net.lines)
        await trader.stage.sleep(30)
        later = await trader.buy(None)
        await trader.stage.sleep(5)
        order_id = dict(placements(trader.stage))[later.ref]
        key = trader.edge._inbox.key_of(order_id)
        is_its_own = str(key) == later.ref
        return (
            trader.word(lost),
            int(trader.filled(lost)),
            int(trader.filled(later)),
            is_its_own,
        )

    lost = rule("reset-before-frame", kinds=["placeOrder"], nth=1)
    assert tell(Ours, story, lost) == ("expired", 0, 100, True)


@pytest.mark.req("S4.3")
@pytest.mark.parametrize("code", [103, 107])
def test_a_new_order_whose_id_is_refused_is_asked_about_and_not_taken_for_rejected(
    code: int,
) -> None:
    """103 below the sequence: under another id the same order can be sent, once that is proven."""

    async def story(trader: Ours) -> tuple[str, str, list[int]]:
        await trader.look_on()
        ticket = await trader.buy()
        await trader.stage.sleep(20)
        word = trader.word(ticket)
        trader.stage.trade("100.10")
        await trader.stage.sleep(0.1)
        again = await trader.again(ticket)
        return word, again, [order_id for _, order_id in placements(trader.stage)]

    refused = rule("order-rejected", nth=1, code=code, text="Duplicate order id")
    word, again, ids = tell(Ours, story, refused)
    assert (word, again) == ("expired", "accepted")
    assert len(ids) == 2
    assert ids[1] > ids[0]


@pytest.mark.req("S4.3")
def test_an_order_without_any_answer_is_unknown_until_absence_is_proven_twice() -> None:
    """Paper servers sometimes drop a placement, and say nothing."""

    async def story(trader: Ours) -> list[str]:
        await trader.look_on()
        ticket = await trader.buy()
        await trader.stage.until(lambda: "unknown" in ticket.signs)
        assert trader.stage.told("order unknown")
        asked_at = trader.stage.now
        found = await trader.find(ticket)
        assert isinstance(found, Absent)
        assert (found.looks[-1].at - found.looks[0].at).total_seconds() >= 2
        assert (trader.stage.now - asked_at).total_seconds() >= 2
        said = [await trader.again(ticket), await trader.again(ticket)]
        await trader.stage.sleep(5)
        return [*said, trader.stage.standing()[ticket.ref]]

    said = tell(Ours, story, rule("placement-swallowed", nth=1))
    assert said == ["accepted", "accepted", "Submitted"]


@pytest.mark.req("S4.3")
@pytest.mark.parametrize("question", ["reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"])
def test_a_question_that_was_not_answered_is_never_none(question: str) -> None:
    """Absence needs all three answers, each complete."""

    async def story(trader: Ours) -> tuple[str, int]:
        await trader.stage.sleep(5)
        ticket = await trader.buy()
        await trader.stage.sleep(3)
        answer = await trader.find(ticket)
        assert isinstance(answer, Unanswered), answer
        return await trader.again(ticket), len(trader.stage.placed())

    silent = rule("request-unanswered", kinds=[question], between=["+4s", "+1h"])
    assert tell(Ours, story, rule("placement-swallowed", nth=1), silent) == ("unknown", 1)


@pytest.mark.req("S4.2")
def test_what_filled_while_nobody_was_there_is_counted_from_executions() -> None:
    """A completed order says no order id, and ib_async shows it with nothing filled."""

    async def story(trader: Ours) -> tuple[str, int, int]:
        ticket = await trader.buy()
        await it_fills_while_away(trader, ticket)
        found = await trader.find(ticket)
        assert isinstance(found, Found)
        return trader.word(ticket), int(found.order.filled), int(found.order.unbooked)

    assert tell(Ours, story) == ("over", 100, 0)


@pytest.mark.req("X.4")
def test_nothing_is_modified_while_ib_is_out_of_reach() -> None:
    """A modification that is lost from view can leave two orders behind."""

    async def story(trader: Ours) -> tuple[int, str]:
        ticket = await trader.buy()
        await trader.stage.sleep(12)
        changing = trader.beside(trader.change(ticket, "96.00"))
        await trader.stage.sleep(5)
        assert not changing()
        into_it = len(trader.stage.placed())
        await trader.stage.sleep(60)
        return into_it, limit_at_the_broker(trader.stage, ticket.ref)

    outage = rule("upstream-lost", at="+10s", lasting="20s", then="kept")
    assert tell(Ours, story, outage) == (1, "96")


@pytest.mark.req("X.4")
def test_an_order_that_lives_twice_is_found_cancelled_where_it_can_be_and_told_of() -> None:
    """A cancel reaches one of two permanent ids; the other one fills hours later."""

    async def story(trader: Ours) -> tuple[str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        await trader.change(ticket, "96.00")
        await trader.stage.sleep(2)
        said = await trader.cancel(ticket)
        await trader.stage.sleep(5)
        assert trader.stage.told("order survives")
        assert trader.word(ticket) != "over"
        trader.stage.trade("95.50")
        await trader.stage.sleep(5)
        assert trader.stage.position() == 100
        return said, int(trader.filled(ticket))

    assert tell(Ours, story, rule("second-perm-id")) == ("cancel pending", 100)
