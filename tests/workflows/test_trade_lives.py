"""The lives of a trade, from its start to its settlement."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import GuardEnd
from backstay.domain.edge.walking import Walk
from backstay.domain.exits import events
from backstay.domain.exits.events import Alarm, LadderCommand
from backstay.domain.exits.market import MarketNow
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Market
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, Play, playing
from tests.workflows.ways import Way


def way_of(play: Play, leg: int = 0) -> Way:
    """The way out of one leg."""
    return play.edge.ways[play.order.trade, leg]


def kinds(play: Play) -> list[IncidentKind]:
    """What a person was told."""
    return [alert.kind for alert in play.script.alerts]


def test_a_trigger_that_never_fires_ends_with_its_time() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WAITING)
            await play.edge.reports(ArmPhase.EXPIRED, why="its time is over")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.orders == ()
        assert settlement.why == "its time is over"
        assert play.script.settled == [settlement]
        assert play.script.alerts == []

    tell(story)


def _refused_by_admission(edge: Edge, script: Script) -> None:
    key = IntentKey(edge.order.trade, 0, Purpose.ENTRY, 1)
    no = Refused(key, RefusalCode.KILLED, "trading is stopped", cast.NOW)
    script.always["admit"] = cast.always(no)


def test_a_trade_that_is_not_admitted_asks_nothing_of_the_edge() -> None:
    async def story() -> None:
        async with playing(prepare=_refused_by_admission) as play:
            settlement = await play.settled()
        assert settlement.state is TradeState.REJECTED
        assert settlement.why == "trading is stopped"
        assert {name for name, _ in play.script.asked} == {"prospect", "admit"}

    tell(story)


@pytest.mark.parametrize("text", ["the broker has no margin for it", "approved 90 s ago"])
def test_an_entry_that_is_refused_at_the_last_hop_or_by_the_broker_rejects_the_trade(
    text: str,
) -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.REFUSED, why=text)
            settlement = await play.settled()
        assert settlement.state is TradeState.REJECTED
        assert settlement.why == text
        assert play.script.settled == [settlement]

    tell(story)


@pytest.mark.req("S4.5")
def test_a_stop_leaves_by_its_limit() -> None:
    async def story() -> None:
        async with playing() as play:
            standing = await play.is_guarded()
            assert standing.stop == Decimal("98.00")
            assert standing.lifecycle.state is TradeState.COMPLETED
            await play.edge.stop_is_hit()
            settlement = await play.settled()
            assert (await play.standing()).doing is Doing.OVER
        assert [type(intent.terms) for intent in way_of(play).sent] == [Limit]
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == "stop"
        assert settlement.left_over == 0
        assert settlement.profit == Decimal("97.50") * 100 - Decimal("100.05") * 100
        assert play.script.settled == [settlement]

    tell(story)


@pytest.mark.req("S4.5")
def test_a_limit_that_does_not_fill_makes_room_for_the_market_for_exactly_the_rest() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(40)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        sent = way_of(play).sent
        assert [type(intent.terms) for intent in sent] == [Limit, Market]
        assert [intent.quantity for intent in sent] == [100, 60]
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        decided = [step for walk in way_of(play).walks for step in _remembered(walk)]
        assert decided == [events.Cancel(sent[0].key), events.Send(sent[1])]

    tell(story)


def _remembered(walk: Walk) -> Iterator[LadderCommand]:
    """What was decided, and written down as done before it is."""
    assert walk.ladder is not None
    for command in walk.commands:
        match command:
            case events.Cancel(key):
                member = walk.ladder.member(key)
                assert member is not None
                assert member.cancel_asked
                yield command
            case events.Send(intent):
                assert walk.ladder.member(intent.key) is not None
                yield command
            case _:
                pass


@pytest.mark.req("S4.5")
def test_exits_that_fill_too_much_are_told_and_go_to_a_person() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(30)
            play.edge.broker.fills_on_cancel = Decimal(80)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert [told.alarm for told in way_of(play).told] == [Alarm.OVERFILLED]
        assert settlement.state is TradeState.ESCALATED
        assert settlement.left_over == -10

    tell(story)


@pytest.mark.req("S4.5")
def test_a_gap_through_stop_and_limit_goes_to_the_market_for_exactly_what_is_held() -> None:
    async def story() -> None:
        async with playing() as play:
            gap = MarketNow(MarketPhase.REGULAR, touch=Decimal("91.00"))
            play.edge.broker.market = gap
            play.edge.quantity = 100
            await play.is_guarded(70)
            await play.edge.reports(ArmPhase.OVER)
            await play.comes_to(
                Doing.GUARDING, lambda now: now.lifecycle.state is TradeState.COMPLETED
            )
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        sent = way_of(play).sent
        assert [type(intent.terms) for intent in sent] == [Market]
        assert [intent.quantity for intent in sent] == [70]
        assert settlement.left_over == 0

    tell(story)


def test_an_exit_that_begins_without_a_second_tick_shows_why_it_left() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            play.edge.broker.market = MarketNow(MarketPhase.REGULAR, halted=True)
            play.edge.broker.turns = [(timedelta(minutes=4), MarketNow(MarketPhase.REGULAR))]
            blocked = asyncio.Event()
            walks = play.script.always["walk"]

            async def walk(asked: object) -> object:
                await blocked.wait()
                return await walks(asked)

            play.script.always["walk"] = walk
            await play.edge.stop_is_hit()
            standing = await play.comes_to(Doing.LEAVING)
            assert standing.why == "stop"
            assert standing.stop == Decimal("98.00")
            blocked.set()
            await play.settled()

    tell(story)


@pytest.mark.req("S4.5")
def test_a_cancel_that_is_refused_because_the_limit_has_filled_sends_nothing_more() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            play.edge.broker.refuses_cancel_of_filled = True
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert [type(intent.terms) for intent in way_of(play).sent] == [Limit]
        assert settlement.left_over == 0

    tell(story)


@pytest.mark.req("S4.5")
def test_a_cancel_that_is_not_answered_is_told_and_resolved_on() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            play.edge.broker.cancels_unanswered = 1
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = way_of(play)
        assert "a cancel is not confirmed" in way.told[0].alarm.value
        assert [type(intent.terms) for intent in way.sent] == [Limit, Market]
        assert settlement.left_over == 0

    tell(story)


@pytest.mark.req("S4.5")
def test_a_fill_that_comes_with_the_cancel_leaves_only_the_rest_to_the_market() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(30)
            play.edge.broker.fills_on_cancel = Decimal(20)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert [intent.quantity for intent in way_of(play).sent] == [100, 50]
        assert settlement.left_over == 0

    tell(story)


def test_a_halt_keeps_the_exit_waiting_and_then_it_goes() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            play.edge.broker.turns = [
                (timedelta(seconds=1), MarketNow(MarketPhase.REGULAR, halted=True)),
                (timedelta(minutes=7), MarketNow(MarketPhase.REGULAR)),
            ]
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = way_of(play)
        assert any("halted" in told.alarm.value for told in way.told)
        assert way.now >= cast.at(7 * 60)
        assert isinstance(way.sent[-1].terms, Market)
        assert settlement.left_over == 0

    tell(story)


def test_after_hours_no_market_order_leaves() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.market = MarketNow(MarketPhase.EXTENDED, touch=Decimal("91.00"))
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        (sent,) = way_of(play).sent
        assert isinstance(sent.terms, Limit)
        assert sent.terms.price < Decimal("91.00")
        assert sent.outside_regular_hours
        assert settlement.left_over == 0

    tell(story)


def test_a_position_that_was_closed_by_hand_needs_no_exit() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            await play.edge.guard_ends(GuardEnd.CLOSED_BY_HAND)
            settlement = await play.settled()
        assert play.edge.ways == {}
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == GuardEnd.CLOSED_BY_HAND.value
        assert settlement.left_over == 100
        assert kinds(play) == []

    tell(story)


def test_a_stop_at_the_broker_that_fills_closes_the_trade_with_its_price() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            key = IntentKey(play.order.trade, 0, Purpose.PROTECT, 1)
            stop = cast.summary(key, 100, 100, "96.00", OrderEnd.FILLED, Side.SELL)
            await play.edge.guard_ends(GuardEnd.SHIELD_FILLED, stop)
            settlement = await play.settled()
        assert play.edge.ways == {}
        assert settlement.state is TradeState.CLOSED
        assert settlement.profit == Decimal(9600) - Decimal(10005)
        assert settlement.left_over == 0

    tell(story)


def test_what_nobody_has_closed_goes_to_a_person() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            key = IntentKey(play.order.trade, 0, Purpose.PROTECT, 1)
            stop = cast.summary(key, 100, 60, "96.00", OrderEnd.CANCELLED, Side.SELL)
            await play.edge.guard_ends(GuardEnd.SHIELD_FILLED, stop)
            settlement = await play.settled()
        assert settlement.state is TradeState.ESCALATED
        assert settlement.left_over == 40
        assert kinds(play) == [IncidentKind.POSITION_MISMATCH]

    tell(story)


@pytest.mark.req("S4.5")
def test_an_engine_that_was_silent_adopts_what_the_edge_did_alone() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            await play.is_guarded()
            play.edge.ways.clear()
            await play.edge.stop_is_hit()
            way_of(play).goes_alone = True
            settlement = await play.settled()
        way = way_of(play)
        assert [type(intent.terms) for intent in way.sent] == [Limit, Market]
        assert not way.goes_alone
        assert settlement.left_over == 0

    tell(story)


def test_an_exit_that_somebody_else_leads_is_taken_up_for_all_that_is_held() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(30)
            await play.edge.fills(70)
            await play.comes_to(Doing.GUARDING, lambda now: now.entered == 100)
            await play.edge.guard_ends(GuardEnd.EXIT_ELSEWHERE)
            settlement = await play.settled()
        (walk, *_) = way_of(play).walks
        assert walk.ladder is None
        assert walk.way_out.quantity == 100
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_a_way_out_that_had_less_to_close_says_that_a_hand_or_a_split_has_made_it_so() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            play.edge.guard_quantity = Decimal(60)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == GuardEnd.LESS_IS_HELD.value
        assert settlement.left_over == 40
        assert kinds(play) == []

    tell(story)
