"""Whatever a trade is called by, it is found; what can be no name is refused in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.ids import IntentKey, Purpose, is_trade_id, trade_id
from backstay.domain.trade.naming import (
    Name,
    NotANameError,
    meant,
    nearest,
    read_name,
    workflow_id,
)

ACCOUNT = "DU1234567"
PLAN_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("aapl-0312", Name("aapl-0312", plan_id="aapl-0312")),
        ("6PMWYKXY", Name("6PMWYKXY", plan_id="6PMWYKXY", code="6PMWYKXY")),
        ("6pmwykxy", Name("6pmwykxy", plan_id="6pmwykxy", code="6PMWYKXY")),
        ("6PMWYKX", Name("6PMWYKX", plan_id="6PMWYKX")),
        ("6PMWYKXU", Name("6PMWYKXU", plan_id="6PMWYKXU")),
        (
            "trade:DU1234567:aapl-0312",
            Name("trade:DU1234567:aapl-0312", account=ACCOUNT, plan_id="aapl-0312"),
        ),
        ("bs1:6PMWYKXY:0:EN:1", Name("bs1:6PMWYKXY:0:EN:1", code="6PMWYKXY")),
    ],
)
def test_a_name_is_read_as_all_that_it_may_mean(text: str, name: Name) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-aapl",
        "aapl 0312",
        "a" * 65,
        "trade:DU1234567:",
        "trade:du1234567:aapl",
        "trade:DU1234567:a:b",
        "exit:6PMWYKXY:0:1",
        "bs1:6PMWYKXY:0:EN:0",
    ],
)
def test_what_can_be_no_name_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(NotANameError) as refused:
        read_name(text)
    assert str(refused.value) == (
        f"{text!r} names no trade; expected the id of a plan, the eight characters of a trade, or"
        " trade:ACCOUNT:PLAN"
    )


@given(PLAN_IDS)
def test_every_plan_is_found_by_each_of_its_names(plan_id: str) -> None:
    code = trade_id(ACCOUNT, plan_id)
    assert is_trade_id(code)
    key = IntentKey(code, 0, Purpose.ENTRY, 1)
    for text in (plan_id, code, code.lower(), workflow_id(ACCOUNT, plan_id), str(key)):
        assert plan_id in meant(read_name(text), ACCOUNT, (plan_id, "another"))


def test_a_plan_that_is_called_like_the_code_of_another_makes_the_name_ambiguous() -> None:
    code = trade_id(ACCOUNT, "aapl")
    assert meant(read_name(code), ACCOUNT, ("msft", code, "aapl")) == (code, "aapl")
    assert meant(read_name("aapl"), ACCOUNT, ("msft", code, "aapl")) == ("aapl",)
    assert meant(read_name(code), "DU7", ("aapl",)) == ()


@pytest.mark.parametrize(
    ("text", "known", "near"),
    [
        ("aapl-0321", ["msft-0312", "aapl-0312"], ("aapl-0312",)),
        ("AAPL-0312", ["aapl-0312"], ("aapl-0312",)),
        ("aapl", ["zzz"], ()),
        ("aapl", [], ()),
        ("plan-0", ["plan-1", "plan-2", "plan-3", "plan-4"], ("plan-4", "plan-3", "plan-2")),
        ("bs1:6PMWYKXZ:0:EN:1", ["msft"], ()),
    ],
)
def test_the_nearest_plans_are_named_where_nothing_is_called_so(
    text: str, known: list[str], near: tuple[str, ...]
) -> None:
    assert nearest(read_name(text), ACCOUNT, known) == near


def test_the_nearest_code_is_named_where_a_key_was_given() -> None:
    code = trade_id(ACCOUNT, "aapl")
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    key = IntentKey(slip, 0, Purpose.ENTRY, 1)
    assert nearest(read_name(str(key)), ACCOUNT, ["aapl", "msft"]) == (code,)
