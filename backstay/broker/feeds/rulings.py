"""What an error about a market data request amounts to.

One literal table. What is not in it is a remark (2100 to 2199), or a refusal for a while.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from backstay.domain.incidents.kinds import IncidentKind


class Ending(StrEnum):
    """What becomes of the line."""

    GOES_ON = "goes on"
    DELAYED = "delayed"
    """It goes on, with prices that decide nothing."""

    REFUSED = "refused"
    """It is over; it is asked for again after the pause, and keeps its place."""

    BARRED = "barred"
    """It is over; others may have its place, and it is tried again after the pause."""

    TOO_MANY = "too many"
    """There are fewer lines than were thought."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of the line, after which pause it is asked for again, and who is told."""

    ending: Ending
    pause_seconds: float = 0.0
    incident: IncidentKind | None = None


COMPETING_SECONDS = 15.0
NOT_SUBSCRIBED_SECONDS = 300.0
OTHER_SECONDS = 30.0

_NOT_SUBSCRIBED = Ruling(Ending.BARRED, NOT_SUBSCRIBED_SECONDS, IncidentKind.DATA_LOST)
_NO_CONTRACT = Ruling(Ending.BARRED, inf, IncidentKind.DATA_LOST)
_DELAYED = Ruling(Ending.DELAYED, 0.0, IncidentKind.DATA_LOST)
_REMARK = Ruling(Ending.GOES_ON)
_REMARKS = range(2100, 2200)
_OTHER = Ruling(Ending.REFUSED, OTHER_SECONDS, IncidentKind.DATA_LOST)

_RULINGS = {
    101: Ruling(Ending.TOO_MANY),
    200: _NO_CONTRACT,
    # A cancel of a line that the broker has ended already.
    300: Ruling(Ending.GOES_ON),
    354: _NOT_SUBSCRIBED,
    10089: _NOT_SUBSCRIBED,
    # A part of the generic ticks is not subscribed; the prices come.
    10090: Ruling(Ending.GOES_ON, 0.0, IncidentKind.DATA_LOST),
    10167: _DELAYED,
    10168: _NOT_SUBSCRIBED,
    10186: _NOT_SUBSCRIBED,
    10197: Ruling(Ending.REFUSED, COMPETING_SECONDS, IncidentKind.COMPETING_SESSION),
}


def ruling(code: int) -> Ruling:
    """What the code of an error about a market data request amounts to."""
    return _RULINGS.get(code, _REMARK if code in _REMARKS else _OTHER)


class Upset(StrEnum):
    """What a message about the connection means for every line."""

    LOST = "lost"
    """The gateway has lost IB, or IB has lost every subscription (1101)."""

    BROKEN = "broken"
    """A data farm is away."""

    BACK = "back"
    """A data farm is there again, or IB is and has kept the subscriptions."""


_UPSETS = {
    1100: Upset.LOST,
    1101: Upset.LOST,
    1102: Upset.BACK,
    2103: Upset.BROKEN,
    2104: Upset.BACK,
    2105: Upset.BROKEN,
    2106: Upset.BACK,
    2110: Upset.LOST,
}


def upset(code: int) -> Upset | None:
    """What the code of a message about the connection means for every line, if anything."""
    return _UPSETS.get(code)
