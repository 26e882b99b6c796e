"""Every command that is registered, found by walking the tree that the program itself parses by."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import typer

from backstay.cli.later import Later
from backstay.cli.main import app

_ABOUT_COMPLETION = {"install_completion", "show_completion"}


class Command(NamedTuple):
    """Something that can be typed and does something, and what the parser knows of it."""

    words: str
    parsed: Any

    @property
    def params(self) -> list[Any]:
        """Its arguments and options."""
        return [each for each in self.parsed.params if each.name not in _ABOUT_COMPLETION]

    @property
    def can_miss_something(self) -> bool:
        """Whether it takes anything beyond switches."""
        return any(not getattr(each, "is_flag", False) for each in self.params)


class Group(NamedTuple):
    """A word under which there are commands."""

    words: str
    parsed: Any


def tree() -> Iterator[Command | Group]:
    """All of it, the program itself first."""
    yield from _below(typer.main.get_command(app), "")


def commands() -> tuple[Command, ...]:
    """Whatever does something."""
    return tuple(each for each in tree() if isinstance(each, Command))


def _below(parsed: Any, words: str) -> Iterator[Command | Group]:
    if isinstance(parsed, Later):
        parsed = parsed.loaded
    below: dict[str, Any] = getattr(parsed, "commands", {})
    is_command = not below or parsed.invoke_without_command
    yield Command(words, parsed) if is_command else Group(words, parsed)
    for name, each in below.items():
        yield from _below(each, f"{words} {name}".strip())
