"""What is asked of the edge to watch, read as plain JSON: keys, contracts, moments and prices.

One reading for every law about what is watched. None of the house's own types are asked what they
mean.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.happenings import Shown
from backstay.lab.oracle.references import Reference

Family = tuple[str, int, str]


def price_of(shown: Shown, source: str) -> Decimal | None:
    """What a watch of this source sees of what is shown."""
    match source:
        case "bid":
            return shown.bid
        case "ask":
            return shown.ask
        case "mid" if shown.bid is not None and shown.ask is not None:
            return (shown.bid + shown.ask) / 2
        case _:
            return shown.last


def family_of(approved: Mapping[str, Any]) -> Family:
    """Of which orders an approval is the first."""
    return family_of_key(approved["intent"]["key"])


def family_of_key(key: Mapping[str, Any]) -> Family:
    """The orders that have all but their generation in common with a key."""
    return _reference(key).family


def ref_of(key: Mapping[str, Any]) -> str:
    """The reference that an order of this key has at the broker."""
    return str(_reference(key))


def _reference(key: Mapping[str, Any]) -> Reference:
    return Reference(key["trade"], key["leg"], key["purpose"], key["generation"])


def con_id_of(approved: Mapping[str, Any]) -> int:
    """The contract of an approval."""
    found: int = approved["intent"]["instrument"]["con_id"]
    return found


def ns_of(moment: str | None) -> int | None:
    """A moment in broker nanoseconds, to the second."""
    return None if moment is None else round(datetime.fromisoformat(moment).timestamp()) * SECOND_NS
