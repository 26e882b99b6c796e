"""Ways out that the engine walks, from the first exit to the proof that nothing is left."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import ExitBegun, Guard
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.events import Cancel, Reshape, Send
from backstay.domain.exits.ladder import Waiting, waiting_for
from backstay.domain.exits.members import Standing
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.profile import Profile
from backstay.gateway.values.contract import Contract
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, EXIT, LAST, STOP, fall, held
from tests.broker.edge.walking import Engine, not_written, violations, way_of
from tests.broker.guards.test_leaving import alive

PAIR = replace(PESSIMISTIC, living_group_can_be_joined=True)
PROMPT = replace(HARD, cancels_are_prompt=True)
AGAIN = str(key(Purpose.PROTECT, 2))

Walking = Callable[[Stage, Edge, Engine, ExitBegun], Awaitable[None]]


async def left(
    stage: Stage, *, bid_size: int = 500, profile: BrokerProfile = PESSIMISTIC
) -> tuple[Edge, Seat, Guard, ExitBegun]:
    """A position whose stop was confirmed just now; where nobody bids, the limit rests."""
    edge, seat = await held(stage)
    guard = seat.guard(profile=profile)
    guarding = asyncio.ensure_future(edge.guard(guard, 1))
    await stage.sleep(1)
    stage.show(bid_size=bid_size)
    await fall(stage, "97.80", "97.79")
    begun = await asyncio.wait_for(guarding, 10)
    assert isinstance(begun, ExitBegun)
    return edge, seat, guard, begun


def walked(
    walking: Walking,
    *plan: Rule,
    gateway: Profile = PROMPT,
    assumed: BrokerProfile = PESSIMISTIC,
    foresees: bool = False,
) -> tuple[Stage, Engine]:
    """A way out whose limit rests, walked as the story says; the laws hold at its end."""
    engines: list[Engine] = []

    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage, bid_size=0, profile=assumed)
        engine = Engine(stage, way_of(guard, begun), foresees=foresees)
        engines.append(engine)
        await walking(stage, edge, engine, begun)

    stage = play(story, *plan, profile=gateway)
    assert violations(stage) == []
    return stage, engines[0]


async def to_the_end(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
    """The price falls below the limit, and the engine walks until nothing is left."""
    walking = asyncio.ensure_future(engine.walk(edge, begun.ladder))
    stage.show(bid="97.00", ask="97.04", bid_size=500)
    last = await asyncio.wait_for(walking, 60)
    assert last.ladder.is_done
    assert last.position == stage.position() == 0


@pytest.mark.req("S4.5")
def test_what_is_taken_back_of_an_entry_that_is_over_is_told_with_the_way_out() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        await stage.sleep(5)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        last = await asyncio.wait_for(engine.walk(edge, begun.ladder), 60)
        assert last.ladder.quantity == 92
        assert last.entry is not None
        assert str(last.entry.key) == ENTRY
        assert last.entry.filled == 92
        assert stage.position() == 0

    less = rule("execution-corrected", nth=1, delay="3s", price_by="0", quantity_by="-8")
    walked(walking, less)


def test_a_limit_that_fills_leaves_nothing_for_the_engine_to_do() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage)
        engine = Engine(stage, way_of(guard, begun))
        done = await asyncio.wait_for(engine.walk(edge, begun.ladder), 10)
        assert done.ladder.is_done
        assert done.position == 0
        assert [str(order.key) for order in done.orders] == [STOP, EXIT]
        assert [int(order.filled) for order in done.orders] == [0, 100]
        assert engine.decided == []
        again = await asyncio.wait_for(engine.walk(edge, begun.ladder), 0.1)
        assert (again.ladder, again.went_alone) == (done.ladder, False)

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, EXIT]
    assert violations(stage) == []


@pytest.mark.req("S4.5")
def test_a_limit_whose_time_is_over_is_cancelled_with_proof_and_the_market_takes_the_rest() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        stage.show(bid="97.51", ask="97.64", bid_size=30)
        await stage.until(lambda: stage.position() == 70)
        await to_the_end(stage, edge, engine, begun)

    stage, engine = walked(walking)
    assert engine.changes == [Cancel, Send]
    ((_, last),) = engine.written
    assert (str(last.key), last.terms.kind, int(last.quantity)) == (LAST, "MKT", 70)
    assert not engine.has_gone_alone
    assert not stage.told("task silent")
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("assumed", "changes"),
    [(OPTIMISTIC, [Reshape]), (PAIR, [Cancel, Send])],
    ids=["reshape", "pair"],
)
def test_the_engine_walks_each_way_of_meeting_the_stop(
    assumed: BrokerProfile, changes: list[type]
) -> None:
    stage, engine = walked(to_the_end, gateway=EASY, assumed=assumed)
    assert engine.changes == changes
    assert not stage.told("task silent")
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
def test_a_cancel_that_comes_too_late_sends_no_second_exit() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        async def filled(_: Walked) -> None:
            if stage.position():
                stage.show(bid="97.60", ask="97.64", bid_size=500)

        engine.pause = filled
        await to_the_end(stage, edge, engine, begun)

    stage, engine = walked(walking)
    assert engine.changes == [Cancel]
    assert stage.placed() == [ENTRY, STOP, EXIT]


@pytest.mark.req("S4.5")
def test_a_limit_that_fills_while_its_cancel_waits_leaves_only_the_rest_to_the_market() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        async def filled(_: Walked) -> None:
            engine.pause = None
            cancelled.set()

        async def market() -> None:
            await cancelled.wait()
            await stage.sleep(1)
            stage.show(bid="97.51", ask="97.64", bid_size=60)
            await stage.sleep(0.1)
            stage.show(bid="97.00", ask="97.04", bid_size=500)

        cancelled = asyncio.Event()
        engine.pause = filled
        await asyncio.gather(to_the_end(stage, edge, engine, begun), market())

    stage, engine = walked(walking, rule("cancel-unanswered", nth=2, delay="4s"))
    ((_, last),) = engine.written
    assert (str(last.key), int(last.quantity)) == (LAST, 40)
    assert stage.told("exit unresolved")
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
def test_what_fills_after_it_was_shown_as_cancelled_is_not_sold_again() -> None:
    stage, engine = walked(to_the_end, rule("fill-after-cancel", nth=2, delay="1ms"))
    assert engine.changes == [Cancel, Send]
    assert stage.placed() == [ENTRY, STOP, EXIT]


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("over", "waits"),
    [(1, EXIT), (2, AGAIN)],
    ids=["before its cancel", "before the last rung"],
)
def test_an_exit_that_meets_a_halt_rests_or_waits_behind_a_stop_and_goes_at_resumption(
    over: int, waits: str
) -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        async def halted(answer: Walked) -> None:
            members = answer.ladder.members
            if sum(member.standing is Standing.OVER for member in members) == over:
                engine.pause = None
                trading(stage, "halt")
                await stage.sleep(0.5)

        engine.pause = halted
        walking = asyncio.ensure_future(engine.walk(edge, begun.ladder))
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.sleep(30)
        assert stage.position() == 100
        assert stage.told("exit waits")
        assert alive(stage) == {waits}
        trading(stage, "resume")
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        last = await asyncio.wait_for(walking, 60)
        assert last.ladder.is_done
        assert stage.position() == 0

    stage, engine = walked(walking)
    assert not_written(stage, engine) == []


def trading(stage: Stage, what: str, symbol: str = "AAPL") -> None:
    """Halt or resume trading."""
    contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
    (instrument,) = stage.gateway.market.find(contract)
    stage.act(lambda: getattr(stage.gateway.market, what)(instrument.con_id))


@pytest.mark.req("S4.5")
def test_after_hours_the_last_rung_is_a_limit_that_follows_the_price() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        stage.stand_still(6 * 3600)
        await stage.sleep(10)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        begun = await asyncio.wait_for(guarding, 10)
        assert isinstance(begun, ExitBegun)
        engine = Engine(stage, way_of(guard, begun))
        walking = asyncio.ensure_future(engine.walk(edge, begun.ladder))
        stage.show(bid="97.00", ask="97.04", bid_size=0)
        await stage.sleep(8)
        stage.show(bid="96.00", ask="96.04", bid_size=0)
        await stage.sleep(8)
        stage.show(bid="96.00", ask="96.04", bid_size=500)
        last = await asyncio.wait_for(walking, 60)
        assert last.ladder.is_done
        assert stage.position() == 0
        assert {type(intent.terms) for _, intent in engine.written} == {Limit}
        assert Reshape in engine.changes
        assert not_written(stage, engine) == []

    assert violations(play(story, profile=PROMPT)) == []


@pytest.mark.req("S4.5")
def test_an_engine_that_is_silent_is_done_without_and_told_so_when_it_is_back() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        async def silent(_: Walked) -> None:
            engine.pause = None
            await stage.sleep(3)
            assert stage.position() == 0

        engine.pause = silent
        await to_the_end(stage, edge, engine, begun)

    stage, engine = walked(walking)
    assert engine.changes == [Cancel]
    assert [each.went_alone for each in engine.walked] == [False, True]
    assert len(stage.told("task silent")) == 1
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_an_engine_that_is_back_before_the_end_leads_again() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        async def silent(_: Walked) -> None:
            engine.pause = None
            await stage.sleep(1.5)

        engine.pause = silent
        await to_the_end(stage, edge, engine, begun)

    stage, engine = walked(walking, rule("cancel-unanswered", nth=2, delay="3s"))
    assert engine.has_gone_alone
    assert engine.changes[-1] is Send
    assert not_written(stage, engine) == []
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_two_who_walk_the_same_way_at_once_get_the_same_answer_and_nothing_leaves_twice() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        walk = Walk(engine.way_out, begun.ladder)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        while True:
            first = asyncio.ensure_future(edge.walk(walk))
            await stage.sleep(0.05)
            answers = await asyncio.gather(first, edge.walk(walk))
            assert answers[0].ladder == answers[1].ladder
            following = await engine.decide(answers[1])
            if following is None:
                return
            walk = following

    stage, engine = walked(walking)
    assert engine.changes == [Cancel, Send]
    assert not_written(stage, engine) == []
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_what_was_decided_on_a_ladder_that_has_gone_on_does_not_leave() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        wants_cancel = await edge.walk(Walk(engine.way_out, begun.ladder))
        cancelling = await engine.decide(wants_cancel)
        assert cancelling is not None
        wants_send = await edge.walk(cancelling)
        sending = await engine.decide(wants_send)
        assert sending is not None
        (command,) = (each for each in sending.commands if isinstance(each, Send))
        more = Send(replace(command.intent, quantity=Decimal(150)))
        answer = await asyncio.wait_for(edge.walk(replace(sending, commands=(more,))), 0.01)
        assert answer.ladder == wants_send.ladder
        assert stage.placed() == [ENTRY, STOP, EXIT]
        done = await asyncio.wait_for(edge.walk(sending), 5)
        assert done.ladder.is_done

    stage, _ = walked(walking)
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_a_walk_that_is_waited_for_ends_with_the_edge() -> None:
    async def walking(_: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        walk = asyncio.ensure_future(edge.walk(Walk(engine.way_out, begun.ladder)))
        await asyncio.sleep(0.1)
        await edge.close()
        with pytest.raises(asyncio.CancelledError):
            await walk

    walked(walking)


def test_a_ladder_that_waits_says_for_what() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        wants_cancel = await edge.walk(Walk(engine.way_out, begun.ladder))
        assert waiting_for(wants_cancel.ladder) is Waiting.FILL
        assert wants_cancel.ladder.members[-1].standing is Standing.WORKING

    walked(walking)
