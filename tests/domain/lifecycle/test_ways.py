"""The ways that trades take, what is booked on them, and what is kept of a refusal."""

from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from backstay.domain.lifecycle import (
    REFUSALS_KEPT,
    Happened,
    Lifecycle,
    LifecycleEvent,
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
    NOW,
    PARTLY_FILLED,
    RISK,
    SINGLE,
    after,
    event,
)


@pytest.mark.req("S4.1", "S4.6")
@pytest.mark.parametrize(
    ("start", "events", "states"),
    [
        pytest.param(
            GROUP,
            [
                Happened.VALIDATED,
                Happened.HEDGE_SUBMITTED,
                Happened.HEDGE_PARTLY_FILLED,
                Happened.HEDGE_FILLED,
                Happened.RISK_SUBMITTED,
                Happened.RISK_PARTLY_FILLED,
                Happened.RISK_FILLED,
                Happened.HEDGED,
                Happened.COMPLETED,
                Happened.CLOSED,
            ],
            "VALIDATED HEDGE_SUBMITTED HEDGE_PARTIAL HEDGE_FILLED RISK_SUBMITTED RISK_PARTIAL"
            " RISK_FILLED HEDGED COMPLETED CLOSED",
            id="a group, step by step",
        ),
        pytest.param(
            SINGLE,
            [
                Happened.VALIDATED,
                Happened.RISK_SUBMITTED,
                Happened.RISK_PARTLY_FILLED,
                Happened.RISK_FILLED,
                Happened.COMPLETED,
                Happened.CLOSED,
            ],
            "VALIDATED RISK_SUBMITTED RISK_PARTIAL RISK_FILLED COMPLETED CLOSED",
            id="a single trade, step by step",
        ),
        pytest.param(
            SINGLE,
            [Happened.VALIDATED, Happened.RISK_FILLED, Happened.RISK_SUBMITTED, Happened.COMPLETED],
            "VALIDATED RISK_FILLED RISK_FILLED COMPLETED",
            id="the fill is heard before the submission",
        ),
        pytest.param(
            SINGLE,
            [
                Happened.VALIDATED,
                Happened.RISK_SUBMITTED,
                Happened.RISK_PARTLY_FILLED,
                Happened.RISK_PARTLY_FILLED,
                Happened.COMPLETED,
                Happened.CLOSED,
            ],
            "VALIDATED RISK_SUBMITTED RISK_PARTIAL RISK_PARTIAL COMPLETED CLOSED",
            id="the rest of a partial entry was cancelled",
        ),
        pytest.param(
            SINGLE,
            [
                Happened.VALIDATED,
                Happened.RISK_SUBMITTED,
                Happened.RISK_PARTLY_FILLED,
                Happened.CLOSED,
            ],
            "VALIDATED RISK_SUBMITTED RISK_PARTIAL CLOSED",
            id="stopped out of a partial entry",
        ),
        pytest.param(
            GROUP,
            [
                Happened.VALIDATED,
                Happened.HEDGE_PARTLY_FILLED,
                Happened.RISK_SUBMITTED,
                Happened.RISK_PARTLY_FILLED,
                Happened.HEDGED,
                Happened.COMPLETED,
            ],
            "VALIDATED HEDGE_PARTIAL RISK_SUBMITTED RISK_PARTIAL HEDGED COMPLETED",
            id="less hedge, less risk",
        ),
        pytest.param(
            GROUP,
            [Happened.VALIDATED, Happened.HEDGE_FILLED, Happened.RISK_SUBMITTED, Happened.CLOSED],
            "VALIDATED HEDGE_FILLED RISK_SUBMITTED CLOSED",
            id="the risk was refused and the hedge undone",
        ),
        pytest.param(
            GROUP,
            [Happened.VALIDATED, Happened.RISK_SUBMITTED, Happened.ESCALATED],
            "VALIDATED VALIDATED ESCALATED",
            id="risk never goes before its hedge",
        ),
    ],
)
def test_a_trade_takes_its_way(start: Lifecycle, events: list[Happened], states: str) -> None:
    steps = [after(start, *events[:step]).state.name for step in range(1, len(events) + 1)]
    assert steps == states.split()


# Quantities.


@pytest.mark.req("S4.1", "I3")
def test_a_late_fill_is_refused_and_booked() -> None:
    guarded = after(
        SINGLE,
        Happened.VALIDATED,
        event(Happened.RISK_PARTLY_FILLED, 60),
        Happened.COMPLETED,
    )
    answer = apply(guarded, event(Happened.RISK_FILLED, 40))
    assert isinstance(answer, Refused)
    assert answer.reason is RefusalReason.BACKWARD
    assert answer.booked == 40
    assert answer.quantity_after_end == 0
    assert answer.lifecycle.state is TradeState.COMPLETED
    assert answer.lifecycle.risk_filled == 100


@pytest.mark.req("S4.1", "I3")
@pytest.mark.parametrize("end", sorted(ENDS))
@pytest.mark.parametrize(
    "happened", [happened for happened in Happened if happened in HEDGE | RISK]
)
def test_a_fill_after_the_end_is_loud(end: TradeState, happened: Happened) -> None:
    over = Lifecycle(hedge_first=True, state=end)
    answer = apply(over, event(happened, 40))
    assert isinstance(answer, Refused)
    assert answer.reason is RefusalReason.AFTER_END
    assert answer.booked == 40
    assert answer.quantity_after_end == 40
    assert answer.lifecycle.hedge_filled + answer.lifecycle.risk_filled == 40


@pytest.mark.req("S4.2", "I4")
def test_a_correction_takes_back_what_a_fill_has_added() -> None:
    known = after(SINGLE, Happened.VALIDATED, event(Happened.RISK_FILLED, 100))
    answer = apply(known, event(Happened.RISK_CORRECTED, -30))
    assert isinstance(answer, Stayed)
    assert answer.lifecycle.risk_filled == 70
    assert answer.lifecycle.state is TradeState.RISK_FILLED


@pytest.mark.parametrize("happened", list(Happened))
@pytest.mark.parametrize("quantity", ["-1", "0", "1", "NaN", "Infinity"])
def test_an_event_carries_the_quantity_that_it_can_have(happened: Happened, quantity: str) -> None:
    if happened in PARTLY_FILLED:
        possible = {"1"}
    elif happened in CORRECTED:
        possible = {"-1", "1"}
    elif happened in HEDGE | RISK:
        possible = {"0", "1"}
    else:
        possible = {"0"}
    if quantity in possible:
        told = LifecycleEvent(happened, NOW, Decimal(quantity))
        assert told.quantity == Decimal(quantity)
    else:
        with pytest.raises(ValueError, match=f"^{happened}: it can't carry a quantity of "):
            LifecycleEvent(happened, NOW, Decimal(quantity))


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_an_event_that_is_not_stamped_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match=r"^validated: the time .* is not in UTC$"):
        LifecycleEvent(Happened.VALIDATED, NOW.replace(tzinfo=zone))


# Refusals.


@pytest.mark.req("S4.1")
@pytest.mark.parametrize("refused", [1, REFUSALS_KEPT, REFUSALS_KEPT + 1, REFUSALS_KEPT + 5])
def test_the_last_refusals_are_kept_and_all_are_counted(refused: int) -> None:
    late = [event(Happened.RISK_FILLED, quantity) for quantity in range(1, refused + 1)]
    over = after(Lifecycle(hedge_first=False, state=TradeState.CLOSED), *late)
    assert [refusal.event for refusal in over.refusals] == late[-20:]
    assert over.refusals_count == refused
    assert over.risk_filled == sum(range(1, refused + 1))


@pytest.mark.parametrize(("kept", "count"), [(0, 1), (1, 0), (1, 2), (19, 20), (21, 21), (21, 25)])
def test_a_record_that_does_not_add_up_is_refused(kept: int, count: int) -> None:
    refusal = Refusal(event(Happened.CLOSED), TradeState.CREATED, RefusalReason.IMPOSSIBLE)
    with pytest.raises(ValueError, match=f"{kept} refusals are kept of {count}; it is all of them"):
        Lifecycle(hedge_first=True, refusals=(refusal,) * kept, refusals_count=count)


def test_a_new_trade_has_nothing_behind_it() -> None:
    assert Lifecycle(True, TradeState.CREATED, NOTHING, NOTHING, (), 0) == GROUP
    assert GROUP.hedge_filled == GROUP.risk_filled == NOTHING
