"""Cancels that are refused, not answered, or overtaken; and ends that are none."""

from decimal import Decimal

import pytest

from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from tests.broker.hazards.twice import Ours, order_id_of, say, say_status, tell

NEVER_ANSWERED = rule("cancel-unanswered", then="never")


@pytest.mark.req("S0.2", "S4.5")
@pytest.mark.parametrize("code", [161, 10147, 10148])
def test_a_refused_cancel_proves_no_end(code: int) -> None:
    """10147 says that it is not in the book, 10148 that it is over: the book itself decides."""

    async def story(trader: Ours) -> tuple[str, str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        answers: list[str] = []

        async def cancel() -> None:
            answers.append(await trader.cancel(ticket))

        trader.beside(cancel())
        await trader.stage.sleep(0.1)
        order_id = order_id_of(trader.stage, ticket.ref)
        say(trader.stage, 4, 2, order_id, code, "it can't be cancelled", "")
        await trader.stage.sleep(5)
        assert trader.word(ticket) == "working"
        trader.stage.trade("94.90")
        await trader.stage.sleep(5)
        return answers[0], trader.word(ticket), int(trader.filled(ticket))

    assert tell(Ours, story, NEVER_ANSWERED) == ("cancel pending", "over", 100)


def test_a_cancel_that_a_fill_overtakes_ends_with_the_fill() -> None:
    """10148 comes for an order that has filled while the cancel was on its way."""

    async def story(trader: Ours) -> tuple[str, str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        trader.stage.trade("94.90")
        said = await trader.cancel(ticket)
        await trader.stage.sleep(1)
        assert any("10148" in line for line in trader.stage.wire)
        return said, trader.word(ticket), int(trader.filled(ticket))

    assert tell(Ours, story) == ("ended", "over", 100)


@pytest.mark.req("S0.2", "S4.5")
def test_a_cancel_that_is_not_answered_is_pending_until_it_is() -> None:
    async def story(trader: Ours) -> list[str]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        said = [await trader.cancel(ticket), trader.word(ticket)]
        await trader.stage.sleep(60)
        return [*said, trader.word(ticket)]

    slow = rule("cancel-unanswered", delay="30s")
    assert tell(Ours, story, slow) == ["cancel pending", "working", "over"]


@pytest.mark.req("S4.1")
def test_what_is_being_cancelled_can_still_fill() -> None:
    async def story(trader: Ours) -> tuple[str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        await trader.cancel(ticket)
        say_status(trader.stage, ticket.ref, "PendingCancel", 0)
        await trader.stage.sleep(1)
        assert trader.word(ticket) == "working"
        trader.stage.trade("94.90")
        await trader.stage.sleep(2)
        return trader.word(ticket), int(trader.filled(ticket))

    assert tell(Ours, story, NEVER_ANSWERED) == ("over", 100)


@pytest.mark.req("S4.1")
def test_inactive_is_no_end() -> None:
    async def story(trader: Ours) -> tuple[str, int]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        say_status(trader.stage, ticket.ref, "Inactive", 0)
        await trader.stage.sleep(10)
        assert trader.word(ticket) == "working"
        trader.stage.trade("94.90")
        await trader.stage.sleep(2)
        return trader.word(ticket), int(trader.filled(ticket))

    assert tell(Ours, story) == ("over", 100)


@pytest.mark.req("S4.1")
@pytest.mark.parametrize("share", ["1", "0.3"])
def test_a_fill_after_the_end_is_booked_and_told(share: str) -> None:
    """Orders that were shown as cancelled have filled: the quantity counts, whenever it comes."""

    async def story(trader: Ours) -> tuple[str, str, Decimal]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        said = await trader.cancel(ticket)
        await trader.stage.sleep(5)
        assert len(trader.stage.told("fill after end")) == 1
        return said, trader.word(ticket), trader.filled(ticket)

    filled = Decimal(100) * Decimal(share)
    told = tell(Ours, story, rule("fill-after-cancel", delay="2s", share=share))
    assert told == ("ended", "over", filled)


STATUS_FAULTS = [
    rule("status-duplicated", copies=3),
    rule("status-delayed", delay="4s", kinds=["Submitted"]),
    rule("status-reordered", within="5s", kinds=["Submitted"]),
    rule("status-missing"),
    rule("commission-missing"),
    rule("placement-acknowledged-late", delay="1s"),
]


@pytest.mark.req("S4.1", "S4.2")
@pytest.mark.parametrize("fault", STATUS_FAULTS, ids=lambda fault: fault.fault.name)
def test_statuses_may_come_twice_late_backwards_or_never(fault: Rule) -> None:
    """Executions are the truth; whatever is said of the state, the end is the same."""

    async def story(trader: Ours) -> list[tuple[str, int]]:
        fills = await trader.buy(None)
        await trader.stage.sleep(3)
        ends = await trader.buy()
        await trader.stage.sleep(10)
        await trader.cancel(ends)
        await trader.stage.sleep(6)
        return [(trader.word(each), int(trader.filled(each))) for each in (fills, ends)]

    assert tell(Ours, story, fault) == [("over", 100), ("over", 0)]


@pytest.mark.req("S4.2")
def test_an_execution_that_is_taken_back_does_not_count() -> None:
    async def story(trader: Ours) -> tuple[int, int]:
        ticket = await trader.buy(None)
        await trader.stage.sleep(10)
        return int(trader.filled(ticket)), int(trader.stage.position())

    assert tell(Ours, story, rule("execution-busted", nth=1)) == (0, 0)


@pytest.mark.req("S1.4")
def test_a_client_id_that_lingers_is_waited_for() -> None:
    """326: the broker still thinks that we are there; nothing is sent, and then all goes on."""

    async def story(trader: Ours) -> tuple[list[str], str]:
        ticket = await trader.buy()
        await trader.stage.sleep(2)
        trader.stage.cut()
        states = []
        for _ in range(60):
            await trader.stage.sleep(1)
            states.append(trader.edge.health().session.state.value)
        return list(dict.fromkeys(states)), trader.word(ticket)

    states, word = tell(Ours, story, rule("client-id-lingers", lasting="30s"))
    assert states[0] in ("down", "standby")
    assert states[-2:] == ["standby", "ready"]
    assert word == "working"
