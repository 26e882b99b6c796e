"""A profile is pessimistic unless somebody says otherwise, switch by switch."""

from dataclasses import fields

import pytest

from backstay.domain.profile import BrokerProfile
from backstay.gateway.profile import NAMES, OPTIMISTIC, PESSIMISTIC, Profile, parse


def test_the_default_is_the_hard_way_throughout() -> None:
    assert not any(getattr(Profile(), name) for name in NAMES)
    assert Profile() == PESSIMISTIC


def test_optimistic_is_the_easy_way_throughout() -> None:
    assert all(getattr(OPTIMISTIC, name) for name in NAMES)


def test_both_sides_of_the_wire_ask_the_same_questions() -> None:
    assert tuple(switch.name for switch in fields(BrokerProfile)) == NAMES


def test_a_single_switch_is_turned_by_its_sign() -> None:
    turned = parse("pessimistic, +cancels_are_prompt")
    assert turned == Profile(cancels_are_prompt=True)
    assert parse("optimistic,-last_bytes_are_read") != OPTIMISTIC
    assert not parse("optimistic,-last_bytes_are_read").last_bytes_are_read


@pytest.mark.parametrize("text", ["pessimistic", "optimistic"])
def test_a_base_alone_is_a_profile(text: str) -> None:
    assert parse(text) == (OPTIMISTIC if text == "optimistic" else PESSIMISTIC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hopeful", '"hopeful" is no profile; expected "pessimistic" or "optimistic"'),
        ("", '"" is no profile; expected "pessimistic" or "optimistic"'),
        ("pessimistic,+speed", '"+speed" is no switch; expected + or - and one of cancelling_one'),
        ("pessimistic,cancels_are_prompt", '"cancels_are_prompt" is no switch'),
    ],
)
def test_what_is_no_profile_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="no ") as refusal:
        parse(text)
    assert str(refusal.value).startswith(said)
