"""What is plainer than what a scenario says: no delay, no step, a round number, once.

Owns the plainest value of each field. A value that is as plain as can be is left alone, so making
plainer comes to an end.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from backstay.gateway.faults.rules import Rule
from backstay.lab.simulation.scenario import Cue, Scenario

_PLAINEST: Mapping[str, object] = {
    "steps": 0,
    "delay_seconds": 0.0,
    "nth": 1,
    "times": 1,
    "count": 1,
    "spread": Decimal("0.04"),
    "bid_size": 500,
    "ask_size": 500,
    "is_cut_off": False,
}
_ROUNDED = frozenset(
    {
        "after_seconds",
        "down_seconds",
        "from_seconds",
        "lasts_seconds",
        "late_seconds",
        "seconds",
        "to_seconds",
    }
)
_IN_PARTS = ("strikes", "hands", "rules", "trades", "away", "moves")
_PROFILES = ("pessimistic", "optimistic")
QUIET_MIN = 1.0


Way = Generator[Scenario, bool, Scenario]
"""Yields what is tried, is told whether it still fails, and returns the smallest that does."""


def plainer(best: Scenario) -> Way:
    """Each field in turn as plain as it can be."""
    best = yield from _plainer_whole(best)
    for name in _IN_PARTS:
        for place in range(len(getattr(best, name))):
            for simpler in _simpler(getattr(best, name)[place]):
                parts = getattr(best, name)
                part = simpler(parts[place])
                changed: dict[str, Any] = {name: (*parts[:place], part, *parts[place + 1 :])}
                candidate = replace(best, **changed)
                if part != parts[place] and (yield candidate):
                    best = candidate
    return best


def _plainer_whole(best: Scenario) -> Way:
    """What is said of the run as a whole."""
    if best.nightly_restart and (yield replace(best, nightly_restart=False)):
        best = replace(best, nightly_restart=False)
    for profile in _PROFILES:
        if best.believed == _PROFILES[0] and best.profile not in _PROFILES:
            candidate = replace(best, profile=profile)
            if (yield candidate):
                best = candidate
    while (quiet := best.quiet_at_seconds) > QUIET_MIN:
        candidate = replace(best, quiet_at_seconds=max(float(int(quiet / 2)), QUIET_MIN))
        if not (yield candidate):
            break
        best = candidate
    return best


def _simpler(part: Any) -> Iterator[Callable[[Any], Any]]:
    """The changes that make one part plainer, one field at a time."""
    if isinstance(part, Rule):
        yield from (_once, _at_most_once)
        return
    for field in fields(part):
        if field.name == "cue":
            yield from (_within_cue(change) for change in _simpler(part.cue))
        elif field.name in _PLAINEST:
            yield _set(field.name, _PLAINEST[field.name])
        elif field.name in _ROUNDED:
            yield _rounded(field.name)


def _set(name: str, value: object) -> Callable[[Any], Any]:
    return lambda part: replace(part, **{name: value})


def _rounded(name: str) -> Callable[[Any], Any]:
    return lambda part: replace(part, **{name: float(round(getattr(part, name)))})


def _within_cue(change: Callable[[Cue], Cue]) -> Callable[[Any], Any]:
    return lambda part: replace(part, cue=change(part.cue))


def _once(rule: Rule) -> Rule:
    """On the first occasion, and never again."""
    if rule.nth is not None:
        return rule
    return _or_as_it_is(rule, probability=None, count=None, nth=1, at=None, every_ns=None)


def _at_most_once(rule: Rule) -> Rule:
    return rule if rule.nth is not None else _or_as_it_is(rule, count=1)


def _or_as_it_is(rule: Rule, **changed: Any) -> Rule:
    """Not every rule can be told everything."""
    try:
        return replace(rule, **changed)
    except ValueError:
        return rule
