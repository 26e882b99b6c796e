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
_NO_TERMINAL = {"COLUMNS": None, "FORCE_COLOR": None, "NO_COLOR": None, "TTY_COMPATIBLE": None}
_NO_SETTINGS = {name: None for name in os.environ if name.startswith("BACKSTAY_")}


def typed(*words: str, **environment: str) -> Typed:
    """Run `backstay` with these words, in this process; a crash is a crash of the test."""
    env = _NO_TERMINAL | _NO_SETTINGS | environment
    result = CliRunner().invoke(app, words, env=env, catch_exceptions=False)
    return Typed(result.stdout, result.stderr, result.exit_code)
