"""What differs between two clocks is told the same on each day and at each hour."""

import pytest

from tests.cli.house_drive import RULES


@pytest.mark.parametrize(
    "difference",
    [
        "7:15:01 ahead",
        "17:15:01 ahead",
        "1 day, 7:15:01 ahead",
        "26 days, 17:15:01 ahead",
        "-3 days, 7:15:01 ahead",
        "2 days, 0:00:59 behind",
    ],
)
def test_how_far_apart_two_clocks_are_is_no_news(difference: str) -> None:
    text = f"the broker's is {difference} of the engine's"
    for rule in RULES:
        text = rule.applied(text)
    assert text == "the broker's is N days beside of the engine's"
