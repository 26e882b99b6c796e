"""The broker profile: pessimistic unless somebody has proven better."""

from dataclasses import astuple, fields, replace

import pytest
from pydantic import TypeAdapter

from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile

SWITCHES = [switch.name for switch in fields(BrokerProfile)]


def test_every_default_is_the_pessimistic_answer() -> None:
    assert BrokerProfile() == PESSIMISTIC
    assert astuple(PESSIMISTIC) == (False,) * 8
    assert astuple(OPTIMISTIC) == (True,) * 8


def test_the_eight_open_questions_have_their_switches() -> None:
    assert SWITCHES == [
        "cancelling_one_spares_siblings",
        "partial_fill_reduces_by_quantity",
        "living_group_can_be_joined",
        "order_type_can_be_modified",
        "child_covers_partial_parent",
        "yesterday_stays_visible",
        "cancels_are_prompt",
        "last_bytes_are_read",
    ]


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_stands_alone_and_survives_json(switch: str) -> None:
    changed = replace(PESSIMISTIC, **{switch: True})
    assert sum(astuple(changed)) == 1
    adapter = TypeAdapter(BrokerProfile)
    assert adapter.validate_json(adapter.dump_json(changed)) == changed
