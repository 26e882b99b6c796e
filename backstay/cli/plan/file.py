"""A plan from a file, or every reason why there is none.

Owns what can be wrong with a file before anybody looks for a plan in it. Which of the two notations
it is in is told by its content, for a JSON table begins with a brace and no TOML does.
"""

from pathlib import Path

from backstay.domain.plan.complaints import Complaint, PlanRefusedError
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.reading import CHARACTERS_MAX, read_json, read_toml
from backstay.domain.plan.trade import TradePlan

_BYTES_MAX = CHARACTERS_MAX * 4
"""No text of so many characters is longer; there is no need to read on."""


def read_plan(path: Path) -> TradePlan | GroupPlan:
    """The plan in `path`; every way to fail is a `PlanRefusedError`."""
    text = _text(path)
    return read_json(text) if text.lstrip().startswith("{") else read_toml(text)


def _text(path: Path) -> str:
    content = _content(path)
    if len(content) > _BYTES_MAX:
        raise _refused(f"the file has more than {_BYTES_MAX} bytes; no plan is as long")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _refused("this is not text in UTF-8; expected TOML or JSON")
    if not text.strip():
        raise _refused("the file is empty; expected TOML or JSON")
    return text


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_BYTES_MAX + 1)
    except FileNotFoundError:
        raise _refused("there is no such file") from None
    except IsADirectoryError:
        raise _refused("this is a directory; expected a file that holds a plan") from None
    except OSError as error:
        raise _refused(f"the file can't be read: {error.strerror}") from None


def _refused(text: str) -> PlanRefusedError:
    return PlanRefusedError([Complaint((), text)])
