"""The simulation's page: every command in it can be typed, and every trouble has its line."""

import re
from pathlib import Path

import pytest

from backstay.lab.simulation.drawing.names import STRIKES
from tests.cli.drive import canned
from tests.cli.readme import ROOT, commands, is_ours, run

TEXT = (ROOT / "docs" / "simulation.md").read_text("utf-8")
COMMANDS = commands(TEXT)


def test_every_command_in_it_is_ours() -> None:
    assert len(COMMANDS) == 4
    assert all(is_ours(command) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_it_can_be_typed(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with canned():
        assert run(command).exit_code in (0, 1)


def test_every_trouble_has_its_line() -> None:
    assert tuple(re.findall(r"(?m)^\| `([\w ]+)` \|", TEXT)) == STRIKES


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert [one for one in targets if not (ROOT / "docs" / one).exists()] == []


def test_no_line_of_prose_is_wider_than_a_page() -> None:
    prose = re.sub(r"(?ms)^```.*?^```$", "", TEXT)
    tables = (line for line in prose.splitlines() if not line.startswith("|"))
    assert [line for line in tables if len(line) > 100] == []
