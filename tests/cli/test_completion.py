"""What a shell is told when somebody presses the tab key, in the shells' own protocols."""

import asyncio
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.cli.main import app
from tests.accounts.cases import TIGHT, request, settlement
from tests.cli.cases import BACKSTAY, SETTINGS
from tests.cli.transcripts import inside
from tests.cli.typed import NOTHING_OWN
from tests.domain.limits.samples import ACCOUNT, NOW
from tests.hanging import HANGS_AFTER_SECONDS

OTHER = "T7K2M9QY"
LATER = timedelta(minutes=1)
COMPLETE = "_BACKSTAY_COMPLETE"


def asked(protocol: dict[str, str], cwd: Path) -> str:
    """What we answer a shell, in this process; it may not hear anything else."""
    with inside(cwd):
        done = CliRunner().invoke(app, env=NOTHING_OWN | protocol, prog_name="backstay")
    assert done.stderr == ""
    return done.stdout


def offered(words: str, cwd: Path, shell: str = "bash") -> list[str]:
    """What is offered at the end of a line, in the words of that shell."""
    protocols = {
        "bash": {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": words},
        "fish": {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }
    answer = asked(protocols[shell] | {COMPLETE: f"complete_{shell}"}, cwd)
    return [line for line in answer.splitlines() if line]


def script(shell: str, cwd: Path) -> str:
    """What is read by that shell when it starts."""
    return asked({COMPLETE: f"source_{shell}"}, cwd)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_calls_us(shell: str, tmp_path: Path) -> None:
    text = script(shell, tmp_path)
    assert f"{COMPLETE}=complete_{shell}" in text
    assert "backstay" in text


def test_bash_understands_the_script_and_offers_what_we_say(tmp_path: Path) -> None:
    """The script is read by a real bash, and its function is called as the tab key would."""
    story = f"""
        PATH={BACKSTAY.parent}:$PATH
        source <({COMPLETE}=source_bash backstay)
        COMP_WORDS=(backstay tr); COMP_CWORD=1
        _backstay_completion backstay
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", story],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_SECONDS,
        check=True,
    )
    assert done.stdout.split() == ["trade"]


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_command_that_is_half_typed_is_offered(shell: str, tmp_path: Path) -> None:
    assert [line.split("\t")[0] for line in offered("backstay tr", tmp_path, shell)] == ["trade"]


def test_zsh_is_offered_it_with_its_line_of_help(tmp_path: Path) -> None:
    text = "\n".join(offered("backstay tr", tmp_path, "zsh"))
    assert text.startswith("_arguments")
    assert '"trade":' in text


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("backstay worker --role ", ["trades", "broker"]),
        ("backstay doctor --kind l", ["live"]),
        ("backstay kill ", ["freeze", "flatten"]),
        ("backstay trade li", ["list"]),
        ("backstay doctor --acc", ["--account"]),
    ],
)
def test_the_values_of_an_option_are_offered(words: str, values: list[str], tmp_path: Path) -> None:
    assert offered(words, tmp_path) == values


def test_files_are_left_to_the_shell_which_knows_them(tmp_path: Path) -> None:
    assert offered("backstay plan check ", tmp_path) == []
    assert "-o default" in script("bash", tmp_path)


async def _trade(book: Path) -> None:
    """A trade that has taken room, and one that has given it back."""
    create(book, ACCOUNT)
    store = AccountStore(book, ACCOUNT)
    try:
        await store.admit(request(plan_id="aapl-1"), TIGHT)
        await store.admit(request(OTHER, 1, plan_id="aapl-2", at=NOW + LATER), TIGHT)
        await store.settle(settlement(trade=OTHER))
    finally:
        await store.close()


@pytest.fixture
def booked(tmp_path: Path) -> Path:
    """A folder with an account that has an open trade."""
    (tmp_path / "backstay.toml").write_text(SETTINGS.replace("DU1234567", ACCOUNT))
    (tmp_path / "data").mkdir()
    asyncio.run(_trade(tmp_path / "data" / "accounts.sqlite"))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "plans"),
    [
        ("backstay trade cancel ", ["aapl-1"]),
        ("backstay trade cancel aa", ["aapl-1"]),
        ("backstay trade cancel msft", []),
        ("backstay trade cancel --config backstay.toml ", ["aapl-1"]),
        ("backstay trade cancel --config nowhere.toml ", []),
    ],
)
def test_the_plans_of_open_trades_are_offered(words: str, plans: list[str], booked: Path) -> None:
    assert offered(words, booked) == plans


def test_a_book_that_is_damaged_offers_nothing_and_says_nothing(booked: Path) -> None:
    (booked / "data" / "accounts.sqlite").write_bytes(b"no book at all" * 1000)
    assert offered("backstay trade cancel ", booked) == []


def test_without_settings_nothing_is_offered(tmp_path: Path) -> None:
    assert offered("backstay trade cancel ", tmp_path) == []
