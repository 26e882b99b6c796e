"""The gateway's page shows what the commands print, what the files hold, and leaves nothing out."""

import re
from pathlib import Path

import pytest

from backstay.gateway.faults.names import CATALOGUE
from backstay.gateway.faults.plan import load_plan, read_plan
from backstay.gateway.market.tape import parse, parse_untimed
from backstay.gateway.profile import NAMES
from tests.cli.readme import ROOT, commands, redrawn, run

PAGE = ROOT / "docs" / "gateway.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = ROOT / "examples" / "gateway"


def test_what_it_shows_is_what_the_commands_print_now() -> None:
    told = "the page is behind; draw it anew with: .venv/bin/python -m tests.cli.readme"
    assert redrawn(TEXT) == TEXT, told


def test_every_command_in_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert commands(TEXT) == (
        ".venv/bin/backstay gateway --port 4002 --seed 7",
        ".venv/bin/backstay gateway --follow prices.txt",
        ".venv/bin/backstay gateway faults",
    )
    assert run(".venv/bin/backstay gateway faults").exit_code == 0


def test_the_lines_and_the_fault_that_it_shows_can_be_played() -> None:
    blocks = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", TEXT)
    (followed,) = [text for kind, text in blocks if kind == "text" and text.startswith("AAPL ")]
    lines = [parse_untimed(number, line) for number, line in enumerate(followed.splitlines(), 1)]
    assert None not in lines
    (fault,) = [text for kind, text in blocks if kind == "toml" and "reference" in text]
    (planned,) = read_plan(fault, "page")
    assert (planned.name, planned.reference) == ("placement-acknowledged-late", "bs1:6PMWYKXY:0:EN")


def test_it_names_every_switch_and_every_fault() -> None:
    assert tuple(re.findall(r"(?m)^\| `(\w+)` \|", TEXT)) == NAMES
    assert [fault.name for fault in CATALOGUE if f"\n{fault.name} " not in TEXT] == []


def test_every_option_in_it_is_one() -> None:
    offered = run(".venv/bin/backstay gateway --help").out
    prose = re.sub(r"(?ms)^```.*?^```$", "", TEXT)
    named = set(re.findall(r"`(?:backstay gateway )?(--[a-z-]+)", prose))
    assert sorted(option for option in named if f"  {option} " not in offered) == []


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert targets
    assert [one for one in targets if not (PAGE.parent / one).exists()] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.tape")), ids=lambda path: path.stem)
def test_an_example_of_a_tape_can_be_played(path: Path) -> None:
    assert parse(path.read_text("utf-8")).lines


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_an_example_of_a_faults_file_can_be_used(path: Path) -> None:
    assert load_plan(path)
