"""A plan, read from the text that holds it.

Owns the two notations, TOML and JSON, which say the same things: a number keeps the digits that
were written, and a key stands once. A text is read whole or refused whole, and refusing is all
that a text can do: whatever it holds, nothing but `PlanRefusedError` comes out.
"""

import json
import re
import tomllib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from backstay.domain.plan.complaints import Complaint, PlanRefusedError, value_text
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.model import model_of
from backstay.domain.plan.trade import TradePlan
from backstay.domain.plan.translation import translated

CHARACTERS_MAX = 65_536

_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")


def read_toml(text: str) -> TradePlan | GroupPlan:
    """The plan that a TOML text holds."""
    return _plan(_document(text, _parsed_toml))


def read_json(text: str) -> TradePlan | GroupPlan:
    """The plan that a JSON text holds."""
    return _plan(_document(text, _parsed_json))


def _plan(document: dict[str, object]) -> TradePlan | GroupPlan:
    model = model_of(document)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise PlanRefusedError(translated(model, document, error)) from None


def _document(text: str, parsed: Callable[[str], object]) -> dict[str, object]:
    if len(text) > CHARACTERS_MAX:
        raise _refused(f"{len(text)} characters; expected at most {CHARACTERS_MAX}")
    try:
        document = parsed(text)
    except RecursionError:
        raise _refused("the tables and arrays are nested too deeply") from None
    except ValueError:
        # Python's own guard: turning thousands of digits into an integer takes too long.
        raise _refused("a number has thousands of digits") from None
    if not isinstance(document, dict):
        raise _refused(f"{value_text(document)}; expected a table of keys")
    return document


def _parsed_toml(text: str) -> object:
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise _refused(_toml_place(text, str(error))) from None


def _toml_place(text: str, message: str) -> str:
    """The parser's message with its place in front, also where it only says "end of document"."""
    found = _TOML_PLACE.search(message)
    end = text.count("\n") + 1, len(text) - text.rfind("\n")
    line, column = found.groups() if found else end
    return f"line {line}, column {column}: {message.partition(' (at ')[0]}"


def _parsed_json(text: str) -> object:
    try:
        return json.loads(
            text, parse_float=_number, parse_constant=Decimal, object_pairs_hook=_table
        )
    except json.JSONDecodeError as error:
        raise _refused(f"line {error.lineno}, column {error.colno}: {error.msg}") from None


def _number(text: str) -> Decimal | str:
    """The number as it was written; one that not even a Decimal holds stays text, and its field
    refuses it with its path.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; TOML refuses a repeated key by itself, JSON would keep the last."""
    table: dict[str, object] = {}
    for key, value in pairs:
        if key in table:
            raise _refused(f"the key {value_text(key)} stands twice in one table")
        table[key] = value
    return table


def _refused(text: str) -> PlanRefusedError:
    return PlanRefusedError([Complaint((), text)])
