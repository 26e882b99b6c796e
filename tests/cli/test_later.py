"""What is loaded for what is typed: by the names of modules, in an interpreter of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from backstay.cli.later import Later
from backstay.cli.main import app
from tests.cli.typed import typed

SECONDS_MAX = 60
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ENGINE = "temporalio"
OURS = ("activities", "backstay.", "workers", "workflows")
BARE = {
    "backstay.cli",
    "backstay.cli.later",
    "backstay.cli.main",
    "backstay.cli.program",
    "backstay.cli.usage",
}
TRADE = BARE | {"backstay.cli.trade", "backstay.cli.trade.commands"}
PROGRAM = """
import sys
from contextlib import suppress
import io
sys.argv = ["backstay", *sys.argv[1:]]
from backstay.cli.main import app
out, sys.stdout = sys.stdout, io.StringIO()
with suppress(SystemExit):
    # A process that has loaded the engine's library would leave at once.
    super(type(app), app).__call__(prog_name="backstay")
print(*sorted(sys.modules), file=out)
"""


def loaded(*words: str, **environment: str) -> set[str]:
    """The modules that are there once this was typed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    return set(done.stdout.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith(OURS)}


def all_of(group: TyperGroup) -> list[Later]:
    """Every command that is loaded later, group by group."""
    found = []
    for each in group.commands.values():
        if isinstance(each, Later):
            found += [each, *all_of(each.loaded)] if hasattr(each.loaded, "commands") else [each]
    return found


EVERY = all_of(get_group(app))


def test_help_loads_no_command() -> None:
    found = loaded("--help")
    assert ours(found) == BARE
    assert not found & {"asyncio", "pydantic", ENGINE}


@pytest.mark.parametrize("words", ["backstay tr", "backstay trade sh"])
def test_the_tab_key_loads_no_command_that_is_not_named(words: str) -> None:
    found = loaded(
        _BACKSTAY_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(words.count(" ")),
    )
    assert ours(found) == (TRADE if "trade" in words else BARE)
    assert not found & {"asyncio", ENGINE}


def test_a_plan_is_checked_without_the_engine_the_gateway_or_a_book() -> None:
    found = loaded("plan", "check", str(EXAMPLES / "aapl-breakout.toml"))
    assert "backstay.cli.plan.check" in found
    others = ("activities", "backstay.accounts", "backstay.gateway", "workers.bootstrap", ENGINE)
    assert [name for name in found if name.startswith(others)] == []


def test_the_gateway_is_no_part_of_listing_trades(tmp_path: Path) -> None:
    found = loaded("trade", "list", "--config", str(tmp_path / "none.toml"))
    assert "backstay.cli.trade.listing" in found
    assert [name for name in found if name.startswith(("backstay.gateway", ENGINE))] == []


def test_every_family_is_loaded_later() -> None:
    names = {each.name for each in EVERY}
    assert {"up", "plan", "check", "trade", "list", "account", "gateway", "bench"} <= names


@pytest.mark.parametrize("command", EVERY, ids=lambda command: str(command.name))
def test_a_list_of_commands_says_of_each_what_its_own_help_says(command: Later) -> None:
    assert command.name == command.loaded.name
    assert command.help == command.loaded.help.split("\n\n")[0].replace("\n", " ")
    assert command.get_short_help_str() == command.loaded.get_short_help_str()


def test_a_command_that_is_typed_wrongly_is_still_one_line() -> None:
    assert typed("trade", "lst").err == "Error: No such command 'lst'. Did you mean 'list'?\n"
