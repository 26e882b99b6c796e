"""A history is cut where the workflow was told something."""

import pytest

from backstay.lab.engine.stretches import end_of_stretch
from tests.lab.engine.grown import Grown


def cuts(history: Grown) -> list[int]:
    """Behind which events it is cut."""
    found = [0]
    while found[-1] < len(history.events):
        found.append(end_of_stretch(history.events, found[-1]))
    return found[1:]


def test_each_step_ends_a_stretch_and_what_came_of_it_begins_the_next() -> None:
    history = Grown("Calls")
    first = history.stepped() - 1
    history.calls("linger")
    history.hears()
    second = history.asked()
    assert cuts(history) == [first, second]


@pytest.mark.parametrize("kind", ["WORKFLOW_TASK_FAILED", "WORKFLOW_TASK_TIMED_OUT"])
def test_a_step_that_came_to_nothing_ends_none(kind: str) -> None:
    history = Grown("Calls")
    history.asked()
    history.add(kind)
    history.hears()
    taken = history.stepped() - 1
    history.calls("linger")
    history.hears()
    history.asked()
    history.add(kind)
    last = history.asked()
    assert cuts(history) == [taken, last]


def test_a_step_that_asked_nothing_and_was_followed_by_another_at_once_ends_none() -> None:
    history = Grown("Calls")
    first = history.stepped() - 1
    history.calls("linger")
    history.hears()
    second = history.stepped() - 1
    history.hears()
    history.stepped()
    history.stepped()
    history.calls("linger", "2")
    assert cuts(history)[:2] == [first, second]
    assert len(cuts(history)) == 4


def test_behind_a_command_even_such_a_step_ends_one() -> None:
    history = Grown("Calls")
    history.stepped()
    history.calls("linger")
    history.hears()
    second = history.stepped() - 1
    history.stepped()
    history.calls("linger", "2")
    assert second in cuts(history)


def test_an_accepted_update_belongs_to_the_step_before_which_it_stood() -> None:
    history = Grown("Waits")
    history.stepped()
    history.hears("say", "one")
    before = history.stepped() - 1
    started = history.asked()
    history.add("WORKFLOW_TASK_COMPLETED", started_event_id=started)
    accepted = "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"
    for order, cut in ((before + 1, before), (started + 1, started)):
        told = Grown("Waits")
        told.events = list(history.events)
        told.add(accepted, accepted_request_sequencing_event_id=order)
        assert cut in cuts(told)
        assert (started if cut == before else before) not in cuts(told)[:2]


def test_the_end_of_a_workflow_is_the_end() -> None:
    history = Grown("Calls")
    first = history.stepped() - 1
    last = history.add("WORKFLOW_EXECUTION_COMPLETED")
    assert cuts(history) == [first, last]
