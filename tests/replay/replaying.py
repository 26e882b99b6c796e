"""The library's own replay of what our workflows have lived through."""

from collections.abc import AsyncIterator, Iterable

from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowRunner

from activities.converting import VALUES
from backstay.lab.engine import replaying
from backstay.lab.engine.replaying import Replayed
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

__all__ = ["Replayed", "replay"]


def replay(
    histories: Iterable[WorkflowHistory], runner: WorkflowRunner | None = None
) -> AsyncIterator[Replayed]:
    """Replay them one after the other, each from its beginning."""
    return replaying.replay(histories, [Trade, Exit, DryRun], VALUES, runner)
