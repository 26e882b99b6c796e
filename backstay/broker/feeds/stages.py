"""What has become of one market data line.

    Off --queue--> Queued --leave--> Asked --tick--> Alive --doubt--> Doubted --tick--> Alive
                                       any --refuse--> Refused    any --bar--> Barred

Owns when a line is asked for again. A line is proven alive only by a tick: the broker can say that
all is well (2104) while streams stay dead. One that stays silent is asked for again, with pauses
that double, so that an instrument that never trades costs little.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

SILENT_SECONDS_MAX = 5.0
"""How long a line may stay silent after it was asked for the first time."""

PAUSE_SECONDS_MAX = 300.0
RESTORED_SECONDS = 3.0
"""How long a doubted line may stay silent after the broker said that its data is back."""

BROKEN_SECONDS_MAX = 60.0
"""How long to wait for the broker to say so."""

PROOF_SECONDS = 1.0
"""A tick that comes so soon after a doubt may have been on its way before it."""


class Stage(StrEnum):
    """Where a line stands."""

    OFF = "off"
    """Nothing is asked: it waits for a line, or for a connection."""

    QUEUED = "queued"
    """The request waits in its lane."""

    ASKED = "asked"
    """The request has left, and no tick has come."""

    ALIVE = "alive"
    DOUBTED = "doubted"
    """Something was said that makes ticks doubtful; the next one settles it."""

    REFUSED = "refused"
    """The broker refuses for a while; its line is kept, and it is asked again."""

    BARRED = "barred"
    """The broker has no data of it for us; its line is for others."""


_SUBSCRIBED = frozenset({Stage.ASKED, Stage.ALIVE, Stage.DOUBTED})
_WAITING_FOR_PROOF = frozenset({Stage.DOUBTED, Stage.REFUSED})
_SILENT = frozenset({Stage.ASKED, Stage.DOUBTED})


@dataclass(frozen=True, slots=True)
class Standing:
    """The stage of a line, since when, when something is due, and how often it stayed silent.

    Times are those of the loop's clock.
    """

    stage: Stage = Stage.OFF
    since: float = 0.0
    due_at: float = inf
    silences: int = 0

    @property
    def is_subscribed(self) -> bool:
        """Whether ticks may be on their way."""
        return self.stage in _SUBSCRIBED

    @property
    def is_alive(self) -> bool:
        """Whether a tick has proven it, with no doubt since."""
        return self.stage is Stage.ALIVE


def queued(before: Standing, now: float) -> Standing:
    """Its request waits to leave."""
    return Standing(Stage.QUEUED, now, silences=before.silences)


def asked(before: Standing, now: float) -> Standing:
    """Its request has left."""
    patience = min(SILENT_SECONDS_MAX * 2.0**before.silences, PAUSE_SECONDS_MAX)
    return Standing(Stage.ASKED, now, now + patience, before.silences)


def ticked(before: Standing, now: float) -> Standing:
    """A tick has come; if it can prove the line, it does."""
    if before.stage is Stage.ASKED or (
        before.stage in _WAITING_FOR_PROOF and now >= before.since + PROOF_SECONDS
    ):
        return Standing(Stage.ALIVE, now)
    return before


def doubted(before: Standing, now: float) -> Standing:
    """A farm, or the gateway's own connection, is broken: ticks may be missing."""
    if not before.is_subscribed:
        return before
    return Standing(Stage.DOUBTED, now, now + BROKEN_SECONDS_MAX, before.silences)


def restored(before: Standing, now: float) -> Standing:
    """The broker says that the data is back; what is doubted has a moment to show it."""
    if before.stage is not Stage.DOUBTED:
        return before
    return replace(before, due_at=min(before.due_at, now + RESTORED_SECONDS))


def refused(before: Standing, now: float, pause_seconds: float) -> Standing:
    """The broker refuses for now; asked again after a pause."""
    return Standing(Stage.REFUSED, now, now + pause_seconds, before.silences)


def barred(now: float, pause_seconds: float) -> Standing:
    """The broker has nothing for us; asked again after a long pause, or never by itself."""
    return Standing(Stage.BARRED, now, now + pause_seconds)


def silent(before: Standing) -> Standing:
    """It has stayed silent for too long, and is to be asked for anew."""
    return replace(before, silences=before.silences + 1)


def is_due(standing: Standing, now: float, *, is_open: bool) -> bool:
    """Whether it is time to ask again. Silence means nothing while the market is closed."""
    return now >= standing.due_at and (is_open or standing.stage not in _SILENT)


def is_silence(standing: Standing) -> bool:
    """Whether what is due is due because nothing was heard."""
    return standing.stage in _SILENT
