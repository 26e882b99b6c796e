"""What the oracle knows of orders: what they filled, and which faults excuse what."""

from typing import Any

import pytest

from backstay.lab.oracle.violations import Rule
from tests.lab.oracle.record import (
    BUSTED,
    REF,
    REPRICED,
    STOP,
    Line,
    bought,
    cash,
    correction,
    execution,
    fault,
    judged,
    one,
    opening,
    order,
    position,
    put,
)


@pytest.mark.parametrize(
    ("lines", "rule", "text"),
    [
        (
            put(bought(), 6, filled="99"),
            Rule.FILLED,
            "line 7: filled: order 77 has filled 99; its executions make 100",
        ),
        (
            [order(), order(status="Filled", over=True, filled="100")],
            Rule.FILLED,
            "line 2: filled: order 77 has filled 100; its executions make 0",
        ),
        (
            [*bought(), *REPRICED, order(status="Filled", filled="101")],
            Rule.FILLED,
            "line 11: filled: order 77 has filled 101; its executions make 100",
        ),
        (
            [*bought(), *BUSTED, order(status="Filled", filled="100")],
            Rule.FILLED,
            "line 12: filled: order 77 has filled 100; its executions make 0",
        ),
        (
            put(bought(), 1, side="SELL"),
            Rule.OF_ORDER,
            "line 3: of its order: e0.1.01 is on the other side of order 77",
        ),
        (
            put(bought(), 1, con_id=2),
            Rule.OF_ORDER,
            "line 3: of its order: e0.1.01 is not for what order 77 is",
        ),
        (
            put(bought(), 1, account="DU2"),
            Rule.OF_ORDER,
            "line 3: of its order: e0.1.01 is not for what order 77 is",
        ),
        (
            put(bought(), 2, ref="by hand"),
            Rule.OF_ORDER,
            "line 3: of its order: e0.1.01 is not for what order 77 is",
        ),
    ],
)
def test_an_order_and_its_fills_agree(lines: list[Line], rule: Rule, text: str) -> None:
    violation = one(lines)
    assert violation.rule is rule
    assert str(violation) == text


@pytest.mark.parametrize(
    "lines",
    [
        [order(status="Cancelled"), fault("fill-after-cancel", 77), order(status="Filled")],
        [order(), fault("second-perm-id", ref=REF), order(78)],
        [order(), fault("second-perm-id", perm_id=77), order(78)],
        [order(qty="50"), fault("fill-after-cancel", 77), execution()],
        [order(qty="50"), fault("second-perm-id", ref=REF), execution()],
    ],
)
def test_what_a_fault_does_on_purpose_is_no_violation(lines: list[Line]) -> None:
    paid = [position("100"), *bought()[4:6]] if lines[-1]["what"] == "execution" else []
    assert judged([opening(), *lines, *paid]) == ()
    without = [line for line in lines if line["what"] != "fault"]
    assert len(judged([opening(), *without, *paid])) == 1


@pytest.mark.parametrize(("struck", "found"), [("e0.1.01", 0), ("e0.2.01", 1)])
def test_a_correction_that_is_a_fault_may_make_more_than_was_asked_for(
    struck: str, found: int
) -> None:
    larger = [
        fault("execution-corrected", exec_id=struck),
        correction("e0.1.02", "e0.1.01", qty="103"),
        position("103", "correction"),
        cash("-570", "80429", "correction", "e0.1.02"),
    ]
    assert [each.rule for each in judged([*bought(), *larger])] == [Rule.OVERFILLED] * found


@pytest.mark.parametrize(
    "name", ["placement-swallowed", "status-missing", "cancel-refused", "fill-after-cancel"]
)
@pytest.mark.parametrize("struck", [{"perm_id": 77}, {"ref": REF}])
def test_only_a_fault_that_makes_a_second_order_excuses_one(
    name: str, struck: dict[str, Any]
) -> None:
    assert one([order(), fault(name, **struck), order(78)]).rule is Rule.ONE_LIVE_ORDER


@pytest.mark.parametrize("name", ["status-duplicated", "commission-missing", "execution-busted"])
def test_what_goes_wrong_on_the_way_excuses_no_fill_and_no_life_after_the_end(name: str) -> None:
    overfilled = put(bought(), 1, qty="99")[:-1]
    assert one([fault(name, 77), *overfilled]).rule is Rule.OVERFILLED
    assert one([fault(name, 77), order(status="Cancelled"), order()]).rule is Rule.TERMINAL


@pytest.mark.parametrize("name", ["second-perm-id", "execution-busted"])
def test_a_fault_at_the_exchange_excuses_no_life_after_the_end(name: str) -> None:
    assert one([fault(name, 77), order(status="Cancelled"), order()]).rule is Rule.TERMINAL


def test_an_order_that_is_first_heard_of_in_the_middle_of_its_life_is_believed_once() -> None:
    rest = [
        execution(qty="40"),
        position("40"),
        cash("-7600", "92400"),
        cash("-1", "92399", "commission"),
    ]
    assert judged([opening(), order(filled="60"), *rest, order(filled="100")]) == ()
    assert one([opening(), order(filled="60"), *rest, order(filled="99")]).rule is Rule.FILLED


@pytest.mark.parametrize("other", [fault("fill-after-cancel", 99), fault("tick-storm", ref=STOP)])
def test_a_fault_elsewhere_excuses_nothing(other: Line) -> None:
    assert one([other, order(), order(78)]).rule is Rule.ONE_LIVE_ORDER
