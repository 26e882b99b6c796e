"""The oracle: a true record is clean, and each planted lie is found and named."""

import pytest

from backstay.lab.oracle.oracle import Oracle
from backstay.lab.oracle.violations import Rule, Violation
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
    judged,
    one,
    opening,
    order,
    placed,
    position,
    put,
)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        bought(),
        [*bought(), *REPRICED],
        [*bought(), *BUSTED],
        [*bought(), opening("80999"), position("100", "opening")],
        [opening(), position("5", "opening")],
        [order(status="PreSubmitted"), order(status="Cancelled", over=True), order(78)],
        [order(), order(78, ref=STOP)],
        [order(ref="by hand"), order(78, ref="by hand"), order(79, ref=None)],
        [order(status="Inactive", over=True), order(78)],
        [order(status="Filled"), order(status="Filled")],
        [placed(), order(), order(78, ref="by hand")],
        [order(), placed()],
    ],
    ids=[
        "nothing",
        "bought",
        "bought and corrected",
        "bought and busted",
        "a second start with what there was",
        "a first start with a position",
        "a key sent again after its order was cancelled",
        "two keys",
        "other people's orders",
        "a key sent again after its order was rejected",
        "the same end told twice",
        "asked for and placed",
        "the wire read after the audit",
    ],
)
def test_a_true_record_is_clean(lines: list[Line]) -> None:
    assert judged(lines) == ()


@pytest.mark.parametrize(
    ("lines", "rule", "text"),
    [
        (
            [*put(bought(), 4, cash_after="81000.01")[:5], cash("-1", "80999.01", "commission")],
            Rule.CASH,
            "line 5: cash: DU1 had 100000 USD; -19000 more is not 81000.01",
        ),
        (
            put(
                put(bought(), 4, amount="-19000.01", cash_after="80999.99"),
                5,
                cash_after="80998.99",
            ),
            Rule.PAID,
            "line 3: paid: e0.1.01 is worth -19000 USD to DU1; -19000.01 flowed",
        ),
        (
            bought()[:4],
            Rule.PAID,
            "line 3: paid: e0.1.01 is worth -19000 USD to DU1; 0 flowed",
        ),
        (bought()[:5], Rule.PAID, "line 3: paid: e0.1.01 was charged no commission"),
        (
            [*bought(), cash("-1", "80998", "commission")],
            Rule.PAID,
            "line 8: paid: e0.1.01 was charged a commission 2 times",
        ),
        (
            put(bought(), 5, amount="1", cash_after="81001"),
            Rule.PAID,
            "line 6: paid: e0.1.01 brought in 1 by its commission",
        ),
        (
            [*bought(), *BUSTED[:3]],
            Rule.PAID,
            "line 8: paid: e0.1.02 was busted; of its commission -1 is left",
        ),
        (
            [*bought(), *REPRICED[:2]],
            Rule.PAID,
            "line 8: paid: e0.1.02 is worth -18900 USD to DU1; -19000 flowed",
        ),
        (
            [*bought(), cash("500", "81499", "gift", None)],
            Rule.PAID,
            "line 8: paid: 500 flowed in DU1 for nothing, which never traded",
        ),
        (
            [*bought(), cash("500", "81499", "trade", "e9.1.01")],
            Rule.PAID,
            "line 8: paid: 500 flowed in DU1 for e9.1.01, which never traded",
        ),
        (
            put(bought(), 3, position_after="101"),
            Rule.POSITION,
            "line 4: position: DU1 in contract 1 has 101; its executions make 100",
        ),
        (
            [*bought(), position("7", con_id=2)],
            Rule.POSITION,
            "line 8: position: DU1 in contract 2 has 7; its executions make 0",
        ),
        (
            bought()[:3] + bought()[4:],
            Rule.POSITION,
            "line 3: position: DU1 in contract 1 was not told after e0.1.01",
        ),
        (
            [*bought(), *put(REPRICED, 1, position_after="200")],
            Rule.POSITION,
            "line 9: position: DU1 in contract 1 has 200; its executions make 100",
        ),
        (
            [*bought(), execution()],
            Rule.COUNTED_ONCE,
            "line 8: counted once: e0.1.01 is recorded again after e0.1.01",
        ),
        (
            [*bought(), execution("e0.1.02")],
            Rule.COUNTED_ONCE,
            "line 8: counted once: e0.1.02 is recorded again after e0.1.01",
        ),
        (
            [*bought(), correction("e7.1.02", "e7.1.01")],
            Rule.COUNTED_ONCE,
            "line 8: counted once: e7.1.02 corrects e7.1.01, which was never recorded",
        ),
        (
            [*bought(), *REPRICED, correction("e0.1.03", "e0.1.01")],
            Rule.COUNTED_ONCE,
            "line 11: counted once: e0.1.03 corrects e0.1.01, but e0.1.02 is the newest",
        ),
        (
            [*bought(), correction("e0.1.01", "e0.1.01")],
            Rule.COUNTED_ONCE,
            "line 8: counted once: e0.1.01 corrects e0.1.01, which is no older",
        ),
        (
            [*bought(), {**correction("e0.1.02", "e0.1.01"), "perm_id": 78}],
            Rule.COUNTED_ONCE,
            "line 8: counted once: e0.1.02 corrects e0.1.01, which is of another order",
        ),
        (
            [order(), order(78)],
            Rule.ONE_LIVE_ORDER,
            f"line 2: one live order: {REF} lives in 2 orders: 77, 78",
        ),
        (
            [order(status="Inactive"), order(78)],
            Rule.ONE_LIVE_ORDER,
            f"line 2: one live order: {REF} lives in 2 orders: 77, 78",
        ),
        (
            put(bought(), 1, qty="99")[:-1],
            Rule.OVERFILLED,
            f"line 3: overfilled: {REF} was for 99; e0.1.01 makes 100 filled",
        ),
        (
            [order(status="Cancelled"), order()],
            Rule.TERMINAL,
            f"line 2: terminal: order 77 {REF} was Cancelled and is Submitted",
        ),
        (
            [order(status="Filled"), order(status="Cancelled")],
            Rule.TERMINAL,
            f"line 2: terminal: order 77 {REF} was Filled and is Cancelled",
        ),
        (
            [order(status="Cancelled", ref=None), order(ref=None)],
            Rule.TERMINAL,
            "line 2: terminal: order 77 was Cancelled and is Submitted",
        ),
        (
            put(bought(), 5, currency="EUR"),
            Rule.PAID,
            "line 6: paid: e0.1.01 is in USD; -1 EUR flowed",
        ),
        (
            [*bought(), opening("80998"), position("100", "opening")],
            Rule.RESTARTED,
            "line 8: restarted: DU1 begins with 80998 USD; it had 80999",
        ),
        (
            [*bought(), position("99", "opening")],
            Rule.RESTARTED,
            "line 8: restarted: DU1 in contract 1 begins with 99; it had 100",
        ),
        (
            [*bought(), opening("80999")],
            Rule.RESTARTED,
            "line 8: restarted: DU1 in contract 1 begins with nothing; it had 100",
        ),
        (
            [order(), placed(STOP)],
            Rule.UNASKED,
            f"line 2: unasked: there was an order for {REF}, and nobody had asked for it",
        ),
    ],
)
def test_each_lie_is_found_once_and_named(lines: list[Line], rule: Rule, text: str) -> None:
    violation = one(lines)
    assert violation.rule is rule
    assert str(violation) == text


def test_a_sale_brings_money_in_and_a_multiplier_multiplies() -> None:
    sale = execution(qty="2", price="1.5", side="SLD", multiplier="100")
    paid = [cash("300", "100300"), cash("-1.3", "100298.7", "commission")]
    assert judged([opening(), sale, position("-2"), *paid]) == ()
    assert one([opening(), {**sale, "multiplier": "10"}, position("-2"), *paid]).rule is Rule.PAID


def test_the_fills_of_all_orders_of_a_key_count_together() -> None:
    again = [
        execution("e0.2.01", "1", perm_id=78),
        position("101"),
        cash("-190", "80809", exec_id="e0.2.01"),
        cash("-1", "80808", "commission", "e0.2.01"),
    ]
    violation = one([*bought(), order(78), *again])
    assert violation.text == f"{REF} was for 100; e0.2.01 makes 101 filled"


def test_a_key_is_for_the_most_that_it_ever_asked_for() -> None:
    grown = [order(qty="50"), order(qty="100"), order(qty="60")]
    assert judged([opening(), *grown, *bought()[2:]]) == ()


def test_a_correction_gives_back_what_was_filled_too_much() -> None:
    lines = put(bought(), 1, qty="40")[:-1]
    smaller = [
        correction("e0.1.02", "e0.1.01", qty="40"),
        position("40", "correction"),
        cash("11400", "92399", "correction", "e0.1.02"),
    ]
    assert [each.line for each in judged([*lines, *smaller])] == [3]


def test_what_is_missing_between_two_lines_of_a_turn_is_no_final_verdict() -> None:
    oracle = Oracle()
    lines = bought()
    for line in lines[:3]:
        oracle.read(line)
    assert [each.rule for each in oracle.verdict()] == [Rule.PAID, Rule.POSITION]
    for line in lines[3:]:
        oracle.read(line)
    assert oracle.verdict() == ()


def test_a_position_must_be_told_before_the_next_trade() -> None:
    more = [execution("e0.2.01", "1", perm_id=78, ref=None), *bought()[3:6]]
    violations = judged([*bought()[:3], *put(more, 1, position_after="101")])
    assert violations[0].text == "DU1 in contract 1 was not told after e0.1.01"


def test_what_was_found_stays_found() -> None:
    oracle = Oracle()
    for line in (*put(bought(), 3, position_after="101"), position("101")):
        oracle.read(line)
    assert oracle.verdict() == oracle.verdict()
    assert [each.line for each in oracle.verdict()] == [4]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("{", "it is no JSON: '{'"),
        ("[1]", "it is no object: '[1]'"),
        ({"what": "hope"}, 'nobody knows what "hope" is'),
        ({"t": 1}, "it has no what"),
        ({"what": 7}, "its what is 7, not a text"),
        ({**order(), "perm_id": "77"}, "its perm_id is '77', not a whole number"),
        ({**order(), "perm_id": True}, "its perm_id is True, not a whole number"),
        ({**order(), "qty": "many"}, "its qty is 'many', not a number in a text"),
        ({**order(), "qty": 100}, "its qty is 100, not a number in a text"),
        ({**order(), "qty": "NaN"}, "its qty is 'NaN', not a number in a text"),
        ({**execution(), "side": "BUY"}, 'its side is "BUY", neither BOT nor SLD'),
        ({**order(), "side": "BOT"}, 'its side is "BOT", neither BUY nor SELL'),
        ({"what": "fault"}, "it has no name"),
    ],
)
def test_a_line_that_can_not_be_read_is_a_violation(line: str | Line, text: str) -> None:
    oracle = Oracle()
    oracle.read(line)
    assert oracle.verdict() == (Violation(Rule.READABLE, 1, text),)
    oracle.read(order())
    assert len(oracle.verdict()) == 1


@pytest.mark.parametrize(
    "heard",
    [{"dir": "out"}, {"msg": "cancelOrder"}, {"ref": None}],
    ids=["out", "cancel", "no ref"],
)
def test_other_words_on_the_wire_ask_for_no_order(heard: Line) -> None:
    assert one([{**placed(), **heard}, order()]).rule is Rule.UNASKED
