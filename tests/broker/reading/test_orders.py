"""The orders as the edge reads them out: how each stands, the unknown first, others' apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.looking import Doubt, NotSeen
from backstay.domain.edge.ordered import OrderState
from backstay.domain.ids import Purpose
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Stop
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage, key, play
from tests.broker.edge.test_arms import until_phase
from tests.broker.edge.test_guards import held
from tests.broker.reading.legs import quietly

ENTRY, STOP = key(Purpose.ENTRY), key(Purpose.PROTECT)


def test_an_order_that_stands_is_shown_with_all_its_names_and_its_terms() -> None:
    async def story(stage: Stage) -> None:
        edge, _ = await held(stage)
        page = edge.orders()
        stop, entry = page.orders
        assert (stop.key, entry.key) == (STOP, ENTRY)
        assert (stop.state, stop.side, stop.terms) == (
            OrderState.WORKING,
            Side.SELL,
            Stop(Decimal(95)),
        )
        assert stop.symbol == "AAPL"
        assert stop.order_ids
        assert stop.perm_ids
        assert stop.sent_at is not None
        assert stop.unknown_since is None
        assert (entry.state, entry.end) == (OrderState.OVER, OrderEnd.FILLED)
        assert entry.filled == entry.quantity == Decimal(100)
        assert entry.average_price == Decimal("100.02")
        assert entry.terms == Limit(Decimal("100.10"))
        assert (page.total, page.unknown, page.foreign) == (2, 0, ())
        assert page.read_at is not None

    play(story)


@pytest.mark.req("S0.2")
def test_an_entry_that_is_not_answered_says_what_was_asked_and_answered() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await quietly(stage, edge.arm(seat.arm(), 1, 99))
        first = {order.key: order.state for order in edge.orders().orders}
        assert first == {ENTRY: OrderState.SENDING, STOP: OrderState.SENDING}
        await stage.sleep(1.5)
        page = edge.orders()
        entry, stop = page.orders
        assert page.unknown == 2
        assert (entry.key, entry.state) == (ENTRY, OrderState.UNKNOWN)
        assert entry.may_be_declared
        assert entry.sent_at == entry.unknown_since
        assert entry.sent_at is not None
        assert entry.inquiry is not None
        assert entry.inquiry.times == 1
        assert entry.inquiry.since >= entry.sent_at
        assert (stop.key, stop.state, stop.inquiry) == (STOP, OrderState.UNKNOWN, None)
        assert not stop.may_be_declared

    play(story, rule("placement-swallowed", nth=1), rule("placement-swallowed", nth=2))


def test_an_entry_of_another_day_is_unknown_and_the_doubts_are_told() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm()
        before = replace(arm.asked, at=arm.asked.at.replace(day=arm.asked.at.day - 1))
        await quietly(stage, edge.arm(replace(arm, asked=before), 1, 99), 12)
        (entry,) = edge.orders().orders
        assert (entry.key, entry.state) == (ENTRY, OrderState.UNKNOWN)
        assert entry.unknown_since == before.at
        assert (entry.sent_at, entry.order_ids, entry.filled) == (None, (), Decimal(0))
        assert entry.terms == Limit(Decimal("100.10"))
        assert entry.text.startswith("written down on another broker day")
        assert entry.inquiry is not None
        assert entry.inquiry.times > 1
        assert isinstance(entry.inquiry.answer, NotSeen)
        assert Doubt.ANOTHER_DAY in entry.inquiry.answer.doubts

    play(story)


def test_what_the_broker_would_not_have_says_why() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await until_phase(stage, edge, seat.arm(), ArmPhase.REFUSED)
        entry = next(order for order in edge.orders().orders if order.key == ENTRY)
        assert (entry.state, entry.end) == (OrderState.OVER, OrderEnd.REJECTED)
        assert entry.text.startswith("201: ")

    play(story, rule("order-rejected", nth=1))


def test_an_order_that_was_cancelled_is_over_and_comes_last() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await until_phase(stage, edge, seat.arm(limit="99.00"), ArmPhase.WORKING)
        states = {order.key: order.state for order in edge.orders().orders}
        assert states == {ENTRY: OrderState.WORKING, STOP: OrderState.WORKING}
        await edge.cancel(STOP)
        await stage.sleep(0.5)
        last = edge.orders().orders[-1]
        assert (last.state, last.end) == (OrderState.OVER, OrderEnd.CANCELLED)

    play(story)


def test_orders_of_somebody_else_are_shown_apart() -> None:
    async def story(stage: Stage) -> None:
        edge, _ = await held(stage)
        await stage.sleep(80)
        page = edge.orders()
        (strange,) = page.foreign
        assert strange.symbol == "AAPL"
        assert strange.order.side is Side.BUY
        assert strange.order.quantity == Decimal(10)
        assert strange.order.order_ref == ""
        assert {order.key for order in page.orders} == {ENTRY, STOP}
        assert page.total == 3
        assert edge.orders(1).total == 3
        named = edge.orders(trades=(ENTRY.trade,))
        assert (named.total, named.foreign) == (2, ())
        assert edge.orders(trades=("00000000",)).total == 0
        assert len(edge.orders(1).orders) == 1

    play(story, rule("manual-order", at="+5s", symbol="AAPL", quantity=10, limit="90"))


def test_an_order_of_a_dead_process_is_shown_as_the_broker_has_it() -> None:
    async def story(stage: Stage) -> None:
        old, _ = await held(stage)
        await old.close()
        new = await stage.edge()
        stop = next(order for order in new.orders().orders if order.key == STOP)
        assert (stop.state, stop.terms) == (OrderState.WORKING, Stop(Decimal(95)))
        assert (stop.symbol, stop.sent_at) == ("AAPL", None)

    play(story)
