"""The private parts of the engine's library are shaped as the adapter takes them to be.

Red after an upgrade is what this is for: read what has changed, follow it in the adapter and in how
steps are told, and only then write the new shape down here.
"""

import asyncio
import dataclasses
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from google.protobuf.message import Message
from temporalio import activity, workflow
from temporalio.bridge.proto import workflow_activation, workflow_commands, workflow_completion
from temporalio.common import Priority, RetryPolicy, _CompositeEvent
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInterceptorClassInput,
    _workflow_instance,
)

from backstay.lab.engine.adapter import RELEASE

FIELDS: dict[Any, str] = {
    _CompositeEvent: "thread_event async_event",
    _workflow_instance.WorkflowInstanceDetails: (
        "payload_converter_factory failure_converter_class interceptor_classes defn info"
        " randomness_seed extern_functions disable_eager_activity_execution"
        " worker_level_failure_exception_types patch_activation_callback last_completion_result"
        " last_failure default_workflow_logic_flags"
    ),
    WorkflowInterceptorClassInput: "unsafe_extern_functions",
    activity.ActivityCancellationDetails: (
        "not_found cancel_requested paused reset timed_out worker_shutdown"
    ),
    activity.Info: (
        "activity_id activity_type attempt current_attempt_scheduled_time heartbeat_details"
        " heartbeat_timeout is_local namespace schedule_to_close_timeout scheduled_time"
        " start_to_close_timeout started_time task_queue task_token workflow_id workflow_namespace"
        " workflow_run_id workflow_type priority retry_policy activity_run_id"
    ),
    activity._ActivityCancellationDetailsHolder: "details",
    activity._Context: (
        "info heartbeat cancelled_event worker_shutdown_event shield_thread_cancel_exception"
        " payload_converter_class_or_instance runtime_metric_meter client cancellation_details"
        " _logger_details _payload_converter _metric_meter"
    ),
    activity._Definition: "name fn is_async no_thread_cancel_exception arg_types ret_type",
    workflow.Info: (
        "attempt continued_run_id cron_schedule execution_timeout first_execution_run_id headers"
        " namespace original_execution_run_id parent root priority raw_memo retry_policy run_id"
        " run_timeout search_attributes start_time task_queue task_timeout typed_search_attributes"
        " workflow_id workflow_start_time workflow_type"
    ),
    workflow.ParentInfo: "namespace run_id workflow_id",
    workflow.RootInfo: "run_id workflow_id",
    workflow._Definition: (
        "name cls run_fn signals queries updates sandboxed failure_exception_types arg_types"
        " ret_type versioning_behavior dynamic_config_fn"
    ),
}

TAKEN: dict[Callable[..., Any], str] = {
    Priority._from_proto: "proto",
    RetryPolicy.from_proto: "proto",
    UnsandboxedWorkflowRunner.create_instance: "self det",
    WorkflowInstance.activate: "self act",
    activity._Context.set: "context",
    activity._Definition.must_from_callable: "fn",
    asyncio._get_running_loop: "",
    asyncio._set_running_loop: "loop",
    workflow._Definition.must_from_class: "cls",
}

MESSAGES: dict[type[Message], str] = {
    workflow_activation.WorkflowActivation: (
        "run_id timestamp is_replaying history_length jobs available_internal_flags"
        " history_size_bytes continue_as_new_suggested deployment_version_for_current_task"
        " last_sdk_version suggest_continue_as_new_reasons target_worker_deployment_version_changed"
    ),
    workflow_activation.WorkflowActivationJob: (
        "initialize_workflow fire_timer update_random_seed query_workflow cancel_workflow"
        " signal_workflow resolve_activity notify_has_patch resolve_child_workflow_execution_start"
        " resolve_child_workflow_execution resolve_signal_external_workflow"
        " resolve_request_cancel_external_workflow do_update resolve_nexus_operation_start"
        " resolve_nexus_operation remove_from_cache"
    ),
    workflow_activation.InitializeWorkflow: (
        "workflow_type workflow_id arguments randomness_seed headers identity parent_workflow_info"
        " workflow_execution_timeout workflow_run_timeout workflow_task_timeout"
        " continued_from_execution_run_id continued_initiator continued_failure"
        " last_completion_result first_execution_run_id retry_policy attempt cron_schedule"
        " workflow_execution_expiration_time cron_schedule_to_schedule_interval memo"
        " search_attributes start_time root_workflow priority original_execution_run_id"
    ),
    workflow_activation.DoUpdate: "id protocol_instance_id name input headers meta run_validator",
    workflow_activation.QueryWorkflow: "query_id query_type arguments headers",
    workflow_activation.ResolveActivity: "seq result is_local",
    workflow_activation.SignalWorkflow: "signal_name input identity headers originating_event_id",
    workflow_commands.WorkflowCommand: (
        "user_metadata event_group_markers start_timer schedule_activity respond_to_query"
        " request_cancel_activity cancel_timer complete_workflow_execution fail_workflow_execution"
        " continue_as_new_workflow_execution cancel_workflow_execution set_patch_marker"
        " start_child_workflow_execution cancel_child_workflow_execution"
        " request_cancel_external_workflow_execution signal_external_workflow_execution"
        " cancel_signal_workflow schedule_local_activity request_cancel_local_activity"
        " upsert_workflow_search_attributes modify_workflow_properties update_response"
        " schedule_nexus_operation request_cancel_nexus_operation"
    ),
    workflow_commands.UpdateResponse: "protocol_instance_id accepted rejected completed",
    workflow_completion.Success: "commands used_internal_flags versioning_behavior",
    workflow_completion.WorkflowActivationCompletion: (
        "run_id successful failed payload_download_metrics payload_upload_metrics"
    ),
}


def called(what: Any) -> str:
    return f"{what.__module__}.{what.__qualname__}"


def test_the_adapter_is_for_the_release_that_is_installed() -> None:
    assert version("temporalio") == RELEASE


@pytest.mark.parametrize("kind", FIELDS, ids=called)
def test_a_value_has_the_fields_that_are_filled_in(kind: Any) -> None:
    assert " ".join(field.name for field in dataclasses.fields(kind)) == FIELDS[kind]


@pytest.mark.parametrize("function", TAKEN, ids=called)
def test_a_function_takes_what_it_is_given(function: Callable[..., Any]) -> None:
    assert " ".join(inspect.signature(function).parameters) == TAKEN[function]


@pytest.mark.parametrize("kind", MESSAGES, ids=called)
def test_a_message_says_what_it_is_read_for(kind: type[Message]) -> None:
    assert " ".join(field.name for field in kind.DESCRIPTOR.fields) == MESSAGES[kind]


def test_a_workflow_reaches_outward_by_the_two_functions_that_it_is_given() -> None:
    source = inspect.getsource(_workflow_instance._WorkflowInstanceImpl)
    assert source.count('"__temporal_get_metric_meter"') == 1
    assert source.count('"__temporal_assert_local_activity_valid"') == 1
    assert source.count("self._extern_functions") == 4


def test_no_behaviour_of_the_library_has_become_the_default_that_was_none() -> None:
    assert frozenset() == _workflow_instance._DEFAULT_ENABLED_WORKFLOW_LOGIC_FLAGS
    names = [flag.name for flag in _workflow_instance._WorkflowLogicFlag]
    assert names == [
        "RAISE_ON_CANCELLING_COMPLETED_ACTIVITY",
        "PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH",
    ]


def test_an_activity_that_is_completed_elsewhere_ends_by_an_error_of_its_own() -> None:
    with pytest.raises(activity._CompleteAsyncError):
        activity.raise_complete_async()
