"""Where the stop stands, as it is shown, once somebody or a target has moved it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.guards import BreakEven, GuardChange, MoveStop, SplitOff, TightenTrail
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.sides import Side
from backstay.domain.trade.pages import page
from backstay.domain.trade.progress import after_change
from tests.domain.trade.samples import summary
from tests.domain.trade.test_more_than_there_was import EXIT, closed_by

KEY = EXIT
PART = SplitOff(KEY, 2, Decimal(30))


@pytest.mark.parametrize(
    ("side", "before", "change", "after"),
    [
        (Side.BUY, "98", MoveStop(Decimal(99)), "99"),
        (Side.BUY, "98", MoveStop(Decimal(97)), "97"),
        (Side.BUY, "98", BreakEven(Decimal(100)), "100"),
        (Side.BUY, "101", BreakEven(Decimal(100)), "101"),
        (Side.SELL, "102", BreakEven(Decimal(100)), "100"),
        (Side.SELL, "99", BreakEven(Decimal(100)), "99"),
        (Side.BUY, None, BreakEven(Decimal(100)), "100"),
        (Side.BUY, "98", TightenTrail(Decimal(1)), "98"),
        (Side.BUY, "98", PART, "98"),
        (Side.BUY, "98", replace(PART, break_even=Decimal(100)), "100"),
    ],
)
def test_a_stop_that_is_moved_is_shown_where_it_is(
    side: Side, before: str | None, change: GuardChange | SplitOff, after: str
) -> None:
    standing = replace(closed_by(side), stop=None if before is None else Decimal(before))
    assert after_change(standing, change).stop == Decimal(after)


def test_the_orders_of_a_part_are_told_from_those_of_the_rest() -> None:
    part = IntentKey(EXIT.trade, 1, Purpose.EXIT_TARGET, 1)
    exits = (summary(EXIT, 70, 70, "97.50"), summary(part, 30, 30, "102"))
    shown = page(replace(closed_by(), exits=exits))
    assert "| exits | XS:1 70 at 97.5; 1:XT:1 30 at 102 |" in shown.splitlines()
