"""A slice of the simulation in every run of the tests: the first seeds, and no law is broken.

`make simulate` plays thousands of them. A seed that fails here is shown with the command that tells
its story.
"""

import asyncio

import pytest

from backstay.lab.simulation.cases import of_seeds
from backstay.lab.simulation.report import Report, Terms
from backstay.lab.simulation.running import Running

SLICES, SEEDS = 2, 100
"""One for each core: beginning a process takes as long as ten runs."""


def complaints(report: Report) -> list[str]:
    """What is wrong, and how to see it again."""
    return [
        f"{failure.findings[0]}; backstay simulate {failure.case.again} --trace"
        for failure in report.failures
    ]


@pytest.mark.parametrize("number", range(SLICES))
def test_no_law_is_broken_in_a_slice(number: int) -> None:
    first = 1 + number * SEEDS
    running = Running(Terms(tries_max=0), lambda _: None)
    report = asyncio.run(running.run(of_seeds(range(first, first + SEEDS))))
    assert complaints(report) == []
    assert report.figures.runs == SEEDS
    assert report.figures.fills
    assert report.figures.crash_points
    assert (report.figures.runs_replayed, report.figures.runs_played_twice) == (2, 1)
