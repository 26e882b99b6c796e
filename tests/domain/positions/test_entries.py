"""What can change a position."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.positions.entries import Cause, Entry, Withdrawal
from tests.domain.positions.booked import STOCK, adjusted, executed, minute, revalued

WITHDRAWAL = Withdrawal("e001", STOCK, stands=True, at=minute(3))


def test_an_execution_changes_the_position_by_its_side() -> None:
    assert executed("100", "10").change == Decimal(100)
    assert executed("-100", "10").change == Decimal(-100)


def test_an_adjustment_changes_the_position_by_its_side() -> None:
    assert adjusted("5", "10").change == Decimal(5)
    assert adjusted("-5", "10").change == Decimal(-5)


def test_the_versions_of_an_execution_share_a_name() -> None:
    first = executed("100", "10", exec_id="0000e0d5.5f3a.01.01")
    second = replace(first, exec_id="0000e0d5.5f3a.01.12")
    assert (first.name, first.version) == ("0000e0d5.5f3a.01", 1)
    assert (second.name, second.version) == ("0000e0d5.5f3a.01", 12)


def test_a_withdrawal_is_named_for_what_it_takes_back() -> None:
    assert WITHDRAWAL.name == "withdrawal of e001"
    assert WITHDRAWAL.version == 1


@pytest.mark.parametrize(
    ("entry", "named"), [(executed("1", "10"), r"e000\.01"), (adjusted("1", "10"), "a000")]
)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"quantity": Decimal("-0.1")}, "the quantity is -0.1; it must be a number not below 0"),
        ({"price": Decimal("-0.01")}, "the price is -0.01; it must be a number not below 0"),
        ({"price": Decimal("Infinity")}, "the price is Infinity; it must be a number not below 0"),
    ],
)
def test_a_quantity_or_price_below_zero_is_refused(
    entry: Any, named: str, changed: dict[str, Decimal], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{named}: {message}$"):
        replace(entry, **changed)


def test_a_revaluation_by_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^r000: the amount is NaN; it must be a number$"):
        revalued("NaN")


@pytest.mark.parametrize("entry", [executed("1", "10"), adjusted("1", "10")])
def test_a_quantity_and_a_price_of_zero_are_accepted(entry: Any) -> None:
    nothing = replace(entry, quantity=Decimal(0), price=Decimal(0))
    assert nothing.change == 0


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (executed("1", "10"), r"e000\.01"),
        (adjusted("1", "10"), "a000"),
        (revalued("1"), "r000"),
        (WITHDRAWAL, "withdrawal of e001"),
    ],
)
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_time_that_is_not_in_utc_is_refused(
    entry: Any, named: str, zone: timezone | None
) -> None:
    at = datetime(2026, 11, 23, 15, 0, tzinfo=zone)
    with pytest.raises(ValueError, match=f"^{named}: the time 2026-11-23 15.* is not in UTC$"):
        replace(entry, at=at)


@pytest.mark.parametrize(
    "entry",
    [
        executed("100", "10.25", 1),
        executed("-100", "10.25", 1, trade=None),
        *(adjusted("-3", "0", cause=cause) for cause in Cause),
        revalued("-12.5", 4),
        WITHDRAWAL,
    ],
)
def test_an_entry_survives_the_way_to_another_process(entry: Entry) -> None:
    adapter: TypeAdapter[Entry] = TypeAdapter(Entry)
    assert adapter.validate_json(adapter.dump_json(entry)) == entry
