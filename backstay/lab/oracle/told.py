"""What people were told, and whether it says why something is as it should not be."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.gateway.times import SECOND_NS

SAYS_WHY_NAKED = frozenset(
    {
        Kind.NAKED_POSITION,
        Kind.PROTECTION_MISMATCH,
        Kind.ORDER_UNKNOWN,
        Kind.ORDER_SURVIVES,
        Kind.ORDER_REJECTED,
        Kind.EXIT_UNRESOLVED,
        Kind.EXIT_NOT_FILLED,
        Kind.EXITS_EXHAUSTED,
        Kind.EXIT_WAITS,
        Kind.ORDER_OVERFILLED,
        Kind.FILL_AFTER_END,
    }
)
"""Why more, or less, would leave than there is."""

SAYS_WHY_DIFFERENT = SAYS_WHY_NAKED | {
    Kind.UNEXPECTED_POSITION,
    Kind.POSITION_MISMATCH,
    Kind.POSITION_CHANGED,
    Kind.FILL_CORRECTED,
    Kind.STATE_INCONSISTENT,
    Kind.FLATTEN_INCOMPLETE,
    Kind.MANUAL_ACTION,
}
"""Why the house and the broker, or a trade and its end, don't agree."""

SAYS_WHY_STUCK = SAYS_WHY_DIFFERENT | {
    Kind.TASK_FAILED,
    Kind.TASK_SILENT,
    Kind.DATA_LOST,
    Kind.TICKS_STALE,
    Kind.COMPETING_SESSION,
    Kind.SHORT_SALE_HELD,
}
"""Why something does not go on."""

SAYS_WHY_NOT_LEFT = frozenset(
    {
        Kind.EXIT_WAITS,
        Kind.EXIT_UNRESOLVED,
        Kind.EXIT_NOT_FILLED,
        Kind.EXITS_EXHAUSTED,
        Kind.FLATTEN_INCOMPLETE,
        Kind.STATE_INCONSISTENT,
        Kind.TASK_FAILED,
        Kind.TASK_SILENT,
        Kind.DATA_LOST,
        Kind.TICKS_STALE,
        Kind.COMPETING_SESSION,
        Kind.SHORT_SALE_HELD,
    }
)
"""Why nothing was done about a price."""

NO_SESSION_NS = 45 * SECOND_NS
"""So long after it was told that there is no session there may be none: an answer that never comes
is waited for, and so is the next try behind it, before another connection is made. Where the next
one owes an answer as well, so long after that was asked for.
"""

BEGINS_SESSION = frozenset(
    {
        "reqPositions",
        "reqAllOpenOrders",
        "reqCompletedOrders",
        "reqExecutions",
        "reqAccountUpdates",
    }
)
"""What has to be answered before there is a session."""

LEAVES_IT = frozenset({Kind.FILL_AFTER_END, Kind.UNEXPECTED_POSITION})
"""What is left to a person, where it names a trade that has ended: what has filled after its end,
and what has changed what it left while nobody could hear of it. Nobody in the house looks after
either any more.
"""

_BETWEEN_WORDS = re.compile(r"[^0-9A-Z]+")
_A_CONTRACT = re.compile(r"contract \d+")
_OF_TRADE = re.compile(r"(?=.*[A-Z])[0-9A-HJKMNP-TV-Z]{8}")
"""Eight digits are a contract; one trade in eleven thousand is called like that."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person was told."""

    at_ns: int
    kind: str
    subject: str
    text: str


class Told:
    """Everything that people were told so far."""

    def __init__(self, symbols: Mapping[int, str]) -> None:
        self._named = {symbol: symbol for symbol in symbols.values()}
        self._named.update((f"contract {con_id}", symbol) for con_id, symbol in symbols.items())
        self.notices: list[Notice] = []
        self._owed_ns = 0

    def take(self, notice: Notice) -> None:
        """One more thing was told."""
        self.notices.append(notice)

    def owed(self, at_ns: int, subject: str) -> None:
        """This question is never answered."""
        if subject.split(" ", maxsplit=1)[0] in BEGINS_SESSION:
            self._owed_ns = at_ns

    def explains(
        self, kinds: Container[str], since_ns: int, symbol: str, trades: Container[str] = ()
    ) -> bool:
        """Whether something of these kinds was told since then that can be about this symbol and
        these trades: its subject names no others. Without a symbol it can be about any.
        """
        return any(
            notice.at_ns >= since_ns
            and notice.kind in kinds
            and self._can_be_about(notice.subject, symbol, trades)
            for notice in reversed(self.notices)
        )

    def names(self, kinds: Container[str], trade: str) -> bool:
        """Whether something of these kinds was told of just this trade."""
        return any(
            notice.kind in kinds and trade in trades_in(notice.subject) for notice in self.notices
        )

    def explains_trade(self, kinds: Container[str], since_ns: int, trade: str) -> bool:
        """Whether something of these kinds was told since then that names this trade."""
        return any(
            notice.at_ns >= since_ns and notice.kind in kinds and trade in trades_in(notice.subject)
            for notice in reversed(self.notices)
        )

    def misses_session(self, served_ns: int, now_ns: int) -> bool:
        """Whether a person knows that there is no session, and has been none since: of one that is
        missed they are told once, whatever number of connections it takes to have it back. Whoever
        asks for one and is not answered can do no more.
        """
        since_ns = now_ns - NO_SESSION_NS
        from_ns = served_ns if self._owed_ns >= since_ns else max(served_ns, since_ns)
        return self.explains({Kind.CONNECTION_LOST}, from_ns, "")

    def _can_be_about(self, subject: str, symbol: str, trades: Container[str]) -> bool:
        words = _A_CONTRACT.findall(subject) or _BETWEEN_WORDS.split(subject)
        if symbol and any(self._named.get(word, symbol) != symbol for word in words):
            return False
        whose = trades_in(subject)
        return not whose or any(trade in trades for trade in whose)


def trades_in(subject: str) -> tuple[str, ...]:
    """The trades that a subject names."""
    return tuple(word for word in _BETWEEN_WORDS.split(subject) if _OF_TRADE.fullmatch(word))
