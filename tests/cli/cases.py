"""What a case of a command is made of: a line that is typed, and the folder that it is typed in."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cli.transcripts import Rule
from tests.cli.typed import typed

ROOT = Path(__file__).resolve().parents[2]
BACKSTAY = Path(sys.executable).with_name("backstay")
SETTINGS = """\
account = "DU1234567"
[temporal]
address = "127.0.0.1:1"
[broker]
port = 1
[limits]
base_currency = "USD"
exposure_max = 50000
share_position_max = 500
trading = "paper"
"""
"""Nobody listens at port 1, on no machine."""

WIDTH = 80
"""How wide help is where it is read."""

FREE_PORT = Rule("free port", r"(?<=127\.0\.0\.1:)\d{4,5}\b", "PORT")
NOW = Rule("now", r"(?<=time       )\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "NOW")

Given = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One line that is typed, in a folder that was prepared, and its exit code.

    One that `serves` runs as a process, until it has said where, and is then told to end.
    """

    name: str
    words: str
    exit_code: int
    given: tuple[Given, ...] = ()
    rules: tuple[Rule, ...] = ()
    serves: bool = False


@dataclass(frozen=True, slots=True)
class Drive:
    """How a command is driven. `in_house` says that its good cases need a house that runs; those
    are driven in one, in `tests/process/test_commands_in_a_house.py`.
    """

    good: tuple[Case, ...] = ()
    bad: tuple[Case, ...] = ()
    missing: tuple[Case, ...] = ()
    in_house: bool = False

    @property
    def cases(self) -> tuple[Case, ...]:
        """All of them."""
        return (*self.good, *self.bad, *self.missing)


def settings() -> None:
    """Settings before an engine and a gateway that nobody has."""
    Path("backstay.toml").write_text(SETTINGS)


def broken_settings() -> None:
    """Settings with two mistakes."""
    Path("backstay.toml").write_text('account = "du1"\n[broker]\nprot = 7497\n')


def book() -> None:
    """The book of the account."""
    assert typed("account", "create").exit_code == 0


def examples() -> None:
    """The plans that a newcomer copies from."""
    shutil.copytree(ROOT / "examples", "examples", ignore=shutil.ignore_patterns("bench", "demo"))


def no_plan() -> None:
    """A file that is no plan."""
    Path("broken.toml").write_text('id = "x"\nside = "by"\n[stop]\nprise = 1\n')


def dated() -> None:
    """A list of prices that is none."""
    Path("bad.tape").write_text("AAPL at noon\n")


NO_FILE = "no such file"


def settings_cases(words: str) -> tuple[Case, ...]:
    """What every command says that reads settings and has none that it can use."""
    return (
        Case("without settings", words, 2),
        Case("settings that are missing", f"{words} --config other.toml", 2),
    )


def broken(words: str) -> Case:
    return Case("broken settings", words, 2, (broken_settings,))


def steering(verb: str, rest: str = "", *, bad: tuple[Case, ...] = ()) -> Drive:
    """A command that steers one trade: it needs its name, and an engine that knows it."""
    words = f"trade {verb}"
    whole = f"{words} aapl-1 {rest}".strip()
    return Drive(
        bad=(
            Case("no name", f"{words} a:b:c {rest}".strip(), 2, (settings,)),
            broken(whole),
            *bad,
        ),
        missing=(
            Case("without a name", words, 2),
            *settings_cases(whole),
            Case("without an engine", whole, 3, (settings, book)),
        ),
        in_house=True,
    )
