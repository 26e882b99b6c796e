"""What goes wrong in a run, and how hard.

Owns the choice, not the details. A run in which everything goes wrong at once hides what only a
single trouble brings about, for nothing gets far in it; so most runs have few kinds of trouble.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from backstay.lab.simulation import seeds
from backstay.lab.simulation.drawing.names import CRASH, FAULTS, GATEWAY, STRIKES
from backstay.lab.simulation.drawing.throws import falls, pick
from backstay.lab.simulation.marks import FAULTS as MARKS
from backstay.lab.simulation.seeds import die


class Weather(StrEnum):
    """How many kinds of trouble a run has."""

    CALM = "calm"
    FEW = "few"
    SEVERAL = "several"
    ALL = "all"


_WEATHERS = (
    (Weather.CALM, 3.0),
    (Weather.FEW, 40.0),
    (Weather.SEVERAL, 37.0),
    (Weather.ALL, 20.0),
)
_SHARES = {Weather.CALM: 0.0, Weather.FEW: 0.06, Weather.SEVERAL: 0.16, Weather.ALL: 0.38}
_HARD = {Weather.CALM: 0.0, Weather.FEW: 0.6, Weather.SEVERAL: 0.35, Weather.ALL: 0.2}
_CRASHES = 0.84
_LEAST = 2
_PAIRS = (("execution-corrected", "placement-acknowledged-late", 0.4),)
"""What brings about most with another one beside it."""


_KNOWN = frozenset((*FAULTS, *MARKS))


@dataclass(frozen=True, slots=True)
class Mood:
    """What is enabled, in the order of the catalogue, and whether it strikes hard."""

    weather: Weather
    faults: tuple[str, ...]
    is_hard: bool

    def has(self, fault: str) -> bool:
        """Whether it can happen in this run."""
        return fault in self.faults


def mood(seed: int, only: Collection[str] | None = None) -> Mood:
    """The mood of a seed; with `only`, what is named there and nothing else."""
    for name in only or ():
        if name not in _KNOWN:
            raise ValueError(f"{name} is nothing that can go wrong in a simulation")
    thrown = die(seed, "mood")
    weather = pick(thrown, _WEATHERS)
    is_hard = falls(thrown, _HARD[weather])
    if only is not None:
        chosen = tuple(name for name in FAULTS if any(_is_meant(name, word) for word in only))
        return Mood(weather, chosen, is_hard)
    if weather is Weather.CALM:
        return Mood(weather, (), is_hard)
    share = _SHARES[weather]
    enabled = {name for name in FAULTS if seeds.falls(seed, f"whether {name}", share)}
    if falls(thrown, _CRASHES):
        enabled.add(CRASH)
    for one, other, share in _PAIRS:
        if one in enabled and falls(thrown, share):
            enabled.add(other)
    while sum(name in enabled for name in GATEWAY) < _LEAST:
        enabled.add(thrown.choice(GATEWAY))
    return Mood(weather, tuple(name for name in FAULTS if name in enabled), is_hard)


def _is_meant(fault: str, word: str) -> bool:
    """A strike is named by its kind, or by its kind and whom it hits."""
    return fault == word or (fault in STRIKES and word.endswith(f" {fault}"))
