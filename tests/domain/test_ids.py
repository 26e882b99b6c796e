"""Identity: one key per intent, one canonical text per key, and everything else is foreign."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ids import (
    GENERATION_MAX,
    LEG_MAX,
    ORDER_REF_CHARACTERS_MAX,
    Effect,
    IntentKey,
    Lane,
    Purpose,
    parse_order_ref,
    trade_id,
)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)

keys = st.builds(
    IntentKey,
    st.text(alphabet=CROCKFORD, min_size=8, max_size=8),
    st.integers(0, LEG_MAX),
    st.sampled_from(Purpose),
    st.integers(1, GENERATION_MAX),
)


@pytest.mark.req("I2")
def test_a_reference_is_written_as_agreed() -> None:
    assert KEY.order_ref == str(KEY) == "bs1:T7K2M9QX:0:EN:1"
    last = IntentKey("00000000", 99, Purpose.UNDO, 9999)
    assert str(last) == "bs1:00000000:99:UN:9999"


@pytest.mark.req("I1", "I2")
@given(keys)
def test_a_key_is_read_back_from_its_reference(key: IntentKey) -> None:
    assert parse_order_ref(str(key)) == key


@pytest.mark.req("I2")
@given(keys)
def test_every_reference_fits_where_the_broker_keeps_it(key: IntentKey) -> None:
    assert len(key.order_ref) <= ORDER_REF_CHARACTERS_MAX
    assert key.order_ref.isascii()
    assert " " not in key.order_ref


near_misses = st.builds(
    lambda key, at, character, keep: str(key)[:at] + character + str(key)[at + keep :],
    keys,
    st.integers(0, 24),
    st.text(max_size=2) | st.sampled_from("0123456789:ENIO"),
    st.integers(0, 1),
)


@pytest.mark.req("X.2")
@given(st.text(max_size=45) | near_misses | st.from_regex(r"bs1:[0-9A-Z]{8}:\d+:[A-Z]{2}:\d+"))
@example("bs1:T7K2M9QX:0:EN:1\n")
@example("bs1:T7K2M9QX:٣:EN:1")
def test_any_text_is_foreign_or_the_one_canonical_reference_of_a_key(text: str) -> None:
    key = parse_order_ref(text)
    assert key is None or str(key) == text


@pytest.mark.req("X.2")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "stop for AAPL",
        "bs1:T7K2M9QX:0:EN",
        "bs1:T7K2M9QX:0:EN:1:",
        " bs1:T7K2M9QX:0:EN:1",
        "bs1:T7K2M9QX:0:EN:1 ",
        "bs1:T7K2M9QX:0:EN:1\n",
        "BS1:T7K2M9QX:0:EN:1",
        "bs2:T7K2M9QX:0:EN:1",
        "bs1:t7k2m9qx:0:EN:1",
        "bs1:T7K2M9QI:0:EN:1",
        "bs1:T7K2M9QL:0:EN:1",
        "bs1:T7K2M9QO:0:EN:1",
        "bs1:T7K2M9QU:0:EN:1",
        "bs1:T7K2M9Q:0:EN:1",
        "bs1:T7K2M9QXX:0:EN:1",
        "bs1:T7K2M9QX:00:EN:1",
        "bs1:T7K2M9QX:01:EN:1",
        "bs1:T7K2M9QX:100:EN:1",
        "bs1:T7K2M9QX:-1:EN:1",
        "bs1:T7K2M9QX:0:XX:1",
        "bs1:T7K2M9QX:0:en:1",
        "bs1:T7K2M9QX:0:EN:0",
        "bs1:T7K2M9QX:0:EN:01",
        "bs1:T7K2M9QX:0:EN:10000",
        "bs1:T7K2M9QX:0:EN:+1",
        "bs1:T7K2M9QX:0:EN:1_0",
    ],
)
def test_what_is_almost_a_reference_is_foreign(text: str) -> None:
    assert parse_order_ref(text) is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"trade": "T7K2M9Q"}, "'T7K2M9Q' is not a trade id of 8 Crockford characters"),
        ({"trade": "T7K2M9QX\n"}, r"'T7K2M9QX\n' is not a trade id of 8 Crockford characters"),
        ({"trade": "T7K2M9QU"}, "'T7K2M9QU' is not a trade id of 8 Crockford characters"),
        ({"leg": -1}, "the leg is -1; it is from 0 to 99"),
        ({"leg": 100}, "the leg is 100; it is from 0 to 99"),
        ({"generation": 0}, "the generation is 0; it is from 1 to 9999"),
        ({"generation": 10000}, "the generation is 10000; it is from 1 to 9999"),
    ],
)
def test_a_key_that_could_not_be_written_is_not_made(
    change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        replace(KEY, **change)  # type: ignore[arg-type]


@pytest.mark.req("I1")
def test_the_next_generation_is_another_key_of_the_same_step() -> None:
    assert KEY.next_generation() == IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 2)
    with pytest.raises(ValueError, match=r"^the generation is 10000; it is from 1 to 9999$"):
        replace(KEY, generation=GENERATION_MAX).next_generation()


def test_keys_are_sorted_by_trade_leg_purpose_and_generation() -> None:
    ordered = [
        IntentKey("00000000", 9, Purpose.UNDO, 9),
        IntentKey("00000001", 0, Purpose.ENTRY, 2),
        IntentKey("00000001", 0, Purpose.ENTRY, 10),
        IntentKey("00000001", 0, Purpose.HEDGE, 1),
        IntentKey("00000001", 1, Purpose.ENTRY, 1),
    ]
    assert sorted([*ordered[3:], *ordered[:3]]) == ordered


@pytest.mark.req("I1")
@pytest.mark.parametrize(
    ("account", "plan", "expected"),
    [
        ("DU1234567", "aapl-breakout-0312", "6PMWYKXY"),
        ("U1", "x", "Q673RQ82"),
        ("", "", "06X4E6E8"),
    ],
)
def test_the_id_of_a_trade_never_changes(account: str, plan: str, expected: str) -> None:
    assert trade_id(account, plan) == expected


@given(st.text(max_size=12), st.text(max_size=64))
def test_any_account_and_plan_make_an_id_that_a_key_takes(account: str, plan: str) -> None:
    trade = trade_id(account, plan)
    assert trade == trade_id(account, plan)
    assert IntentKey(trade, 0, Purpose.ENTRY, 1).trade == trade


def test_the_same_plan_in_two_accounts_is_two_trades() -> None:
    assert trade_id("DU1", "plan") != trade_id("DU2", "plan")
    assert trade_id("DU1", "plan") != trade_id("DU1", "plan2")
    assert trade_id("DU", "1plan") != trade_id("DU1", "plan")


@pytest.mark.req("S2.6")
@pytest.mark.parametrize(
    ("purpose", "letters", "lane", "effect", "is_exit"),
    [
        (Purpose.ENTRY, "EN", Lane.ENTRY, Effect.OPENS, False),
        (Purpose.PROTECT, "PR", Lane.PROTECT, Effect.REDUCES, False),
        (Purpose.EXIT_STOP, "XS", Lane.EXIT, Effect.REDUCES, True),
        (Purpose.EXIT_TARGET, "XT", Lane.EXIT, Effect.REDUCES, True),
        (Purpose.EXIT_MANUAL, "XM", Lane.EXIT, Effect.REDUCES, True),
        (Purpose.HEDGE, "HG", Lane.HEDGE, Effect.COVERS, False),
        (Purpose.UNDO, "UN", Lane.HEDGE, Effect.REDUCES, False),
    ],
)
def test_each_purpose_has_its_letters_its_lane_and_its_effect(
    purpose: Purpose, letters: str, lane: Lane, effect: Effect, is_exit: bool
) -> None:
    assert (purpose.value, purpose.lane, purpose.effect) == (letters, lane, effect)
    assert purpose.is_exit is is_exit


@pytest.mark.req("S2.6")
def test_a_cancel_leaves_first_and_data_last() -> None:
    assert sorted(Lane) == [
        Lane.CANCEL,
        Lane.EXIT,
        Lane.PROTECT,
        Lane.HEDGE,
        Lane.ENTRY,
        Lane.DATA,
    ]


@given(keys)
def test_a_key_survives_json(key: IntentKey) -> None:
    assert ADAPTER.validate_json(ADAPTER.dump_json(key)) == key


ADAPTER = TypeAdapter(IntentKey)
