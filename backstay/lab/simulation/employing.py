"""What the engine in memory gives to everybody of the house: clients, and workers that take calls.

Owns what of the engine can go wrong, and which of it is a finding whatever the laws say: a workflow
that decides otherwise than its history says, or raises what nobody has foreseen.
"""

import asyncio
from collections.abc import Callable, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from activities.converting import VALUES
from backstay.gateway.times import to_ns
from backstay.lab.engine.replaying import replayed
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.trying import Attempt
from backstay.lab.engine.workers import ActivityWorker, Keeping, WorkflowWorker
from backstay.lab.oracle import happenings
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.seeds import Die
from backstay.lab.simulation.staff import MachineClock
from backstay.lab.simulation.watching import Watching
from workers.faults import FaultInterceptor, Heard
from workers.labour import BEATS_WITHIN, Activities, Polling
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

WAY_SECONDS = (0.001, 0.006)
"""How long a message to or from the engine is on its way: from, to."""

RUN_LAW = "run"
EVICTIONS = "evictions"
LOST_REPORTS = "lost reports"
SIGNALS_TWICE = "signals twice"
_STEP_OVER = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


class Employing:
    """The engine of one run. `evicts` says whether a run is forgotten after its step."""

    def __init__(self, die: Die, recorder: Recorder, clock: MachineClock) -> None:
        self.evicts: Callable[[], bool] = lambda: False
        self.watching = Watching()
        self.found: list[Finding] = []
        self._die = die
        self._recorder = recorder
        self._clock = clock
        self.engine = MemoryEngine(lambda: to_ns(clock.now()))
        self.engine.hear(self._written, self._taken, self._lost, self._doubled)

    # --- who is served ---

    def client(self) -> Client:
        """A client with a wire of its own."""
        return self.engine.client(self._way, "client", VALUES)

    def of_workflows(
        self,
        queue: str,
        kinds: Sequence[type],
        activities: Activities,
        identity: str,
        heard: Heard,
    ) -> Polling:
        """Runs workflows, and carries out activities beside them."""
        flows = WorkflowWorker(
            self.engine.source(self._way),
            queue,
            kinds,
            VALUES,
            identity,
            Keeping(
                interceptors=(FaultInterceptor(heard), self.watching),
                evict=self._evict,
                failed=self._failed,
            ),
        )
        return _Both(flows, self.of_activities(queue, activities, identity))

    def of_activities(self, queue: str, activities: Activities, identity: str) -> Polling:
        """Carries out activities."""
        source = self.engine.source(self._way)
        return ActivityWorker(
            source, queue, activities, VALUES, identity, beats_within=BEATS_WITHIN
        )

    # --- what is asked at the end ---

    def has_running(self) -> bool:
        """Whether any workflow is under way."""
        return any(not run.is_closed for run in self.engine.runs)

    def replayed(self) -> tuple[Finding, ...]:
        """What the library's own replayer can't follow of the histories that were written; to be
        asked once the run is over.
        """
        histories = (
            WorkflowHistory(run.name.workflow_id, list(run.history)) for run in self.engine.runs
        )
        at_ns = to_ns(self._clock.now())
        return tuple(
            Finding(RUN_LAW, at_ns, f"the engine's replayer does not follow {each}")
            for each in replayed(histories, (Trade, Exit, DryRun), VALUES)
            if not each.is_whole
        )

    # --- what happens ---

    def _way(self) -> float:
        return self._die.uniform(*WAY_SECONDS)

    def _written(self, run: RunName, event: HistoryEvent) -> None:
        self._recorder.event(run, event)
        if event.event_type == _STEP_OVER:
            for edge in self.watching.edges(run.run_id):
                self._recorder.senses.marks[edge] = None

    def _taken(self, attempt: Attempt) -> None:
        self._recorder.taken(attempt.kind)

    def _lost(self, attempt: Attempt) -> None:  # noqa: ARG002 - that it is lost is all
        self._recorder.senses.had_effect(LOST_REPORTS)
        self._recorder.happened(happenings.ReportLost())

    def _doubled(self, run: RunName, signal: str) -> None:  # noqa: ARG002 - likewise
        self._recorder.senses.had_effect(SIGNALS_TWICE)

    def _evict(self, run: RunName) -> bool:  # noqa: ARG002 - each is as good as another
        if not self.evicts():
            return False
        self._recorder.senses.had_effect(EVICTIONS)
        return True

    def _failed(self, run: RunName, what: str, why: str) -> None:
        text = f"a step of {run.workflow_id} has failed, {what}: {why}"
        finding = Finding(RUN_LAW, to_ns(self._clock.now()), text)
        if all(each.text != text for each in self.found):
            self.found.append(finding)


class _Both:
    """Two workers as one."""

    def __init__(self, *workers: Polling) -> None:
        self._workers = workers

    async def run(self) -> None:
        await asyncio.gather(*(worker.run() for worker in self._workers))

    async def shutdown(self) -> None:
        await asyncio.gather(*(worker.shutdown() for worker in self._workers))
