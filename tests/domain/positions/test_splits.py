"""What is held may not be what was guarded, and its price another one."""

from decimal import Decimal

import pytest

from backstay.domain.positions.splits import has_jumped, means_the_same

D = Decimal


@pytest.mark.parametrize("has_stood", [True, False])
@pytest.mark.parametrize("jumped", [True, False])
def test_as_much_as_is_guarded_is_the_same_and_more_never_is(has_stood: bool, jumped: bool) -> None:
    assert means_the_same(D(100), D(100), has_stood=has_stood, has_jumped=jumped)
    assert not means_the_same(D(101), D(100), has_stood=has_stood, has_jumped=jumped)


def test_less_is_the_same_once_it_has_stood_at_about_the_same_price() -> None:
    assert means_the_same(D(60), D(100), has_stood=True, has_jumped=False)
    assert not means_the_same(D(60), D(100), has_stood=False, has_jumped=False)
    assert not means_the_same(D(60), D(100), has_stood=True, has_jumped=True)


@pytest.mark.parametrize(
    ("now", "jumped"), [("67", True), ("81", False), ("119", False), ("150", True)]
)
def test_three_for_two_and_its_reverse_are_a_jump(now: str, jumped: bool) -> None:
    assert has_jumped(D(100), D(now)) is jumped
