"""The same frames heard by the real ib_async and by our hearing: what both show is the same.

The frames are those of a day at the embedded gateway, as they came on the socket.
"""

from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from functools import cache

import pytest

from backstay.broker.news import (
    AccountNews,
    CommissionNews,
    CompletedNews,
    ErrorNews,
    ExecutionNews,
    OrderNews,
    PositionNews,
    StampNews,
    StatusNews,
)
from backstay.broker.translation.contracts import DayBar, Listing, OptionChain
from backstay.broker.translation.telling import WhatIf
from backstay.domain.orders.intent import Limit, Market, OcaGroup, Stop, StopLimit
from backstay.domain.prices import PriceBand
from backstay.domain.sides import Side
from tests.broker.translation.heard import Heard
from tests.broker.translation.recorded import recorded

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}


@cache
def heard() -> Heard:
    return Heard().tell(*recorded().frames)


def items(kind: type) -> list[object]:
    return [item for items in heard().items.values() for item in items if isinstance(item, kind)]


def test_every_frame_of_the_day_can_be_read() -> None:
    assert len(recorded().frames) > 200
    assert heard().unread == []


def test_every_order_is_told_as_ib_async_has_it() -> None:
    orders = {news.report.perm_id: news for news in heard().of(OrderNews)}
    trades = {trade.order.permId: trade for trade in recorded().trades if trade.order.permId}
    assert len(orders) == len(trades) == 7
    for perm_id, trade in trades.items():
        news, order = orders[perm_id], trade.order
        assert news.order_ref == order.orderRef
        assert news.client_id == order.clientId
        assert news.account == (order.account or recorded().positions[0].account)
        assert news.con_id == trade.contract.conId
        assert news.report.order_id == order.orderId
        assert news.report.parent_order_id == order.parentId
        assert SIDES[news.report.side] == order.action
        assert float(news.report.quantity) == order.totalQuantity
        assert news.report.time_in_force == order.tif
        assert news.report.outside_regular_hours == order.outsideRth


def test_terms_are_told_to_the_cent() -> None:
    told = {(news.report.side, news.report.terms) for news in heard().of(OrderNews)}
    assert told == {
        (Side.BUY, Market()),
        (Side.SELL, Market()),
        (Side.BUY, Limit(Decimal("95.05"))),
        (Side.BUY, Limit(Decimal("95.1"))),
        (Side.BUY, Limit(Decimal(94))),
        (Side.SELL, Stop(Decimal("90.25"))),
        (Side.SELL, Stop(Decimal(80))),
        (Side.SELL, StopLimit(Decimal("90.5"), Decimal("90.01"))),
    }


def test_the_group_of_an_order_is_told_and_no_other_order_has_one() -> None:
    groups = {(news.order_ref, news.report.oca) for news in heard().of(OrderNews)}
    assert ("resting", OcaGroup("pair", 1)) in groups
    assert {oca for order_ref, oca in groups if order_ref != "resting"} == {None}


def test_the_last_status_of_every_order_is_that_of_ib_async() -> None:
    last = {news.report.perm_id: news for news in heard().of(StatusNews)}
    live = [trade for trade in recorded().trades if trade.order.permId in last]
    assert len(live) == 7
    for trade in live:
        news, status = last[trade.order.permId], trade.orderStatus
        assert news.report.status == status.status
        assert news.report.order_id == status.orderId
        assert news.client_id == status.clientId
        assert float(news.report.filled) == status.filled
        assert news.report.why_held == status.whyHeld


def test_every_execution_is_told_as_ib_async_has_it() -> None:
    executions = {news.report.exec_id: news for news in heard().of(ExecutionNews)}
    fills = {fill.execution.execId: fill for fill in recorded().fills}
    assert executions.keys() == fills.keys()
    assert len(fills) >= 2
    for exec_id, fill in fills.items():
        news, execution = executions[exec_id], fill.execution
        assert news.order_ref == execution.orderRef
        assert news.client_id == execution.clientId
        assert news.account == execution.acctNumber
        assert news.con_id == fill.contract.conId
        assert news.report.order_id == execution.orderId
        assert news.report.perm_id == execution.permId
        assert news.report.side is (Side.BUY if execution.side == "BOT" else Side.SELL)
        assert float(news.report.quantity) == execution.shares
        assert float(news.report.price) == execution.price
        assert news.report.executed_at == execution.time
        assert news.report.executed_at.tzinfo is UTC


def test_executions_that_were_asked_for_are_no_stamps_of_now() -> None:
    live = [frame for frame in recorded().frames if frame[0] == "11" and frame[1] == "-1"]
    asked = [frame for frame in recorded().frames if frame[0] == "11" and frame[1] != "-1"]
    assert live
    assert asked
    assert len(heard().of(StampNews)) == len(live) + 1  # and one answer to currentTime


def test_every_commission_is_told_as_ib_async_has_it() -> None:
    told = {
        (news.report.exec_id, float(news.report.amount), news.report.currency)
        for news in heard().of(CommissionNews)
    }
    assert told == {
        (report.execId, report.commission, report.currency) for report in recorded().commissions
    }


def test_every_completed_order_is_told_with_what_it_filled() -> None:
    told = heard().of(CompletedNews)
    assert len(told) == len(recorded().completed) >= 3
    for news, trade in zip(told, recorded().completed, strict=True):
        assert news.report.perm_id == trade.order.permId
        assert news.report.status == trade.orderStatus.status
        assert float(news.report.filled) == trade.order.filledQuantity
        assert news.order_ref == trade.order.orderRef
        assert news.account == trade.order.account
        assert news.con_id == trade.contract.conId
        assert SIDES[news.side] == trade.order.action
        assert float(news.quantity) == trade.order.totalQuantity
    assert {news.report.filled for news in told} >= {Decimal(100), Decimal(40), Decimal(0)}


def test_the_last_word_on_every_position_is_that_of_ib_async() -> None:
    last = {(news.account, news.con_id): news for news in heard().of(PositionNews)}
    assert recorded().positions
    for position in recorded().positions:
        news = last[position.account, position.contract.conId]
        assert float(news.quantity) == position.position
        assert float(news.average_cost) == position.avgCost
        assert news.symbol == position.contract.symbol
        assert news.multiplier == 1
        assert news.con_id in heard().items["positions"]


def test_the_last_word_on_every_figure_of_the_account_is_that_of_ib_async() -> None:
    last: defaultdict[tuple[str, str, str], str] = defaultdict(str)
    for news in heard().of(AccountNews):
        last[news.account, news.tag, news.currency] = news.value
    assert len(recorded().values) > 10
    for value in recorded().values:
        if (value.account, value.tag, value.currency) in last:
            assert last[value.account, value.tag, value.currency] == value.value
    assert len(last) > 10


def test_contract_details_are_told_as_ib_async_has_them() -> None:
    listings = {item.con_id: item for item in items(Listing) if isinstance(item, Listing)}
    seen = [*recorded().stocks, *recorded().options]
    assert len(seen) == 2
    for details in seen:
        contract = details.contract
        assert contract is not None
        listing = listings[contract.conId]
        assert listing.symbol == contract.symbol
        assert listing.local_symbol == contract.localSymbol
        assert listing.type == contract.secType
        assert listing.currency == contract.currency
        assert listing.exchange == contract.exchange
        assert ",".join(listing.valid_exchanges) == details.validExchanges
        assert ",".join(str(rule) for _, rule in listing.market_rules) == details.marketRuleIds
        assert listing.market_rule("SMART") is not None
        assert listing.market_rule("NOWHERE") is None
        assert float(listing.min_tick) == details.minTick
        assert listing.trading_hours == details.tradingHours
        assert listing.liquid_hours == details.liquidHours
        assert listing.time_zone_id == details.timeZoneId
        assert listing.multiplier == (100 if listing.option else 1)
        assert (listing.under_con_id or 0) == details.underConId
    (option,) = [listing.option for listing in listings.values() if listing.option]
    assert option.strike == 100
    assert option.expiry.strftime("%Y%m%d") == min(recorded().chain[0].expirations)


def test_option_chains_are_told_as_ib_async_has_them() -> None:
    told = [item for item in items(OptionChain) if isinstance(item, OptionChain)]
    assert told
    for chain, seen in zip(told, recorded().chain, strict=True):
        assert chain.exchange == seen.exchange
        assert chain.under_con_id == int(seen.underlyingConId)
        assert chain.trading_class == seen.tradingClass
        assert chain.multiplier == Decimal(seen.multiplier)
        assert [day.strftime("%Y%m%d") for day in chain.expiries] == sorted(seen.expirations)
        assert [float(strike) for strike in chain.strikes] == sorted(seen.strikes)


def test_price_rules_and_days_are_told_as_ib_async_has_them() -> None:
    bands = [item for item in items(PriceBand) if isinstance(item, PriceBand)]
    assert [(float(band.low_edge), float(band.increment)) for band in bands] == [
        (band.lowEdge, band.increment) for band in recorded().rule
    ]
    assert bands
    days = [item for item in items(DayBar) if isinstance(item, DayBar)]
    assert len(days) == 5
    for day, bar in zip(days, recorded().bars, strict=True):
        assert day.day == bar.date
        assert [float(each) for each in (day.open, day.high, day.low, day.close)] == [
            bar.open, bar.high, bar.low, bar.close,
        ]  # fmt: skip


def test_what_an_order_would_cost_is_an_answer_and_never_news() -> None:
    (answer,) = [item for item in items(WhatIf) if isinstance(item, WhatIf)]
    state = recorded().state
    assert state is not None
    assert float(answer.init_margin_change) == float(state.initMarginChange)
    assert float(answer.init_margin_after or 0) == float(state.initMarginAfter)
    assert float(answer.maint_margin_change or 0) == float(state.maintMarginChange)
    assert float(answer.maint_margin_after or 0) == float(state.maintMarginAfter)
    assert float(answer.equity_after or 0) == float(state.equityWithLoanAfter)
    assert answer.commission_currency == state.commissionCurrency
    (asked,) = [question for question, told in heard().items.items() if answer in told]
    assert asked in heard().ended
    assert asked not in {news.report.order_id for news in heard().of(OrderNews)}


def test_errors_are_told_in_their_order() -> None:
    told = [(news.subject_id, news.code, news.text) for news in heard().of(ErrorNews)]
    seen = recorded().errors
    assert told[-len(seen) :] == seen
    assert {code for _, code, _ in seen} >= {110, 202}


@pytest.mark.parametrize(
    "question", ["open orders", "completed orders", "positions", "account", "current time"]
)
def test_the_end_of_each_answer_is_told(question: str) -> None:
    assert question in heard().ended


def test_the_time_is_told_as_a_stamp_and_as_an_answer() -> None:
    assert heard().items["current time"] == [recorded().time]
    assert heard().of(StampNews)[-1].at == recorded().time
