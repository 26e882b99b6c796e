"""When a part that has died, or has not even begun, is begun again, when it is given up, and when
it counts as silent.

Values in, values out; seconds are those of a clock that only goes forward and stands still while
the machine sleeps.
"""

from dataclasses import dataclass

from workers.supervising.ends import End

PAUSES_SECONDS = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Before each next beginning: what dies at once must not keep the machine busy with dying."""

FALSE_STARTS_MAX = 3
DEATHS_MAX = len(PAUSES_SECONDS)
WITHIN_SECONDS = 600.0
SILENT_SECONDS_MAX = 20.0
MISSES_MIN = 5
SILENT_SECONDS_TOLD = 6.0
"""A person hears of it before anything is done about it."""

MISSES_TOLD_MIN = 2
MISS_SECONDS_MAX = 4.0
"""As much as one question that stays without an answer says: after a sleep of the machine, all of
it would be counted."""


@dataclass(frozen=True, slots=True)
class Deaths:
    """When a part has died lately, oldest first."""

    at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """It is begun again after a pause."""

    pause_seconds: float


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It has died more often than it may."""

    deaths: int


def after_death(deaths: Deaths, at: float) -> tuple[Deaths, Again | GivenUp]:
    """One more death: what is remembered from now on, and what is done."""
    lately = (*(each for each in deaths.at if at - each < WITHIN_SECONDS), at)
    if len(lately) > DEATHS_MAX:
        return Deaths(lately), GivenUp(len(lately))
    return Deaths(lately), Again(PAUSES_SECONDS[len(lately) - 1])


def after_false_start(number: int, end: End) -> Again | None:
    """It has ended before it ever served, for the first, the second, … time; None: it is refused.

    A port that was free a moment ago can be gone when it is used, also one that a program takes for
    itself. Whatever is really wrong will be wrong the next time, and whoever waits has to know.
    """
    if number < FALSE_STARTS_MAX and end.is_mischance:
        return Again(PAUSES_SECONDS[number - 1])
    return None


@dataclass(frozen=True, slots=True)
class Silence:
    """For how long nobody has answered, and how often nobody did."""

    seconds: float = 0.0
    misses: int = 0

    @property
    def is_worth_telling(self) -> bool:
        """Whether a person has to hear of it."""
        return self.seconds >= SILENT_SECONDS_TOLD and self.misses >= MISSES_TOLD_MIN

    @property
    def is_too_long(self) -> bool:
        """Whether whoever is asked is taken for dead."""
        return self.seconds >= SILENT_SECONDS_MAX and self.misses >= MISSES_MIN


def after_miss(silence: Silence, seconds: float) -> Silence:
    """Asked once more in vain, so long after the time before."""
    return Silence(silence.seconds + min(seconds, MISS_SECONDS_MAX), silence.misses + 1)
