"""What a whole run of the simulation has to reach: every fault, and every edge of a trade's life
that a trade of today can take. Owns the names under which an outcome tells of it.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import assert_never

from backstay.domain.lifecycle import TRANSITIONS, Guard, Lifecycle, TradeState
from backstay.domain.limits.kill import KillMode
from backstay.gateway.faults.names import CATALOGUE
from backstay.lab.simulation.scenario import (
    Act,
    ByHand,
    Crash,
    Deed,
    Halt,
    Hand,
    Kill,
    Move,
    Print,
    Role,
    Split,
    Stall,
    Strike,
)

AWAY = "away"
"""A night that nobody watches."""

NIGHT = "night"
"""The gateway restarts at its hour, as it does every night."""

_HEDGE = frozenset(
    {
        TradeState.HEDGE_SUBMITTED,
        TradeState.HEDGE_PARTIAL,
        TradeState.HEDGE_FILLED,
        TradeState.HEDGED,
    }
)
NO_HEDGES = "no trade of today has hedge legs"
_SUBMITTED_FIRST = "a report that tells of a fill tells of the submission first"
_WITH_A_CORRECTION = "only if a correction comes in the very report that ends a partly filled entry"
_OVER_FIRST = "a trade comes to its end only once its entry is over, and is completed by then"
_NOTHING_TO_HAND_OVER = "only a position is handed to a person"
_FOLLOWED_NO_MORE = "an entry that is over is reported no more; the settlement has its fills"

EXCLUDED: Mapping[tuple[TradeState, TradeState], str] = {
    (TradeState.CREATED, TradeState.ESCALATED): _NOTHING_TO_HAND_OVER,
    (TradeState.VALIDATED, TradeState.RISK_PARTIAL): _SUBMITTED_FIRST,
    (TradeState.VALIDATED, TradeState.RISK_FILLED): _SUBMITTED_FIRST,
    (TradeState.VALIDATED, TradeState.ESCALATED): _NOTHING_TO_HAND_OVER,
    (TradeState.RISK_SUBMITTED, TradeState.ESCALATED): _NOTHING_TO_HAND_OVER,
    (TradeState.RISK_PARTIAL, TradeState.COMPLETED): _WITH_A_CORRECTION,
    (TradeState.RISK_PARTIAL, TradeState.CLOSED): _OVER_FIRST,
    (TradeState.RISK_PARTIAL, TradeState.ESCALATED): _OVER_FIRST,
    (TradeState.RISK_FILLED, TradeState.CLOSED): _OVER_FIRST,
    (TradeState.RISK_FILLED, TradeState.ESCALATED): _OVER_FIRST,
    (TradeState.COMPLETED, TradeState.COMPLETED): _FOLLOWED_NO_MORE,
}
"""Edges of the table that no workflow takes yet, beside those from, to or for a hedge."""

Edge = tuple[TradeState, TradeState]


def edge_mark(edge: Edge) -> str:
    """An edge's name."""
    left, to = edge
    return f"{left.value} -> {to.value}"


def strike_mark(strike: Strike) -> str:
    """What a strike is counted as: with whom it hits, where it hits somebody."""
    match strike:
        case Crash() | Stall():
            return _of_role(strike.kind, strike.role)
        case _:
            return strike.kind


def hand_mark(hand: Hand) -> str:
    """What something that a person does is counted as."""
    match hand:
        case Act(deed=deed):
            return _asked(deed)
        case Kill(mode=mode):
            return _killed(mode)
        case ByHand(what=what):
            return f"{hand.kind}: {what}"
        case _:
            assert_never(hand)


def move_mark(move: Move) -> str | None:
    """What the market's doing is counted as; None for a price."""
    match move:
        case Print():
            return None
        case Halt() | Split():
            return move.kind
        case _:
            assert_never(move)


def _of_role(kind: str, role: Role) -> str:
    return f"{role.value} {kind}"


def _asked(deed: Deed) -> str:
    return f"asked: {deed.value}"


def _killed(mode: KillMode) -> str:
    return f"kill: {mode.value}"


def _table() -> tuple[Edge, ...]:
    """Every edge that a trade without hedge legs has, each once."""
    found: dict[Edge, None] = {}
    for left, events in TRANSITIONS.items():
        for transition in events.values():
            is_hedged = _HEDGE & {left, transition.to} or transition.guard is Guard.HEDGE_FIRST
            if not is_hedged:
                found[left, transition.to] = None
    return tuple(found)


EDGES: tuple[Edge, ...] = tuple(edge for edge in _table() if edge not in EXCLUDED)
"""Every edge that a trade of today can take."""

FAULTS: tuple[str, ...] = (
    *(fault.name for fault in CATALOGUE),
    *(_of_role(kind, role) for kind in ("crash", "stall") for role in Role),
    "rival",
    "clock step",
    "engine restart",
    "late timers",
    "lost reports",
    "signals twice",
    "evictions",
    "cut lines",
    "gateway restart",
    "halt",
    "split",
    AWAY,
    NIGHT,
    *(_asked(deed) for deed in Deed),
    *(_killed(mode) for mode in KillMode),
    *(f"by hand: {what}" for what in ("cancel", "close")),
)
"""Everything that can go wrong, and everything that a person can do."""

ALL: tuple[str, ...] = (*FAULTS, *map(edge_mark, EDGES))


def missing(reached: Iterable[str]) -> tuple[str, ...]:
    """What of the catalogue was not reached."""
    known = frozenset(reached)
    return tuple(mark for mark in ALL if mark not in known)


def edges_between(before: Lifecycle, after: Lifecycle) -> tuple[str, ...]:
    """The edges that a trade has taken that was seen here and then there. Several events can come
    with one report, so what lies between is the shortest way through what it can take.
    """
    if before.state is after.state:
        is_news = before.risk_filled != after.risk_filled
        return (edge_mark((after.state, after.state)),) if is_news else ()
    return tuple(map(edge_mark, pairwise(_way(before.state, after.state))))


def _way(start: TradeState, end: TradeState) -> tuple[TradeState, ...]:
    ways: deque[tuple[TradeState, ...]] = deque([(start,)])
    while ways:
        way = ways.popleft()
        if way[-1] is end:
            return way
        ways.extend((*way, to) for left, to in EDGES if left is way[-1] and to not in way)
    return start, end
