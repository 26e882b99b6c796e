"""Every command that is registered, driven: what it says, where, and its exit code, compared whole.

A command without an entry fails here, and so does an entry without a command. What is said is kept
beside this; `.venv/bin/python -m tests.cli.drive` draws it anew.
"""

import re

import pytest

from tests.cli.cases import WIDTH, Case
from tests.cli.commands import Command, commands
from tests.cli.drive import DRIVES, help_text, helped, run
from tests.cli.house_drive import LINES
from tests.cli.transcripts import SAID, kept

CASES = [(command, case) for command, drive in DRIVES.items() for case in drive.cases]
HELPED = dict(helped())
ELSEWHERE = {"demo", "worker"}
"""They begin houses and processes of their own, in tests of their own."""

ANEW = "what is said has changed; draw it anew with: .venv/bin/python -m tests.cli.drive"


def test_every_command_is_driven_and_nothing_else_is() -> None:
    assert sorted(DRIVES) == sorted(command.words for command in commands())


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.words)
def test_every_command_is_driven_with_good_bad_and_missing_input(command: Command) -> None:
    drive = DRIVES[command.words]
    assert drive.bad
    assert drive.good or drive.in_house
    assert drive.missing or not command.can_miss_something
    assert {case.exit_code for case in (*drive.bad, *drive.missing)} <= {1, 2, 3}


@pytest.mark.parametrize(("command", "case"), CASES, ids=lambda each: getattr(each, "name", each))
def test_what_is_said_is_what_was_said(command: str, case: Case) -> None:
    text, exit_code = run(case)
    assert exit_code == case.exit_code, text
    assert text == kept(command, case.name).read_text("utf-8"), ANEW


@pytest.mark.parametrize("words", HELPED, ids=lambda words: words or "backstay")
def test_the_help_is_what_it_was_and_fits_a_terminal(words: str) -> None:
    text = help_text(HELPED[words])
    assert text == kept(words, "help").read_text("utf-8"), ANEW
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.words)
def test_the_help_has_examples_and_every_exit_code_that_is_used(command: Command) -> None:
    epilog = command.parsed.epilog or ""
    examples = re.findall(r"(?m)^  (?:\w+=\S+ )*backstay (.+)$", epilog)
    assert examples
    assert all(example.startswith(command.words) for example in examples)
    listed = {int(code) for code in re.findall(r"(?m)^  (\d)  ", epilog)}
    assert {case.exit_code for case in DRIVES[command.words].cases} | {0, 2} <= listed


def test_what_needs_a_house_is_driven_in_one() -> None:
    driven = {line.command for line in LINES}
    waiting = {command for command, drive in DRIVES.items() if drive.in_house}
    assert waiting - driven == ELSEWHERE
    assert driven <= set(DRIVES)


def test_no_text_is_left_over() -> None:
    known = {kept(command, case.name) for command, case in CASES}
    known |= {kept(words, "help") for words in HELPED}
    known |= {kept(line.command, line.name) for line in LINES}
    assert sorted(set(SAID.rglob("*.txt")) - known) == []
