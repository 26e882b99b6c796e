"""What is wrong with a plan, in one line each.

Owns the form of a complaint: the path of the key, the value that stands there, and what would be
right. It knows nothing of what a plan holds.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CHARACTERS_SHOWN_MAX = 40

Path = tuple[str | int, ...]
"""Keys and places of array items, counted from 0, from the top of the plan."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: where, and what."""

    path: Path
    text: str

    def below(self, path: Path) -> "Complaint":
        """The same complaint, seen from the table that holds this one at `path`."""
        return Complaint(path + self.path, self.text)

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.text}"


class PlanRefusedError(Exception):
    """A text is not a plan; every reason is in `complaints`, in the order of the text."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)


def path_text(path: Path) -> str:
    """A path as the operator would write it, such as `group.leg[2].side`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{_key_text(step)}" if text else _key_text(step)
    return text or "plan"


def value_text(value: object) -> str:
    """A value as it stands in the plan, cut short where it would fill a screen."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(_cut_short(value))
        case int():
            # Python refuses to write out an integer of thousands of digits.
            return str(value) if abs(value) < 10**_CHARACTERS_SHOWN_MAX else "a huge number"
        case datetime():
            return instant_text(value)
        case dict():
            return "a table"
        case list() | tuple():
            return "an array"
        case _:
            return _cut_short(str(value))


def instant_text(instant: datetime) -> str:
    """An instant as TOML writes it; one in UTC ends in Z."""
    return instant.isoformat().replace("+00:00", "Z")


def either(words: Sequence[str]) -> str:
    """The words as a choice, such as `a, b or c`."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def both(words: Sequence[str]) -> str:
    """The words together, such as `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def one_of(path: Path, given: dict[str, bool]) -> tuple[Complaint, ...]:
    """A complaint unless exactly one of the keys is given."""
    got = [key for key, is_given in given.items() if is_given]
    if len(got) == 1:
        return ()
    wanted = ", ".join(given)
    return (Complaint(path, f"give exactly one of {wanted} (got {both(got) if got else 'none'})"),)


def _key_text(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(_cut_short(key))


def _cut_short(text: str) -> str:
    if len(text) <= _CHARACTERS_SHOWN_MAX:
        return text
    return f"{text[:_CHARACTERS_SHOWN_MAX]}..."
