"""The same story leaves the same bytes in every process, whatever its hashes are."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.lab.engine.house import Town
from tests.lab.engine.test_trades_on_it import dropped_at_every_step, stories, tell

ROOT = Path(__file__).parents[3]
EACH = 9
"""Every so-manieth story is told."""


def left_behind() -> str:
    """A fingerprint of what the stories have left behind."""
    town = Town(dropped_at_every_step())
    with pytest.MonkeyPatch.context() as monkeypatch:
        for told in list(stories())[::EACH]:
            story, values = told.values
            tell(story, values, town, monkeypatch)
    assert len(town.histories) > EACH
    print_of = sha256()
    for history in town.histories:
        for event in history.events:
            print_of.update(event.SerializeToString(deterministic=True))
    return print_of.hexdigest()


def test_two_processes_with_other_hashes_write_the_same_histories() -> None:
    text = f"from {__name__} import left_behind; print(left_behind())"
    found = [
        subprocess.run(
            [sys.executable, "-c", text],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert len(found[0].strip()) == sha256().digest_size * 2
