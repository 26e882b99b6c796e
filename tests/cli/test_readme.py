"""The README promises nothing that a command can't show."""

import re
import subprocess
from dataclasses import fields

import pytest

from backstay.domain.profile import BrokerProfile
from tests.cli.readme import README, ROOT, commands, is_ours, redrawn, run

TEXT = README.read_text("utf-8")
COMMANDS = commands(TEXT)
OFFLINE = [command for command in COMMANDS if is_ours(command) and " plan check " in command]
"""What needs no house; the rest is typed in one, in `tests/process/test_readme_commands.py`."""


def test_what_it_shows_is_what_the_commands_print_now() -> None:
    told = "the README is behind; draw it anew with: .venv/bin/python -m tests.cli.readme"
    assert redrawn(TEXT) == TEXT, told


def test_it_shows_the_check_of_a_plan_and_how_a_stop_works() -> None:
    assert OFFLINE == [
        ".venv/bin/backstay plan check examples/aapl-breakout.toml --account DU1234567"
    ]
    assert "its cancel proven, then MKT for exactly what is left" in TEXT
    assert "0:XS:2  sell 41 AAPL MKT" in TEXT


def test_a_block_that_is_behind_is_noticed() -> None:
    behind = TEXT.replace("81 shares at 190.05", "80 shares at 190.05")
    assert behind != TEXT
    assert redrawn(behind) == TEXT


@pytest.mark.parametrize("command", OFFLINE)
def test_every_command_of_ours_runs_from_the_root(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(command).exit_code == 0


@pytest.mark.parametrize("command", [command for command in COMMANDS if not is_ours(command)])
def test_every_other_command_is_a_target_that_make_knows(command: str) -> None:
    """It is looked up and not made: `make test` would run this test again."""
    make, target, *_ = command.split()
    assert make == "make"
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True)
    assert f"  make {target} " in listed.stdout
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_make_demo_is_the_demo() -> None:
    recipe = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert recipe.stdout.splitlines()[-1].split() == [".venv/bin/backstay", "demo"]


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", TEXT)
    anchors = {
        "#" + re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"(?m)^#+ (.+)$", TEXT)
    }
    assert targets
    assert [one for one in targets if not (one in anchors or (ROOT / one).exists())] == []


def test_it_names_every_assumption_about_the_broker() -> None:
    named = re.findall(r"(?m)^\| `(\w+)` \|", TEXT)
    assert named == [switch.name for switch in fields(BrokerProfile)]


def test_no_line_of_prose_is_wider_than_a_page() -> None:
    prose = re.sub(r"(?ms)^```.*?^```$", "", TEXT)
    tables = (line for line in prose.splitlines() if not line.startswith("|"))
    assert [line for line in tables if len(line) > 100] == []
