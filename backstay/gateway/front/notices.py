"""Error codes and their texts, as IB words them."""

from backstay.gateway.messages.replies import NO_REQUEST, Notice

DATA_FARM = "usfarm"
HISTORY_FARM = "ushmds"
REFERENCE_FARM = "secdefnj"

CLIENT_ID_IN_USE = Notice(
    NO_REQUEST,
    326,
    "Unable to connect as the client id is already in use. Retry with a unique client id.",
)
NOT_STARTED = Notice(NO_REQUEST, 504, "Not connected")
TOO_FAST = Notice(NO_REQUEST, 100, "Max rate of messages per second has been exceeded")

FARM_NOTICES = (
    Notice(NO_REQUEST, 2104, f"Market data farm connection is OK:{DATA_FARM}"),
    Notice(NO_REQUEST, 2106, f"HMDS data farm connection is OK:{HISTORY_FARM}"),
    Notice(NO_REQUEST, 2158, f"Sec-def data farm connection is OK:{REFERENCE_FARM}"),
)
UPSTREAM_LOST = Notice(
    NO_REQUEST, 1100, "Connectivity between IB and Trader Workstation has been lost."
)
UPSTREAM_BACK_DATA_LOST = Notice(
    NO_REQUEST,
    1101,
    "Connectivity between IB and Trader Workstation has been restored - data lost. "
    "All market data subscription requests must be resubmitted.",
)
UPSTREAM_BACK = Notice(
    NO_REQUEST,
    1102,
    "Connectivity between IB and Trader Workstation has been restored - data maintained. "
    "All data farms are connected: "
    f"{DATA_FARM}; {HISTORY_FARM}; {REFERENCE_FARM}.",
)
UPSTREAM_MISSING = Notice(
    NO_REQUEST,
    2110,
    "Connectivity between Trader Workstation and server is broken. "
    "It will be restored automatically.",
)


def farm_broken(farm: str) -> Notice:
    """2103: a market data farm has gone."""
    return Notice(NO_REQUEST, 2103, f"Market data farm connection is broken:{farm}")


def farm_back(farm: str) -> Notice:
    """2104: it is back."""
    return Notice(NO_REQUEST, 2104, f"Market data farm connection is OK:{farm}")


def invalid(req_id: int, cause: str) -> Notice:
    """321: a request that says nothing sensible."""
    return Notice(req_id, 321, f"Error validating request.-'bN' : cause - {cause}")


def read_only(order_id: int) -> Notice:
    """321: orders are not taken."""
    cause = "The API interface is currently in Read-Only mode."
    return Notice(order_id, 321, f"Error validating request:-'bN' : cause - {cause}")


def unknown_account(req_id: int, account: str) -> Notice:
    """321: nobody of that name."""
    return invalid(req_id, f"Invalid account code '{account}'.")


def refused(req_id: int, cause: str) -> Notice:
    """322: a request that is understood and not granted."""
    return Notice(req_id, 322, f"Error processing request.-'bN' : cause - {cause}")


def duplicate(req_id: int) -> Notice:
    """322: the request id is taken."""
    return refused(req_id, "Duplicate ticker id")


def no_definition(req_id: int) -> Notice:
    """200: nothing fits the description."""
    return Notice(req_id, 200, "No security definition has been found for the request")


def ambiguous(req_id: int, symbol: str) -> Notice:
    """200: too much fits it."""
    return Notice(req_id, 200, f"The contract description specified for {symbol} is ambiguous.")


def too_many_lines(req_id: int) -> Notice:
    """101: every line is taken."""
    return Notice(req_id, 101, "Max number of tickers has been reached")


def too_many_tick_streams(req_id: int) -> Notice:
    """10190: tick-by-tick has a limit of its own."""
    return Notice(req_id, 10190, "Max number of tick-by-tick requests has been reached")


def unknown_ticker(req_id: int) -> Notice:
    """300: a cancel of nothing."""
    return Notice(req_id, 300, f"Can't find EId with tickerId:{req_id}")


def not_subscribed(req_id: int) -> Notice:
    """354: no live data for this instrument."""
    text = "Requested market data is not subscribed. Delayed market data is available."
    return Notice(req_id, 354, text)


def delayed_instead(req_id: int) -> Notice:
    """10167: delayed data comes in its place."""
    text = "Requested market data is not subscribed. Displaying delayed market data."
    return Notice(req_id, 10167, text)


def competing(req_id: int) -> Notice:
    """10197: somebody else is logged in with this user."""
    return Notice(req_id, 10197, "No market data during competing live session")


def bad_history(req_id: int, cause: str) -> Notice:
    """162: the history can't be had."""
    return Notice(req_id, 162, f"Historical Market Data Service error message:{cause}")


def no_history_query(req_id: int) -> Notice:
    """366: a cancel of nothing."""
    return Notice(req_id, 366, f"No historical data query found for ticker id:{req_id}")


def bad_end(req_id: int) -> Notice:
    """10314: an end that is no time."""
    return Notice(
        req_id,
        10314,
        "End Date/Time: The date, time, or time-zone entered is invalid. "
        "The correct format is yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional.",
    )
