"""What is said of a command that was typed wrongly: one line, for every command."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

# The library gives its general usage error no public name, only that of the kind derived from it.
_UsageError: Any = typer.BadParameter.__base__

_WORDS = (
    (re.compile(r"Input should be a valid integer\b.*"), "expected a whole number"),
    (re.compile(r"Input should be greater than or equal to (\S+)$"), r"expected \1 or more"),
    (re.compile(r"Input should be less than or equal to (\S+)$"), r"expected at most \1"),
    (re.compile(r"Value error, ('.*') is not one of (.*)\.$"), r"\1; expected one of \2"),
)


class OneLineGroup(TyperGroup):
    """The commands; whoever types something that isn't one is told so without a page of usage."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what stands before the command."""
        with _one_line():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Find the command, read its options, and run it."""
        with _one_line():
            return super().invoke(ctx)


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        # A command without arguments answers with its help, and as an error, too.
        if error.ctx is None or error.message == error.ctx.get_help():
            raise
        raise _UsageError(_plain(" ".join(error.format_message().split()))) from None


def _plain(text: str) -> str:
    """What the library says of a value, in the words that everything else is told in."""
    for theirs, ours in _WORDS:
        text = theirs.sub(ours, text)
    return text
