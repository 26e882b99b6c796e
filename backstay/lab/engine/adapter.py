"""The one door to what the engine's library keeps to itself: its workflow instances, and the
context in which an activity runs.

Everything private of the library is used here and nowhere else, in the one release that the project
locks; a test names whatever has changed there. The library is made for threads and sockets: what is
here has neither, and no codec, so values travel as its real worker leaves them.
"""

# ruff: noqa: SLF001 - what is private is what this module is for

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio import activity, workflow
from temporalio.activity import ActivityCancellationDetails
from temporalio.api.common.v1 import Payload
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.bridge.proto.workflow_activation import (
    InitializeWorkflow,
    RemoveFromCache,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import MetricMeter, Priority, RetryPolicy, _CompositeEvent
from temporalio.converter import (
    DataConverter,
    PayloadConverter,
    decode_search_attributes,
    decode_typed_search_attributes,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    Interceptor,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInterceptorClassInput,
)
from temporalio.worker._workflow_instance import WorkflowInstanceDetails

RELEASE = "1.35.0"
"""Which release of the library this was written for."""

NAMESPACE = "default"

_EVICTION = WorkflowActivationJob(remove_from_cache=RemoveFromCache())


class Instance:
    """A workflow in memory."""

    __slots__ = ("_instance",)

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def activate(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        """Tell it what has happened, and take down what it wants.

        The library runs a workflow on a loop of its own and leaves none behind, so the loop of
        whoever calls is set aside for as long.
        """
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return self._instance.activate(activation)
        finally:
            asyncio._set_running_loop(loop)

    def evict(self, run_id: str) -> None:
        """Take it out of memory: whatever it waits for is called off, and nobody hears of it."""
        self.activate(WorkflowActivation(run_id=run_id, jobs=[_EVICTION]))


class Kinds:
    """The workflows that a worker knows, and how their instances are made."""

    def __init__(
        self,
        queue: str,
        kinds: Sequence[type],
        converter: DataConverter,
        interceptors: Sequence[Interceptor] = (),
    ) -> None:
        self._queue = queue
        self._failures = converter.failure_converter_class
        values = converter.payload_converter
        self._values: Callable[[], PayloadConverter] = lambda: values
        self._runner = UnsandboxedWorkflowRunner()
        definitions = [workflow._Definition.must_from_class(kind) for kind in kinds]
        self._definitions = {each.name: each for each in definitions}
        self._outward: dict[str, Callable[..., Any]] = {
            "__temporal_get_metric_meter": lambda: MetricMeter.noop,
            "__temporal_assert_local_activity_valid": _no_local_activity,
        }
        given = WorkflowInterceptorClassInput(unsafe_extern_functions=self._outward)
        around = [each.workflow_interceptor_class(given) for each in interceptors]
        self._around: list[type[WorkflowInboundInterceptor]] = [each for each in around if each]

    def begun(self, run_id: str, start: InitializeWorkflow, started: Timestamp) -> Instance:
        """An instance of the workflow that `start` names, whose first step began at `started`."""
        definition = self._definitions.get(start.workflow_type)
        if definition is None:
            known = ", ".join(sorted(name or "" for name in self._definitions))
            text = f"{start.workflow_type} is no workflow of this worker; it knows {known}"
            raise ApplicationError(text, type="NotFoundError")
        details = WorkflowInstanceDetails(
            payload_converter_factory=self._values,
            failure_converter_class=self._failures,
            interceptor_classes=self._around,
            defn=definition,
            info=_info(run_id, start, started, self._queue),
            randomness_seed=start.randomness_seed,
            extern_functions=self._outward,
            disable_eager_activity_execution=False,
            worker_level_failure_exception_types=(),
            patch_activation_callback=None,
            last_completion_result=start.last_completion_result,
            last_failure=start.continued_failure if start.HasField("continued_failure") else None,
        )
        return Instance(self._runner.create_instance(details))


def _no_local_activity(name: str) -> None:
    raise ValueError(f"{name} was asked for as a local activity; there are none")


def _info(run_id: str, start: InitializeWorkflow, started: Timestamp, queue: str) -> workflow.Info:
    parent, root = start.parent_workflow_info, start.root_workflow
    return workflow.Info(
        attempt=start.attempt,
        continued_run_id=start.continued_from_execution_run_id or None,
        cron_schedule=start.cron_schedule or None,
        execution_timeout=_span_of(start, "workflow_execution_timeout"),
        first_execution_run_id=start.first_execution_run_id,
        headers=dict(start.headers),
        namespace=NAMESPACE,
        original_execution_run_id=start.original_execution_run_id or run_id,
        parent=workflow.ParentInfo(
            namespace=parent.namespace, run_id=parent.run_id, workflow_id=parent.workflow_id
        )
        if start.HasField("parent_workflow_info")
        else None,
        root=workflow.RootInfo(run_id=root.run_id, workflow_id=root.workflow_id)
        if start.HasField("root_workflow")
        else None,
        priority=Priority._from_proto(start.priority),
        raw_memo=dict(start.memo.fields),
        retry_policy=_retry_policy_of(start),
        run_id=run_id,
        run_timeout=_span_of(start, "workflow_run_timeout"),
        search_attributes=decode_search_attributes(start.search_attributes),
        start_time=started.ToDatetime(UTC),
        task_queue=queue,
        task_timeout=start.workflow_task_timeout.ToTimedelta(),
        typed_search_attributes=decode_typed_search_attributes(start.search_attributes),
        workflow_id=start.workflow_id,
        workflow_start_time=start.start_time.ToDatetime(UTC),
        workflow_type=start.workflow_type,
    )


class Flag:
    """Something that happens once, and that tasks of one loop wait for.

    The library waits for such things in threads, too; here it is given no lock.
    """

    __slots__ = ("_event", "_is_set")

    def __init__(self) -> None:
        self._is_set = False
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        """It has happened."""
        self._is_set = True
        if self._event is not None:
            self._event.set()

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._is_set

    async def wait(self) -> None:
        """Until it happens."""
        if self._is_set:
            return
        if self._event is None:
            self._event = asyncio.Event()
        await self._event.wait()

    def composite(self) -> _CompositeEvent:
        """As the library's context takes it."""
        both: Any = self
        return _CompositeEvent(thread_event=both, async_event=both)


class Doors:
    """The activities that a worker knows, and the context in which each attempt runs."""

    def __init__(
        self, queue: str, activities: Sequence[Callable[..., Any]], converter: DataConverter
    ) -> None:
        self._queue = queue
        self._values = converter.payload_converter
        definitions = [activity._Definition.must_from_callable(each) for each in activities]
        self._definitions = {each.name: each for each in definitions}

    def opened(self, task: PollActivityTaskQueueResponse) -> tuple[Callable[..., Any], list[Any]]:
        """What is to be called, and with what."""
        name = task.activity_type.name
        definition = self._definitions.get(name)
        if definition is None:
            known = ", ".join(sorted(name or "" for name in self._definitions))
            text = f"{name} is no activity of this worker; it knows {known}"
            raise ApplicationError(text, type="NotFoundError")
        types = definition.arg_types
        if types is not None and len(types) != len(task.input.payloads):
            types = None
        try:
            return definition.fn, self._decoded(task.input.payloads, types)
        except Exception as error:
            raise ApplicationError("Failed decoding arguments") from error

    def info(self, task: PollActivityTaskQueueResponse) -> activity.Info:
        """What an attempt may know about itself."""
        try:
            left = self._decoded(task.heartbeat_details.payloads, None)
        except Exception as error:
            text = "Failed decoding heartbeat details"
            raise ApplicationError(text, non_retryable=True) from error
        run = task.workflow_execution
        return activity.Info(
            activity_id=task.activity_id,
            activity_type=task.activity_type.name,
            attempt=task.attempt,
            current_attempt_scheduled_time=task.current_attempt_scheduled_time.ToDatetime(UTC),
            heartbeat_details=left,
            heartbeat_timeout=_bound_of(task.heartbeat_timeout),
            is_local=False,
            namespace=task.workflow_namespace or NAMESPACE,
            schedule_to_close_timeout=_bound_of(task.schedule_to_close_timeout),
            scheduled_time=task.scheduled_time.ToDatetime(UTC),
            start_to_close_timeout=_bound_of(task.start_to_close_timeout),
            started_time=task.started_time.ToDatetime(UTC),
            task_queue=self._queue,
            task_token=task.task_token,
            workflow_id=run.workflow_id or None,
            workflow_namespace=task.workflow_namespace or NAMESPACE,
            workflow_run_id=run.run_id or None,
            workflow_type=task.workflow_type.name or None,
            priority=Priority._from_proto(task.priority),
            retry_policy=_retry_policy_of(task),
        )

    def enter(
        self,
        info: activity.Info,
        beat: Callable[..., None],
        cancelled: Flag,
        shutdown: Flag,
        why: "Reason",
    ) -> None:
        """From now on the running task is this attempt."""
        activity._Context.set(
            activity._Context(
                info=lambda: info,
                heartbeat=beat,
                cancelled_event=cancelled.composite(),
                worker_shutdown_event=shutdown.composite(),
                shield_thread_cancel_exception=None,
                payload_converter_class_or_instance=self._values,
                runtime_metric_meter=MetricMeter.noop,
                client=None,
                cancellation_details=why,
            )
        )

    def _decoded(self, payloads: Sequence[Payload], types: list[type] | None) -> list[Any]:
        return self._values.from_payloads(payloads, types) if payloads else []


LetGoError = activity._CompleteAsyncError
"""An attempt ends by having somebody else complete it, which nobody here does."""


class Reason(activity._ActivityCancellationDetailsHolder):
    """Why an attempt is cancelled, once it is."""

    details: ActivityCancellationDetails | None


def _retry_policy_of(given: Any) -> RetryPolicy | None:
    return RetryPolicy.from_proto(given.retry_policy) if given.HasField("retry_policy") else None


def _span_of(given: Any, name: str) -> timedelta | None:
    span: timedelta | None = getattr(given, name).ToTimedelta() if given.HasField(name) else None
    return span


def _bound_of(span: Duration) -> timedelta | None:
    return span.ToTimedelta() or None
