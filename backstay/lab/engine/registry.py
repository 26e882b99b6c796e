"""Which runs there are, by their names and in the order in which they began."""

from collections.abc import Iterator
from typing import TypeAlias

from temporalio.api.enums.v1 import (
    WorkflowExecutionStatus,
    WorkflowIdReusePolicy,
)

from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.naming import shaped
from backstay.lab.engine.runs import Run
from backstay.lab.engine.tasks import RunName

Reuse: TypeAlias = "WorkflowIdReusePolicy.ValueType"

_WELL_ENDED = frozenset(
    {
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW,
    }
)


class Registry:
    """Every run that there ever was."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Run]] = {}
        self._by_run_id: dict[str, Run] = {}
        self._count = 0

    def name(self, workflow_id: str) -> RunName:
        """A name for the next run."""
        self._count += 1
        return RunName(workflow_id, shaped("run", self._count))

    def add(self, run: Run) -> None:
        """There is another one."""
        self._runs.setdefault(run.name.workflow_id, []).append(run)
        self._by_run_id[run.name.run_id] = run

    def __iter__(self) -> Iterator[Run]:
        return iter(self._by_run_id.values())

    def newest(self, workflow_id: str) -> Run | None:
        """The last run under this id."""
        runs = self._runs.get(workflow_id)
        return None if runs is None else runs[-1]

    def find(self, workflow_id: str, run_id: str = "") -> Run:
        """The run of these names, by default the last; RPCError if there is none."""
        run = self._by_run_id.get(run_id) if run_id else self.newest(workflow_id)
        if run is None or run.name.workflow_id != workflow_id:
            raise refusal(Refused.NOT_FOUND, f"workflow not found for ID: {workflow_id}")
        return run

    def running(self, workflow_id: str, run_id: str = "") -> Run:
        """The same, if it runs."""
        run = self.find(workflow_id, run_id)
        if run.is_closed:
            raise refusal(Refused.NOT_FOUND, "workflow execution already completed")
        return run


def may_follow(before: Run, reuse: Reuse) -> bool:
    """Whether an id may be used again after a run that is over."""
    match reuse:
        case WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE:
            return False
        case WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY:
            return before.status not in _WELL_ENDED
        case _:
            return True
