"""One level of a hedge: every standing of its order meets every event, and silence."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.hedging.emergency import (
    EmergencyHedge,
    decide,
    due,
)
from backstay.domain.hedging.events import (
    AskBroker,
    CancelHedge,
    CancelRefused,
    Escalate,
    HedgeCommand,
    HedgeEvent,
    ReadFills,
    SendHedge,
    TimePassed,
)
from backstay.domain.hedging.levels import HedgeOrder, Standing, give_up
from backstay.domain.incidents.kinds import IncidentKind
from tests.domain.hedging.hedges import (
    FIRST,
    LATE,
    SECOND,
    START,
    THIRD,
    after,
    cancelling,
    opened,
    over,
    proven,
    read,
    seconds,
    seen,
    working,
)

DEEPER = SendHedge(SECOND, 2, Decimal(2))


@pytest.mark.req("S4.4", "L2")
@pytest.mark.parametrize(
    ("hedge", "event", "standing", "commands"),
    [
        (working, seen(2, 5), Standing.WORKING, ()),
        (working, seen(1, 5, over=True), Standing.OVER, (ReadFills(FIRST),)),
        (working, seen(3, 5, over=True), Standing.PROVEN, ()),
        (working, read(1, 5), Standing.WORKING, ()),
        (working, CancelRefused(FIRST), Standing.WORKING, ()),
        (working, TimePassed(), Standing.CANCELLING, (CancelHedge(FIRST),)),
        (cancelling, seen(2, 5), Standing.CANCELLING, ()),
        (cancelling, seen(1, 5, over=True), Standing.OVER, (ReadFills(FIRST),)),
        (cancelling, seen(3, 5, over=True), Standing.PROVEN, ()),
        (cancelling, read(1, 5), Standing.CANCELLING, ()),
        (cancelling, CancelRefused(FIRST), Standing.CANCELLING, (AskBroker(FIRST),)),
        (
            cancelling,
            TimePassed(),
            Standing.CANCELLING,
            (
                CancelHedge(FIRST),
                AskBroker(FIRST),
                Escalate(IncidentKind.HEDGE_CANCEL_UNCONFIRMED, Decimal(2)),
            ),
        ),
        (over, seen(1, 5), Standing.CANCELLING, (CancelHedge(FIRST),)),
        (over, seen(1, 5, over=True), Standing.OVER, ()),
        (over, seen(3, 5, over=True), Standing.PROVEN, ()),
        (over, read(1, 5), Standing.PROVEN, (DEEPER,)),
        (over, CancelRefused(FIRST), Standing.OVER, ()),
        (
            over,
            TimePassed(),
            Standing.OVER,
            (ReadFills(FIRST), Escalate(IncidentKind.HEDGE_FILLS_UNREAD, Decimal(2))),
        ),
    ],
)
def test_every_standing_of_an_order_meets_every_event(
    hedge: Callable[[], EmergencyHedge],
    event: HedgeEvent,
    standing: Standing,
    commands: tuple[HedgeCommand, ...],
) -> None:
    heard, asked = decide(hedge(), event, LATE)
    assert (heard.orders[0].standing, asked) == (standing, commands)


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
    heard, asked = decide(proven(), event, START + seconds(6))
    assert (heard.orders[0].standing, asked) == (standing, commands)


def test_a_proven_order_cannot_be_given_up() -> None:
    order = proven().orders[0]
    assert give_up(order, LATE) == (order, ())


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
        (cancelling, IncidentKind.HEDGE_CANCEL_UNCONFIRMED, 1.5),
        (over, IncidentKind.HEDGE_FILLS_UNREAD, 2.0),
    ],
)
def test_a_person_is_told_once_when_the_broker_stays_silent(
    hedge: Callable[[], EmergencyHedge], kind: IncidentKind, wait: float
) -> None:
    silent, at = hedge(), START + seconds(5) + seconds(wait)
    assert due(silent) == at
    assert decide(silent, TimePassed(), at - seconds(0.001)) == (silent, ())

    told, first = decide(silent, TimePassed(), at)
    assert first[-1] == Escalate(kind, Decimal(2))
    assert due(told) == at + seconds(5)
    assert told.phase is silent.phase

    asked, again = decide(told, TimePassed(), at + seconds(5))
    assert again == first[:-1]
    assert due(asked) == at + seconds(10)


@pytest.mark.req("S4.4")
def test_each_standing_is_recorded_with_all_that_is_known() -> None:
    order = HedgeOrder(FIRST, Decimal(3), START + seconds(5), filled=Decimal(1), revision=3)
    assert working().orders == (order,)
    order = replace(order, standing=Standing.CANCELLING, look_at=START + seconds(6.5))
    assert cancelling().orders == (order,)
    order = replace(order, standing=Standing.OVER, look_at=START + seconds(7), revision=4)
    assert over().orders == (order,)
    order = replace(order, standing=Standing.PROVEN, look_at=None)
    assert proven().orders == (order, HedgeOrder(SECOND, Decimal(2), START + seconds(10)))


def test_a_new_silence_is_told_again() -> None:
    told = after(cancelling(), TimePassed(), now=LATE)
    ended = after(told, seen(1, 4, over=True), now=LATE)
    assert [order.person_told for order in (*told.orders, *ended.orders)] == [True, False]
    _, commands = decide(ended, TimePassed(), LATE + seconds(2))
    assert commands[-1] == Escalate(IncidentKind.HEDGE_FILLS_UNREAD, Decimal(2))


@pytest.mark.req("S4.2")
@pytest.mark.parametrize("event", [seen(0, 2), seen(3, 2, over=True), read(0, 2)])
def test_stale_news_changes_nothing(event: HedgeEvent) -> None:
    assert decide(working(), event, START) == (working(), ())


@pytest.mark.parametrize(
    "event", [seen(0, 1, key=SECOND), read(0, 1, SECOND), CancelRefused(THIRD)]
)
def test_news_of_a_foreign_order_raises(event: HedgeEvent) -> None:
    with pytest.raises(ValueError, match="is no order of the hedge that began with bs1:T7K2M9QX:2"):
        decide(opened(), event, START)
