"""How long something took, as a person reads it."""

from datetime import timedelta

import pytest

from backstay.lab.words import clock_text, elapsed_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.8, "0.8 s"),
        (3599.5, "3599.5 s"),
        (3600, "1:00:00 h"),
        (62986.4, "17:29:46 h"),
        (144046, "40:00:46 h"),
    ],
)
def test_what_takes_hours_is_told_in_hours(seconds: float, text: str) -> None:
    assert elapsed_text(timedelta(seconds=seconds)) == text


def test_a_clock_tells_days_as_hours() -> None:
    assert clock_text(timedelta(days=2, seconds=61)) == "48:01:01"
