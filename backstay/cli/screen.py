"""Lines and columns on a terminal or in a file, and JSON instead of them.

Owns widths, wrapping and colour. Colour is for terminals only and `NO_COLOR` turns it off there; in
a file every line is the same on every machine. With `--json` one document goes to standard output
and nothing else does.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from textwrap import wrap
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

WIDTH = 100
WIDTH_MIN = 60
LABEL_WIDTH = 9
INDENT = "  "
_GAP = "  "


class Cell(NamedTuple):
    """One column of a row: its text, how wide it may be, and how it looks on a terminal."""

    text: str
    width: int
    style: str = ""


class Screen:
    """Where a page for people goes."""

    def __init__(self, *, errors: bool = False) -> None:
        self._console = Console(stderr=errors, highlight=False, emoji=False, markup=False)

    @property
    def width(self) -> int:
        """How wide a page may be."""
        if not self._console.is_terminal:
            return WIDTH
        return max(min(self._console.width, WIDTH), WIDTH_MIN)

    @property
    def is_live(self) -> bool:
        """Whether a page can be redrawn where it stands."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    @property
    def size(self) -> tuple[int, int]:
        """How many columns and lines a page has that is redrawn, however few."""
        return min(self._console.width, WIDTH), self._console.height

    @property
    def whole_width(self) -> int:
        """How many columns a table may take that uses all there is."""
        return self._console.width if self._console.is_terminal else WIDTH

    @contextmanager
    def redrawn(self) -> Iterator[Callable[[Sequence[Text]], None]]:
        """A page in place of all others while the block lasts; what is called shows new lines.

        What does not fit is cut off. Afterwards the terminal is as it was.
        """
        with Live(console=self._console, screen=True, auto_refresh=False) as live:

            def show(lines: Sequence[Text]) -> None:
                for line in lines:
                    line.no_wrap, line.overflow = True, "ellipsis"
                live.update(Group(*lines), refresh=True)

            yield show

    @contextmanager
    def rewritten(self) -> Iterator[Callable[[str], None]]:
        """One line that what is called replaces; where nothing can be replaced, one after another.

        On a terminal it is gone afterwards.
        """
        if not self.is_live:
            yield self.line
            return
        with Live(console=self._console, transient=True, auto_refresh=False) as live:

            def show(text: str) -> None:
                line = Text(text, "dim", no_wrap=True, overflow="ellipsis")
                live.update(line, refresh=True)

            yield show

    def texts(self, lines: Iterable[Text]) -> None:
        """Lines as they are, each with its own looks."""
        for line in lines:
            self._console.print(line, soft_wrap=True)

    def line(self, text: str = "", style: str = "") -> None:
        """One line as it is, or an empty one."""
        self._console.print(Text(text, style), soft_wrap=True)

    def paragraph(self, text: str, style: str = "") -> None:
        """Prose, wrapped to the page."""
        for line in wrap(text, self.width):
            self.line(line, style)

    def row(self, cells: Sequence[Cell], indent: str = "") -> None:
        """Cells side by side, each wrapped within its own column."""
        columns = [wrap(cell.text, cell.width) or [""] for cell in cells]
        for parts in zip_longest(*columns, fillvalue=""):
            line = Text(indent)
            for cell, part in zip(cells, parts, strict=True):
                line.append(part.ljust(cell.width), cell.style if part else "")
                line.append(_GAP)
            line.rstrip()
            self._console.print(line, soft_wrap=True)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Labelled lines, indented; a label that is empty goes on with the one above."""
        rest = self.width - LABEL_WIDTH - len(_GAP) * 2
        for label, text in facts:
            self.row([Cell(label, LABEL_WIDTH, "dim"), Cell(text, rest)], INDENT)


def print_json(kind: Any, document: object) -> None:
    """The one document on standard output; `kind` is its type."""
    printed = TypeAdapter(kind).dump_json(document, indent=2)
    sys.stdout.write(printed.decode() + "\n")
