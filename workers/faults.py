"""Faults in workflow code, told once each.

A workflow that fails in a way that nobody has foreseen is not ended by it: the engine tries that
task again for ever, and meanwhile the trade waits where it is, with its stop at the broker. That is
right, and somebody has to know. Each retry raises the same fault; who hears it tells it once.
"""

from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

Heard = Callable[[str, BaseException], None]
"""Takes the workflow's id and what was raised. It is called in a thread of the workflow worker."""

_HEAR = "backstay_hear_fault"


class FaultInterceptor(Interceptor):
    """Has every unforeseen exception of workflow code told."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the name is the library's
    ) -> type[WorkflowInboundInterceptor]:
        """What stands around each workflow; its only way out of the sandbox is one function."""
        input.unsafe_extern_functions[_HEAR] = self._heard
        return _Around


class _Around(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        try:
            return await super().execute_workflow(input)
        except Exception as error:
            _hear(error)
            raise

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        try:
            await super().handle_signal(input)
        except Exception as error:
            _hear(error)
            raise

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        try:
            return await super().handle_update_handler(input)
        except Exception as error:
            _hear(error)
            raise


def _hear(error: Exception) -> None:
    """A failure is how a workflow ends on purpose; everything else is a fault."""
    if not isinstance(error, FailureError):
        workflow.extern_functions()[_HEAR](workflow.info().workflow_id, error)
