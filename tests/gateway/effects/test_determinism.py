"""The same seed and the same input give the same bytes in any process; another seed others."""

import os
import subprocess
import sys
from itertools import zip_longest
from json import loads
from pathlib import Path

from tests.gateway.effects.afternoon import PLAN, logs

ROOT = Path(__file__).parents[3]
STRUCK_MIN = 20
"""So many of the planned faults have to strike for the minutes to be busy ones."""

Run = subprocess.Popen[str]


def begin(seed: int, **environment: str) -> Run:
    """The afternoon in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.effects.afternoon", str(seed)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def written(run: Run) -> list[str]:
    """What it has written down, once it has ended well."""
    output, complaint = run.communicate()
    assert run.returncode == 0, complaint
    return output.splitlines()


def test_a_seed_decides_every_byte_of_both_logs() -> None:
    runs = (
        begin(7, PYTHONHASHSEED="1", TZ="UTC"),
        begin(7, PYTHONHASHSEED="2", TZ="Asia/Tokyo"),
    )
    first, again = (written(run) for run in runs)
    differing = [pair for pair in zip_longest(first, again) if pair[0] != pair[1]]
    assert differing[:1] == []
    assert first != logs(8).splitlines()
    lines = [loads(line) for line in first]
    struck = {line["name"] for line in lines if line.get("what") == "fault"}
    assert struck <= {rule.name for rule in PLAN}
    assert len(struck) >= STRUCK_MIN
    assert {line["client"] for line in lines if line.get("client")} == {1, 2, 9}
    assert {"tickOptionComputation", "execDetails"} <= {line.get("msg") for line in lines}
