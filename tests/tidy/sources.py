"""The files that the house rules read: what git tracks or would track, and how it parses.

A rule takes a `Source` and returns findings, so that it can be fed a bad snippet in a test.
"""

import ast
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("activities", "backstay", "workers", "workflows")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree, parsed once for each text."""
        return _parse(self.text)

    @property
    def module(self) -> str:
        """The dotted name under which the file is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def at(self, line: int, what: str) -> str:
        """A finding, in the form that editors make a link of."""
        return f"{self.path}:{line}: {what}"


def list_files(*options: str) -> tuple[str, ...]:
    """The paths that `git ls-files` prints with these options."""
    command = ("git", "ls-files", "-z", *options)
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(name for name in printed.split("\0") if name)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that is in the repository or waits to be added."""
    names = list_files("--cached", "--others", "--exclude-standard")
    paths = (ROOT / name for name in sorted(set(names)))
    return tuple(path for path in paths if path.is_file())


@cache
def python_sources() -> tuple[Source, ...]:
    """Every Python file of the house, tests included."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in tracked_files()
        if path.suffix == ".py"
    )


def product_sources() -> tuple[Source, ...]:
    """The Python files that run in production."""
    return tuple(source for source in python_sources() if source.path.split("/", 1)[0] in PRODUCT)


def expect_none(findings: Iterable[str]) -> None:
    """Fail with the findings, one a line, and nothing around them."""
    if lines := list(findings):
        pytest.fail("\n".join(lines), pytrace=False)


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)
