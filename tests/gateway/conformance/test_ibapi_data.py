"""What IB's own client is told of contracts, chains, rules, prices and the past."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from ibapi.ticktype import TickTypeEnum

from backstay.gateway.values.contract import Contract as Described
from tests.gateway.conformance.house import House
from tests.gateway.conformance.official import (
    App,
    Call,
    an_option,
    chains,
    details,
    premises,
    stock,
)

AAPL = stock("AAPL")
LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4


def ask_bars(app: App, *, keep: bool = False, **changes: Any) -> int:
    """Ask for the minutes of the last half hour, unless the changes say something else."""
    req_id = app.new_id()
    asked = {
        "contract": AAPL,
        "end": "",
        "duration": "1800 S",
        "size": "1 min",
        "what": "TRADES",
        "rth": 1,
        "date_format": 2,
    } | changes
    app.client.reqHistoricalData(req_id, *asked.values(), keep, [])
    return req_id


def test_a_stock_is_described_in_full() -> None:
    with premises() as place:
        app = place.app()
        (told,) = details(app, AAPL)
        contract = told.contract
        assert (contract.conId, contract.symbol, contract.secType) == (265598, "AAPL", "STK")
        assert (contract.exchange, contract.primaryExchange) == ("SMART", "NASDAQ")
        assert told.longName == "APPLE INC"
        assert told.minTick == 0.01
        assert told.timeZoneId == "US/Eastern"
        assert told.marketRuleIds.split(",")[0] == "26"
        assert told.marketRuleIds.count(",") == told.validExchanges.count(",")
        assert told.liquidHours.startswith("20261123:0930-20261123:1600;")
        assert told.tradingHours.startswith("20261123:0400-20261123:2000;")
        assert told.stockType == "COMMON"


def test_an_option_of_the_chain_is_found_and_no_other() -> None:
    with premises() as place:
        app = place.app()
        wanted = an_option(app, "AAPL", 265598)
        (told,) = details(app, wanted)
        contract = told.contract
        assert contract.conId > 0
        assert (contract.strike, contract.right) == (wanted.strike, "C")
        assert contract.lastTradeDateOrContractMonth == wanted.lastTradeDateOrContractMonth
        assert contract.multiplier == "100"
        assert (told.underConId, told.underSymbol, told.underSecType) == (265598, "AAPL", "STK")
        assert told.contractMonth == wanted.lastTradeDateOrContractMonth[:6]
        wanted.strike += 0.25
        req_id = app.new_id()
        app.client.reqContractDetails(req_id, wanted)
        assert app.wait_error(200).reqId == req_id


def test_a_chain_lists_what_can_be_found() -> None:
    with premises() as place:
        app = place.app()
        told = chains(app, "AAPL", 265598)
        assert {call.exchange for call in told} >= {"SMART"}
        for call in told:
            assert (call.tradingClass, call.multiplier) == ("AAPL", "100")
            assert call.underlyingConId == 265598
            assert min(call.expirations) >= "20261123"
            assert min(call.strikes) < 189 < max(call.strikes)


@pytest.mark.parametrize(
    ("rule_id", "steps"),
    [(26, [(0, 0.01)]), (32, [(0, 0.01), (3, 0.05)]), (110, [(0, 0.05), (3, 0.1)])],
)
def test_a_market_rule_is_a_list_of_steps(rule_id: int, steps: list[tuple[int, float]]) -> None:
    with premises() as place:
        app = place.app()
        app.client.reqMarketRule(rule_id)
        told = app.wait("marketRule")
        assert told.marketRuleId == rule_id
        assert [(step.lowEdge, step.increment) for step in told.priceIncrements] == steps


def test_a_line_tells_how_things_stand_and_then_each_change() -> None:
    with premises() as place:
        app = place.app()
        req_id = app.new_id()
        app.client.reqMktData(req_id, AAPL, "233", False, False, [])
        assert app.wait("marketDataType").marketDataType == LIVE
        assert app.wait("tickReqParams").minTick == 0.01
        assert price(app, req_id, TickTypeEnum.BID) == 99.98
        assert price(app, req_id, TickTypeEnum.ASK) == 100.02
        assert price(app, req_id, TickTypeEnum.LAST) == 100.0
        assert size(app, req_id, TickTypeEnum.BID_SIZE) == 500
        app.wait("tickGeneric", lambda call: (call.tickType, call.value) == (49, 0.0))
        mark = len(app.told)
        place.show("AAPL", bid="99.99", ask="100.03", bid_size=300, last="100.01", last_size=40)
        assert price(app, req_id, TickTypeEnum.BID, mark) == 99.99
        assert size(app, req_id, TickTypeEnum.BID_SIZE, mark) == 300
        assert price(app, req_id, TickTypeEnum.LAST, mark) == 100.01
        rt_volume = app.wait("tickString", lambda call: call.tickType == 48, mark).value
        paid, traded, milliseconds, volume, average, single = rt_volume.split(";")
        assert (Decimal(paid), Decimal(traded)) == (Decimal("100.01"), Decimal(40))
        now_ms = place.do(lambda served: served.gateway.now_ns) // 10**6
        assert 0 <= now_ms - int(milliseconds) < 5000
        assert Decimal(volume) >= 40
        assert 100 <= Decimal(average) <= Decimal("100.01")
        assert single == "true"
        app.client.cancelMktData(req_id)
        app.client.reqCurrentTime()
        app.wait("currentTime")
        mark = len(app.told)
        place.show("AAPL", bid="99.97")
        app.answers(app.client.reqCurrentTime, "currentTime", "currentTime")
        assert not app.told.since(mark, "tickPrice")


def test_a_snapshot_has_an_end_and_no_more() -> None:
    with premises() as place:
        app = place.app()
        req_id = app.new_id()
        app.client.reqMktData(req_id, AAPL, "", True, False, [])
        place.forward(12)
        assert app.wait("tickSnapshotEnd").reqId == req_id
        assert price(app, req_id, TickTypeEnum.BID) == 99.98
        mark = len(app.told)
        place.show("AAPL", bid="99.97")
        app.answers(app.client.reqCurrentTime, "currentTime", "currentTime")
        assert not app.told.since(mark, "tickPrice")


def test_what_is_not_subscribed_comes_late_and_in_fields_of_its_own() -> None:
    with premises() as place:
        app = place.app()
        place.do(lambda served: unsubscribe(served, "AAPL"))
        first = app.new_id()
        app.client.reqMktData(first, AAPL, "", False, False, [])
        assert app.wait_error(354).reqId == first
        app.client.reqMarketDataType(DELAYED)
        second = app.new_id()
        app.client.reqMktData(second, AAPL, "", False, False, [])
        assert app.wait_error(10167).reqId == second
        assert app.wait("marketDataType").marketDataType == DELAYED
        assert price(app, second, TickTypeEnum.DELAYED_BID) == 99.98
        assert not [call for call in app.told.since(0, "tickPrice") if call.tickType < 66]


def test_each_kind_of_tick_by_tick() -> None:
    with premises() as place:
        app = place.app()
        last, every, touch, middle = (app.new_id() for _ in range(4))
        for req_id, wanted in ((last, "Last"), (every, "AllLast"), (touch, "BidAsk")):
            app.client.reqTickByTickData(req_id, AAPL, wanted, 0, False)
        app.client.reqTickByTickData(middle, AAPL, "MidPoint", 0, True)
        assert app.wait("tickByTickMidPoint").midPoint == 100
        quote = app.wait("tickByTickBidAsk")
        assert (quote.bidPrice, quote.askPrice, quote.bidSize) == (99.98, 100.02, 500)
        mark = len(app.told)
        place.show("AAPL", bid="99.99", last="100.01", last_size=40)
        now = place.do(lambda served: served.gateway.now_ns) // 10**9
        for kind, req_id in ((1, last), (2, every)):
            trade = app.wait("tickByTickAllLast", partial(is_of, req_id), mark)
            assert (trade.tickType, trade.price, trade.size) == (kind, 100.01, 40)
            assert 0 <= now - trade.time <= 2
        assert app.wait("tickByTickBidAsk", mark=mark).bidPrice == 99.99
        assert app.wait("tickByTickMidPoint", mark=mark).midPoint == 100.005
        for req_id in (last, every, touch, middle):
            app.client.cancelTickByTickData(req_id)
        app.answers(app.client.reqCurrentTime, "currentTime", "currentTime")
        assert app.codes() == []


def test_bars_are_whole_and_in_order() -> None:
    with premises() as place:
        app = place.app()
        req_id = ask_bars(app, contract=stock("MSFT"))
        app.wait("historicalDataEnd", lambda call: call.reqId == req_id)
        bars = [call.bar for call in app.told.since(0, "historicalData")]
        assert 29 <= len(bars) <= 31
        dates = [int(bar.date) for bar in bars]
        assert dates == sorted(set(dates))
        for bar in bars:
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume > 0
            assert bar.low <= bar.wap <= bar.high


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": "7 mins"}, 162),
        ({"duration": "soon"}, 162),
        ({"what": "RUMOURS"}, 162),
        ({"end": "yesterday"}, 10314),
        ({"date_format": 9}, 321),
        ({"contract": stock("NOSUCH")}, 200),
    ],
)
def test_bars_that_cannot_be_had_are_refused(changes: dict[str, Any], code: int) -> None:
    with premises() as place:
        app = place.app()
        req_id = ask_bars(app, **changes)
        assert app.wait_error(code).reqId == req_id


def test_bars_that_are_kept_up_to_date_follow_the_market() -> None:
    with premises() as place:
        app = place.app()
        req_id = ask_bars(app, keep=True)
        app.wait("historicalDataEnd")
        place.show("AAPL", last="100.07", last_size=10)
        place.forward(6)
        told = app.wait("historicalDataUpdate")
        assert (told.reqId, told.bar.close) == (req_id, 100.07)
        app.client.cancelHistoricalData(req_id)
        app.wait_error(162)


def is_of(req_id: int, call: Call) -> bool:
    """Whether the call answers that request."""
    return bool(call.reqId == req_id)


def price(app: App, req_id: int, tick: int, mark: int = 0) -> Any:
    """The first price of that kind."""
    return app.wait(
        "tickPrice", lambda call: (call.reqId, call.tickType) == (req_id, tick), mark
    ).price


def size(app: App, req_id: int, tick: int, mark: int = 0) -> Any:
    """The first size of that kind."""
    return app.wait(
        "tickSize", lambda call: (call.reqId, call.tickType) == (req_id, tick), mark
    ).size


def unsubscribe(served: House, symbol: str) -> None:
    """Take the live data of a stock away."""
    described = Described(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
    (instrument,) = served.gateway.market.find(described)
    served.gateway.front.refuse_data(instrument.con_id)
