"""The checklist that is walked when the broker can't be reached.

Owns the questions in the order in which they are asked, cheapest and likeliest first, and what to
do about each. Whether an answer is yes is found out elsewhere; IB's support is the last resort.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

RETRY_AFTER = timedelta(seconds=30)
"""How long to wait between two attempts to connect."""


class ConnectionCheck(StrEnum):
    """What can keep us from the broker."""

    GATEWAY_RUNNING = "gateway running"
    PORT_RIGHT = "port right"
    API_ENABLED = "api enabled"
    API_WRITABLE = "api writable"
    CLIENT_ID_FREE = "client id free"
    ONLY_LOGIN = "only login"
    FIREWALL_OPEN = "firewall open"
    BROKER_SUPPORT = "broker support"


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One question, IB's error codes that answer it with no, and what to do then."""

    check: ConnectionCheck
    question: str
    remedy: str
    codes: tuple[int, ...] = ()


CHECKLIST = (
    CheckItem(
        ConnectionCheck.GATEWAY_RUNNING,
        "Does TWS or the gateway run, and is it logged in?",
        "Start it and log in.",
        (502, 504),
    ),
    CheckItem(
        ConnectionCheck.PORT_RIGHT,
        "Is it the port of the account: 7497 or 4002 for paper, 7496 or 4001 for live?",
        "Set the port in the configuration, or in the API settings of TWS.",
    ),
    CheckItem(
        ConnectionCheck.API_ENABLED,
        "Are socket clients enabled, and is this address trusted?",
        "Enable ActiveX and Socket Clients in the API settings, and add the address.",
    ),
    CheckItem(
        ConnectionCheck.API_WRITABLE,
        "May the API send orders?",
        "Switch off Read-Only API in the API settings.",
        (321,),
    ),
    CheckItem(
        ConnectionCheck.CLIENT_ID_FREE,
        "Is the client id used by nobody else?",
        "Stop the other program, or wait until the gateway lets the id go.",
        (326,),
    ),
    CheckItem(
        ConnectionCheck.ONLY_LOGIN,
        "Is the user logged in nowhere else?",
        "Log the other session out.",
        (10197,),
    ),
    CheckItem(
        ConnectionCheck.FIREWALL_OPEN,
        "Does the local firewall let the connection through?",
        "Allow the port in the firewall.",
    ),
    CheckItem(
        ConnectionCheck.BROKER_SUPPORT,
        "Does everything here work, and still there is no connection?",
        "Look at IB's system status, then call IB's support.",
    ),
)


def check_for(code: int) -> ConnectionCheck | None:
    """The check that an error code fails, or None if it fails none."""
    for item in CHECKLIST:
        if code in item.codes:
            return item.check
    return None


def advice(failed: tuple[ConnectionCheck, ...]) -> CheckItem:
    """What to do first: the earliest failed item, or the last resort where nothing else failed."""
    for item in CHECKLIST:
        if item.check in failed:
            return item
    return CHECKLIST[-1]
