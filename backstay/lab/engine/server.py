"""The engine, put together: who asks it for what, and what goes wrong with it.

Everybody has a wire of his own to it: workers a `source`, everybody else a `client`. Owns what
lasts when it goes: histories, timers, and what is known of activities. Whoever waits for an answer
is told that it is gone, and what no workflow has accepted yet is lost.
"""

from collections.abc import Callable, Iterable
from contextvars import copy_context
from itertools import count

from temporalio.client import Client
from temporalio.converter import DataConverter

from backstay.lab.engine.activities import Activities
from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.children import Children
from backstay.lab.engine.commands import Commands
from backstay.lab.engine.events import Histories, Told
from backstay.lab.engine.listing import List
from backstay.lab.engine.lives import Lives
from backstay.lab.engine.naming import NAMESPACE
from backstay.lab.engine.queries import Queries
from backstay.lab.engine.queues import Queues
from backstay.lab.engine.registry import Registry
from backstay.lab.engine.requests import Requests
from backstay.lab.engine.runs import Run
from backstay.lab.engine.service import Handler, MemoryService
from backstay.lab.engine.source import Counter, MemorySource
from backstay.lab.engine.surroundings import Surroundings
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.timers import Timers
from backstay.lab.engine.trying import Attempt
from backstay.lab.engine.updates import Updates
from backstay.lab.engine.wires import Latency, Wires
from backstay.lab.engine.workflow_tasks import WorkflowTasks
from backstay.lab.virtual_time import running


class MemoryEngine:
    """An engine on the virtual loop that runs. Make it outside of any process. `now_ns` is the
    clock of its machine, by default the true date.
    """

    def __init__(self, now_ns: Callable[[], int] | None = None) -> None:
        loop, context, token = running(), copy_context(), count(1).__next__
        date_ns = lambda: loop.now_ns  # noqa: E731
        now_ns = now_ns or date_ns
        self._wires = Wires(context)
        self._alarms = alarms = Alarms(context)
        self._registry = registry = Registry()
        self._histories = histories = Histories(now_ns, lambda: alarms.now)
        self._queues = queues = Queues(alarms, date_ns, now_ns)
        self._updates = updates = Updates(histories)
        self._queries = queries = Queries(alarms, queues.workflows, token)
        self._tasks = tasks = WorkflowTasks(
            histories, alarms, queues.workflows, updates, queries, token
        )
        self._activities = activities = Activities(
            histories, alarms, queues.activities, tasks.wants
        )
        timers = Timers(histories, alarms, tasks.wants)
        lives = Lives(
            registry,
            histories,
            alarms,
            tasks,
            updates,
            queries,
            (activities.forget, timers.forget),
        )
        children = Children(registry, histories, alarms, tasks, lives)
        tasks.carry = Commands(histories, activities, timers, children, updates, lives).carry
        self._list = List(registry)
        self._requests = Requests(registry, histories, tasks, activities, updates, queries, lives)
        surroundings = Surroundings(self._list, queues, alarms)
        self._requests.knows = surroundings.knows
        self._counter = Counter(registry, queues, tasks, activities, queries)
        self._handlers = _handlers(self._requests, surroundings)
        self._is_away = False

    # --- who asks ---

    def source(self, latency: Latency) -> MemorySource:
        """What a worker speaks to."""
        return MemorySource(self._counter, self._wires, latency)

    def client(self, latency: Latency, identity: str, converter: DataConverter) -> Client:
        """What everybody else speaks to: the library's own client."""
        service = MemoryService(self._handlers, self._wires, latency, identity)
        return Client(service, namespace=NAMESPACE, data_converter=converter)

    def suggest_going_on_after(self, *, events: int) -> None:
        """From how many events on a workflow is told to go on as a new run."""
        self._tasks.suggests_after_events = events

    # --- who looks on ---

    def hear(
        self,
        event: Told | None = None,
        taken: Callable[[Attempt], None] | None = None,
        lost: Callable[[Attempt], None] | None = None,
        doubled: Callable[[RunName, str], None] | None = None,
    ) -> None:
        """Have it told what is written down, which attempts are taken up, whose reports got lost,
        and which signals have arrived twice.
        """
        self._histories.told = event
        self._activities.taken = taken
        self._activities.lost = lost
        self._requests.doubled = doubled

    @property
    def runs(self) -> Iterable[Run]:
        """Every run, in the order in which they began."""
        return self._registry

    def run(self, workflow_id: str, run_id: str = "") -> Run:
        """One of them, by default the newest of its id."""
        return self._registry.find(workflow_id, run_id)

    # --- what goes wrong ---

    def leave(self) -> None:
        """It is gone: nobody is answered, and nothing comes up."""
        if self._is_away:
            return
        self._is_away = True
        self._wires.leave()
        self._alarms.leave()
        self._queues.leave()
        self._queries.leave()
        for run in self._registry:
            run.when_closed.clear()
            run.questions.clear()
            if not run.is_closed:
                self._tasks.leave(run)
                self._updates.leave(run)

    def come_back(self) -> None:
        """It is there again, with what it had written down."""
        if self._is_away:
            self._is_away = False
            self._wires.come_back()
            self._alarms.come_back()

    def late_timers(self, late_by: Callable[[], float] | None) -> None:
        """From now on a timer comes up so much later than it should."""
        self._alarms.late_by = late_by

    def lose_reports(self, count: int, call: str) -> None:
        """The next reports of a call, or of any, get lost; whoever reports believes that he has."""
        self._activities.lose_count = count
        self._activities.lose_kind = call

    def signals_twice(self, *, twice: bool) -> None:
        """Whether each signal arrives twice."""
        self._requests.is_twice = twice


def _handlers(requests: Requests, surroundings: Surroundings) -> dict[str, Handler]:
    return {
        "add_search_attributes": surroundings.add_attributes,
        "check": surroundings.health,
        "count_workflow_executions": surroundings.count_runs,
        "describe_namespace": surroundings.describe_namespace,
        "describe_task_queue": surroundings.describe_queue,
        "describe_workflow_execution": requests.describe,
        "get_system_info": surroundings.system_info,
        "get_workflow_execution_history": requests.history,
        "list_search_attributes": surroundings.list_attributes,
        "list_workers": surroundings.list_workers,
        "list_workflow_executions": surroundings.list_runs,
        "poll_workflow_execution_update": requests.poll_update,
        "query_workflow": requests.query,
        "request_cancel_workflow_execution": requests.cancel,
        "respond_activity_task_failed_by_id": requests.fail_activity,
        "signal_workflow_execution": requests.signal,
        "start_workflow_execution": requests.start,
        "terminate_workflow_execution": requests.terminate,
        "update_workflow_execution": requests.update,
    }
