"""The emergency hedge: every standing of an order meets every event, level by level."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.hedging.emergency import (
    EmergencyHedge,
    HedgeOrder,
    Phase,
    Standing,
    decide,
    due,
    open_hedge,
)
from backstay.domain.hedging.events import (
    AskBroker,
    CallOff,
    CancelHedge,
    CancelRefused,
    Escalate,
    FillsRead,
    HedgeCommand,
    HedgeEvent,
    OrderSeen,
    ReadFills,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (IntentKey("T7K2M9QX", 2, Purpose.HEDGE, level) for level in (4, 5, 6))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def opened(needed: str = "3") -> EmergencyHedge:
    return open_hedge(Decimal(needed), FIRST, START)[0]


def seen(filled: int, revision: int, *, over: bool = False, key: IntentKey = FIRST) -> OrderSeen:
    return OrderSeen(key, over, Decimal(filled), revision)


def read(filled: int, revision: int, key: IntentKey = FIRST) -> FillsRead:
    return FillsRead(key, Decimal(filled), revision)


def after(hedge: EmergencyHedge, *events: HedgeEvent, now: datetime = START) -> EmergencyHedge:
    for event in events:
        hedge, _ = decide(hedge, event, now)
    return hedge


def gone_deep(*filled: int) -> EmergencyHedge:
    """A hedge of 3 whose first levels ended, proven, with these fills."""
    hedge = opened()
    for key, quantity in zip((FIRST, SECOND, THIRD), filled, strict=False):
        ended = seen(quantity, 2, over=True, key=key)
        hedge = after(hedge, ended, read(quantity, 2, key))
    return hedge


@pytest.mark.req("S4.4")
def test_a_hedge_opens_with_exactly_the_exposed_quantity() -> None:
    hedge, commands = open_hedge(Decimal(3), FIRST, START)
    assert commands == (SendHedge(FIRST, 1, Decimal(3)),)
    assert hedge == EmergencyHedge(
        needed=Decimal(3),
        limit=seconds(5),
        orders=(HedgeOrder(FIRST, Decimal(3), look_at=START + seconds(5)),),
    )
    assert (hedge.phase, hedge.level) == (Phase.WORKING, 1)
    assert (hedge.unhedged, hedge.surplus) == (Decimal(3), Decimal(0))


@pytest.mark.req("S4.4")
def test_the_plan_may_give_a_hedge_another_limit() -> None:
    hedge, _ = open_hedge(Decimal(1), FIRST, START, limit=seconds(8))
    assert due(hedge) == START + seconds(8)
    cancelled = after(hedge, TimePassed(), now=START + seconds(8))
    assert cancelled.phase is Phase.CANCELLING


# Each standing of a hedge of 3, one of which has filled, and each event: what the order becomes and
# everything that is asked for.
WORKING = after(opened(), seen(1, 3))
CANCELLING = after(WORKING, TimePassed(), now=START + seconds(5))
OVER = after(CANCELLING, seen(1, 4, over=True))
LATE = START + seconds(20)
DEEPER = SendHedge(SECOND, 2, Decimal(2))


@pytest.mark.req("S4.4", "L2")
@pytest.mark.parametrize(
    ("hedge", "event", "standing", "commands"),
    [
        (WORKING, seen(2, 5), Standing.WORKING, ()),
        (WORKING, seen(1, 5, over=True), Standing.OVER, (ReadFills(FIRST),)),
        (WORKING, seen(3, 5, over=True), Standing.PROVEN, ()),
        (WORKING, read(1, 5), Standing.WORKING, ()),
        (WORKING, CancelRefused(FIRST), Standing.WORKING, ()),
        (WORKING, TimePassed(), Standing.CANCELLING, (CancelHedge(FIRST),)),
        (CANCELLING, seen(2, 5), Standing.CANCELLING, ()),
        (CANCELLING, seen(1, 5, over=True), Standing.OVER, (ReadFills(FIRST),)),
        (CANCELLING, seen(3, 5, over=True), Standing.PROVEN, ()),
        (CANCELLING, read(1, 5), Standing.CANCELLING, ()),
        (CANCELLING, CancelRefused(FIRST), Standing.CANCELLING, (AskBroker(FIRST),)),
        (
            CANCELLING,
            TimePassed(),
            Standing.CANCELLING,
            (
                CancelHedge(FIRST),
                AskBroker(FIRST),
                Escalate(IncidentKind.HEDGE_CANCEL_UNCONFIRMED, Decimal(2)),
            ),
        ),
        (OVER, seen(1, 5), Standing.CANCELLING, (CancelHedge(FIRST),)),
        (OVER, seen(1, 5, over=True), Standing.OVER, ()),
        (OVER, seen(3, 5, over=True), Standing.PROVEN, ()),
        (OVER, read(1, 5), Standing.PROVEN, (DEEPER,)),
        (OVER, CancelRefused(FIRST), Standing.OVER, ()),
        (
            OVER,
            TimePassed(),
            Standing.OVER,
            (ReadFills(FIRST), Escalate(IncidentKind.HEDGE_FILLS_UNREAD, Decimal(2))),
        ),
    ],
)
def test_every_standing_of_an_order_meets_every_event(
    hedge: EmergencyHedge,
    event: HedgeEvent,
    standing: Standing,
    commands: tuple[HedgeCommand, ...],
) -> None:
    heard, asked = decide(hedge, event, LATE)
    assert (heard.orders[0].standing, asked) == (standing, commands)


PROVEN = after(OVER, read(1, 4))


@pytest.mark.req("S4.4")
@pytest.mark.parametrize(
    ("event", "standing", "commands"),
    [
        (seen(1, 5), Standing.CANCELLING, (CancelHedge(FIRST),)),
        (seen(1, 5, over=True), Standing.PROVEN, ()),
        (seen(3, 5, over=True), Standing.PROVEN, (CancelHedge(SECOND),)),
        (read(1, 5), Standing.PROVEN, ()),
        (CancelRefused(FIRST), Standing.PROVEN, ()),
        (TimePassed(), Standing.PROVEN, ()),
    ],
)
def test_a_proven_order_is_only_moved_by_proof_that_it_lives(
    event: HedgeEvent, standing: Standing, commands: tuple[HedgeCommand, ...]
) -> None:
    heard, asked = decide(PROVEN, event, START + seconds(1))
    assert (heard.orders[0].standing, asked) == (standing, commands)


@pytest.mark.req("S4.4", "S4.5")
@pytest.mark.parametrize(("passed", "cancels"), [(4.999, False), (5.0, True), (5.001, True)])
def test_a_level_is_cancelled_after_five_seconds_and_not_before(
    passed: float, cancels: bool
) -> None:
    _, commands = decide(opened(), TimePassed(), START + seconds(passed))
    assert commands == ((CancelHedge(FIRST),) if cancels else ())


@pytest.mark.req("S4.4")
@pytest.mark.parametrize(
    ("hedge", "kind", "wait"),
    [
        (CANCELLING, IncidentKind.HEDGE_CANCEL_UNCONFIRMED, 1.5),
        (
            after(CANCELLING, seen(1, 4, over=True), now=START + seconds(5)),
            IncidentKind.HEDGE_FILLS_UNREAD,
            2.0,
        ),
    ],
)
def test_a_person_is_told_once_when_the_broker_stays_silent(
    hedge: EmergencyHedge, kind: IncidentKind, wait: float
) -> None:
    at = START + seconds(5) + seconds(wait)
    assert due(hedge) == at
    assert decide(hedge, TimePassed(), at - seconds(0.001)) == (hedge, ())

    told, first = decide(hedge, TimePassed(), at)
    assert first[-1] == Escalate(kind, Decimal(2))
    assert due(told) == at + seconds(5)
    assert told.phase is hedge.phase

    asked, again = decide(told, TimePassed(), at + seconds(5))
    assert again == first[:-1]
    assert due(asked) == at + seconds(10)


def test_a_new_silence_is_told_again() -> None:
    told = after(CANCELLING, TimePassed(), now=LATE)
    over = after(told, seen(1, 4, over=True), now=LATE)
    _, commands = decide(over, TimePassed(), LATE + seconds(2))
    assert commands[-1] == Escalate(IncidentKind.HEDGE_FILLS_UNREAD, Decimal(2))


@pytest.mark.req("S4.4")
def test_what_a_level_leaves_goes_exactly_one_level_down() -> None:
    hedge, commands = decide(OVER, read(2, 5), LATE)
    assert commands == (SendHedge(SECOND, 2, Decimal(1)),)
    assert hedge.orders[1] == HedgeOrder(SECOND, Decimal(1), look_at=LATE + seconds(5))
    assert (hedge.phase, hedge.level, hedge.unhedged) == (Phase.WORKING, 2, Decimal(1))


@pytest.mark.req("S4.4")
def test_no_level_opens_while_the_fills_of_the_last_one_are_unread() -> None:
    for event in (seen(1, 9, over=True), CancelRefused(FIRST), TimePassed()):
        assert after(OVER, event).level == 1


@pytest.mark.req("S4.4")
@pytest.mark.parametrize(
    ("filled", "left"),
    [((0, 0, 0), 3), ((0, 0, 1), 2), ((1, 0, 1), 1), ((0, 2, 0), 1)],
)
def test_after_the_third_level_a_person_gets_the_exact_rest(
    filled: tuple[int, int, int], left: int
) -> None:
    before = gone_deep(*filled[:2])
    over = after(before, seen(filled[2], 2, over=True, key=THIRD))
    hedge, commands = decide(over, read(filled[2], 2, THIRD), LATE)
    assert commands == (Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, Decimal(left)),)
    assert (hedge.phase, hedge.level, hedge.unhedged) == (Phase.ESCALATED, 3, Decimal(left))
    assert due(hedge) is None


@pytest.mark.req("S4.4")
@pytest.mark.parametrize("filled", [(3,), (1, 2), (0, 0, 3), (1, 1, 1)])
def test_a_hedge_that_fills_on_any_level_ends_covered(filled: tuple[int, ...]) -> None:
    hedge = gone_deep(*filled)
    assert (hedge.phase, hedge.level) == (Phase.COVERED, len(filled))
    assert (hedge.unhedged, hedge.surplus, due(hedge)) == (Decimal(0), Decimal(0), None)


@pytest.mark.req("S4.1", "S4.6")
def test_a_late_fill_of_a_cancelled_level_is_booked_and_the_surplus_handed_over_once() -> None:
    covered = gone_deep(1, 2)
    hedge, commands = decide(covered, seen(2, 3, over=True), LATE)
    assert commands == (UndoSurplus(Decimal(1)),)
    assert (hedge.phase, hedge.undone) == (Phase.COVERED, Decimal(1))
    assert (hedge.unhedged, hedge.surplus) == (Decimal(0), Decimal(0))

    assert decide(hedge, seen(2, 3, over=True), LATE) == (hedge, ())
    _, more = decide(hedge, seen(3, 4, over=True), LATE)
    assert more == (UndoSurplus(Decimal(1)),)


@pytest.mark.req("S4.1")
def test_a_late_fill_that_covers_everything_cancels_the_level_that_is_out() -> None:
    hedge, commands = decide(gone_deep(1), seen(3, 3, over=True), LATE)
    assert commands == (CancelHedge(SECOND),)
    assert [order.standing for order in hedge.orders] == [Standing.PROVEN, Standing.CANCELLING]
    assert due(hedge) == LATE + seconds(1.5)

    hedge = after(hedge, seen(1, 2, over=True, key=SECOND))
    hedge, commands = decide(hedge, read(1, 2, SECOND), LATE)
    assert commands == (UndoSurplus(Decimal(1)),)
    assert hedge.phase is Phase.COVERED


def test_a_late_fill_that_covers_only_a_part_lets_the_level_that_is_out_go_on() -> None:
    hedge, commands = decide(gone_deep(1), seen(2, 3, over=True), LATE)
    assert commands == ()
    assert (hedge.phase, hedge.unhedged) == (Phase.WORKING, Decimal(1))


def test_an_order_that_is_full_but_not_yet_over_is_not_cancelled() -> None:
    hedge, commands = decide(opened(), seen(3, 2), START)
    assert commands == ()
    assert (hedge.phase, hedge.unhedged) == (Phase.WORKING, Decimal(0))


@pytest.mark.req("S4.4")
def test_a_late_fill_after_the_call_tells_the_person_the_new_rest_and_then_calls_off() -> None:
    called = gone_deep(0, 0, 1)
    hedge, commands = decide(called, seen(1, 3, over=True), LATE)
    assert commands == (Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, Decimal(1)),)
    assert hedge.phase is Phase.ESCALATED

    hedge, commands = decide(hedge, seen(1, 3, over=True, key=SECOND), LATE)
    assert commands == (CallOff(),)
    assert hedge.phase is Phase.COVERED

    hedge, commands = decide(hedge, seen(2, 4, over=True, key=SECOND), LATE)
    assert commands == (UndoSurplus(Decimal(1)),)


def test_a_late_fill_that_is_more_than_the_rest_calls_off_and_hands_over_at_once() -> None:
    _, commands = decide(gone_deep(0, 0, 1), seen(3, 3, over=True), LATE)
    assert commands == (CallOff(), UndoSurplus(Decimal(1)))


@pytest.mark.req("S4.2")
def test_a_fill_that_is_corrected_away_opens_the_next_level() -> None:
    hedge, commands = decide(gone_deep(3), seen(2, 3, over=True), LATE)
    assert commands == (SendHedge(SECOND, 2, Decimal(1)),)
    assert hedge.phase is Phase.WORKING


def test_a_fill_that_is_corrected_away_after_the_last_level_calls_for_more() -> None:
    _, commands = decide(gone_deep(1, 0, 1), seen(0, 3, over=True), LATE)
    assert commands == (Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, Decimal(2)),)


def test_what_was_handed_over_to_be_undone_covers_nothing_any_more() -> None:
    undone = after(gone_deep(1, 2), seen(2, 3, over=True))
    _, commands = decide(undone, seen(1, 4, over=True), LATE)
    assert commands == (SendHedge(THIRD, 3, Decimal(1)),)


@pytest.mark.req("S4.4", "X.4")
def test_an_order_that_comes_back_to_life_is_cancelled_and_blocks_the_next_level() -> None:
    alive, commands = decide(gone_deep(1), seen(1, 3), LATE)
    assert commands == (CancelHedge(FIRST),)
    assert alive.phase is Phase.CANCELLING

    ended = after(alive, seen(0, 2, over=True, key=SECOND), read(0, 2, SECOND))
    assert (ended.level, ended.phase) == (2, Phase.CANCELLING)

    again = after(ended, seen(1, 4, over=True))
    _, commands = decide(again, read(1, 4), LATE)
    assert commands == (SendHedge(THIRD, 3, Decimal(2)),)


@pytest.mark.req("S4.2")
@pytest.mark.parametrize("event", [seen(0, 2), seen(3, 2, over=True), read(0, 2)])
def test_stale_news_changes_nothing(event: HedgeEvent) -> None:
    assert decide(WORKING, event, START) == (WORKING, ())


@pytest.mark.parametrize(
    "event", [seen(0, 1, key=SECOND), read(0, 1, SECOND), CancelRefused(THIRD)]
)
def test_news_of_a_foreign_order_raises(event: HedgeEvent) -> None:
    with pytest.raises(ValueError, match="is no order of the hedge that began with bs1:T7K2M9QX:2"):
        decide(opened(), event, START)


def test_time_looks_after_each_order_by_its_own_clock() -> None:
    hedge = after(gone_deep(1), seen(1, 3), now=START + seconds(1))
    _, first = decide(hedge, TimePassed(), START + seconds(2.5))
    assert first == (
        CancelHedge(FIRST),
        AskBroker(FIRST),
        Escalate(IncidentKind.HEDGE_CANCEL_UNCONFIRMED, Decimal(2)),
    )
    hedge, both = decide(hedge, TimePassed(), START + seconds(5))
    assert both == (*first, CancelHedge(SECOND))
    assert due(hedge) == START + seconds(6.5)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"needed": Decimal(0)}, "a hedge is for a quantity above 0, not for 0"),
        ({"limit": timedelta(0)}, "a hedge needs time to work; its limit is 0:00:00"),
        ({"orders": ()}, "a hedge has 1 to 3 levels, not 0"),
        ({"orders": gone_deep(0, 0, 0).orders * 2}, "a hedge has 1 to 3 levels, not 6"),
    ],
)
def test_a_hedge_refuses_what_makes_no_sense(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        replace(opened(), **change)  # type: ignore[arg-type]


def test_only_the_key_of_a_hedge_opens_one() -> None:
    key = replace(FIRST, purpose=Purpose.UNDO)
    with pytest.raises(ValueError, match=r"^bs1:T7K2M9QX:2:UN:4 is not the key of a hedge$"):
        open_hedge(Decimal(1), key, START)


@pytest.mark.parametrize("hedge", [opened(), PROVEN, gone_deep(0, 0, 1), gone_deep(1, 2)])
def test_a_hedge_survives_json(hedge: EmergencyHedge) -> None:
    adapter = TypeAdapter(EmergencyHedge)
    assert adapter.validate_json(adapter.dump_json(hedge)) == hedge


@pytest.mark.parametrize("event", [seen(1, 2), read(1, 2), CancelRefused(FIRST), TimePassed()])
def test_an_event_survives_json(event: HedgeEvent) -> None:
    adapter: TypeAdapter[HedgeEvent] = TypeAdapter(HedgeEvent)
    assert adapter.validate_json(adapter.dump_json(event)) == event


@pytest.mark.parametrize(
    "command",
    [
        SendHedge(FIRST, 1, Decimal(3)),
        CancelHedge(FIRST),
        AskBroker(FIRST),
        ReadFills(FIRST),
        Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, Decimal(1)),
        CallOff(),
        UndoSurplus(Decimal(1)),
    ],
)
def test_a_command_survives_json(command: HedgeCommand) -> None:
    adapter: TypeAdapter[HedgeCommand] = TypeAdapter(HedgeCommand)
    assert adapter.validate_json(adapter.dump_json(command)) == command
