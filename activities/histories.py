"""What the engine has written down of a trade, read as facts.

Owns the way from the events of a history to the domain's chronicle: each payload is read by the
type of the call that it belongs to. The engine writes down that an attempt was made only when the
call is over; of one that runs, its description tells. It takes no worker to read any of this, so a
trade can be told of after any crash.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.calls import (
    Alert,
    AmendArm,
    AmendGuard,
    ArmCall,
    DeclareAbsent,
    GuardCall,
    Release,
)
from activities.converting import VALUES
from backstay.domain.edge.arms import AmendAnswer, ArmReport
from backstay.domain.edge.changing import CancelReport
from backstay.domain.edge.guards import GuardResult, GuardState, SplitAnswer, SplitOff
from backstay.domain.edge.looking import DeclareAnswer
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import IntentKey
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade import chronicle
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.chronicle import Deed, Entry, Outcome, TradeFacts
from backstay.domain.trade.leaving import ExitOutcome, ExitStart
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import ProspectAnswer
from backstay.domain.trade.settlement import Settlement

TRADE = "Trade"
KILL = "kill"
DONE = "done"
"""The answer of a call that answers nothing."""

_READER = VALUES.payload_converter
_TIMEOUTS = {
    TimeoutType.TIMEOUT_TYPE_HEARTBEAT: "Silent",
    TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE: "TooLong",
    TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START: "NobodyThere",
    TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE: "TooLong",
}


class _Read(NamedTuple):
    """How a call is read: what was asked, what was answered, and what a sign of life says."""

    asked: Any
    answer: Any
    deed: Callable[[Any, Any, Any], Deed]
    newest: Any = None


_CALLS: Mapping[str, _Read] = {
    "prospect": _Read(TradeOrder, ProspectAnswer, lambda _, a, __: chronicle.Prospecting(a)),
    "admit": _Read(AdmissionRequest, AdmissionAnswer, lambda q, a, _: chronicle.Admitting(q, a)),
    "arm": _Read(
        ArmCall, ArmReport, lambda q, a, n: chronicle.Arming(q.arm, a, n), newest=ArmReport
    ),
    "guard": _Read(
        GuardCall, GuardResult, lambda q, a, n: chronicle.Guarding(q.guard, a, n), newest=GuardState
    ),
    "walk": _Read(Walk, Walked, chronicle.Walking, newest=Walked),
    "amend_arm": _Read(
        AmendArm, AmendAnswer, lambda q, a, _: chronicle.ChangingArm(q.key, q.change, a)
    ),
    "amend_guard": _Read(
        AmendGuard, AmendAnswer, lambda q, a, _: chronicle.ChangingGuard(q.key, q.change, a)
    ),
    "release": _Read(Release, AmendAnswer, lambda q, a, _: chronicle.ChangingArm(q.key, None, a)),
    "split_off": _Read(SplitOff, SplitAnswer, lambda q, a, _: chronicle.Splitting(q, a)),
    "cancel": _Read(IntentKey, CancelReport, lambda q, a, _: chronicle.Cancelling(q, a)),
    "declare_absent": _Read(
        DeclareAbsent,
        DeclareAnswer,
        lambda q, a, _: chronicle.DeclaringAbsent(q.key, q.by, q.reason, a),
    ),
    "settle": _Read(Settlement, None, lambda q, a, _: chronicle.Settling(q, is_booked=a is DONE)),
    "alert": _Read(Alert, None, lambda q, _, __: chronicle.Alerting(q.kind.value, q.text)),
}


async def facts_of(client: Client, workflow_id: str, within: timedelta) -> TradeFacts:
    """Everything that is written down of a trade and its ways out."""
    found = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=within)
    life = await _life(client, Run(workflow_id, found.run_id), within)
    entries = [*life.entries]
    for run in life.ways_out:
        try:
            entries += await _way_out(client, run, within)
        except RPCError as error:
            # What the engine does not keep any more is missing here; the trade has its outcome.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    return TradeFacts(workflow_id, tuple(entries), is_running=found.close_time is None)


class Run(NamedTuple):
    """One run of a workflow."""

    workflow_id: str
    run_id: str


class Life(NamedTuple):
    """One run as it was written down: its entries, the ways out that it has begun, and the run that
    goes on from it.
    """

    entries: tuple[Entry, ...]
    ways_out: tuple[Run, ...]
    goes_on: str


async def _way_out(client: Client, run: Run, within: timedelta) -> list[Entry]:
    """The entries of a way out, in as many runs as it has taken."""
    entries: list[Entry] = []
    while run.run_id:
        life = await _life(client, run, within)
        entries += life.entries
        run = Run(run.workflow_id, life.goes_on)
    return entries


async def _life(client: Client, run: Run, within: timedelta) -> Life:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    history = await handle.fetch_history(rpc_timeout=within)
    found = await handle.describe(rpc_timeout=within)
    return life_of(run.workflow_id, history.events, found.raw_description.pending_activities)


def life_of(
    workflow_id: str,
    events: Iterable[HistoryEvent],
    pending: Iterable[PendingActivityInfo] = (),
) -> Life:
    """One run, read from its events and from what is told of calls that run."""
    reading = _Reading(workflow_id, tuple(events), tuple(pending))
    return Life(tuple(reading.entries()), tuple(reading.ways_out()), reading.goes_on())


class _Reading:
    """One history, with each call's end beside its beginning."""

    def __init__(
        self,
        workflow_id: str,
        events: tuple[HistoryEvent, ...],
        pending: tuple[PendingActivityInfo, ...],
    ) -> None:
        self._life = workflow_id
        self._events = events
        self._pending = {each.activity_id: each for each in pending}
        self._starts: dict[int, HistoryEvent] = {}
        self._ends: dict[int, HistoryEvent] = {}
        self._answers: dict[int, HistoryEvent] = {}
        for event in events:
            kind = event.event_type
            if kind == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                started = event.activity_task_started_event_attributes
                self._starts[started.scheduled_event_id] = event
            elif kind in _ENDS:
                self._ends[getattr(event, _ENDS[kind]).scheduled_event_id] = event
            elif kind == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
                updated = event.workflow_execution_update_completed_event_attributes
                self._answers[updated.accepted_event_id] = event

    def entries(self) -> Iterator[Entry]:
        """What has happened, in its sequence."""
        for event in self._events:
            read = self._entries.get(event.event_type)
            entry = None if read is None else read(self, event)
            if entry is not None:
                yield entry

    def ways_out(self) -> Iterator[Run]:
        """The ways out that were begun, each run once."""
        for event in self._events:
            started = event.child_workflow_execution_started_event_attributes
            if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
                yield Run(started.workflow_execution.workflow_id, started.workflow_execution.run_id)

    def goes_on(self) -> str:
        """The run that goes on from this one; empty if none does."""
        last = self._events[-1]
        return last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id

    # --- one method for each sort of event ---

    def _begun(self, event: HistoryEvent) -> Entry | None:
        started = event.workflow_execution_started_event_attributes
        if started.workflow_type.name != TRADE:
            return None
        return chronicle.Begun(self._life, _at(event), _value(started.input, TradeOrder))

    def _call(self, event: HistoryEvent) -> Entry | None:
        scheduled = event.activity_task_scheduled_event_attributes
        read = _CALLS.get(scheduled.activity_type.name)
        if read is None:
            return None
        end, pending = self._ends.get(event.event_id), self._pending.get(scheduled.activity_id)
        answer = newest = None
        if end is not None and end.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            told = end.activity_task_completed_event_attributes.result
            answer = DONE if read.answer is None else _value(told, read.answer)
        if pending is not None and read.newest is not None and pending.heartbeat_details.payloads:
            newest = _value(pending.heartbeat_details, read.newest)
        return chronicle.Call(
            self._life,
            _at(event),
            read.deed(_value(scheduled.input, read.asked), answer, newest),
            answered_at=None if end is None else _at(end),
            retry=_retry(self._starts.get(event.event_id), pending),
            failure="" if end is None else _failure_of(end),
        )

    def _update(self, event: HistoryEvent) -> Entry:
        request = event.workflow_execution_update_accepted_event_attributes.accepted_request
        answer = self._answers.get(event.event_id)
        outcome, text = Outcome.UNDER_WAY, ""
        if answer is not None:
            told = answer.workflow_execution_update_completed_event_attributes.outcome
            if told.HasField("failure"):
                outcome, text = Outcome.REFUSED, _told(told.failure)
            else:
                outcome, text = Outcome.DONE, str(_value(told.success, str))
        args = [_READER.from_payload(each) for each in request.input.args.payloads]
        return chronicle.Wish(
            self._life,
            _at(event),
            request.input.name,
            tuple(map(str, args)),
            outcome,
            text,
            None if answer is None else _at(answer),
        )

    def _signal(self, event: HistoryEvent) -> Entry | None:
        signalled = event.workflow_execution_signaled_event_attributes
        if signalled.signal_name != KILL:
            return None
        epoch, mode = _READER.from_payloads(signalled.input.payloads, [int, KillMode])
        return chronicle.Killed(self._life, _at(event), epoch, mode)

    def _called_off(self, event: HistoryEvent) -> Entry:
        return chronicle.CallOff(self._life, _at(event))

    def _way_out(self, event: HistoryEvent) -> Entry:
        begun = event.start_child_workflow_execution_initiated_event_attributes
        walk = _value(begun.input, ExitStart).walk
        return chronicle.WayOutBegun(self._life, _at(event), begun.workflow_id, walk)

    def _way_out_over(self, event: HistoryEvent) -> Entry:
        over = event.child_workflow_execution_completed_event_attributes
        outcome = _value(over.result, ExitOutcome)
        name = over.workflow_execution.workflow_id
        return chronicle.WayOutOver(self._life, _at(event), name, outcome)

    def _way_out_broken(self, event: HistoryEvent) -> Entry:
        told = getattr(event, str(event.WhichOneof("attributes")))
        name = told.workflow_execution.workflow_id
        text = _told(told.failure) if hasattr(told, "failure") else "it was ended from outside"
        return chronicle.WayOutOver(self._life, _at(event), name, None, text)

    def _stuck(self, event: HistoryEvent) -> Entry:
        failed = event.workflow_task_failed_event_attributes
        return chronicle.Stuck(self._life, _at(event), _told(failed.failure))

    def _over(self, event: HistoryEvent) -> Entry | None:
        if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            told = getattr(event, str(event.WhichOneof("attributes")))
            text = _told(told.failure) if hasattr(told, "failure") else "it was ended from outside"
            return chronicle.Over(self._life, _at(event), None, text)
        if not self._is_trade:
            return None
        over = event.workflow_execution_completed_event_attributes
        return chronicle.Over(self._life, _at(event), _value(over.result, Settlement))

    @property
    def _is_trade(self) -> bool:
        started = self._events[0].workflow_execution_started_event_attributes
        return started.workflow_type.name == TRADE

    _entries: ClassVar[Mapping[EventType.ValueType, Callable[..., Entry | None]]] = {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: _begun,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _call,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _update,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: _signal,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: _called_off,
        EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _way_out,
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: _way_out_over,
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: _way_out_broken,
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: _way_out_broken,
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: _way_out_broken,
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: _way_out_broken,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: _stuck,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: _over,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: _over,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: _over,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: _over,
    }


_ENDS: Mapping[EventType.ValueType, str] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activity_task_completed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: "activity_task_failed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "activity_task_timed_out_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "activity_task_canceled_event_attributes",
}


def _value(payloads: Payloads, kind: Any) -> Any:
    (found,) = _READER.from_payloads(payloads.payloads[:1], [kind])
    return found


def _at(event: HistoryEvent) -> datetime:
    return _moment(event.event_time)


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _retry(
    started: HistoryEvent | None, pending: PendingActivityInfo | None
) -> chronicle.Retry | None:
    """That it was taken up again, and why; None if nobody had to."""
    if pending is not None and pending.attempt > 1:
        sort, text = _sort(pending.last_failure), _told(pending.last_failure)
        at, who = _moment(pending.last_started_time), pending.last_worker_identity
        return chronicle.Retry(pending.attempt, who, at, sort, text)
    if started is None:
        return None
    told = started.activity_task_started_event_attributes
    if told.attempt <= 1:
        return None
    sort, text = _sort(told.last_failure), _told(told.last_failure)
    return chronicle.Retry(told.attempt, told.identity, _at(started), sort, text)


def _failure_of(end: HistoryEvent) -> str:
    """Why a call was given up; empty if it was not."""
    attributes = getattr(end, _ENDS[end.event_type])
    return _told(attributes.failure) if hasattr(attributes, "failure") else ""


def _told(failure: Failure) -> str:
    """What a failure says at its core."""
    while failure.HasField("cause") and not failure.HasField("application_failure_info"):
        failure = failure.cause
    return failure.message


def _sort(failure: Failure) -> str:
    """What sort of failure it is, by the name under which it was raised."""
    if failure.HasField("timeout_failure_info"):
        return _TIMEOUTS.get(failure.timeout_failure_info.timeout_type, "TooLong")
    return failure.application_failure_info.type
