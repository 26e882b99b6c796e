"""The words by which a rule picks what it strikes: requests by IB's own names, and statuses."""

from backstay.gateway.messages.requests import (
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelAll,
    CancelHistoricalBars,
    CancelMarketData,
    CancelOrder,
    CancelPnl,
    CancelPnlSingle,
    CancelPositions,
    CancelTickByTick,
    PlaceOrder,
    RequestMarketDataType,
    SetLogLevel,
    StartApi,
)
from backstay.gateway.values.state import Status
from backstay.gateway.wire.requests import LAYOUTS

STATUSES = tuple(status.value for status in Status)

REQUESTS: dict[type, str] = {layout.made_of: layout.name for layout in LAYOUTS}
"""Every request with IB's name for it."""

ORDER_REQUESTS: frozenset[type] = frozenset({PlaceOrder, CancelOrder, CancelAll})
"""What changes something at the exchange."""

_ASKS_NOTHING: frozenset[type] = frozenset(
    {
        CancelAccountSummary,
        CancelAccountUpdatesMulti,
        CancelHistoricalBars,
        CancelMarketData,
        CancelPnl,
        CancelPnlSingle,
        CancelPositions,
        CancelTickByTick,
        RequestMarketDataType,
        SetLogLevel,
        StartApi,
    }
)

QUERIES: dict[type, str] = {
    made_of: name
    for made_of, name in REQUESTS.items()
    if made_of not in ORDER_REQUESTS | _ASKS_NOTHING
}
"""What asks for an answer."""
