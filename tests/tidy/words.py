"""Words and sizes that any file of the project can get wrong, whatever its language."""

import re
from collections.abc import Iterator
from pathlib import Path

FILE_KIB_MAX = 256

# A letter in brackets keeps each pattern from finding itself.
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b")
MACHINE = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]|Use[r]s)/")


def unfinished_work(path: str, text: str) -> Iterator[str]:
    """Each line that promises something for later: it is done, or it is an issue elsewhere."""
    for number, line in enumerate(text.splitlines(), start=1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished work is marked here"


def machine_paths(path: str, text: str) -> Iterator[str]:
    """Each line that names a folder which exists on one machine only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := MACHINE.search(line):
            yield f"{path}:{number}: {found[0]} is a path of one machine"


def heavy_files(root: Path, path: Path) -> Iterator[str]:
    """The file itself, if it is too heavy to live in a repository."""
    kib = path.stat().st_size / 1024
    if kib > FILE_KIB_MAX:
        yield f"{path.relative_to(root).as_posix()}: {kib:.0f} KiB, more than {FILE_KIB_MAX}"


def text_of(path: Path) -> str | None:
    """What the file says, or None if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
