"""Whatever happens, and in whatever sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.lifecycle import (
    Applied,
    Happened,
    Lifecycle,
    LifecycleEvent,
    Moved,
    Refused,
    apply,
)
from tests.domain.lifecycle.trades import CORRECTED, HEDGE, PARTLY_FILLED, RISK, after, event

ANSWERS: TypeAdapter[Applied] = TypeAdapter(Applied)
ANY_EVENT = st.sampled_from(
    [
        *(event(happened) for happened in Happened),
        *(event(happened, quantity) for happened in sorted(PARTLY_FILLED) for quantity in (1, 50)),
        *(
            event(happened, quantity)
            for happened in sorted(CORRECTED)
            for quantity in (-20, -7, -1)
        ),
    ]
)


@pytest.mark.req("S4.1", "I3", "I4")
@given(st.booleans(), st.lists(ANY_EVENT, max_size=40))
def test_no_sequence_lowers_the_rank_or_loses_a_quantity_or_a_refusal(
    hedge_first: bool, events: list[LifecycleEvent]
) -> None:
    known = Lifecycle(hedge_first)
    refused = 0
    for told in events:
        answer = apply(known, told)
        assert isinstance(answer, Moved) is (answer.lifecycle.state.rank > known.state.rank)
        assert isinstance(answer, Moved) or answer.lifecycle.state is known.state
        assert not known.state.is_over or isinstance(answer, Refused)
        refused += isinstance(answer, Refused)
        known = answer.lifecycle
    assert known.hedge_filled == sum(told.quantity for told in events if told.happened in HEDGE)
    assert known.risk_filled == sum(told.quantity for told in events if told.happened in RISK)
    assert known.refusals_count == refused
    assert len(known.refusals) == min(refused, 20)


@pytest.mark.req("S4.1")
@given(st.booleans(), st.lists(ANY_EVENT, max_size=40))
def test_no_trade_ends_without_a_position_while_one_is_booked(
    hedge_first: bool, events: list[LifecycleEvent]
) -> None:
    known = Lifecycle(hedge_first)
    for told in events:
        answer = apply(known, told)
        if isinstance(answer, Moved) and told.happened in {Happened.CANCELLED, Happened.REJECTED}:
            assert answer.lifecycle.hedge_filled == answer.lifecycle.risk_filled == 0
        known = answer.lifecycle


@given(st.booleans(), st.lists(ANY_EVENT, min_size=1, max_size=25))
def test_every_answer_survives_json(hedge_first: bool, events: list[LifecycleEvent]) -> None:
    known = after(Lifecycle(hedge_first), *events[:-1])
    answer = apply(known, events[-1])
    again = ANSWERS.validate_json(ANSWERS.dump_json(answer))
    assert again == answer
    assert type(again) is type(answer)
