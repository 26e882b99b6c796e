"""The faults file: `[[fault]]` tables, each one rule; read strictly, refused with one line.

The line names the file, the fault by its place and its name, the key, the value and what would be
right. `rule` makes the same rule from keyword arguments, for plans that are written in Python.
"""

import json
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError

from backstay.gateway.faults import scalars
from backstay.gateway.faults.entries import Fault, Measure, Parameter
from backstay.gateway.faults.names import BY_NAME
from backstay.gateway.faults.rules import Rule, Value
from backstay.gateway.faults.scalars import Moment

RULES_MAX = 1000
_CHARACTERS_SHOWN_MAX = 40

Plan = tuple[Rule, ...]
"""What is planned; the order of rules with different names means nothing."""


class PlanError(ValueError):
    """A faults file can't be used; the message is one line."""


def _window(value: object) -> tuple[Moment, Moment]:
    if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - from and to
        raise ValueError('two times, such as ["+10s", "+5m"]')
    begin, end = (scalars.moment(part) for part in value)
    if begin.from_start == end.from_start and begin.ns >= end.ns:
        raise ValueError("the earlier time first")
    return begin, end


def _client(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a client id, a whole number from 0")
    return value


def _reference(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError('how an order\'s reference begins, such as "bs1:6PMWYKXY:0:EN"')
    return value


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise ValueError("a list of texts")
    return tuple(value)


class _Table(BaseModel):
    """The keys that every fault has; what else stands there are its own parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)

    probability: Annotated[float | None, PlainValidator(scalars.probability)] = None
    nth: Annotated[int | None, PlainValidator(scalars.whole)] = None
    at: Annotated[Moment | None, PlainValidator(scalars.moment)] = None
    every: Annotated[int | None, PlainValidator(scalars.lasting_ns)] = None
    count: Annotated[int | None, PlainValidator(scalars.whole)] = None
    between: Annotated[tuple[Moment, Moment] | None, PlainValidator(_window)] = None
    client: Annotated[int | None, PlainValidator(_client)] = None
    reference: Annotated[str | None, PlainValidator(_reference)] = None
    kinds: Annotated[tuple[str, ...], PlainValidator(_words)] = ()


def rule(name: str, **keys: object) -> Rule:
    """One rule; raises PlanError with what is wrong."""
    return _rule({"name": name, **keys})


def read_plan(text: str, source: str) -> Plan:
    """The rules of a faults file; `source` is what its lines of complaint begin with."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"{source}: {str(error) or 'nested too deeply'}") from None
    for key in document:
        if key != "fault":
            raise PlanError(f"{source}: {key}: unknown key{_meant(key, ['fault'])}")
    tables = document.get("fault", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PlanError(f"{source}: fault: {_shown(tables)}; expected tables headed [[fault]]")
    if len(tables) > RULES_MAX:
        raise PlanError(f"{source}: {len(tables)} faults; expected at most {RULES_MAX}")
    return tuple(_placed(source, place, table) for place, table in enumerate(tables, start=1))


def load_plan(path: Path) -> Plan:
    """The rules of the file at `path`; raises PlanError if it can't be read or used."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PlanError(f"{path.name}: {reason}") from None
    return read_plan(text, path.name)


def _placed(source: str, place: int, table: dict[str, object]) -> Rule:
    try:
        return _rule(table)
    except PlanError as error:
        name = table.get("name")
        called = f" ({json.dumps(name)})" if isinstance(name, str) else ""
        raise PlanError(f"{source}: fault {place}{called}: {error}") from None


def _rule(table: dict[str, object]) -> Rule:
    fault = _fault(table.get("name"))
    try:
        common = _Table.model_validate({k: v for k, v in table.items() if k != "name"})
    except ValidationError as error:
        raise PlanError(_first_line(error)) from None
    kinds = _kinds(fault, common.kinds)
    parameters = _parameters(fault, common.model_extra or {})
    try:
        return Rule(
            name=fault.name,
            probability=common.probability,
            nth=common.nth,
            at=common.at,
            every_ns=common.every,
            count=common.count,
            between=common.between,
            client=common.client,
            reference=common.reference,
            kinds=kinds,
            parameters=parameters,
        )
    except ValueError as error:
        raise PlanError(str(error)) from None


def _fault(name: object) -> Fault:
    if name is None:
        raise PlanError("name: missing; `backstay gateway faults` lists them")
    if not isinstance(name, str):
        raise PlanError(f"name: {_shown(name)}; expected the name of a fault")
    if name not in BY_NAME:
        raise PlanError(f"unknown name{_meant(name, BY_NAME)}")
    return BY_NAME[name]


def _kinds(fault: Fault, words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not fault.kinds:
        raise PlanError("kinds: it knows none; leave it out")
    for word in words:
        if word not in fault.kinds:
            known = _meant(word, fault.kinds) or f"; expected {scalars.either(fault.kinds)}"
            raise PlanError(f"kinds: {_shown(word)}{known}")
    return words


def _parameters(fault: Fault, given: dict[str, Any]) -> tuple[tuple[str, Value], ...]:
    known = {parameter.name: parameter for parameter in fault.parameters}
    for key in given:
        if key not in known:
            keys = [*known, *_Table.model_fields]
            raise PlanError(f"{key}: unknown key{_meant(key, keys)}")
    return tuple(
        (name, _value(parameter, given.get(name, parameter.default)))
        for name, parameter in known.items()
    )


def _value(parameter: Parameter, given: object) -> Value:
    try:
        match parameter.measure:
            case Measure.PERIOD:
                return scalars.period_ns(given)
            case Measure.WHOLE:
                return scalars.whole(given)
            case Measure.NUMBER:
                return scalars.number(given)
            case Measure.WORD:
                return scalars.word(given, parameter.choices)
    except ValueError as right:
        raise PlanError(f"{parameter.name}: {_shown(given)}; expected {right}") from None


def _first_line(error: ValidationError) -> str:
    first = error.errors()[0]
    right = first.get("ctx", {}).get("error", first["msg"])
    return f"{first['loc'][0]}: {_shown(first['input'])}; expected {right}"


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def _shown(value: object) -> str:
    text = json.dumps(value) if isinstance(value, str | bool) else str(value)
    if len(text) > _CHARACTERS_SHOWN_MAX:
        return f"{text[:_CHARACTERS_SHOWN_MAX]}..."
    return text
