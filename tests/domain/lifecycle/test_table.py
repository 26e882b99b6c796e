"""Every state with every event, and the table as a whole."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from backstay.domain.lifecycle import (
    TRANSITIONS,
    Happened,
    Lifecycle,
    Moved,
    Refusal,
    RefusalReason,
    Refused,
    Stayed,
    TradeState,
    apply,
)
from tests.domain.lifecycle.trades import (
    CORRECTED,
    ENDS,
    GROUP,
    HEDGE,
    NOTHING,
    PARTLY_FILLED,
    RISK,
    SINGLE,
    after,
    event,
)

# Every state with every event, by hand. `go`: moves to the state that the event announces; `go?`:
# only while nothing is filled, else impossible; `=`: books and stays. The rest are refusals.

EVENTS = (
    Happened.VALIDATED,
    Happened.HEDGE_SUBMITTED,
    Happened.HEDGE_PARTLY_FILLED,
    Happened.HEDGE_FILLED,
    Happened.HEDGE_CORRECTED,
    Happened.RISK_SUBMITTED,
    Happened.RISK_PARTLY_FILLED,
    Happened.RISK_FILLED,
    Happened.RISK_CORRECTED,
    Happened.HEDGED,
    Happened.COMPLETED,
    Happened.CLOSED,
    Happened.CANCELLED,
    Happened.REJECTED,
    Happened.ESCALATED,
)

#                      valid- hedge:              risk:               hed- com- clo- can- rej- esca-
#                      ated   sub  part fill corr sub  part fill corr ged  pl.  sed  cel. ect. lated
HEDGE_FIRST = """
    CREATED            go     no   no   no   no   no   no   no   no   no   no   no   go?  go?  go
    VALIDATED          dup    go   go   go   no   no   no   no   no   no   no   no   go?  go?  go
    HEDGE_SUBMITTED    back   dup  go   go   no   no   no   no   no   no   no   no   go?  go?  go
    HEDGE_PARTIAL      back   back =    go   =    go   go   go   no   no   no   go   no   no   go
    HEDGE_FILLED       back   back back dup  =    go   go   go   no   no   no   go   no   no   go
    RISK_SUBMITTED     back   back back back =    dup  go   go   no   no   no   go   go?  go?  go
    RISK_PARTIAL       back   back back back =    back =    go   =    go   no   go   no   no   go
    RISK_FILLED        back   back back back =    back back dup  =    go   no   go   no   no   go
    HEDGED             back   back back back =    back back back =    dup  go   go   no   no   go
    COMPLETED          back   back back back =    back back back =    back dup  go   no   no   go
    CLOSED             end    end  end  end  end  end  end  end  end  end  end  dup  end  end  end
    CANCELLED          end    end  end  end  end  end  end  end  end  end  end  end  dup  end  end
    REJECTED           end    end  end  end  end  end  end  end  end  end  end  end  end  dup  end
    ESCALATED          end    end  end  end  end  end  end  end  end  end  end  end  end  end  dup
"""
NO_HEDGE = """
    CREATED            go     no   no   no   no   no   no   no   no   no   no   no   go?  go?  go
    VALIDATED          dup    no   no   no   no   go   go   go   no   no   no   no   go?  go?  go
    HEDGE_SUBMITTED    back   dup  go   go   no   no   no   no   no   no   no   no   go?  go?  go
    HEDGE_PARTIAL      back   back =    go   =    go   go   go   no   no   no   go   no   no   go
    HEDGE_FILLED       back   back back dup  =    go   go   go   no   no   no   go   no   no   go
    RISK_SUBMITTED     back   back back back no   dup  go   go   no   no   no   no   go?  go?  go
    RISK_PARTIAL       back   back back back no   back =    go   =    no   go   go   no   no   go
    RISK_FILLED        back   back back back no   back back dup  =    no   go   go   no   no   go
    HEDGED             back   back back back =    back back back =    dup  go   go   no   no   go
    COMPLETED          back   back back back no   back back back =    back dup  go   no   no   go
    CLOSED             end    end  end  end  end  end  end  end  end  end  end  dup  end  end  end
    CANCELLED          end    end  end  end  end  end  end  end  end  end  end  end  dup  end  end
    REJECTED           end    end  end  end  end  end  end  end  end  end  end  end  end  dup  end
    ESCALATED          end    end  end  end  end  end  end  end  end  end  end  end  end  end  dup
"""
REASONS = {
    "back": RefusalReason.BACKWARD,
    "dup": RefusalReason.DUPLICATE,
    "end": RefusalReason.AFTER_END,
    "no": RefusalReason.IMPOSSIBLE,
}
ANNOUNCES = {
    Happened.VALIDATED: TradeState.VALIDATED,
    Happened.HEDGE_SUBMITTED: TradeState.HEDGE_SUBMITTED,
    Happened.HEDGE_PARTLY_FILLED: TradeState.HEDGE_PARTIAL,
    Happened.HEDGE_FILLED: TradeState.HEDGE_FILLED,
    Happened.RISK_SUBMITTED: TradeState.RISK_SUBMITTED,
    Happened.RISK_PARTLY_FILLED: TradeState.RISK_PARTIAL,
    Happened.RISK_FILLED: TradeState.RISK_FILLED,
    Happened.HEDGED: TradeState.HEDGED,
    Happened.COMPLETED: TradeState.COMPLETED,
    Happened.CLOSED: TradeState.CLOSED,
    Happened.CANCELLED: TradeState.CANCELLED,
    Happened.REJECTED: TradeState.REJECTED,
    Happened.ESCALATED: TradeState.ESCALATED,
}


def cells(grid: str) -> Iterable[tuple[TradeState, Happened, str]]:
    for row in grid.strip().splitlines():
        state, *expected = row.split()
        for happened, cell in zip(EVENTS, expected, strict=True):
            yield TradeState[state], happened, cell


EVERY_CELL = [
    pytest.param(hedge_first, state, happened, cell, id=f"{kind}-{state.name}-{happened.name}")
    for kind, hedge_first, grid in (("group", True, HEDGE_FIRST), ("single", False, NO_HEDGE))
    for state, happened, cell in cells(grid)
]
FILLED = [
    (NOTHING, NOTHING),
    (Decimal(3), NOTHING),
    (NOTHING, Decimal(5)),
    (Decimal(3), Decimal(5)),
]


def test_the_tables_by_hand_hold_every_state_with_every_event() -> None:
    assert list(EVENTS) == list(Happened)
    for grid in (HEDGE_FIRST, NO_HEDGE):
        pairs = [(state, happened) for state, happened, _ in cells(grid)]
        assert pairs == [(state, happened) for state in TradeState for happened in Happened]


@pytest.mark.req("S4.1", "I3")
@pytest.mark.parametrize(("hedge_first", "state", "happened", "cell"), EVERY_CELL)
def test_each_state_answers_each_event_as_the_table_by_hand_says(
    hedge_first: bool, state: TradeState, happened: Happened, cell: str
) -> None:
    told = event(happened)
    for hedge_filled, risk_filled in FILLED:
        before = Lifecycle(hedge_first, state, hedge_filled, risk_filled)
        answer = apply(before, told)
        assert answer.lifecycle.hedge_first is hedge_first
        assert answer.lifecycle.hedge_filled == hedge_filled + (7 if happened in HEDGE else 0)
        assert answer.lifecycle.risk_filled == risk_filled + (7 if happened in RISK else 0)
        wanted = cell if cell != "go?" else "no" if hedge_filled or risk_filled else "go"
        if wanted == "go":
            assert answer == Moved(answer.lifecycle, left=state)
            assert answer.lifecycle.state is ANNOUNCES[happened]
            assert answer.lifecycle.refusals == ()
        elif wanted == "=":
            assert answer == Stayed(answer.lifecycle)
            assert answer.lifecycle.state is state
            assert answer.lifecycle.refusals == ()
        else:
            refusal = Refusal(told, state, REASONS[wanted])
            assert answer == Refused(answer.lifecycle, refusal)
            assert answer.lifecycle.state is state
            assert answer.lifecycle.refusals == (refusal,)
            assert answer.lifecycle.refusals_count == 1


# The table itself.


@pytest.mark.req("S4.1")
def test_the_states_rank_in_the_required_sequence_and_the_ends_rank_alike() -> None:
    assert [(state.name, state.rank) for state in TradeState] == [
        ("CREATED", 0),
        ("VALIDATED", 1),
        ("HEDGE_SUBMITTED", 2),
        ("HEDGE_PARTIAL", 3),
        ("HEDGE_FILLED", 4),
        ("RISK_SUBMITTED", 5),
        ("RISK_PARTIAL", 6),
        ("RISK_FILLED", 7),
        ("HEDGED", 8),
        ("COMPLETED", 9),
        ("CLOSED", 10),
        ("CANCELLED", 10),
        ("REJECTED", 10),
        ("ESCALATED", 10),
    ]


def test_exactly_the_four_ends_are_over() -> None:
    assert {state for state in TradeState if state.is_over} == ENDS
    assert list(TRANSITIONS) == list(TradeState)


@pytest.mark.req("S4.1", "I3")
def test_every_transition_goes_up_except_where_only_a_quantity_is_news() -> None:
    for state, taken in TRANSITIONS.items():
        for happened, transition in taken.items():
            if happened in CORRECTED or (happened in PARTLY_FILLED and transition.to is state):
                assert transition.to is state
            else:
                assert transition.to.rank > state.rank
                assert transition.to is ANNOUNCES[happened]


Place = tuple[TradeState, bool, bool]


def reachable(start: Lifecycle) -> dict[Place, Lifecycle]:
    """One trade for each state and each of "hedge filled", "risk filled" that events can make."""
    found: dict[Place, Lifecycle] = {}
    waiting = [start]
    while waiting:
        known = waiting.pop()
        place = (known.state, known.hedge_filled != 0, known.risk_filled != 0)
        if place not in found:
            found[place] = known
            events = [event(happened) for happened in Happened]
            busts = [event(Happened.HEDGE_CORRECTED, -7), event(Happened.RISK_CORRECTED, -7)]
            waiting += [apply(known, told).lifecycle for told in events + busts]
    return found


def test_a_group_can_come_to_every_state() -> None:
    assert {state for state, _, _ in reachable(GROUP)} == set(TradeState)


def test_a_single_trade_can_come_to_every_state_but_those_of_a_hedge() -> None:
    hedges = {
        TradeState.HEDGE_SUBMITTED,
        TradeState.HEDGE_PARTIAL,
        TradeState.HEDGE_FILLED,
        TradeState.HEDGED,
    }
    assert {state for state, _, _ in reachable(SINGLE)} == set(TradeState) - hedges


@pytest.mark.parametrize("start", [GROUP, SINGLE], ids=["group", "single"])
def test_every_living_trade_can_still_be_closed_and_be_handed_to_a_person(
    start: Lifecycle,
) -> None:
    for known in reachable(start).values():
        if not known.state.is_over:
            ends = {state for state, _, _ in reachable(known) if state.is_over}
            assert {TradeState.CLOSED, TradeState.ESCALATED} <= ends
            assert after(known, Happened.ESCALATED).state is TradeState.ESCALATED


@pytest.mark.parametrize(
    "submitted",
    [
        after(GROUP),
        after(GROUP, Happened.VALIDATED),
        after(GROUP, Happened.VALIDATED, Happened.HEDGE_SUBMITTED),
        after(SINGLE, Happened.VALIDATED),
        after(SINGLE, Happened.VALIDATED, Happened.RISK_SUBMITTED),
    ],
    ids=lambda known: known.state.name,
)
@pytest.mark.parametrize(
    ("happened", "end"),
    [
        (Happened.CANCELLED, TradeState.CANCELLED),
        (Happened.REJECTED, TradeState.REJECTED),
    ],
)
def test_a_trade_without_a_fill_can_be_cancelled_and_be_rejected(
    submitted: Lifecycle, happened: Happened, end: TradeState
) -> None:
    assert after(submitted, happened).state is end
