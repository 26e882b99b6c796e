"""Finding instruments with as little as IB is content with."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.values.contract import Contract
from tests.gateway.market.scene import AAPL, SPX, SPY, Scene

STOCK = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
CALL = Contract(
    symbol="AAPL",
    sec_type="OPT",
    expiry="20261218",
    strike=Decimal(190),
    right="C",
    exchange="SMART",
)


def found(contract: Contract) -> list[str]:
    return [each.contract.local_symbol for each in Scene().market.find(contract)]


@pytest.mark.parametrize(
    "contract",
    [
        STOCK,
        Contract(con_id=AAPL),
        Contract(con_id=AAPL, exchange="SMART"),
        Contract(symbol="aapl", sec_type="stk", exchange="smart", currency="usd"),
        Contract(symbol="AAPL", sec_type="STK"),
        Contract(local_symbol="AAPL", sec_type="STK"),
        Contract(symbol="AAPL", sec_type="STK", exchange="SMART", primary_exchange="ISLAND"),
        Contract(symbol="AAPL", sec_type="STK", primary_exchange="NASDAQ", trading_class="NMS"),
    ],
)
def test_a_stock_is_found_with_little(contract: Contract) -> None:
    (instrument,) = Scene().market.find(contract)
    assert instrument.con_id == AAPL
    assert instrument.contract.exchange == "SMART"
    assert instrument.contract.primary_exchange == "NASDAQ"


@pytest.mark.parametrize(
    "contract",
    [
        Contract(),
        Contract(con_id=1),
        Contract(con_id=AAPL, exchange="LSE"),
        Contract(symbol="AAPL"),
        Contract(sec_type="STK"),
        Contract(symbol="AAPLE", sec_type="STK"),
        Contract(symbol="AAPL", sec_type="STK", currency="EUR"),
        Contract(symbol="AAPL", sec_type="STK", exchange="LSE"),
        Contract(symbol="AAPL", sec_type="STK", primary_exchange="NYSE"),
        Contract(symbol="AAPL", sec_type="STK", trading_class="AAPL"),
        Contract(symbol="AAPL", sec_type="BAG"),
        Contract(symbol="SPX", sec_type="IND", exchange="SMART"),
        Contract(symbol="SPX", sec_type="STK"),
        Contract(symbol="AAPL", sec_type="OPT", expiry="20261218", strike=Decimal("187.25")),
        Contract(symbol="AAPL", sec_type="OPT", expiry="20261217"),
        Contract(symbol="AAPL", sec_type="OPT", multiplier="10"),
        Contract(symbol="AAPL", sec_type="OPT", right="X"),
        Contract(symbol="AAPL", sec_type="OPT", currency="EUR"),
        Contract(symbol="AAPL", sec_type="OPT", trading_class="SPX"),
        Contract(local_symbol="AAPL  261218C00187250", sec_type="OPT"),
        Contract(local_symbol="AAPL", sec_type="OPT"),
        Contract(local_symbol="AAPL  261218C00190000", sec_type="OPT", right="P"),
        Contract(local_symbol="AAPL  261218C00190000", sec_type="OPT", strike=Decimal(195)),
        Contract(local_symbol="AAPL  261218C00190000", sec_type="OPT", symbol="SPY"),
        Contract(symbol="SPX", sec_type="OPT", expiry="20261218", trading_class="SPX"),
    ],
)
def test_what_contradicts_itself_or_is_not_listed_is_not_found(contract: Contract) -> None:
    assert found(contract) == []


def test_a_stock_at_one_exchange_is_found_there() -> None:
    (instrument,) = Scene().market.find(Contract(con_id=AAPL, exchange="NYSE"))
    assert instrument.contract.exchange == "NYSE"
    assert instrument.con_id == AAPL


def test_the_index_is_a_figure_of_its_exchange() -> None:
    (index,) = Scene().market.find(Contract(symbol="SPX", sec_type="IND", exchange="CBOE"))
    assert index.con_id == SPX
    assert not index.is_tradable


@pytest.mark.parametrize(
    "contract",
    [
        CALL,
        Contract(local_symbol="AAPL  261218C00190000", sec_type="OPT"),
        Contract(local_symbol="aapl  261218c00190000", sec_type="OPT", symbol="AAPL"),
        Contract(con_id=1383841868),
        Contract(
            symbol="AAPL",
            sec_type="OPT",
            expiry="20261218",
            strike=Decimal("190.0"),
            right="CALL",
            multiplier="100",
            trading_class="AAPL",
            exchange="CBOE",
        ),
    ],
)
def test_an_option_is_found_by_its_terms_its_name_or_its_number(contract: Contract) -> None:
    (option,) = Scene().market.find(contract)
    assert option.con_id == 1383841868
    assert option.contract.local_symbol == "AAPL  261218C00190000"
    assert (option.contract.multiplier, option.multiplier) == ("100", Decimal(100))
    assert (option.under_con_id, option.under_symbol, option.under_sec_type) == (
        AAPL,
        "AAPL",
        "STK",
    )
    assert option.contract_month == "202612"


@pytest.mark.parametrize(
    ("open_field", "count"),
    [
        ({"right": ""}, 2),
        ({"expiry": "202612"}, 5),
        ({"strike": Decimal(0)}, 54),
        ({"expiry": "", "strike": Decimal(0), "right": ""}, 20 * 54 * 2),
    ],
)
def test_a_pattern_finds_all_that_fit(open_field: dict[str, str], count: int) -> None:
    names = found(replace(CALL, **open_field))  # type: ignore[arg-type]
    assert len(names) == len(set(names)) == count


def test_the_index_has_two_classes_of_options() -> None:
    market = Scene().market
    asked = Contract(symbol="SPX", sec_type="OPT", strike=Decimal(5600), right="P")
    classes = {each.contract.trading_class for each in market.find(asked)}
    assert classes == {"SPX", "SPXW"}
    (friday,) = (each for each in market.find(asked) if each.contract.expiry == "20261218")
    assert friday.contract.local_symbol == "SPXW  261218P05600000"
    assert friday.contract.exchange == "CBOE"
    assert friday.market_rule_id == 110
    (thursday,) = (each for each in market.find(asked) if each.contract.expiry == "20261217")
    assert thursday.contract.trading_class == "SPX"


def test_every_listed_option_is_what_its_con_id_says() -> None:
    market = Scene().market
    for symbol in ("SPX", "AAPL", "F", "KO"):
        options = market.find(Contract(symbol=symbol, sec_type="OPT", right="P"))
        assert len({each.con_id for each in options}) == len(options)
        assert all(market.instrument(each.con_id) == each for each in options)


def test_an_expired_option_is_known_by_its_con_id_alone() -> None:
    scene = Scene("2026-12-21T10:00")
    assert scene.market.find(CALL) == ()
    assert scene.market.find(Contract(con_id=1383841868)) == ()
    option = scene.market.instrument(1383841868)
    assert option is not None
    assert option.contract.local_symbol == "AAPL  261218C00190000"
    quote = scene.market.quote(option.con_id)
    assert (quote.bid, quote.ask) == (None, None)
    assert scene.market.greeks(option.con_id) is None


def test_an_option_is_listed_on_the_day_that_it_expires() -> None:
    assert len(Scene("2026-12-18T10:00").market.find(CALL)) == 1


def test_chains_tell_expiries_and_strikes_by_exchange_and_class() -> None:
    market = Scene().market
    chains = market.chains(AAPL, "AAPL")
    assert [(each.exchange, each.trading_class) for each in chains] == [
        ("SMART", "AAPL"),
        ("CBOE", "AAPL"),
    ]
    assert chains[0].multiplier == "100"
    assert chains[0].expiries[:9] == (
        "20261127",
        "20261204",
        "20261211",
        "20261218",
        "20261224",
        "20261231",
        "20270108",
        "20270115",
        "20270219",
    )
    assert chains[0].expiries[-2:] == ("20280121", "20290119")
    assert {Decimal(185), Decimal(190)} <= set(chains[0].strikes)
    assert [each.trading_class for each in market.chains(SPX, "spx")] == [
        "SPX",
        "SPXW",
        "SPX",
        "SPXW",
    ]


def test_eight_weeks_of_expiries_are_listed() -> None:
    expiries = Scene("2026-12-01T10:00").market.chains(AAPL, "")[0].expiries
    assert expiries[6:9] == ("20270115", "20270122", "20270219")


def test_no_chain_has_an_expiry_twice_or_out_of_order() -> None:
    for month in range(1, 13):
        for chain in Scene(f"2026-{month:02}-15T10:00").market.chains(SPX, "SPX"):
            assert chain.expiries == tuple(sorted(set(chain.expiries)))
            assert chain.strikes == tuple(sorted(set(chain.strikes)))


def test_what_has_no_options_has_no_chain() -> None:
    assert Scene().market.chains(1, "") == Scene().market.chains(AAPL, "SPY") == ()


def test_the_catalogue_has_real_numbers_and_places_of_their_own() -> None:
    by_symbol = {listing.symbol: listing.con_id for listing in CATALOGUE}
    assert (by_symbol["AAPL"], by_symbol["SPY"], by_symbol["SPX"]) == (265598, SPY, 416904)
    assert sorted(listing.number for listing in CATALOGUE) == list(range(len(CATALOGUE)))
    assert len({listing.con_id for listing in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "local_symbol"),
    [
        ("aapl", "AAPL"),
        ("265598", "AAPL"),
        ("SPX", "SPX"),
        ("AAPL261218C00190000", "AAPL  261218C00190000"),
        ("SPXW261218P05600000", "SPXW  261218P05600000"),
    ],
)
def test_a_name_of_any_kind_leads_to_an_instrument(name: str, local_symbol: str) -> None:
    instrument = Scene().market.named(name)
    assert instrument is not None
    assert instrument.contract.local_symbol == local_symbol


def test_a_rule_is_known_by_its_number() -> None:
    market = Scene().market
    for con_id in (AAPL, 1383841868):
        instrument = market.instrument(con_id)
        assert instrument is not None
        assert market.rule(instrument.market_rule_id) == instrument.steps
    assert market.rule(1) is None


def test_hours_begin_with_today() -> None:
    market = Scene().market
    (stock,) = market.find(STOCK)
    assert market.trading_hours(stock, 1) == "20261123:0400-20261123:2000"
    assert market.liquid_hours(stock, 1) == "20261123:0930-20261123:1600"
