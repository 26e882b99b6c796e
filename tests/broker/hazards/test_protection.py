"""Stops and exits at a broker that has rules of its own for them."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from json import loads

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, ArmPhase, Progress
from backstay.domain.edge.contracts import InstrumentQuery, Resolved
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import Purpose
from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import Limit, Market, OcaGroup
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.times import SECOND_NS
from tests.broker.edge import stage as stages
from tests.broker.edge.stage import Seat, Stage, key, play

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))
LIVE = ("PreSubmitted", "Submitted", "PendingCancel")


async def until_over(edge: Edge, arm: Arm) -> Progress:
    """The last progress of an arm, which has to come before long."""
    revision = 0
    async with asyncio.timeout(120):
        while True:
            progress = await edge.arm(arm, 1, revision)
            if progress.phase.is_final:
                return progress
            revision = progress.revision


async def held(stage: Stage, oca: OcaGroup | None = None) -> tuple[Edge, Seat]:
    """An edge with 100 AAPL, whose stop rests at 95."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    stop = replace(seat.stop(100, "95.00"), oca=oca)
    progress = await until_over(edge, replace(seat.arm(), protection=stage.approve(stop)))
    assert progress.phase is ArmPhase.OVER, progress
    return edge, seat


def told_codes(stage: Stage) -> list[int]:
    """Every error that the gateway has told, but for those about the connection."""
    lines = [loads(line) for line in stage.wire]
    return [
        line["fields"]["code"]
        for line in lines
        if line["dir"] == "out" and line["msg"] == "error" and line["fields"]["req_id"] > 0
    ]


def positions(stage: Stage) -> list[Decimal]:
    """The position after each execution."""
    lines = [loads(line) for line in stage.audit]
    return [Decimal(line["position_after"]) for line in lines if line["position_after"] is not None]


def most_to_sell(stage: Stage) -> Decimal:
    """The most that orders to sell, of which each group counts once, could ever have sold."""
    living: dict[int, Decimal] = {}
    most = Decimal(0)
    for line in stage.orders():
        if line["side"] != "SELL":
            continue
        open_quantity = Decimal(line["qty"]) - Decimal(line["filled"])
        living[line["perm_id"]] = Decimal(0) if line["over"] else open_quantity
        most = max(most, sum(living.values(), Decimal(0)))
    return most


# --- the two ends of one position

PAIRS = [
    pytest.param(joins, spares, by_quantity, id=f"{joins=}, {spares=}, {by_quantity=}")
    for joins in (False, True)
    for spares in (False, True)
    for by_quantity in (False, True)
]


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(("joins", "spares", "by_quantity"), PAIRS)
def test_an_exit_beside_a_resting_stop_never_sells_the_position_twice(
    joins: bool, spares: bool, by_quantity: bool
) -> None:
    """Of two orders that cancel each other the broker may cancel one or all, and reduce either."""
    switches = {
        "living_group_can_be_joined": joins,
        "cancelling_one_spares_siblings": spares,
        "partial_fill_reduces_by_quantity": by_quantity,
    }
    assumed = replace(PESSIMISTIC, **switches)

    async def story(stage: Stage) -> None:
        group = OcaGroup("hazard-1", 1) if joins else None
        edge, seat = await held(stage, group)
        resting = replace(seat.stop(100, "95.00"), oca=group)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(shield=resting, profile=assumed), 1))
        await stage.sleep(1)
        stage.show(bid_size=30)
        stage.trade("97.80")
        await stage.sleep(0.01)
        stage.trade("97.79")
        await asyncio.wait_for(guarding, 5)
        await stage.sleep(1)
        stage.trade("94.00")
        stage.show(bid_size=500)
        await stage.until(lambda: stage.position() == 0, 30)
        await stage.sleep(30)

    stage = play(story, profile=replace(HARD, **switches))
    assert min(positions(stage)) == 0
    assert stage.position() == 0
    assert not [ref for ref, status in stage.standing().items() if status in LIVE]
    assert most_to_sell(stage) == (200 if joins else 100)


@pytest.mark.req("X.1")
def test_a_stop_that_follows_a_trail_is_modified_without_its_parent() -> None:
    """135: a child that names its parent again is not found."""

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        trail = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50"))
        guard = seat.guard(trail=trail, disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        for price in ("101.50", "103.00", "104.10"):
            stage.trade(price)
            await stage.sleep(8)
        guarding.cancel()

    stage = play(story)
    sent = [loads(line) for line in stage.wire]
    stops = [
        line["fields"]["order"]
        for line in sent
        if line["dir"] == "in" and line["msg"] == "placeOrder" and line["ref"] == STOP
    ]
    assert len(stops) > 1
    assert [bool(stop.get("parent_id")) for stop in stops] == [True] + [False] * (len(stops) - 1)
    assert 135 not in told_codes(stage)
    assert Decimal(stops[-1]["aux_price"]) > 95
    assert stage.standing()[STOP] in LIVE


@pytest.mark.req("S1.4")
def test_no_exit_is_sent_into_an_outage() -> None:
    """1100: it may be nowhere afterwards; the stop at the broker stands meanwhile."""

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await stage.sleep(11)
        order = seat.order(Purpose.EXIT_MANUAL, 100, Market(), Side.SELL)
        submission = Submission(stage.approve(order), order, stage.asked(seat.instrument))
        stage.cancel_by_hand(STOP)
        sending = asyncio.ensure_future(edge.submit(submission))
        await stage.sleep(15)
        assert stage.placed() == [ENTRY, STOP]
        await asyncio.wait_for(sending, 60)
        assert stage.position() == 0

    play(story, rule("upstream-lost", at="+10s", lasting="20s", then="lost"))


# --- options


async def option_seat(stage: Stage, edge: Edge) -> Seat:
    """A call on AAPL in which a trade can sit."""
    terms = OptionTerms(date(2026, 12, 18), Decimal(100), Right.CALL)
    answer = await edge.resolve(InstrumentQuery("AAPL", option=terms))
    assert isinstance(answer, Resolved), answer
    return Seat(answer.instrument, stage)


@pytest.mark.req("X.1")
def test_no_order_stands_against_another_in_one_option_contract() -> None:
    """201: what of an entry is not filled has to go before a stop of its own can be placed."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await option_seat(stage, edge)
        arm = seat.arm(quantity=400, limit="2.80", stop="1.50")
        cheap = replace(arm.entry, collar=Collar(Decimal(1), Decimal(10)))
        progress = await until_over(edge, replace(arm, entry=cheap))
        assert progress.phase is ArmPhase.OVER, progress
        assert progress.entry is not None
        assert 0 < progress.entry.filled < 400
        assert progress.naked is not None
        assert progress.naked.quantity == 0

    stage = play(story)
    second = str(key(Purpose.PROTECT, 2))
    assert stage.placed() == [ENTRY, STOP, second]
    assert 201 not in told_codes(stage)
    assert stage.standing()[ENTRY] == "Cancelled"
    assert stage.standing()[second] in LIVE


# --- short sales and hours


@pytest.mark.req("X.10")
@pytest.mark.parametrize("then", ["never", "located"])
def test_a_short_sale_that_is_held_for_a_locate_is_cancelled_with_evidence(then: str) -> None:
    """404: the order lives and would sell whenever shares are found."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        sale = seat.order(Purpose.ENTRY, 100, Limit(Decimal("99.90")), Side.SELL)
        arm = Arm(stage.approve(sale), None, PESSIMISTIC, stage.asked(seat.instrument))
        progress = await until_over(edge, arm)
        assert progress.phase is ArmPhase.OVER
        assert progress.entry is not None
        assert progress.entry.filled == 0
        await stage.sleep(60)

    stage = play(story, rule("held-for-locate", delay="30s", then=then))
    assert stage.standing()[ENTRY] == "Cancelled"
    assert stage.position() == 0
    assert stage.told("short sale held")


@pytest.fixture
def before_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight o'clock in New York: two hours earlier than usual."""
    earlier = timedelta(hours=2)
    monkeypatch.setattr(stages, "START", stages.START - earlier)
    monkeypatch.setattr(stages, "START_NS", stages.START_NS - 7200 * SECOND_NS)


async def bought_early(stage: Stage, *, held_outside: bool) -> tuple[Edge, Seat]:
    """100 AAPL bought before the open, with a stop at 95 for these hours or for regular ones."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    entry = seat.order(Purpose.ENTRY, 100, Limit(Decimal("100.10")), outside_regular_hours=True)
    stop = disaster_stop(
        key(Purpose.PROTECT),
        stages.ACCOUNT,
        seat.instrument,
        Decimal(100),
        Decimal(95),
        held_outside_regular_hours=held_outside,
    )
    attached = stage.approve(replace(stop, parent=entry.key))
    asked = stage.asked(seat.instrument)
    arm = Arm(stage.approve(entry), attached, PESSIMISTIC, asked)
    progress = await until_over(edge, arm)
    assert progress.phase is ArmPhase.OVER, progress
    assert stage.position() == 100
    return edge, seat


@pytest.mark.usefixtures("before_the_open")
@pytest.mark.parametrize(("held_outside", "left"), [(True, 0), (False, 100)])
def test_a_stop_for_all_hours_is_awake_before_the_open_and_a_plain_one_sleeps(
    held_outside: bool, left: int
) -> None:
    async def story(stage: Stage) -> None:
        await bought_early(stage, held_outside=held_outside)
        stage.trade("94.50")
        await stage.sleep(1)
        stage.trade("94.40")
        await stage.sleep(10)
        assert stage.position() == left

    stage = play(story)
    # The one that sleeps is remarked on (399), and lives.
    assert (399 in told_codes(stage), stage.standing()[STOP] in LIVE) == (left > 0, left > 0)


@pytest.mark.req("S1.12")
@pytest.mark.usefixtures("before_the_open")
@pytest.mark.parametrize("purpose", [Purpose.ENTRY, Purpose.EXIT_MANUAL])
def test_no_market_order_is_left_waiting_for_the_open(purpose: Purpose) -> None:
    """399: outside regular hours it would wait, and fill at whatever price the open has."""

    async def story(stage: Stage) -> None:
        edge, seat = await bought_early(stage, held_outside=True)
        if purpose is Purpose.ENTRY:
            seat = replace(seat, trade="ZZZZZZZZ")
            await stage.sleep(2)
            progress = await until_over(edge, seat.arm(limit="", stop=None))
            assert progress.phase is ArmPhase.REFUSED
            return
        order = seat.order(purpose, 100, Market(), Side.SELL)
        stage_asked = stage.asked(seat.instrument)
        answer = await edge.submit(Submission(stage.approve(order), order, stage_asked))
        assert isinstance(answer, Refused), answer

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.req("S4.5")
@pytest.mark.usefixtures("before_the_open")
def test_an_exit_before_the_open_goes_on_with_limits_until_it_is_flat() -> None:
    """The last rung would be a market order, which waits: so it is a limit for all hours."""

    async def story(stage: Stage) -> None:
        edge, seat = await bought_early(stage, held_outside=True)
        resting = disaster_stop(
            key(Purpose.PROTECT),
            stages.ACCOUNT,
            seat.instrument,
            Decimal(100),
            Decimal(95),
            held_outside_regular_hours=True,
        )
        guarding = asyncio.ensure_future(edge.guard(seat.guard(shield=resting), 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        stage.trade("97.80")
        await stage.sleep(0.01)
        stage.trade("97.79")
        await asyncio.wait_for(guarding, 5)
        stage.trade("97.00")
        stage.show(bid_size=500)
        await stage.until(lambda: stage.position() == 0, 60)

    stage = play(story)
    sent = [loads(line) for line in stage.wire]
    orders = [
        line["fields"]["order"]
        for line in sent
        if line["dir"] == "in" and line["msg"] == "placeOrder"
    ]
    assert "MKT" not in [order["order_type"] for order in orders]
    assert 399 not in told_codes(stage)


@pytest.mark.req("S1.12")
@pytest.mark.usefixtures("before_the_open")
def test_no_entry_for_regular_hours_is_left_waiting_for_the_open() -> None:
    """399: whoever wants to wait for the open waits here, where the price can be looked at."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        progress = await until_over(edge, seat.arm(limit="100.10", stop=None))
        assert progress.phase is ArmPhase.REFUSED
        assert progress.refusal is not None
        assert progress.refusal.code == "session_closed"

    assert play(story).placed() == []
