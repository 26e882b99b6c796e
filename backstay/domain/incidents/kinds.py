"""Everything that can go wrong enough to be told.

Owns the names of the incidents, how bad each is, and the sentence in which a person hears of it:
what is the case and what to do. The sentence stands alone, for it is read on a telephone at night.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, worst first."""

    P1 = "p1"
    """Capital is at risk."""

    P2 = "p2"
    """Trading is halted."""

    P3 = "p3"
    """Something works worse than it should."""

    P4 = "p4"
    """Worth knowing."""

    @property
    def raised(self) -> "Severity":
        """One worse; there is nothing worse than P1."""
        return _RAISED[self]

    @property
    def response_limit(self) -> timedelta:
        """How long an incident may stay unanswered."""
        return _RESPONSE_LIMITS[self]


_RAISED = {
    Severity.P4: Severity.P3,
    Severity.P3: Severity.P2,
    Severity.P2: Severity.P1,
    Severity.P1: Severity.P1,
}

_RESPONSE_LIMITS = {
    Severity.P1: timedelta(minutes=1),
    Severity.P2: timedelta(minutes=5),
    Severity.P3: timedelta(hours=1),
    Severity.P4: timedelta(hours=24),
}


class IncidentKind(StrEnum):
    """What has happened."""

    # Capital at risk
    IMMEDIATE_MANUAL_HEDGE = "immediate manual hedge"
    HEDGE_CANCEL_UNCONFIRMED = "hedge cancel unconfirmed"
    HEDGE_FILLS_UNREAD = "hedge fills unread"
    NAKED_POSITION = "naked position"
    PROTECTION_MISMATCH = "protection mismatch"
    EXIT_UNRESOLVED = "exit unresolved"
    EXIT_NOT_FILLED = "exit not filled"
    EXITS_EXHAUSTED = "exits exhausted"
    ORDER_UNKNOWN = "order unknown"
    ORDER_SURVIVES = "order survives"
    ORDER_OVERFILLED = "order overfilled"
    FILL_AFTER_END = "fill after end"
    UNEXPECTED_POSITION = "unexpected position"
    RUNAWAY_ORDERS = "runaway orders"
    FLATTEN_INCOMPLETE = "flatten incomplete"
    # Trading halted
    KILLED = "killed"
    DRAWDOWN_LIMIT = "drawdown limit"
    CONNECTION_LOST = "connection lost"
    COMPETING_SESSION = "competing session"
    DATA_LOST = "data lost"
    EXIT_WAITS = "exit waits"
    POSITION_MISMATCH = "position mismatch"
    POSITION_CHANGED = "position changed"
    FILL_CORRECTED = "fill corrected"
    STATE_INCONSISTENT = "state inconsistent"
    TASK_SILENT = "task silent"
    PROCESS_GIVEN_UP = "process given up"
    PROCESS_SILENT = "process silent"
    # Degraded
    TASK_FAILED = "task failed"
    PROCESS_ENDED = "process ended"
    CLOCK_STEPPED = "clock stepped"
    TICKS_STALE = "ticks stale"
    ORDER_REJECTED = "order rejected"
    SHORT_SALE_HELD = "short sale held"
    # Worth knowing
    PRICE_MISMATCH = "price mismatch"
    FRACTIONAL_REMAINDER = "fractional remainder"
    MANUAL_ACTION = "manual action"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """How bad a kind is to begin with, and what a person is told."""

    severity: Severity
    sentence: str


def facts_of(kind: IncidentKind) -> KindFacts:
    """The severity and the sentence of a kind."""
    return _FACTS[kind]


_FACTS = {
    IncidentKind.IMMEDIATE_MANUAL_HEDGE: KindFacts(
        Severity.P1,
        "Three market hedges have not covered the risk. Hedge the unhedged quantity by hand, now.",
    ),
    IncidentKind.HEDGE_CANCEL_UNCONFIRMED: KindFacts(
        Severity.P1,
        "The broker does not confirm that a hedge is cancelled. It may still fill: look before"
        " you hedge by hand.",
    ),
    IncidentKind.HEDGE_FILLS_UNREAD: KindFacts(
        Severity.P1,
        "A hedge is over and the broker does not say what it filled. Look at its executions.",
    ),
    IncidentKind.NAKED_POSITION: KindFacts(
        Severity.P1,
        "A position is open without an acknowledged stop. Place one by hand if none appears.",
    ),
    IncidentKind.PROTECTION_MISMATCH: KindFacts(
        Severity.P1,
        "The live stops do not match the position. Compare them in TWS.",
    ),
    IncidentKind.EXIT_UNRESOLVED: KindFacts(
        Severity.P1,
        "An exit can't go on until the broker says what became of its last order. Look in TWS.",
    ),
    IncidentKind.EXIT_NOT_FILLED: KindFacts(
        Severity.P1,
        "A market exit is not filled. It stays alone at the broker; look why it rests.",
    ),
    IncidentKind.EXITS_EXHAUSTED: KindFacts(
        Severity.P1,
        "A trade has used all its exit orders and is frozen behind its stop. Close it by hand.",
    ),
    IncidentKind.ORDER_UNKNOWN: KindFacts(
        Severity.P1,
        "An order was sent and nobody can tell what became of it. Look for its reference in TWS.",
    ),
    IncidentKind.ORDER_SURVIVES: KindFacts(
        Severity.P1,
        "An order lives on under an id that can't be cancelled from here. Cancel it in TWS.",
    ),
    IncidentKind.ORDER_OVERFILLED: KindFacts(
        Severity.P1,
        "An order has filled more than its quantity. Compare the position with the broker's.",
    ),
    IncidentKind.FILL_AFTER_END: KindFacts(
        Severity.P1,
        "A trade that had ended has filled. Nobody manages this quantity: protect or close it.",
    ),
    IncidentKind.UNEXPECTED_POSITION: KindFacts(
        Severity.P1,
        "The account holds a position that nothing here explains. Entries are halted; it may"
        " be unauthorised access.",
    ),
    IncidentKind.RUNAWAY_ORDERS: KindFacts(
        Severity.P1,
        "Orders leave faster than any limit allows. Sending is revoked; check the orders in TWS.",
    ),
    IncidentKind.FLATTEN_INCOMPLETE: KindFacts(
        Severity.P1,
        "The account was to be flat and is not. Close what is left by hand.",
    ),
    IncidentKind.KILLED: KindFacts(
        Severity.P2,
        "Trading is stopped. It can go on after the waiting time, on the next trading day, when"
        " every condition is met.",
    ),
    IncidentKind.DRAWDOWN_LIMIT: KindFacts(
        Severity.P2,
        "A loss limit is reached and its rule has been applied.",
    ),
    IncidentKind.CONNECTION_LOST: KindFacts(
        Severity.P2,
        "The broker can't be reached. The stops at the broker stand; the checklist says what to"
        " look at.",
    ),
    IncidentKind.COMPETING_SESSION: KindFacts(
        Severity.P2,
        "Another login of this user takes the market data away. Log it out.",
    ),
    IncidentKind.DATA_LOST: KindFacts(
        Severity.P2,
        "Market data can't be trusted. Entries are halted, exits stay possible.",
    ),
    IncidentKind.EXIT_WAITS: KindFacts(
        Severity.P2,
        "An exit waits for a market that takes it. The stop stays where it is.",
    ),
    IncidentKind.POSITION_MISMATCH: KindFacts(
        Severity.P2,
        "The broker's position and ours differ. Ours has been corrected; look how it came about.",
    ),
    IncidentKind.POSITION_CHANGED: KindFacts(
        Severity.P2,
        "An expiry, an assignment or an exercise has changed a position. Check what it leaves.",
    ),
    IncidentKind.FILL_CORRECTED: KindFacts(
        Severity.P2,
        "The broker has taken back or changed a fill. Compare position and stop in TWS; what its"
        " trade has booked may be wrong.",
    ),
    IncidentKind.STATE_INCONSISTENT: KindFacts(
        Severity.P2,
        "The recorded state of an order contradicts itself. Nothing more is sent for it.",
    ),
    IncidentKind.TASK_SILENT: KindFacts(
        Severity.P2,
        "A critical task has given no sign of life. Look whether it was restarted.",
    ),
    IncidentKind.PROCESS_GIVEN_UP: KindFacts(
        Severity.P2,
        "A process has died too often and is not begun again. The stops at the broker stand; look"
        " at its log, then start anew.",
    ),
    IncidentKind.PROCESS_SILENT: KindFacts(
        Severity.P2,
        "A process runs and does not answer. The stops at the broker stand; it is begun again if"
        " it stays silent.",
    ),
    IncidentKind.TASK_FAILED: KindFacts(
        Severity.P3,
        "A task has failed in a way nobody foresaw. The evidence says where.",
    ),
    IncidentKind.PROCESS_ENDED: KindFacts(
        Severity.P3,
        "A process has died and is begun again. The evidence says which, and of what.",
    ),
    IncidentKind.CLOCK_STEPPED: KindFacts(
        Severity.P3,
        "The broker's clock has jumped, or this machine was asleep. Compare both clocks with the"
        " time; what had a deadline may have been judged early or late.",
    ),
    IncidentKind.TICKS_STALE: KindFacts(
        Severity.P3,
        "A trade has seen no tick for too long. Its stop at the broker stands.",
    ),
    IncidentKind.ORDER_REJECTED: KindFacts(
        Severity.P3,
        "The broker has rejected an order, for the reason in the evidence.",
    ),
    IncidentKind.SHORT_SALE_HELD: KindFacts(
        Severity.P3,
        "No shares could be located for a short sale, and its order is cancelled.",
    ),
    IncidentKind.PRICE_MISMATCH: KindFacts(
        Severity.P4,
        "The broker's price of a position differed from ours. The broker's has been taken.",
    ),
    IncidentKind.FRACTIONAL_REMAINDER: KindFacts(
        Severity.P4,
        "A fraction of a share is left that can't be traded here. Close it in TWS.",
    ),
    IncidentKind.MANUAL_ACTION: KindFacts(
        Severity.P4,
        "Somebody traded by hand. It has been adopted.",
    ),
}
