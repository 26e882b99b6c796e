"""The emergency hedge: down the levels to the exact remainder, and what comes too late."""

from decimal import Decimal

import pytest

from backstay.domain.hedging.emergency import (
    EmergencyHedge,
    Phase,
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
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.hedging.levels import HedgeOrder, Standing
from backstay.domain.incidents.kinds import IncidentKind
from tests.domain.hedging.hedges import (
    FIRST,
    LATE,
    SECOND,
    START,
    THIRD,
    after,
    gone_deep,
    opened,
    over,
    proven,
    read,
    seconds,
    seen,
)


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


@pytest.mark.req("S4.4")
def test_what_a_level_leaves_goes_exactly_one_level_down() -> None:
    hedge, commands = decide(over(), read(2, 5), LATE)
    assert commands == (SendHedge(SECOND, 2, Decimal(1)),)
    assert hedge.orders[1] == HedgeOrder(SECOND, Decimal(1), look_at=LATE + seconds(5))
    assert (hedge.phase, hedge.level, hedge.unhedged) == (Phase.WORKING, 2, Decimal(1))


@pytest.mark.req("S4.4")
def test_no_level_opens_while_the_fills_of_the_last_one_are_unread() -> None:
    for event in (seen(1, 9, over=True), CancelRefused(FIRST), TimePassed()):
        assert after(over(), event).level == 1


@pytest.mark.req("S4.4")
@pytest.mark.parametrize(
    ("filled", "left"),
    [((0, 0, 0), 3), ((0, 0, 1), 2), ((1, 0, 1), 1), ((0, 2, 0), 1)],
)
def test_after_the_third_level_a_person_gets_the_exact_rest(
    filled: tuple[int, int, int], left: int
) -> None:
    before = gone_deep(*filled[:2])
    ended = after(before, seen(filled[2], 2, over=True, key=THIRD))
    hedge, commands = decide(ended, read(filled[2], 2, THIRD), LATE)
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


def test_a_deeper_level_is_looked_after_when_the_ones_before_it_are_proven() -> None:
    hedge, commands = decide(proven(), TimePassed(), START + seconds(10))
    assert commands == (CancelHedge(SECOND),)
    assert due(hedge) == START + seconds(11.5)
