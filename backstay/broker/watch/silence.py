"""The alert of ten seconds without a good tick.

Owns how long an instrument has been silent. All watches of an instrument hear the same ticks, so
they are silent together, and are told of in one notice that names them: a dead line with a thousand
triggers is one alert and not a thousand.
"""

from collections.abc import Sequence
from datetime import datetime

from backstay.domain.ticks import freshness
from backstay.domain.ticks.freshness import Fresh, FreshnessDecision, Stale

_NAMED_MAX = 5


class Silence:
    """The silence of one instrument."""

    __slots__ = ("_heard_at", "_state")

    def __init__(self, now: datetime) -> None:
        self._state: Fresh | Stale = freshness.begin(now)
        self._heard_at: datetime | None = None

    def on_watch(self, now: datetime) -> None:
        """Somebody new waits for ticks: if silence was told before, it is told of them too."""
        if isinstance(self._state, Stale):
            self._state = freshness.begin(now)

    def look(self, heard_at: datetime | None, due: bool, now: datetime) -> FreshnessDecision:
        """What follows from the last good tick, and from the time since."""
        if heard_at is not None and heard_at != self._heard_at:
            self._heard_at = heard_at
            self._state, decision = freshness.on_good_tick(self._state, heard_at)
            if decision is FreshnessDecision.RECOVERED:
                return decision
        self._state, decision = freshness.on_time(self._state, due, now)
        return decision


def told(decision: FreshnessDecision, names: Sequence[str], heard_at: datetime | None) -> str:
    """What a person is told."""
    named = ", ".join(names[:_NAMED_MAX])
    if len(names) > _NAMED_MAX:
        named += f" and {len(names) - _NAMED_MAX} more"
    if decision is FreshnessDecision.RECOVERED:
        return f"ticks come again for {named}"
    if heard_at is None:
        return f"no good tick has come yet for {named}"
    return f"no good tick since {heard_at.isoformat()} for {named}"
