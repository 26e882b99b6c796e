"""How long a quantity stood naked, as the edge measures it and as it really was at the broker."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, ArmPhase, Progress
from backstay.domain.edge.guards import ExitBegun, GuardEnded, Split
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.protection.naked import NakedTime
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.profile import Profile
from backstay.gateway.times import SECOND_NS
from tests.broker.edge.stage import START_NS, TRADE, Seat, Stage, play
from tests.broker.edge.test_arms import ENTRY, STOP, until_phase
from tests.broker.edge.test_guards import fall, held
from tests.broker.guards.parts import split, target

DAY_SECONDS = 86_400
WORKING = ("PreSubmitted", "Submitted", "PendingCancel")
PROFILES = [
    pytest.param(PESSIMISTIC, HARD, id="pessimistic"),
    pytest.param(OPTIMISTIC, EASY, id="optimistic"),
]
LOST_EXIT = (rule("placement-swallowed", nth=3),)
NEWS_SECONDS = Decimal("0.2")
"""How much later than at the broker it may be known here, and acted on."""


class Order(NamedTuple):
    """An order as the gateway has it."""

    filled: Decimal
    remaining: Decimal
    status: str


def naked(edge: Edge, seat: Seat) -> NakedTime:
    """What the edge has measured."""
    return edge._rooms.naked.of(TRADE, seat.instrument.con_id)


def really_naked(stage: Stage, profile: BrokerProfile, upto: Decimal | None = None) -> Decimal:
    """Quantity x seconds without an order that would close it, from the gateway's own log."""
    unit_seconds, at = Decimal(0), START_NS
    orders: dict[str, Order] = {}
    for line in stage.orders():
        unit_seconds += naked_of(orders, profile) * Decimal(line["t"] - at) / SECOND_NS
        at = line["t"]
        filled = Decimal(line["filled"])
        orders[line["ref"]] = Order(filled, Decimal(line["qty"]) - filled, line["status"])
    now = START_NS if upto is None else START_NS + upto * SECOND_NS
    return unit_seconds + naked_of(orders, profile) * max(now - at, Decimal(0)) / SECOND_NS


def naked_of(orders: dict[str, Order], profile: BrokerProfile) -> Decimal:
    """What is open and has nothing that works for it; a stop sleeps as the profile says."""
    entry_lives = ENTRY in orders and orders[ENTRY].status not in ("Filled", "Cancelled")
    sleeps = entry_lives and not profile.child_covers_partial_parent
    open_quantity, covered = Decimal(0), Decimal(0)
    for ref, order in orders.items():
        if ref == ENTRY:
            open_quantity += order.filled
            continue
        open_quantity -= order.filled
        if order.status in WORKING and not (ref == STOP and sleeps):
            covered += order.remaining
    return max(open_quantity - covered, Decimal(0))


async def until_fill(stage: Stage, edge: Edge, arm: Arm) -> Progress:
    """The first progress with a fill."""
    revision = 0
    while True:
        progress = await asyncio.wait_for(edge.arm(arm, 1, revision), 60)
        if progress.entry is not None and progress.entry.filled:
            return progress
        revision = progress.revision


def agrees(measured: NakedTime, really: Decimal, quantity: int) -> bool:
    """Whether a measure that is not running is what it really was, but for what news take."""
    assert measured.quantity == 0, measured
    return abs(measured.unit_seconds - really) <= quantity * NEWS_SECONDS


@pytest.mark.req("X.1")
@pytest.mark.parametrize(("profile", "gateway"), PROFILES)
def test_an_entry_in_parts_is_measured_as_it_really_was(
    profile: BrokerProfile, gateway: Profile
) -> None:
    measured: list[NakedTime] = []

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=profile)
        entering = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        for ask in ("100.01", "100.02", "100.01", "100.02"):
            await stage.sleep(0.7)
            stage.show(ask_size=20, ask=ask)
        progress = await entering
        assert progress.naked is not None
        measured.append(progress.naked)

    stage = play(story, profile=gateway)
    really = really_naked(stage, profile)
    assert agrees(measured[0], really, 100)
    assert (really > 20) is (profile is PESSIMISTIC)


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("profile", "gateway", "faults", "gap"),
    [
        pytest.param(PESSIMISTIC, HARD, (), (0, 2), id="swapped"),
        pytest.param(PESSIMISTIC, HARD, LOST_EXIT, (200, 1000), id="the exit is lost"),
        pytest.param(OPTIMISTIC, EASY, (), (0, 0), id="reshaped"),
    ],
)
def test_the_gap_in_which_a_stop_gives_way_to_an_exit_is_naked_time(
    profile: BrokerProfile, gateway: Profile, faults: tuple[Rule, ...], gap: tuple[int, int]
) -> None:
    measured: list[NakedTime] = []

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(profile=profile), 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        begun = await asyncio.wait_for(guarding, 5)
        assert isinstance(begun, ExitBegun)
        assert begun.naked is not None
        # The stop is proven over, and the limit leaves in that turn: nothing was heard of it.
        assert begun.naked.quantity == (100 if profile is PESSIMISTIC else 0)
        await stage.until(lambda: stage.position() == 0, 20)
        await stage.sleep(1)
        measured.append(naked(edge, seat))

    really = really_naked(play(story, *faults, profile=gateway), profile)
    assert agrees(measured[0], really, 100)
    assert gap[0] <= really <= gap[1]


@pytest.mark.req("X.1")
def test_what_an_exit_works_for_is_not_naked_while_it_waits_to_be_filled() -> None:
    measured: list[NakedTime] = []

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 5)
        await stage.sleep(1.5)
        assert stage.position() == 100
        measured.append(naked(edge, seat))
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 20)

    play(story)
    assert measured[0].quantity == 0
    assert measured[0].unit_seconds < 2


@pytest.mark.req("X.1", "X.2")
def test_what_a_hand_has_closed_is_naked_no_more() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        ended = await asyncio.wait_for(edge.guard(seat.guard(), 1), 30)
        assert isinstance(ended, GuardEnded)
        assert ended.naked is not None
        assert ended.naked.quantity == 0
        await stage.sleep(10)
        assert stage.position() == naked(edge, seat).quantity == 0

    play(story, rule("manual-close", at="+5s", symbol="AAPL"))


@pytest.mark.req("X.1")
def test_what_is_naked_while_the_connection_is_lost_counts_on_until_a_stop_works() -> None:
    measured: list[NakedTime] = []

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02")
        entering = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.until(lambda: stage.position() == 40)
        await stage.sleep(0.5)
        stage.cut()
        progress = await entering
        assert progress.naked is not None
        measured.append(progress.naked)

    stage = play(story)
    really = really_naked(stage, PESSIMISTIC)
    assert agrees(measured[0], really, 40)
    assert really > 80


@pytest.mark.req("X.1", "S4.3")
def test_what_stood_naked_when_a_process_died_counts_through_until_the_next_one_ends_it() -> None:
    measured: list[NakedTime] = []

    async def story(stage: Stage) -> None:
        old = await stage.edge()
        seat = await stage.seat(old)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02")
        first = await until_fill(stage, old, arm)
        assert first.naked is not None
        assert first.naked.quantity == 40
        await old.close()
        await stage.sleep(20)
        new = await stage.edge()
        over = await until_phase(stage, new, replace(arm, naked=first.naked), ArmPhase.OVER)
        assert over.naked is not None
        measured.append(over.naked)
        # A seed is taken once: what is measured here since then is not replaced by it.
        new._rooms.naked.goes_on(TRADE, seat.instrument.con_id, first.naked)
        assert naked(new, seat) == over.naked

    stage = play(story)
    really = really_naked(stage, PESSIMISTIC)
    assert agrees(measured[0], really, 40)
    assert really > 40 * 20


@pytest.mark.req("X.1")
def test_a_position_whose_entry_can_not_be_read_any_more_is_naked_without_its_stop() -> None:
    async def story(stage: Stage) -> None:
        old, seat = await held(stage)
        await old.close()
        stage.stand_still(DAY_SECONDS)
        stage.cancel_by_hand(STOP)
        await stage.sleep(1)
        new = await stage.edge()
        assert naked(new, seat).quantity == 0
        seed = NakedTime(Decimal(7), Decimal(0), stage.now)
        guard = replace(seat.guard(), shield=None, naked=seed)
        guarding = asyncio.ensure_future(new.guard(guard, 1))
        await stage.sleep(10)
        measure = naked(new, seat)
        assert measure.quantity == 100
        assert 7 + 100 * 8 < measure.until(stage.now) < 7 + 100 * 12
        guarding.cancel()

    play(story)


@pytest.mark.req("X.1")
def test_a_part_is_naked_from_its_split_on_although_its_entry_can_not_be_read_any_more() -> None:
    async def story(stage: Stage) -> None:
        old, seat = await held(stage)
        await old.close()
        stage.stand_still(DAY_SECONDS)
        new = await stage.edge()
        guard = seat.guard(target=target(seat, "103.00", 40, 1))
        guarding = asyncio.ensure_future(new.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        await guarding
        assert naked(new, seat).quantity == 0
        assert isinstance(await new.split_off(split(guard, 2, 40)), Split)
        assert naked(new, seat).quantity == 40

    play(story)


def test_a_trade_that_nobody_follows_is_forgotten_with_its_measure() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.until(lambda: edge.health().guarded)
        await fall(stage, "97.80", "97.79")
        await stage.until(lambda: stage.position() == 0)
        await guarding
        await stage.sleep(5)
        assert (TRADE, seat.instrument.con_id) in edge._rooms.naked._measures
        for _ in range(3):
            stage.stand_still(DAY_SECONDS)
            await stage.sleep(30)
            await edge.synced()
        assert (TRADE, seat.instrument.con_id) not in edge._rooms.naked._measures

    play(story)
