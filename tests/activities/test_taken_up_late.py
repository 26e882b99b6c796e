"""What nobody took up for a while: much may have been asked for since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.arms import ArmActivities
from activities.calls import ArmCall, GuardCall
from activities.guards import GuardActivities
from backstay.domain.edge.arms import ArmAmendment, ArmPhase, ArmReport
from backstay.domain.edge.guards import GuardAmendment, LeaveNow
from backstay.lab.virtual_time import run
from tests.activities.attempts import WORKFLOW, Attempt, ScriptedChanges, ScriptedEntered
from tests.activities.test_arms import ScriptedEdge
from tests.activities.test_guards import ScriptedEdge as GuardingEdge
from tests.broker.edge.stage import START_NS
from tests.domain.edge.samples import ARM, GUARD

CALL = ArmCall(ARM, 1, 0, 1)


def late(after: timedelta) -> Attempt:
    """A first attempt that is taken up so long after it was scheduled."""
    attempt = Attempt()
    info = attempt.env.info
    began = info.current_attempt_scheduled_time + after
    attempt.env.info = replace(info, started_time=began)
    return attempt


def taken_up(after: timedelta, edge: ScriptedEdge, changes: ScriptedChanges) -> ArmReport:
    """What becomes of an arm."""
    doors = ArmActivities(edge, changes, ScriptedEntered(), lambda _: None, lambda: None)
    return run(late(after).run(doors.arm, CALL), start_ns=START_NS)


def test_what_was_called_off_while_nobody_was_there_never_leaves() -> None:
    edge, changes = ScriptedEdge(), ScriptedChanges(arm=(ArmAmendment(2, None),))
    assert taken_up(timedelta(minutes=5), edge, changes).phase is ArmPhase.WITHDRAWN
    assert edge.armed == []


@pytest.mark.parametrize(
    ("seconds", "asked"), [(0, []), (1, []), (1.001, [WORKFLOW]), (3600, [WORKFLOW])]
)
def test_the_workflow_is_asked_only_if_it_has_lain(seconds: float, asked: list[str]) -> None:
    edge, changes = ScriptedEdge(), ScriptedChanges()
    assert taken_up(timedelta(seconds=seconds), edge, changes).phase is ArmPhase.WAITING
    assert changes.asked == asked
    assert len(edge.armed) == 1


def test_a_position_that_was_to_be_left_while_nobody_was_there_is_left() -> None:
    leave = LeaveNow(GUARD.exit)
    edge, changes = GuardingEdge(), ScriptedChanges(guard=(GuardAmendment(2, leave),))
    doors = GuardActivities(edge, changes, ScriptedEntered(), lambda: None)
    attempt = late(timedelta(minutes=5))
    run(attempt.run(doors.guard, GuardCall(GUARD, 1, 0)), start_ns=START_NS)
    assert edge.changed == [(2, leave)]
