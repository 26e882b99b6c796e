"""Clocks and randomness: the rule can fail, and the house keeps it."""

import pytest

from tests.tidy.seams import SEAMS, findings, idle_seams
from tests.tidy.sources import Source, expect_none, python_sources


@pytest.mark.parametrize(
    ("snippet", "name"),
    [
        ("from datetime import datetime\ndatetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as dt\ndt.utcnow()", "datetime.datetime.utcnow"),
        ("import datetime\ndatetime.datetime.now(tz)", "datetime.datetime.now"),
        ("from datetime import date\ndate.today()", "datetime.date.today"),
        ("import time\ntime.time()", "time.time"),
        ("import time as clock\nclock.monotonic()", "time.monotonic"),
        ("from time import monotonic_ns\nread = monotonic_ns", "time.monotonic_ns"),
        ("import time\ntime.sleep(1)", "time.sleep"),
        ("import random\nrandom.choice([1])", "random.choice"),
        ("from random import Random\nRandom(7)", "random.Random"),
        ("import secrets\nsecrets.token_hex()", "secrets.token_hex"),
        ("from uuid import uuid4\nuuid4()", "uuid.uuid4"),
        ("import os\nos.urandom(8)", "os.urandom"),
    ],
)
def test_a_clock_or_a_die_outside_its_seam_is_found(snippet: str, name: str) -> None:
    (finding,) = findings(Source("backstay/bad.py", snippet))
    assert finding.startswith(f"backstay/bad.py:2: {name} ")


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import datetime\ndatetime.fromisoformat(text)",
        "from uuid import uuid5\nuuid5(space, name)",
        "def decide(state, now):\n    return state.time(now)",
        "import asyncio\nasyncio.sleep(1)",
    ],
)
def test_what_only_looks_like_a_clock_is_left_alone(snippet: str) -> None:
    assert list(findings(Source("backstay/good.py", snippet))) == []


def test_a_seam_allows_what_the_table_names_and_no_more() -> None:
    source = Source("workers/clock.py", "import time\ntime.time()\ntime.monotonic()")
    seams = {"workers/clock.py": frozenset({"time.monotonic"})}
    assert list(findings(source, seams)) == [
        "workers/clock.py:2: time.time is used outside its seam; take it as an argument"
    ]


def test_a_seam_that_is_no_longer_used_is_found() -> None:
    source = Source("workers/clock.py", "import time\ntime.monotonic()")
    seams = {"workers/clock.py": frozenset({"time.monotonic", "time.time"})}
    assert idle_seams(source, seams) == {"time.time"}


def test_the_house_reads_clocks_and_dice_only_at_its_seams() -> None:
    expect_none(line for source in python_sources() for line in findings(source))


def test_every_seam_of_the_table_exists_and_is_used() -> None:
    assert SEAMS.keys() <= {source.path for source in python_sources()}
    assert {source.path: idle for source in python_sources() if (idle := idle_seams(source))} == {}
