"""A scenario made as small as it can be while the same law is still broken.

Owns which smaller scenarios are tried, and in which sequence: whole parts go first, half of them at
once and then ever fewer, then what is left is made plainer. It plays nothing: whoever holds it
plays the candidate and tells what came of it.
"""

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.scenario import Act, Hand, Scenario
from backstay.lab.simulation.simplifying import Way, plainer

RUN_LAW = "run"
"""The law that is broken where a run can't go on."""

PARTS = ("strikes", "rules", "hands", "away", "moves")
"""What a scenario consists of beside its trades, in the sequence in which it is tried without."""

Search = Generator[Scenario, bool, None]


class Shrinking:
    """How far it has come: `best` fails, and `candidate` is to be tried next, None at the end."""

    def __init__(self, scenario: Scenario) -> None:
        self.best = scenario
        self.tried = 0
        self._search = _search(scenario)
        self.candidate = next(self._search, None)

    def tell(self, *, fails: bool) -> None:
        """What came of the candidate."""
        if self.candidate is not None and fails:
            self.best = self.candidate
        self.tried += 1
        try:
            self.candidate = self._search.send(fails)
        except StopIteration:
            self.candidate = None


def shrink(scenario: Scenario, fails: Callable[[Scenario], bool], budget: int) -> Scenario:
    """The smallest that was found with so many tries; `scenario` itself fails."""
    shrinking = Shrinking(scenario)
    while shrinking.candidate is not None and shrinking.tried < budget:
        shrinking.tell(fails=fails(shrinking.candidate))
    return shrinking.best


def is_same(one: Finding, other: Finding) -> bool:
    """Whether both are of one law. A run can end in many ways, and the first word says which."""
    if one.law != other.law:
        return False
    return one.law != RUN_LAW or one.text.split(maxsplit=1)[:1] == other.text.split(maxsplit=1)[:1]


def _search(scenario: Scenario) -> Search:
    """Each pass goes through everything once; the last one changes nothing any more."""
    tried = {scenario}
    best, before = scenario, None
    while best != before:
        before = best
        best = yield from _afresh(_fewer_trades(best), tried)
        for part in PARTS:
            best = yield from _afresh(_fewer(best, part), tried)
        best = yield from _afresh(plainer(best), tried)


def _afresh(way: Way, tried: set[Scenario]) -> Way:
    """The same way without what was tried on it before, which fails no more than it did then."""
    try:
        candidate = next(way)
        while True:
            is_new = candidate not in tried
            tried.add(candidate)
            candidate = way.send((yield candidate) if is_new else False)
    except StopIteration as end:
        best: Scenario = end.value
        return best


def _fewer(best: Scenario, part: str) -> Way:
    """Without all of a part, then without each half, each quarter, at last each single one."""
    size = len(getattr(best, part))
    while size:
        start = 0
        while start < len(parts := getattr(best, part)):
            smaller: dict[str, Any] = {part: parts[:start] + parts[start + size :]}
            candidate = replace(best, **smaller)
            if (yield candidate):
                best = candidate
            else:
                start += size
        size //= 2
    return best


def _fewer_trades(best: Scenario) -> Way:
    """Without each trade, and without what is asked of it; the others keep what is theirs."""
    for place in reversed(range(len(best.trades))):
        candidate = replace(
            best,
            trades=best.trades[:place] + best.trades[place + 1 :],
            hands=tuple(_moved_up(hand, place) for hand in best.hands if _lasts(hand, place)),
        )
        if (yield candidate):
            best = candidate
    return best


def _lasts(hand: Hand, place: int) -> bool:
    return not isinstance(hand, Act) or hand.trade != place


def _moved_up(hand: Hand, place: int) -> Hand:
    if isinstance(hand, Act) and hand.trade > place:
        return replace(hand, trade=hand.trade - 1)
    return hand
