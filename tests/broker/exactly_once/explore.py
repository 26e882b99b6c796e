"""The whole enumeration, by hand: `python -m tests.broker.exactly_once.explore [every [story...]]`.

Each story, under each fate of its messages, under each profile, and for each way in which an edge
can end: before each step that makes a difference, or before each so many of them. All of it takes
hours, every fiftieth minutes.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

from tests.broker.exactly_once.enumerating import by_crash
from tests.broker.exactly_once.fates import fates
from tests.broker.exactly_once.profiles import PROFILES
from tests.broker.exactly_once.stories import STORIES
from tests.broker.exactly_once.telling import Telling
from tests.broker.exactly_once.world import ENDINGS


def tellings(names: list[str]) -> Iterator[tuple[str, Telling]]:
    """Everything that can be told, with its name."""
    for name in names or STORIES:
        for fate, plan in fates(STORIES[name]):
            for profile in PROFILES:
                telling = Telling(STORIES[name], plan, profile.gateway, profile.assumed)
                for when, ending in ENDINGS.items():
                    yield f"{name}, {fate}, {profile.name}, {when}", replace(telling, ending=ending)


def main(arguments: list[str]) -> None:
    """Tell them all, and print what was wrong and how much was told."""
    every = int(arguments[0]) if arguments else 1
    awaits = points = runs = faults = combinations = 0
    for label, telling in tellings(arguments[1:]):
        told = by_crash(telling, every=every)
        awaits, points, runs = awaits + told.awaits, points + told.points, runs + told.runs
        combinations += 1
        for step, text in told.wrong:
            faults += 1
            print(f"{label}, crash at step {step}: {text}", flush=True)
    print(
        f"{combinations} combinations with {awaits} awaits, of which {points} make a difference:"
        f" {runs} runs, {faults} faults"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
