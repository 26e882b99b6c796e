"""Every scenario that has ever failed is kept, and fails no more.

One is written by `backstay simulate --keep FOLDER` where a seed fails; it lies in `kept` under the
name of its law and of what was wrong.
"""

import asyncio
from pathlib import Path

import pytest

from backstay.lab.simulation.cases import of_scenario
from backstay.lab.simulation.report import Terms
from backstay.lab.simulation.running import Running
from backstay.lab.simulation.scenario import SCENARIO
from tests.simulation.test_slice import complaints

KEPT = sorted(Path(__file__).with_name("kept").glob("*.json"))


BATCHES = 4
"""Two for each core: beginning a process takes as long as ten runs."""


@pytest.mark.parametrize("number", range(BATCHES))
def test_what_was_wrong_once_is_right(number: int) -> None:
    files = KEPT[number::BATCHES]
    cases = [of_scenario(SCENARIO.validate_json(file.read_bytes()), str(file)) for file in files]
    report = asyncio.run(Running(Terms(tries_max=0), lambda _: None).run(cases))
    assert complaints(report) == []
    assert report.figures.runs == len(files) > 0
