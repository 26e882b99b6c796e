"""What holds in every situation, and for every move, that a small world can come to."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from backstay.domain.exits.events import (
    Absent,
    Alarm,
    AskBroker,
    Cancel,
    CancelRefused,
    FillsRead,
    LadderCommand,
    LadderEvent,
    MarketMoved,
    ReadFills,
    Refused,
    Reshape,
    Reshaped,
    ReshapeRefused,
    Resized,
    Seen,
    Send,
    Tell,
    TimePassed,
    Unanswered,
)
from backstay.domain.exits.ladder import Ladder, Waiting, due, edge_goes_on_at, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.steps import decide
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Limit, Stop, StopLimit
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.sides import Side
from tests.domain.exits.armed import OPTION, PAIR, exit_key, limit_order, market_order
from tests.domain.exits.graph import HALTED, MEETINGS, NO_BID, Graph, explore, first_world
from tests.domain.exits.world import OPEN, START, World

pytestmark = pytest.mark.exploration

MINUTE = timedelta(minutes=1)
WAITS_FOR_TIME = {Waiting.PROOF, Waiting.FILLS, Waiting.CHANGE, Waiting.FILL, Waiting.RETRY}


Move = tuple[Ladder, LadderEvent, World]


def nothing_is_promised(*_: object) -> str:
    return ""


def first_of(meeting: str, **freedoms: Any) -> World:
    first = first_world(MEETINGS[meeting], OPEN, faults=1, quantity=1)
    return replace(first, **freedoms)


@cache
def reached() -> tuple[World, ...]:
    """Situations of several small worlds, the wild ones among them."""
    return tuple(world for graph in explored()[0] for world in graph.worlds)


@cache
def moved() -> tuple[Move, ...]:
    """What was heard in which state of the ladder, and what it led to."""
    return explored()[1]


@cache
def explored() -> tuple[tuple[Graph, ...], tuple[Move, ...]]:
    no_bid = first_world(MEETINGS["swap"], NO_BID, faults=1, quantity=1, instrument=OPTION)
    firsts = (
        first_of("swap", late_fill=True, turns=(HALTED,)),
        first_of("reshape", sizes=(1, 2), late_fill=True),
        first_of("pair", sizes=(1, 2), late_fill=True),
        no_bid,
    )
    moves: list[Move] = []

    def collect(after: World, before: World, what: str) -> str:
        if len(after.heard) > len(before.heard):
            moves.append((before.ladder, after.heard[-1], after))
        return ""

    graphs = tuple(explore(first, nothing_is_promised, collect) for first in firsts)
    return graphs, tuple(moves)


def changes_nothing(ladder: Ladder, event: LadderEvent, world: World) -> bool:
    return decide(ladder, event, world.now) == (ladder, ())


def test_there_is_much_to_hold_it_against() -> None:
    worlds = reached()
    assert len(worlds) > 2000
    assert {waiting_for(world.ladder) for world in worlds} >= WAITS_FOR_TIME | {Waiting.MARKET}


@pytest.mark.req("S4.5")
def test_a_picture_that_has_not_changed_asks_for_nothing_again_before_its_time() -> None:
    for world in reached():
        assert changes_nothing(world.ladder, TimePassed(), world), world.heard


@pytest.mark.req("S0.1", "S0.3", "S4.2")
def test_whatever_was_heard_changes_nothing_when_it_is_heard_again() -> None:
    """The market and the size carry no revision: of them only the newest is still true."""
    for world in reached()[::4]:
        for event in world.heard:
            if not isinstance(event, MarketMoved | Resized):
                assert changes_nothing(world.ladder, event, world), (event, world.heard)
        assert changes_nothing(world.ladder, Resized(world.ladder.quantity), world)
        assert changes_nothing(world.ladder, MarketMoved(world.ladder.market), world)


@pytest.mark.req("L4")
def test_what_is_waited_for_has_a_name_and_what_time_must_bring_has_a_time() -> None:
    for world in reached():
        ladder, at = world.ladder, due(world.ladder)
        assert at is None or at > world.now
        waiting = waiting_for(ladder)
        assert (waiting is Waiting.NOTHING) == ladder.is_done
        assert at is None or not ladder.is_done
        if waiting in WAITS_FOR_TIME and not ladder.market.is_shut:
            assert at is not None, (waiting, world.heard)
        assert edge_goes_on_at(ladder) == (at and at + timedelta(seconds=1))


@pytest.mark.req("S2.6", "L2")
def test_in_silence_a_ladder_asks_on_at_a_bounded_pace() -> None:
    for world in reached()[::6]:
        ladder, until, commands = world.ladder, world.now + MINUTE, 0
        orders = len(ladder.live) + len(ladder.unproven)
        at = due(ladder)
        while at is not None and at <= until:
            ladder, asked = decide(ladder, TimePassed(), at)
            following = due(ladder)
            assert following is None or following > at, world.heard
            at, commands = following, commands + len(asked)
        assert commands <= 32 * orders, world.heard


@pytest.mark.req("S4.5")
def test_a_ladder_to_buy_is_the_mirror_image_of_one_to_sell() -> None:
    def broken_by(after: World, before: World, what: str) -> str:
        if what == "crash":
            return ""
        event = after.heard[-1] if len(after.heard) > len(before.heard) else TimePassed()
        sold = decide(before.ladder, event, after.now)
        bought = decide(mirrored(before.ladder), mirrored(event), after.now)
        return "" if bought == mirrored(sold) else f"{bought[1]} is no mirror of {sold[1]}"

    for meeting in ("swap", "reshape", "pair"):
        first = first_world(MEETINGS[meeting], OPEN, faults=1, quantity=1, slippage_pct="0")
        explore(first, nothing_is_promised, broken_by)


def mirrored(value: Any) -> Any:
    """The same on the other side: every price as far on the other side of 190."""
    match value:
        case Side():
            return value.opposite
        case Instrument():
            return value
        case Limit() | Stop() | StopLimit() | MarketNow():
            return _replaced(value, dict(mirrored_prices(value)))
        case LadderRules(trigger=trigger, shield=shield):
            return replace(value, trigger=380 - trigger, shield=mirrored(shield))
        case tuple():
            return tuple(mirrored(part) for part in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            parts = {field.name: mirrored(getattr(value, field.name)) for field in fields(value)}
            return _replaced(value, parts)
        case _:
            return value


def _replaced(value: Any, parts: dict[str, Any]) -> Any:
    return replace(value, **parts)


def mirrored_prices(value: Any) -> Iterable[tuple[str, Decimal]]:
    for field in fields(value):
        if isinstance(price := getattr(value, field.name), Decimal):
            yield field.name, 380 - price


@pytest.mark.req("S4.3")
def test_a_ladder_that_went_through_json_decides_the_same() -> None:
    ladders: TypeAdapter[Ladder] = TypeAdapter(Ladder)
    events: TypeAdapter[LadderEvent] = TypeAdapter(LadderEvent)
    commands: TypeAdapter[tuple[LadderCommand, ...]] = TypeAdapter(tuple[LadderCommand, ...])
    for before, event, after in moved()[::7]:
        ladder = ladders.validate_json(ladders.dump_json(before))
        same_event = events.validate_json(events.dump_json(event))
        assert (ladder, same_event) == (before, event)
        decided, asked = decide(ladder, same_event, after.now)
        assert decided == after.ladder
        assert commands.validate_json(commands.dump_json(asked)) == asked


@pytest.mark.parametrize(
    ("union", "members"),
    [
        (
            LadderEvent,
            (
                Seen(exit_key(), over=True, filled=Decimal("0.5"), revision=7, at=START),
                Refused(exit_key(), RejectionClass.INVALID_PRICE, START),
                Absent(exit_key(), START),
                Unanswered(exit_key()),
                CancelRefused(exit_key()),
                Reshaped(exit_key(), Limit(Decimal("189.05")), Decimal(2), START),
                ReshapeRefused(exit_key()),
                FillsRead(exit_key(), Decimal(1), 7, START),
                Resized(Decimal(3)),
                MarketMoved(NO_BID),
                TimePassed(),
            ),
        ),
        (
            LadderCommand,
            (
                Send(limit_order(oca=PAIR)),
                Reshape(market_order()),
                Cancel(exit_key()),
                ReadFills(exit_key()),
                AskBroker(exit_key()),
                Tell(Alarm.FROZEN, Decimal(2)),
                Tell(Alarm.NOT_ANSWERED, Decimal(2), exit_key()),
            ),
        ),
    ],
)
def test_every_event_and_every_command_survives_the_way_through_json(
    union: Any, members: tuple[Any, ...]
) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(union)
    for member in members:
        assert adapter.validate_json(adapter.dump_json(member)) == member
    assert {type(member) for member in members} == set(get_args(get_args(union)[0]))
