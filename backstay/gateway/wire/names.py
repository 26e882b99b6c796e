"""What a message is called in logs, and what is worth logging of it."""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.wire import replies, requests

_NAMES = MappingProxyType(
    {layout.made_of: layout.name for layout in (*requests.LAYOUTS, *replies.LAYOUTS)}
)


def name_of(message: Request | Reply) -> str:
    """The protocol's own name of the message, `placeOrder` or `openOrder`."""
    return _NAMES[type(message)]


def fields_of(message: Request | Reply) -> dict[str, Any]:
    """What the message says beyond its defaults, ready for JSON; numbers keep all their digits."""
    return _said(message)


def _said(value: Any) -> dict[str, Any]:
    # A field without a default has a default that equals nothing, so it is always said.
    said = {}
    kind: Any = type(value)
    for name, default in _defaults(kind):
        found = getattr(value, name)
        if found is not default and found != default:
            said[name] = _plain(found)
    return said


@cache
def _defaults(kind: Any) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, field.default) for field in fields(kind))


def _plain(value: object) -> Any:
    match value:
        case bool() | int() | None:
            return value
        case Decimal():
            return f"{value:f}"
        case str():
            return str(value)
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return _said(value) if is_dataclass(value) else value
