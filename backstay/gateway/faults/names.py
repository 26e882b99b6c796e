"""The catalogue: every fault by its name, what it does, where it strikes, and what can be set.

One literal table. A fault strikes either on an occasion (a message or an event that comes along:
then a rule gives a probability, an ordinal number or a time from which the next one counts) or by
itself when its hour has come; some can do both.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from backstay.gateway.faults.kinds import QUERIES, REQUESTS, STATUSES


class Where(StrEnum):
    """Where a fault strikes."""

    LINK_IN = "link in"
    LINK_OUT = "link out"
    REQUEST = "request"
    REPLY = "reply"
    TICK = "tick"
    EXCHANGE = "exchange"
    LIFECYCLE = "lifecycle"


class Measure(Enum):
    """What a parameter is counted in."""

    PERIOD = auto()
    WHOLE = auto()
    NUMBER = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something about a fault that can be set; `default` as it would stand in a file.

    A WORD with `choices` is one of them.
    """

    name: str
    measure: Measure
    default: str | int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the catalogue.

    `occasion` is what it can strike; without one it needs a schedule. `by_itself` says that it
    needs no occasion once its time has come. `picks_client` says that a rule can be for one client
    only. `kinds` are the words by which a rule can pick
    occasions.
    """

    name: str
    line: str
    where: Where
    occasion: str = ""
    by_itself: bool = False
    picks_client: bool = True
    parameters: tuple[Parameter, ...] = ()
    kinds: tuple[str, ...] = ()


def _period(name: str, default: str) -> Parameter:
    return Parameter(name, Measure.PERIOD, default)


def _whole(name: str, default: int) -> Parameter:
    return Parameter(name, Measure.WHOLE, default)


def _number(name: str, default: str) -> Parameter:
    return Parameter(name, Measure.NUMBER, default)


def _word(name: str, default: str, *choices: str) -> Parameter:
    return Parameter(name, Measure.WORD, default, choices)


_REQUESTS = tuple(REQUESTS.values())
_QUERIES = tuple(QUERIES.values())
_PRICES = ("bid", "ask", "last")

CATALOGUE: tuple[Fault, ...] = (
    Fault(
        "ids-roll-back",
        "nextValidId falls back by so many, and order ids are given out again",
        Where.LIFECYCLE,
        occasion="a client id that connects again, or a restart",
        parameters=(_whole("by", 10),),
        kinds=("reconnect", "restart"),
    ),
    Fault(
        "placement-swallowed",
        "a new order is never placed, and nothing is said about it",
        Where.REQUEST,
        occasion="a new order",
    ),
    Fault(
        "placement-acknowledged-late",
        "a new order is placed, but what there is to say about it comes only later",
        Where.REPLY,
        occasion="a new order",
        parameters=(_period("delay", "3s"),),
    ),
    Fault(
        "order-rejected",
        "a new order is rejected",
        Where.REQUEST,
        occasion="a new order",
        parameters=(
            _whole("code", 201),
            _word("text", "Order rejected - reason:The order was rejected by the exchange."),
        ),
    ),
    Fault(
        "freeze-quantity",
        "an order for more than so much is rejected (201)",
        Where.REQUEST,
        occasion="a new or modified order for more than that",
        parameters=(_whole("above", 100),),
    ),
    Fault(
        "fast-modify-refused",
        "a modify that comes soon after the order's last change is refused (103); the order lives",
        Where.REQUEST,
        occasion="a modify that comes that soon",
        parameters=(_period("within", "500ms"),),
    ),
    Fault(
        "second-perm-id",
        "a modify leaves the old order alive under its permId beside the new one",
        Where.EXCHANGE,
        occasion="a modify that changed something",
    ),
    Fault(
        "cancel-refused",
        "a cancel is refused (161), and the order lives",
        Where.REQUEST,
        occasion="a cancel",
    ),
    Fault(
        "cancel-unanswered",
        "a cancel waits, and nothing is said; it is carried out later, or never",
        Where.REQUEST,
        occasion="a cancel",
        parameters=(_period("delay", "30s"), _word("then", "cancelled", "cancelled", "never")),
    ),
    Fault(
        "read-only",
        "orders and cancels are refused because the API is read-only (321)",
        Where.REQUEST,
        occasion="an order, a modify or a cancel",
    ),
    Fault(
        "request-unanswered",
        "a request is never answered",
        Where.REQUEST,
        occasion="a request for data",
        kinds=_QUERIES,
    ),
    Fault(
        "answers-slow",
        "a request is answered late",
        Where.REQUEST,
        occasion="a request for data",
        parameters=(_period("delay", "5s"),),
        kinds=_QUERIES,
    ),
    Fault(
        "reset-before-frame",
        "the connection is reset before a request has been read",
        Where.LINK_IN,
        occasion="a request",
        kinds=_REQUESTS,
    ),
    Fault(
        "reset-after-frame",
        "the connection is reset after a request was carried out; its answer is lost",
        Where.LINK_IN,
        occasion="a request",
        kinds=_REQUESTS,
    ),
    Fault(
        "reset-mid-frame",
        "the connection is reset in the middle of a frame, coming in or going out",
        Where.LINK_IN,
        occasion="a frame",
        kinds=("in", "out"),
    ),
    Fault(
        "client-id-lingers",
        "a client id stays in use for a while after its connection has ended (326)",
        Where.LINK_IN,
        occasion="a connection that ends",
        parameters=(_period("lasting", "30s"),),
    ),
    Fault(
        "half-open",
        "a socket stays open, but nothing flows any more; later it is closed",
        Where.LINK_IN,
        occasion="a request",
        by_itself=True,
        parameters=(_period("lasting", "60s"),),
    ),
    Fault(
        "garbage-frame",
        "a frame that means nothing comes before a reply",
        Where.LINK_OUT,
        occasion="a reply",
        parameters=(_word("shape", "noise", "noise", "unknown-id", "cut-short"),),
    ),
    Fault(
        "oversized-frame",
        "a frame announces more bytes than a client can accept",
        Where.LINK_OUT,
        occasion="a reply",
        parameters=(_whole("bytes", 16_777_216),),
    ),
    Fault(
        "status-duplicated",
        "an order's status is sent again at once, so many times",
        Where.REPLY,
        occasion="an order status",
        parameters=(_whole("copies", 1),),
        kinds=STATUSES,
    ),
    Fault(
        "status-delayed",
        "an order's status comes late, and later ones overtake it",
        Where.REPLY,
        occasion="an order status",
        parameters=(_period("delay", "2s"),),
        kinds=STATUSES,
    ),
    Fault(
        "status-reordered",
        "an order's status comes after the next one of the same order",
        Where.REPLY,
        occasion="an order status",
        parameters=(_period("within", "5s"),),
        kinds=STATUSES,
    ),
    Fault(
        "status-missing",
        "an order's status is never sent",
        Where.REPLY,
        occasion="an order status",
        kinds=STATUSES,
    ),
    Fault(
        "commission-before-execution",
        "a commission comes before the execution that it is for",
        Where.REPLY,
        occasion="an execution",
        parameters=(_period("within", "5s"),),
    ),
    Fault(
        "commission-missing",
        "a commission is never sent",
        Where.REPLY,
        occasion="a commission",
    ),
    Fault(
        "tick-none",
        "a price is left out",
        Where.TICK,
        occasion="a price",
        kinds=_PRICES,
    ),
    Fault(
        "tick-zero",
        "a price is 0",
        Where.TICK,
        occasion="a price",
        kinds=_PRICES,
    ),
    Fault(
        "tick-minus-one",
        "a price is -1, which is how IB says that there is none",
        Where.TICK,
        occasion="a price",
        kinds=_PRICES,
    ),
    Fault(
        "tick-nan",
        "a price is not a number",
        Where.TICK,
        occasion="a price",
        kinds=_PRICES,
    ),
    Fault(
        "tick-crossed",
        "a bid stands above the ask",
        Where.TICK,
        occasion="a bid while there is an ask",
    ),
    Fault(
        "tick-stale",
        "a price comes late, after newer ones",
        Where.TICK,
        occasion="a price",
        parameters=(_period("delay", "10s"),),
        kinds=_PRICES,
    ),
    Fault(
        "tick-storm",
        "a price comes so many times at once",
        Where.TICK,
        occasion="a price",
        parameters=(_whole("ticks", 1000),),
        kinds=_PRICES,
    ),
    Fault(
        "stream-dead",
        "a data farm breaks (2103) and returns (2104), but streams stay silent",
        Where.LIFECYCLE,
        by_itself=True,
        picks_client=False,
    ),
    Fault(
        "farm-broken",
        "the data farms break (2103, 2105) and return (2104, 2106); meanwhile no ticks come",
        Where.LIFECYCLE,
        by_itself=True,
        picks_client=False,
        parameters=(_period("lasting", "30s"),),
    ),
    Fault(
        "competing-login",
        "somebody else logs in, and market data stops for a while (10197)",
        Where.LIFECYCLE,
        by_itself=True,
        picks_client=False,
        parameters=(_period("lasting", "60s"),),
    ),
    Fault(
        "upstream-lost",
        "the gateway loses IB (1100): fills come when it is back (1102), or if asked for (1101)",
        Where.LIFECYCLE,
        by_itself=True,
        picks_client=False,
        parameters=(_period("lasting", "20s"), _word("then", "kept", "kept", "lost")),
    ),
    Fault(
        "nightly-restart",
        "the gateway restarts: every connection ends, and for a while there is none",
        Where.LIFECYCLE,
        by_itself=True,
        picks_client=False,
        parameters=(_period("down", "60s"),),
    ),
    Fault(
        "fill-after-cancel",
        "an order fills although it was shown as cancelled",
        Where.EXCHANGE,
        occasion="an order that was cancelled",
        parameters=(_period("delay", "2s"), _number("share", "1")),
    ),
    Fault(
        "execution-corrected",
        "an execution is replaced by another one, with the next number",
        Where.EXCHANGE,
        occasion="an execution",
        parameters=(
            _period("delay", "2s"),
            _number("price_by", "0.01"),
            _number("quantity_by", "0"),
        ),
    ),
    Fault(
        "execution-busted",
        "an execution is taken back",
        Where.EXCHANGE,
        occasion="an execution",
        parameters=(_period("delay", "2s"),),
    ),
    Fault(
        "manual-order",
        "somebody places an order by hand in TWS",
        Where.EXCHANGE,
        by_itself=True,
        picks_client=False,
        parameters=(
            _word("account", ""),
            _word("symbol", "AAPL"),
            _word("side", "BUY", "BUY", "SELL"),
            _whole("quantity", 100),
            _number("limit", "0"),
        ),
    ),
    Fault(
        "manual-close",
        "somebody closes a position by hand in TWS",
        Where.EXCHANGE,
        occasion="a position that has changed",
        by_itself=True,
        picks_client=False,
        parameters=(_period("delay", "5s"), _word("account", ""), _word("symbol", "")),
    ),
)

BY_NAME: dict[str, Fault] = {fault.name: fault for fault in CATALOGUE}
