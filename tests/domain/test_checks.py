"""What values ask of the numbers and times they are made of."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from backstay.domain.checks import check_above_zero, check_not_below_zero, check_number, check_utc

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
Check = Callable[[str, Decimal], None]


@pytest.mark.parametrize(
    ("check", "number"),
    [
        (check_number, "-1"),
        (check_number, "0"),
        (check_not_below_zero, "0"),
        (check_not_below_zero, "-0"),
        (check_not_below_zero, "0.0001"),
        (check_above_zero, "0.0001"),
    ],
)
def test_a_number_within_bounds_passes(check: Check, number: str) -> None:
    check("it", Decimal(number))


@pytest.mark.parametrize(
    ("check", "number", "wanted"),
    [
        (check_not_below_zero, "-0.0001", "a number not below 0"),
        (check_above_zero, "0", "a number above 0"),
        (check_above_zero, "-1", "a number above 0"),
        *(
            (check, nothing, wanted)
            for nothing in ("NaN", "Infinity", "-Infinity")
            for check, wanted in (
                (check_number, "a number"),
                (check_not_below_zero, "a number not below 0"),
                (check_above_zero, "a number above 0"),
            )
        ),
    ],
)
def test_what_is_out_of_bounds_or_no_number_is_refused(
    check: Check, number: str, wanted: str
) -> None:
    told = re.escape(f"the size is {number}; it must be {wanted}")
    with pytest.raises(ValueError, match=f"^{told}$"):
        check("the size", Decimal(number))


@pytest.mark.req("S0.5")
def test_a_time_in_utc_passes() -> None:
    check_utc("it", NOON)
    check_utc("it", NOON.replace(tzinfo=timezone(timedelta(0))))


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    "zone", [None, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5))]
)
def test_a_time_that_is_not_in_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match=r"^the fill: the time 2026-11-23 17:00:00.* not in UTC$"):
        check_utc("the fill", NOON.replace(tzinfo=zone))
