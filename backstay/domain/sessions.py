"""When the market is open.

Owns the phases of a market's day. Without a calendar that covers the moment in question there is
no answer: a market is never guessed open, and never guessed closed.
"""

from enum import StrEnum


class MarketPhase(StrEnum):
    """What trading is possible right now, as far as the broker's calendar says."""

    REGULAR = "regular"
    """Regular hours: market orders execute, plain stops are awake."""

    EXTENDED = "extended"
    """Before the open or after the close: only limit orders marked for it execute."""

    CLOSED = "closed"
    """No trading; what is sent now waits for a later session."""

    UNKNOWN = "unknown"
    """The calendar does not cover this moment; nothing may be inferred."""
