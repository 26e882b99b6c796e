"""The words by which a rule picks what it strikes: requests by IB's own names, and statuses."""

from backstay.gateway.messages import requests as r
from backstay.gateway.values.state import Status

STATUSES = tuple(status.value for status in Status)

ORDER_REQUESTS: dict[type, str] = {
    r.PlaceOrder: "placeOrder",
    r.CancelOrder: "cancelOrder",
    r.CancelAll: "reqGlobalCancel",
}
"""What changes something at the exchange."""

QUERIES: dict[type, str] = {
    r.RequestIds: "reqIds",
    r.RequestManagedAccounts: "reqManagedAccts",
    r.RequestCurrentTime: "reqCurrentTime",
    r.RequestContractDetails: "reqContractDetails",
    r.RequestOptionChain: "reqSecDefOptParams",
    r.RequestMarketRule: "reqMarketRule",
    r.RequestMarketData: "reqMktData",
    r.RequestTickByTick: "reqTickByTickData",
    r.RequestHistoricalBars: "reqHistoricalData",
    r.RequestOpenOrders: "reqOpenOrders",
    r.RequestAllOpenOrders: "reqAllOpenOrders",
    r.RequestAutoOpenOrders: "reqAutoOpenOrders",
    r.RequestCompletedOrders: "reqCompletedOrders",
    r.RequestExecutions: "reqExecutions",
    r.RequestPositions: "reqPositions",
    r.RequestAccountUpdates: "reqAccountUpdates",
    r.RequestAccountUpdatesMulti: "reqAccountUpdatesMulti",
    r.RequestAccountSummary: "reqAccountSummary",
    r.RequestPnl: "reqPnL",
    r.RequestPnlSingle: "reqPnLSingle",
}
"""What asks for an answer."""

_OTHERS: dict[type, str] = {
    r.StartApi: "startApi",
    r.SetLogLevel: "setServerLogLevel",
    r.CancelMarketData: "cancelMktData",
    r.CancelTickByTick: "cancelTickByTickData",
    r.CancelHistoricalBars: "cancelHistoricalData",
    r.CancelPositions: "cancelPositions",
    r.CancelAccountUpdatesMulti: "cancelAccountUpdatesMulti",
    r.CancelAccountSummary: "cancelAccountSummary",
    r.CancelPnl: "cancelPnL",
    r.CancelPnlSingle: "cancelPnLSingle",
}

REQUESTS: dict[type, str] = {**ORDER_REQUESTS, **QUERIES, **_OTHERS}
"""Every request with IB's name for it."""
