"""What a client asks of the engine beside workflows: lists, queues, workers, attributes, health."""

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.namespace.v1 import NamespaceInfo
from temporalio.api.operatorservice import v1 as operator
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.worker.v1 import WorkerHeartbeat, WorkerInfo
from temporalio.api.workflowservice import v1 as service
from temporalio.bridge.proto.health.v1 import HealthCheckRequest, HealthCheckResponse

from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.errors import Refused, refusal
from backstay.lab.engine.listing import List, terms_of
from backstay.lab.engine.naming import NAMESPACE, NAMESPACE_ID, named
from backstay.lab.engine.queues import Queues
from backstay.lab.engine.runs import stamp_of
from backstay.lab.engine.wires import Call

VERSION = "in memory"


class Surroundings:
    """Answers what is asked beside workflows."""

    def __init__(self, list_of_runs: List, queues: Queues, alarms: Alarms) -> None:
        self._list = list_of_runs
        self._queues = queues
        self._alarms = alarms
        self._attributes: dict[str, IndexedValueType.ValueType] = {}

    def knows(self, attribute: str) -> bool:
        """Whether a search attribute is registered."""
        return attribute in self._attributes

    def list_runs(self, asked: service.ListWorkflowExecutionsRequest, call: Call) -> None:
        """Name what fits; a page ends where it is full, and its number is the way to the next."""
        found = list(self._list.find(asked.query, self._alarms.now))
        begin = int(asked.next_page_token or b"0")
        end = begin + (asked.page_size or len(found))
        token = str(end).encode() if end < len(found) else b""
        call.answer(
            service.ListWorkflowExecutionsResponse(
                executions=found[begin:end], next_page_token=token
            )
        )

    def count_runs(self, asked: service.CountWorkflowExecutionsRequest, call: Call) -> None:
        """Count what fits."""
        count = self._list.count(asked.query, self._alarms.now)
        call.answer(service.CountWorkflowExecutionsResponse(count=count))

    def describe_queue(self, asked: service.DescribeTaskQueueRequest, call: Call) -> None:
        """Name who has polled a queue."""
        name, is_activities = asked.task_queue.name, asked.task_queue_type == _ACTIVITIES
        queue = self._queues.activities(name) if is_activities else self._queues.workflows(name)
        pollers = [
            PollerInfo(
                identity=poller.identity,
                last_access_time=stamp_of(self._queues.polled_ns(poller)),
            )
            for poller in queue.known()
        ]
        call.answer(service.DescribeTaskQueueResponse(pollers=pollers))

    def list_workers(self, asked: service.ListWorkersRequest, call: Call) -> None:
        """Name the last sign of life of everybody who has served a queue."""
        ((name, wanted),) = terms_of(asked.query)
        if name != "TaskQueue":
            raise refusal(Refused.BAD, f"invalid query: {asked.query}")
        signs = {
            poller.identity: WorkerInfo(
                worker_heartbeat=WorkerHeartbeat(
                    worker_instance_key=named("worker", f"{wanted} {poller.identity}"),
                    worker_identity=poller.identity,
                    task_queue=wanted,
                    heartbeat_time=stamp_of(self._queues.signed_ns(poller)),
                )
            )
            for poller in self._queues.serving(wanted)
        }
        call.answer(service.ListWorkersResponse(workers_info=signs.values()))

    def describe_namespace(self, asked: service.DescribeNamespaceRequest, call: Call) -> None:
        """There is one."""
        if asked.namespace != NAMESPACE:
            raise refusal(Refused.NOT_FOUND, f"Namespace {asked.namespace} is not found.")
        info = NamespaceInfo(name=NAMESPACE, id=NAMESPACE_ID)
        call.answer(service.DescribeNamespaceResponse(namespace_info=info))

    def system_info(self, _: service.GetSystemInfoRequest, call: Call) -> None:
        """What answers here."""
        call.answer(service.GetSystemInfoResponse(server_version=VERSION))

    def list_attributes(self, _: operator.ListSearchAttributesRequest, call: Call) -> None:
        """What is registered."""
        call.answer(operator.ListSearchAttributesResponse(custom_attributes=self._attributes))

    def add_attributes(self, asked: operator.AddSearchAttributesRequest, call: Call) -> None:
        """Register some."""
        self._attributes.update(asked.search_attributes)
        call.answer(operator.AddSearchAttributesResponse())

    def health(self, _: HealthCheckRequest, call: Call) -> None:
        """Whoever answers is well."""
        call.answer(HealthCheckResponse(status=HealthCheckResponse.ServingStatus.SERVING))


_ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
