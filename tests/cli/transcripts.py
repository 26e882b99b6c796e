"""What a command said, whole, beside what it said when that was last looked at by a person.

The texts lie in the folder `said`, one for each command and case. What differs from run to run is
made the same by rules with a name, and by nothing else; `.venv/bin/python -m tests.cli.drive` draws
the texts anew, and the difference is read before it is committed.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cli.typed import Typed

SAID = Path(__file__).with_name("said")
PLACE = "/srv/backstay/house-01"
"""What the folder of a case is called in a text: as long as the folder itself, so that lines break
at the same words.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that is different each time, where it stands, and what stands there in a text."""

    name: str
    pattern: str
    replacement: str

    def applied(self, text: str) -> str:
        """The text with it."""
        return re.sub(self.pattern, self.replacement, text)


def folder() -> Path:
    """A fresh folder whose name is as long as any other's."""
    made = Path(tempfile.mkdtemp(prefix="backstay-", dir="/tmp"))
    assert len(str(made)) == len(PLACE)
    return made


@contextmanager
def inside(place: Path) -> Iterator[None]:
    """Be in that folder for a while."""
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


def transcript(words: str, result: Typed, place: Path, rules: Iterable[Rule] = ()) -> str:
    """All that came of a command, in the form in which it is kept."""
    parts = [f"$ backstay {words}".rstrip() + "\n", result.out]
    if result.err:
        parts += ["--- standard error ---\n", result.err]
    parts.append(f"--- exit code {result.exit_code} ---\n")
    text = "".join(parts).replace(str(place), PLACE)
    for rule in rules:
        text = rule.applied(text)
    return text


def kept(command: str, case: str) -> Path:
    """Where the text of a case lies."""
    return SAID / (command.replace(" ", "-") or "backstay") / f"{case.replace(' ', '-')}.txt"


def keep(file: Path, text: str) -> None:
    """Write down what is said now."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
