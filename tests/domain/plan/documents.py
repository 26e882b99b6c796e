"""Plans as documents: one good one of each kind, changes to them, and their two notations."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan

Document = dict[str, Any]
GONE = object()
"""As the new value of a key: the key is left out."""

EXPIRES = datetime(2026, 11, 23, 20, 55, tzinfo=UTC)
EXPIRY = date(2026, 12, 18)

_TRADE: Document = {
    "id": "aapl-breakout-0312",
    "side": "buy",
    "instrument": {"symbol": "AAPL"},
    "size": {"risk": 250},
    "entry": {
        "order": "LMT",
        "limit_offset": Decimal("0.05"),
        "trigger": {"price": Decimal("190.00"), "when": "above", "expires": EXPIRES},
    },
    "stop": {"price": Decimal("187.00")},
    "target": [{"price": Decimal("195.00"), "fraction": Decimal("0.5"), "then": "break_even"}],
}
_OPTION: Document = {
    "symbol": "NVDA",
    "type": "OPT",
    "expiry": EXPIRY,
    "strike": 180,
    "right": "C",
}


def leg(role: str, side: str, strike: int, right: str, **more: object) -> Document:
    """An SPX option leg of 2026-12-18; `more` are keys of the leg."""
    terms = {"expiry": EXPIRY, "strike": strike, "right": right}
    return {
        "role": role,
        "side": side,
        "instrument": {"symbol": "SPX", "type": "OPT", **terms},
        **more,
    }


def stock_leg(role: str, side: str, **more: object) -> Document:
    """A leg of SPX as if it were a stock; `more` are keys of the leg."""
    return {"role": role, "side": side, "instrument": {"symbol": "SPX"}, **more}


def trade(changes: Mapping[str, object] | None = None) -> Document:
    """A good buy of a stock, with keys changed by their dotted paths."""
    return changed(_TRADE, changes or {})


def option_trade(changes: Mapping[str, object] | None = None) -> Document:
    """A good buy of an option at once, with keys changed by their dotted paths."""
    option = {
        "instrument": _OPTION,
        "size": {"budget": 3000},
        "entry": {"order": "LMT", "limit": Decimal("6.50")},
        "stop": {"offset": Decimal("1.50")},
        "target": GONE,
    }
    return changed(trade(option), changes or {})


def group(*legs: Document, **changes: object) -> Document:
    """A good group, by default a put spread, with keys changed; `a__b` stands for `a.b`."""
    spread = (leg("HEDGE", "buy", 5600, "P"), leg("RISK", "sell", 5700, "P"))
    document = {
        "id": "spx-spread-0312",
        "group": {"quantity": 5, "max_loss": 2500, "leg": list(legs or spread)},
        "stop": {"loss": 1200},
    }
    return changed(document, {key.replace("__", "."): value for key, value in changes.items()})


def changed(document: Document, changes: Mapping[str, object]) -> Document:
    """`document` with the value at each dotted path replaced; numbers are places in arrays."""
    copy = deepcopy(document)
    for path, value in changes.items():
        *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        table: Any = copy
        for step in above:
            table = table.setdefault(step, {}) if isinstance(table, dict) else table[step]
        if value is GONE:
            del table[last]
        else:
            table[last] = value
    return copy


def toml(document: Document) -> str:
    """The document as TOML, tables inside tables on one line."""
    return "\n".join(f"{_key(key)} = {_toml(value)}" for key, value in document.items())


def as_json(value: object) -> str:
    """The value as JSON, every number with the digits that it has."""
    match value:
        case Mapping():
            pairs = (f"{json.dumps(key)}: {as_json(item)}" for key, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(map(as_json, value)) + "]"
        case Decimal():
            return f"{value:f}"
        case date():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(value)


def plan_of(document: Document) -> TradePlan | GroupPlan:
    """The plan of a good document."""
    return read_toml(toml(document))


def trade_of(document: Document) -> TradePlan:
    """The plan of a good document of a trade."""
    plan = plan_of(document)
    assert isinstance(plan, TradePlan)
    return plan


def group_of(document: Document) -> GroupPlan:
    """The plan of a good document of a group."""
    plan = plan_of(document)
    assert isinstance(plan, GroupPlan)
    return plan


def complaints_of(document: Document) -> list[str]:
    """What is said of a document that is no plan."""
    with pytest.raises(PlanRefusedError) as refused:
        read_toml(toml(document))
    assert str(refused.value) == "\n".join(map(str, refused.value.complaints))
    return [str(complaint) for complaint in refused.value.complaints]


def _toml(value: object) -> str:
    match value:
        case Mapping():
            pairs = (f"{_key(key)} = {_toml(item)}" for key, item in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case Decimal():
            return f"{value:f}" if value.is_finite() else f"{float(value)}"
        case date() | time():
            return value.isoformat()
        case _:
            return json.dumps(value)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else json.dumps(key)
