"""Instruments: a contract the broker knows, an option exactly if it has terms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.instruments import Instrument, InstrumentType, OptionTerms, Right
from backstay.domain.prices import PriceGrid

STOCK = Instrument(
    con_id=265598,
    symbol="AAPL",
    exchange="SMART",
    currency="USD",
    multiplier=Decimal(1),
    grid=PriceGrid.uniform(Decimal("0.01")),
    time_zone="US/Eastern",
)
OPTION = replace(
    STOCK,
    con_id=700000001,
    multiplier=Decimal(100),
    option=OptionTerms(date(2026, 12, 18), Decimal("187.5"), Right.PUT),
)


@pytest.mark.req("S1.1")
@pytest.mark.parametrize(
    ("instrument", "kind", "is_option"),
    [(STOCK, InstrumentType.STOCK, False), (OPTION, InstrumentType.OPTION, True)],
)
def test_an_instrument_with_option_terms_is_an_option(
    instrument: Instrument, kind: InstrumentType, is_option: bool
) -> None:
    assert instrument.type is kind
    assert instrument.is_option is is_option


def test_types_and_rights_are_written_as_ib_writes_them() -> None:
    assert [each.value for each in InstrumentType] == ["STK", "OPT"]
    assert [each.value for each in Right] == ["C", "P"]


@pytest.mark.req("S0.4")
@pytest.mark.parametrize(
    ("instrument", "quantity", "price", "value"),
    [
        (STOCK, "100", "190.05", "19005.00"),
        (STOCK, "-3", "2", "-6"),
        (OPTION, "2", "1.55", "310.00"),
    ],
)
def test_the_value_is_quantity_times_price_times_multiplier(
    instrument: Instrument, quantity: str, price: str, value: str
) -> None:
    assert instrument.value(Decimal(quantity), Decimal(price)) == Decimal(value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"con_id": 0}, "the contract id of AAPL is 0; it is above 0"),
        ({"con_id": -1}, "the contract id of AAPL is -1; it is above 0"),
        ({"multiplier": Decimal(0)}, "the multiplier of AAPL is 0; it must be a number above 0"),
        (
            {"multiplier": Decimal(-100)},
            "the multiplier of AAPL is -100; it must be a number above 0",
        ),
    ],
)
def test_an_instrument_refuses_what_makes_no_sense(
    change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        replace(STOCK, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("strike", ["0", "-5"])
def test_a_strike_is_above_zero(strike: str) -> None:
    with pytest.raises(ValueError, match=rf"^the strike is {strike}; it must be a number above 0$"):
        OptionTerms(date(2026, 12, 18), Decimal(strike), Right.CALL)


def test_the_least_that_makes_sense_is_taken() -> None:
    small = replace(STOCK, con_id=1, multiplier=Decimal("0.001"))
    assert small.value(Decimal(1000), Decimal(1)) == 1
    assert OptionTerms(date(2026, 12, 18), Decimal("0.001"), Right.CALL).strike > 0


@pytest.mark.parametrize("instrument", [STOCK, OPTION])
def test_an_instrument_survives_json(instrument: Instrument) -> None:
    adapter = TypeAdapter(Instrument)
    assert adapter.validate_json(adapter.dump_json(instrument)) == instrument
