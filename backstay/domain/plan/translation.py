"""From pydantic's errors to complaints.

Owns the wording of what is wrong with a single key, and the order in which complaints are told:
that of the document, a missing key where its table begins. What a table says against itself
arrives already worded.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from backstay.domain.plan.complaints import Complaint, Path, either, path_text, value_text
from backstay.domain.plan.scalars import SAYS_ITSELF
from backstay.domain.plan.tables import CONTRADICTION, Expected, Table


def translated(
    model: type[Table], document: Mapping[str, object], error: ValidationError
) -> tuple[Complaint, ...]:
    """Every complaint of `error` about `document`, in the order of the document."""
    complaints = [
        complaint for detail in error.errors() for complaint in _worded(model, document, detail)
    ]
    return tuple(sorted(complaints, key=lambda complaint: _places(document, complaint.path)))


def _worded(
    model: type[Table], document: Mapping[str, object], detail: ErrorDetails
) -> Iterable[Complaint]:
    path = detail["loc"]
    match detail["type"]:
        case "default_factory_not_called":
            return  # the default hangs on a key of the same table that is told anyway
        case "extra_forbidden":
            yield Complaint(path, f"unknown key; {_suggestion(model, path)}")
        case "missing":
            yield Complaint(path, f"missing; expected {_expected(_hint(model, path))}")
        case kind if kind == CONTRADICTION:
            yield from (complaint.below(path) for complaint in detail["ctx"]["complaints"])
        case kind if kind == SAYS_ITSELF:
            yield Complaint(path, detail["msg"])
        case _:
            written = value_text(_value(document, path))
            yield Complaint(path, f"{written}; expected {_expected(_hint(model, path))}")


def _value(document: Any, path: Path) -> object:
    """What is written at `path`; the error itself only knows what has become of it on the way."""
    for step in path:
        document = document[step]
    return document


def _places(document: Any, path: Path) -> tuple[int, ...]:
    """Where `path` stands among the keys around it; before them where it is missing."""
    places: list[int] = []
    for step in path:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        if step not in keys:
            return (*places, -1)
        places.append(keys.index(step))
        document = document[step]
    return tuple(places)


def _suggestion(model: type[Table], path: Path) -> str:
    """Where an unknown key belongs, or what it was meant to be, or what there is."""
    key = str(path[-1])
    elsewhere = [path_text(found) for found in _paths(model) if found[-1] == key]
    if elsewhere:
        return f"did you mean {either(elsewhere)}?"
    keys = list(_keys(_hint(model, path[:-1])))
    near = get_close_matches(key, keys)
    return f"did you mean {value_text(near[0])}?" if near else f"expected {either(keys)}"


def _expected(hint: Any) -> str:
    """What a person is told to write where `hint` is the type."""
    parts = get_args(hint)
    told = [part.text for part in parts if isinstance(part, Expected)]
    if told:
        return told[0]
    if NoneType in parts:
        return _expected(parts[0])
    if issubclass(hint, StrEnum):
        return either([value_text(word.value) for word in hint])
    return "a table"


def _hint(model: type[Table], path: Path) -> Any:
    """The type of what stands at `path`, as its table declares it."""
    hint: Any = model
    for step in path:
        hint = _keys(hint)[step] if isinstance(step, str) else _item(hint)
    return hint


def _paths(table: Any) -> Iterable[Path]:
    """The path of every key below `table`; array items have no number in it."""
    for key, hint in _keys(table).items():
        yield (key,)
        below = _item(hint) if get_origin(_bare(hint)) is tuple else _bare(hint)
        if isinstance(below, type) and issubclass(below, Table):
            yield from ((key, *path) for path in _paths(below))


def _keys(hint: Any) -> dict[str, Any]:
    """The keys of a table and their types."""
    table: type[Table] = _bare(hint)
    hints = get_type_hints(table, include_extras=True)
    return {field.alias or name: hints[name] for name, field in table.model_fields.items()}


def _item(hint: Any) -> Any:
    """The type of an array's items."""
    return get_args(_bare(hint))[0]


def _bare(hint: Any) -> Any:
    """`hint` without its annotations and without "or none"."""
    while get_origin(hint) is Annotated or NoneType in get_args(hint):
        hint = get_args(hint)[0]
    return hint
