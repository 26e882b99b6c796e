"""What the engine's list says, and how it is asked: a moment late, as the real one is."""

import json
import re
from collections.abc import Iterator

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo

from backstay.lab.engine.describing import info_of
from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.registry import Registry
from backstay.lab.engine.runs import Listing, Run

BEHIND_SECONDS = 0.1

_TERM = re.compile(r"""\s*(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*""")
_WORDS = {
    status: name.removeprefix("WORKFLOW_EXECUTION_STATUS_").title().replace("_", "")
    for name, status in WorkflowExecutionStatus.items()
}


class List:
    """The engine's list of runs."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.behind_seconds = BEHIND_SECONDS

    def find(self, query: str, now: float) -> Iterator[WorkflowExecutionInfo]:
        """What fits, the newest first: what runs before what is over."""
        found = self._fitting(query, now)
        running = [each for each in reversed(found) if _is_running(each[1])]
        over = [each for each in reversed(found) if not _is_running(each[1])]
        over.sort(key=lambda each: -each[0].closed_at_ns)
        for run, shown in (*running, *over):
            yield info_of(run, shown)

    def count(self, query: str, now: float) -> int:
        """How much fits."""
        return len(self._fitting(query, now))

    def _fitting(self, query: str, now: float) -> list[tuple[Run, Listing]]:
        terms = terms_of(query)
        found: list[tuple[Run, Listing]] = []
        for run in self._registry:
            shown = _shown(run, now - self.behind_seconds)
            if shown is not None and all(_says(run, shown, *term) for term in terms):
                found.append((run, shown))
        return found


def terms_of(query: str) -> tuple[tuple[str, str], ...]:
    """A query, as far as one is known here: terms that all have to hold."""
    if not query.strip():
        return ()
    terms = []
    for part in query.split(" AND "):
        term = _TERM.fullmatch(part)
        if term is None:
            raise refusal(Refused.BAD, f"invalid query: {query}")
        terms.append((term[1], term[2] if term[2] is not None else term[3]))
    return tuple(terms)


def _shown(run: Run, at: float) -> Listing | None:
    shown = None
    for listing in run.listed:
        if listing.at > at:
            break
        shown = listing
    return shown


def _is_running(shown: Listing) -> bool:
    return shown.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


def _says(run: Run, shown: Listing, name: str, value: str) -> bool:
    match name:
        case "ExecutionStatus":
            return _WORDS[shown.status] == value
        case "WorkflowType":
            return run.kind == value
        case "WorkflowId":
            return run.name.workflow_id == value
        case _:
            payload = shown.attributes.get(name)
            return payload is not None and bool(payload.data) and _is(payload.data, value)


def _is(data: bytes, value: str) -> bool:
    held = json.loads(data)
    return value in held if isinstance(held, list) else held == value
