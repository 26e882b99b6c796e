"""Every story of the workflows is told once more, on the engine in memory.

The stories are those of tests/workflows, which are told on a server there; here nothing of them is
changed but that server, and that a run may be dropped from memory after any of its steps. What they
leave behind is then replayed by the library itself.
"""

import inspect
from collections.abc import Callable, Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from activities.converting import VALUES
from backstay.lab.engine.replaying import replayed
from backstay.lab.engine.tasks import RunName
from tests.lab.engine import house
from tests.lab.engine.house import KINDS, Town
from tests.workflows import (
    stage,
    test_called_off,
    test_changes,
    test_dry_runs,
    test_entries,
    test_last_words,
    test_less_than_a_part,
    test_parts,
    test_persons,
    test_told,
    test_trade_lives,
    test_troubles,
    test_waiting,
)

MODULES = (
    test_called_off,
    test_changes,
    test_dry_runs,
    test_entries,
    test_last_words,
    test_less_than_a_part,
    test_parts,
    test_persons,
    test_told,
    test_trade_lives,
    test_troubles,
    test_waiting,
)

Evict = Callable[[RunName], bool]
Story = Callable[..., None]


DROPPED_MAX = 60
"""How often a run is dropped: one of hundreds of steps would be read from its beginning at each."""


def dropped_at_every_step() -> Evict:
    """Whatever was begun goes on from its history, step after step."""
    times = iter(range(DROPPED_MAX))
    return lambda _: next(times, None) is not None


def stories() -> Iterator[Any]:
    """Each story with each of its values."""
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and function.__module__ == module.__name__:
                for values in _values(function):
                    told = "-".join(str(value)[:20] for value in values.values())
                    yield pytest.param(function, values, id=f"{name}[{told}]" if told else name)


def _values(function: Story) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    for chosen in product(*(mark.args[1] for mark in marks)):
        values: dict[str, Any] = {}
        for mark, value in zip(marks, chosen, strict=True):
            given = mark.args[0]
            names = [each.strip() for each in given.split(",")] if isinstance(given, str) else given
            values |= zip(names, (value,) if len(names) == 1 else value, strict=True)
        if set(inspect.signature(function).parameters) == set(values):
            yield values


def tell(story: Story, values: dict[str, Any], town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell it in this town."""
    here: tuple[ModuleType, ...] = (stage, *MODULES)
    for module in here:
        for name, other in (("house", town.house), ("edge", house.edge), ("tell", house.tell)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, other)
    story(**values)


@pytest.mark.parametrize(("story", "values"), list(stories()))
def test_a_story_goes_the_same_way_for_whoever_remembers_nothing(
    story: Story, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(dropped_at_every_step())
    tell(story, values, town, monkeypatch)
    assert town.failed == []
    assert town.histories


def test_each_story_is_told_by_whoever_remembers_all_and_then_replayed_by_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town()
    for told in stories():
        story, values = told.values
        tell(story, values, town, monkeypatch)
    assert town.failed == []
    results = replayed(town.histories, KINDS, VALUES)
    assert [str(each) for each in results if not each.is_whole] == []
    assert len(results) > 100
