"""Which handler answers which request, and which requests need the line to IB.

The gateway answers the others by itself, also while that line is down.
"""

from collections.abc import Callable, Mapping
from typing import Any

from backstay.gateway.front import (
    data,
    history,
    portfolio,
    reference,
    reports,
    session,
    tick_by_tick,
    trading,
)
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.messages import requests as asked

Handler = Callable[[Hall, Client, Any], None]
"""Each takes the one request that the table names it for."""

HANDLERS: Mapping[type[asked.Request], Handler] = {
    asked.StartApi: session.start,
    asked.RequestIds: session.tell_next_id,
    asked.RequestManagedAccounts: session.tell_accounts,
    asked.SetLogLevel: session.set_log_level,
    asked.RequestCurrentTime: session.tell_time,
    asked.RequestContractDetails: reference.tell_details,
    asked.RequestOptionChain: reference.tell_chain,
    asked.RequestMarketRule: reference.tell_rule,
    asked.RequestMarketData: data.subscribe,
    asked.CancelMarketData: data.cancel,
    asked.RequestMarketDataType: data.set_type,
    asked.RequestTickByTick: tick_by_tick.subscribe,
    asked.CancelTickByTick: tick_by_tick.cancel,
    asked.RequestHistoricalBars: history.tell_bars,
    asked.CancelHistoricalBars: history.cancel,
    asked.PlaceOrder: trading.place,
    asked.CancelOrder: trading.cancel,
    asked.CancelAll: trading.cancel_all,
    asked.RequestOpenOrders: trading.tell_own_orders,
    asked.RequestAllOpenOrders: trading.tell_all_orders,
    asked.RequestAutoOpenOrders: trading.bind_orders,
    asked.RequestCompletedOrders: reports.tell_completed,
    asked.RequestExecutions: reports.tell_executions,
    asked.RequestPositions: portfolio.subscribe_positions,
    asked.CancelPositions: portfolio.cancel_positions,
    asked.RequestAccountUpdates: portfolio.subscribe_account,
    asked.RequestAccountUpdatesMulti: portfolio.subscribe_account_multi,
    asked.CancelAccountUpdatesMulti: portfolio.cancel_account_multi,
    asked.RequestAccountSummary: portfolio.subscribe_summary,
    asked.CancelAccountSummary: portfolio.cancel_summary,
    asked.RequestPnl: portfolio.subscribe_pnl,
    asked.CancelPnl: portfolio.cancel_pnl,
    asked.RequestPnlSingle: portfolio.subscribe_pnl_single,
    asked.CancelPnlSingle: portfolio.cancel_pnl_single,
}

LOCAL = frozenset(
    {
        asked.StartApi,
        asked.RequestIds,
        asked.RequestManagedAccounts,
        asked.SetLogLevel,
        asked.RequestCurrentTime,
        asked.CancelMarketData,
        asked.RequestMarketDataType,
        asked.CancelTickByTick,
        asked.CancelHistoricalBars,
        asked.RequestAutoOpenOrders,
        asked.CancelPositions,
        asked.CancelAccountUpdatesMulti,
        asked.CancelAccountSummary,
        asked.CancelPnl,
        asked.CancelPnlSingle,
    }
)
