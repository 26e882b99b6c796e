"""The kinds of messages that nobody here reads.

ib_async's decoder calls a method of its wrapper for each message it knows. Each of those stands
either here or in `hearing`, so that nothing is unheard by oversight. Ticks are read on the line,
before anything is decoded.
"""

# ruff: noqa: N815 - the names are ib_async's


def _unread(_self: object, *_fields: object) -> None:
    """Nobody reads this."""


class Deaf:
    """A wrapper that hears nothing."""

    # What the client itself tells its wrapper; the line knows of it first.
    connectAck = _unread
    connectionClosed = _unread
    setEventsDone = _unread

    # Messages that are never asked for here, or that are read before they are decoded.
    accountSummary = _unread
    accountSummaryEnd = _unread
    accountUpdateMulti = _unread
    accountUpdateMultiEnd = _unread
    bondContractDetails = _unread
    deltaNeutralValidation = _unread
    displayGroupList = _unread
    displayGroupUpdated = _unread
    familyCodes = _unread
    fundamentalData = _unread
    headTimestamp = _unread
    histogramData = _unread
    historicalDataUpdate = _unread
    historicalNews = _unread
    historicalNewsEnd = _unread
    historicalSchedule = _unread
    historicalTicks = _unread
    historicalTicksBidAsk = _unread
    historicalTicksLast = _unread
    marketDataType = _unread
    mktDepthExchanges = _unread
    newsArticle = _unread
    newsProviders = _unread
    orderBound = _unread
    pnl = _unread
    pnlSingle = _unread
    positionMulti = _unread
    positionMultiEnd = _unread
    priceSizeTick = _unread
    realtimeBar = _unread
    receiveFA = _unread
    replaceFAEnd = _unread
    rerouteMktDataReq = _unread
    rerouteMktDepthReq = _unread
    scannerData = _unread
    scannerDataEnd = _unread
    scannerParameters = _unread
    smartComponents = _unread
    softDollarTiers = _unread
    symbolSamples = _unread
    tickByTickAllLast = _unread
    tickByTickBidAsk = _unread
    tickByTickMidPoint = _unread
    tickEFP = _unread
    tickGeneric = _unread
    tickNews = _unread
    tickOptionComputation = _unread
    tickReqParams = _unread
    tickSize = _unread
    tickSnapshotEnd = _unread
    tickString = _unread
    updateAccountTime = _unread
    updateMktDepth = _unread
    updateMktDepthL2 = _unread
    updateNewsBulletin = _unread
    updatePortfolio = _unread
    userInfo = _unread
    verifyAndAuthCompleted = _unread
    verifyAndAuthMessageAPI = _unread
    verifyCompleted = _unread
    verifyMessageAPI = _unread
    wshEventData = _unread
    wshMetaData = _unread
