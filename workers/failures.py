"""Workflow tasks that fail, as the engine's library counts them.

What workflow code raises is told where it is raised, with its place. What never gets so far, a
workflow that holds its thread or whose code does not fit its history any more, is known to the
library alone: it counts each failure under a reason, and tries again for ever. Meanwhile the trade
waits, with its stop at the broker.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind
from workers.measuring import Labels

FAILED_TASKS = "temporal_workflow_task_execution_failed"
AGAIN_AFTER_SECONDS = 600.0
"""A reason that goes on is told again after so long, and not before."""

_SUBJECT = "workflow tasks"


class FailingTasks:
    """Tells of each reason once in ten minutes."""

    def __init__(
        self,
        counted: Callable[[str], Mapping[Labels, float]],
        tell: Tell,
        now: Callable[[], datetime],
    ) -> None:
        self._counted = counted
        self._tell = tell
        self._now = now
        self._told: dict[str, tuple[float, float]] = {}
        """For each reason up to which count it was told, and when, on the loop's clock."""

    def look(self, at: float) -> None:
        """See what has failed by now, which is `at` on the loop's clock."""
        counts: dict[str, float] = {}
        for labels, count in self._counted(FAILED_TASKS).items():
            reason = dict(labels).get("failure_reason", "no reason given")
            counts[reason] = counts.get(reason, 0) + count
        for reason, count in counts.items():
            before, told_at = self._told.get(reason, (0.0, at - AGAIN_AFTER_SECONDS))
            if count > before and at - told_at >= AGAIN_AFTER_SECONDS:
                self._told[reason] = (count, at)
                text = f"{reason}: {count - before:.0f} failed, and are tried again"
                self._tell(Notice(IncidentKind.TASK_FAILED, _SUBJECT, text, self._now()))
