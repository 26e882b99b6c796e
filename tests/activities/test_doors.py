"""Every call has a door on its queue, which takes and answers what the call says."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, cast, get_type_hints

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities import calls
from activities.calls import TERMS, Door
from activities.changes import (
    ARM_CHANGES,
    GUARD_CHANGES,
    ChangesUnknownError,
    EngineChanges,
    scheduled_by,
)
from activities.edge import EdgeActivities
from backstay.domain.edge.arms import ArmAmendment, FireNow
from backstay.domain.edge.guards import GuardAmendment, MoveStop, SplitOff
from backstay.lab.virtual_time import run
from tests.activities.attempts import (
    WORKFLOW,
    Attempt,
    ScriptedChanges,
    ScriptedEntered,
    crossed,
    kinds_of,
)
from tests.broker.edge.stage import START_NS, Stage, play
from tests.domain.edge.samples import GUARD

Defined = dict[str, Callable[..., Any]]


def defined(doors: Iterable[Callable[..., Any]]) -> Defined:
    """The activities by their names."""
    return {activity._Definition.must_from_callable(each).name or "": each for each in doors}


def doors() -> tuple[Defined, Defined]:
    """The doors of a real edge: those that last, those that answer."""
    found: list[Defined] = []

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        changes, entered = ScriptedChanges(), ScriptedEntered()
        of_edge = EdgeActivities(edge, changes, entered, lambda _: None, lambda: None)
        found.extend((defined(of_edge.lasting()), defined(of_edge.short())))

    play(story)
    lasting, short = found
    return lasting, short


def names(door: Door) -> set[str]:
    return {name for name, terms in TERMS.items() if terms.door is door}


def test_each_queue_of_an_edge_serves_the_calls_that_go_there() -> None:
    lasting, short = doors()
    assert set(lasting) == names(Door.ARMS)
    assert set(short) == names(Door.OPS)


def test_each_door_takes_and_answers_what_its_call_says() -> None:
    lasting, short = doors()
    for name, door in (lasting | short).items():
        call = dict(get_type_hints(getattr(calls, name), include_extras=True))
        answer = call.pop("return")
        asked = [kind for key, kind in call.items() if key not in ("account", "summary", "wait")]
        assert (asked, answer) == ([kinds_of(door)[0]], kinds_of(door)[1]), name


# --- asking the workflow ---


class ScriptedHandle:
    """A workflow that answers a query, or does not."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers

    async def query(self, name: str, *, result_type: Any, rpc_timeout: Any) -> Any:
        assert rpc_timeout.total_seconds() == 2
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return crossed(answer, result_type)


class ScriptedClient:
    """The engine's client, as far as it is asked."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.handle = ScriptedHandle(answers)

    def get_workflow_handle(self, workflow_id: str) -> ScriptedHandle:
        assert workflow_id == WORKFLOW
        return self.handle


def changes(arm: object, guard: object) -> EngineChanges:
    """The changes as a workflow's answers to both queries tell them."""
    answers = {ARM_CHANGES: arm, GUARD_CHANGES: guard}
    return EngineChanges(cast("Client", ScriptedClient(answers)))


def test_a_workflow_tells_what_was_changed() -> None:
    of_arm = (ArmAmendment(2, FireNow()), ArmAmendment(3, None))
    split = SplitOff(GUARD.key, 4, Decimal(30), GUARD.target, Decimal(100))
    of_guard = (GuardAmendment(3, MoveStop(Decimal(97))), GuardAmendment(4, split))

    async def story() -> None:
        asked = changes(of_arm, of_guard)
        assert await asked.of_arm(WORKFLOW) == of_arm
        assert await asked.of_guard(WORKFLOW) == of_guard

    run(story(), start_ns=START_NS)


@pytest.mark.parametrize(
    "error",
    [
        RPCError("timed out", RPCStatusCode.DEADLINE_EXCEEDED, b""),
        WorkflowQueryFailedError("no such query"),
        TimeoutError("2 s"),
        ValueError("of another build"),
    ],
)
def test_a_workflow_that_does_not_answer_has_said_nothing(error: Exception) -> None:
    async def story() -> None:
        asked = changes(error, error)
        with pytest.raises(ChangesUnknownError, match=f"has not answered {ARM_CHANGES}: {error}"):
            await asked.of_arm(WORKFLOW)
        with pytest.raises(ChangesUnknownError, match=f"has not answered {GUARD_CHANGES}"):
            await asked.of_guard(WORKFLOW)

    run(story(), start_ns=START_NS)


def test_a_defect_of_asking_is_no_silence() -> None:
    async def story() -> None:
        with pytest.raises(RuntimeError):
            await changes(RuntimeError("a defect"), ()).of_arm(WORKFLOW)

    run(story(), start_ns=START_NS)


def test_who_has_scheduled_an_attempt_is_asked() -> None:
    async def scheduler(_: None) -> str:
        return scheduled_by()

    assert run(Attempt().run(scheduler, None), start_ns=START_NS) == WORKFLOW
