"""The settings, read from a file and from the environment that goes over it.

`BACKSTAY_BROKER__PORT=4001` stands for `port` in the table `[broker]`; its value is written as in
the file, where quotes may be left out. A key that nobody knows is refused wherever it stands: one
that was mistyped would leave a default in force that nobody has chosen. Whatever is wrong comes out
as one line that names the file or the variable, the key, what stands there and what would be right.
"""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.complaints import Path as KeyPath
from backstay.domain.plan.translation import translated
from workers.config import Settings

PREFIX = "BACKSTAY_"
NAMES_FILE = "BACKSTAY_CONFIG"
DEFAULT_FILE = Path("backstay.toml")
_BETWEEN = "__"


class SettingsError(Exception):
    """There are no settings; each line of the message names one thing that is wrong."""


def read_settings(named: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of the named file, or of the one that the environment names, or of
    `backstay.toml` in this folder if there is one, with the environment over it.
    """
    file = settings_file(named, environment)
    document = {} if file is None else _document(file)
    variables: dict[KeyPath, str] = {
        tuple(name.removeprefix(PREFIX).lower().split(_BETWEEN)): name
        for name in sorted(environment)
        if name.startswith(PREFIX) and name != NAMES_FILE
    }
    written = deepcopy(document)
    for path, name in variables.items():
        _set(document, path, _value(environment[name]), name)
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        complaints = translated(Settings, document, error)
        raise SettingsError(
            "\n".join(
                _line(complaint, _source(complaint.path, written, variables) or file)
                for complaint in complaints
            )
        ) from None
    in_file = ("data",) not in variables and file is not None
    folder = file.parent if in_file and file is not None else Path()
    return settings.model_copy(update={"data": (folder / settings.data).absolute()})


def settings_file(named: Path | None, environment: Mapping[str, str]) -> Path | None:
    """The file that the settings are read from, if there is one; whoever named one has it read."""
    if named is not None:
        return named
    if told := environment.get(NAMES_FILE):
        return Path(told)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _document(file: Path) -> dict[str, object]:
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"{file}: there is no such file") from None
    except IsADirectoryError:
        raise SettingsError(f"{file}: this is a directory; expected a TOML file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: this is not text in UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{file}: the file can't be read: {error.strerror}") from None
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}") from None


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _value(text: str) -> object:
    """What a variable holds: a value as TOML writes it, or else the text itself."""
    try:
        found = tomllib.loads(f"value = {text}", parse_float=_number)
    except tomllib.TOMLDecodeError:
        return text
    return found["value"] if len(found) == 1 else text


def _set(document: dict[Any, object], path: KeyPath, value: object, name: str) -> None:
    table = document
    for step in path[:-1]:
        below = table.setdefault(step, {})
        if not isinstance(below, dict):
            raise SettingsError(f"{name}: {step} is no table, so it has no keys")
        table = below
    table[path[-1]] = value


def _source(
    path: KeyPath, written: Mapping[str, object], variables: Mapping[KeyPath, str]
) -> str | None:
    """The variable that has set what stands at `path`; None for what stands in the file, or
    nowhere.
    """
    for each, name in variables.items():
        if path[: len(each)] == each or (each[: len(path)] == path and path[0] not in written):
            return name
    return None


def _line(complaint: Complaint, source: str | Path | None) -> str:
    """What is wrong, and where it was set or can be set."""
    if source is not None:
        return f"{source}: {complaint}"
    variable = PREFIX + _BETWEEN.join(map(str, complaint.path)).upper()
    return f"{DEFAULT_FILE}: {complaint}; there is no such file here, and no {variable} either"
