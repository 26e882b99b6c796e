"""A command as the operator types it, and what came of it."""

import os
from dataclasses import dataclass

from typer.testing import CliRunner

from backstay.cli.main import app


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command printed where, and its exit code."""

    out: str
    err: str
    exit_code: int

    @property
    def lines(self) -> list[str]:
        """What was printed for people to read on."""
        return self.out.splitlines()


# What the terminal and the settings of whoever runs the tests are like must not show in what a
# command prints.
_TERMINAL = ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE")
_SETTINGS = tuple(name for name in os.environ if name.startswith("BACKSTAY_"))
NOTHING_OWN: dict[str, str | None] = dict.fromkeys(_TERMINAL + _SETTINGS)


def typed(*words: str, **environment: str) -> Typed:
    """Run `backstay` with these words, in this process; a crash is a crash of the test."""
    env = NOTHING_OWN | environment
    result = CliRunner().invoke(app, words, env=env, catch_exceptions=False)
    return Typed(result.stdout, result.stderr, result.exit_code)
