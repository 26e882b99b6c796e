"""How a complaint reads: paths, values and choices, always on one line of plain characters."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.plan.complaints import (
    Complaint,
    Path,
    PlanRefusedError,
    both,
    either,
    one_of,
    path_text,
    value_text,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "plan"),
        (("id",), "id"),
        (("entry", "trigger", "price"), "entry.trigger.price"),
        (("group", "leg", 2, "covers", 0), "group.leg[2].covers[0]"),
        (("a b",), '"a b"'),
        (("stop", 'x"y'), 'stop."x\\"y"'),
        (("", "x"), '"".x'),
        (("k" * 41,), f'"{"k" * 40}..."'),
    ],
)
def test_a_path_reads_as_the_operator_would_write_it(path: Path, text: str) -> None:
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("over", '"over"'),
        ("a\n\u20ac\ud800", '"a\\n\\u20ac\\ud800"'),
        ("x" * 40, f'"{"x" * 40}"'),
        ("x" * 41, f'"{"x" * 40}..."'),
        (5, "5"),
        (10**40 - 1, "9" * 40),
        (10**40, "a huge number"),
        (-(10**40), "a huge number"),
        (Decimal("193.00"), "193.00"),
        (Decimal("-Infinity"), "-Infinity"),
        (NOON, "2026-11-23T12:00:00Z"),
        (
            NOON.astimezone(timezone(timedelta(hours=-5))),
            "2026-11-23T07:00:00-05:00",
        ),
        (date(2026, 12, 18), "2026-12-18"),
        (time(9, 30), "09:30:00"),
        ({}, "a table"),
        ([], "an array"),
        ((), "an array"),
        (1.5, "1.5"),
    ],
)
def test_a_value_reads_as_it_stands_in_the_plan(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("words", "choice", "list_of_all"),
    [
        (["a"], "a", "a"),
        (["a", "b"], "a or b", "a and b"),
        (["a", "b", "c"], "a, b or c", "a, b and c"),
    ],
)
def test_words_read_as_a_choice_or_as_a_list(
    words: list[str], choice: str, list_of_all: str
) -> None:
    assert either(words) == choice
    assert both(words) == list_of_all


def test_exactly_one_of_several_keys_is_no_complaint() -> None:
    assert one_of(("size",), {"a": False, "b": True}) == ()
    assert one_of(("size",), {"a": True, "b": True}) == (
        Complaint(("size",), "give exactly one of a, b (got a and b)"),
    )


def test_a_complaint_of_a_table_is_told_from_the_top() -> None:
    complaint = Complaint(("price",), "too low").below(("stop",))
    assert complaint == Complaint(("stop", "price"), "too low")
    assert str(complaint) == "stop.price: too low"


def test_a_refusal_holds_every_complaint_and_says_each_on_a_line() -> None:
    complaints = [Complaint(("a",), "wrong"), Complaint(("b", 0), "wrong too")]
    refused = PlanRefusedError(complaints)
    assert refused.complaints == tuple(complaints)
    assert str(refused) == "a: wrong\nb[0]: wrong too"


@given(st.text(), st.text())
def test_whatever_stands_in_a_plan_is_told_on_one_short_line(key: str, value: str) -> None:
    for text in (path_text((key,)), value_text(value)):
        assert text.isascii()
        assert len(text.splitlines()) == 1
        assert len(text) <= 40 * 12 + 5
