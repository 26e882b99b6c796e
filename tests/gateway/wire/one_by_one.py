"""Orders that differ from a rich one in a single field each.

Drawn values seldom differ in two neighbouring fields at once, so a swap of the two could hide from
them; here it can't.
"""

from dataclasses import replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from backstay.gateway.values.contract import Contract, TagValue
from backstay.gateway.values.order import Condition, DeltaNeutralOrder, Order, Scale
from tests.gateway.wire.vocabulary import words

CONTRACT = Contract(con_id=1, symbol="AAPL", sec_type="STK", exchange="IBKRATS")
# Every section that depends on something is there.
RICH = Order(
    order_type="PEG BENCH",
    delta_neutral=DeltaNeutralOrder(order_type="MKT"),
    scale=Scale(price_increment=Decimal("0.5")),
    hedge_type="D",
    algo_strategy="Adaptive",
    algo_params=(TagValue("adaptivePriority", "Normal"),),
    conditions=(Condition(3, "a", ("1", "20261123 15:00:00")),),
)
BEST = replace(
    RICH, order_type="PEG BEST", compete_against_best_offset=Decimal("Infinity"), volatility=None
)
_OFFSETS = {"min_compete_size", "mid_offset_at_whole", "mid_offset_at_half"}
_VALUES: dict[type, Any] = {str: "other", int: 7, Decimal: Decimal("1.25")}


def orders() -> dict[str, Order]:
    """Each order by the path of the field that is its own."""
    return {word.path: _changed(word.path, word.type) for word in words(Order)}


def _changed(path: str, kind: type) -> Order:
    base = BEST if path in _OFFSETS else RICH
    owner, _, name = path.rpartition(".")
    part = attrgetter(owner)(base) if owner else base
    value = not getattr(part, name) if kind is bool else _VALUES[kind]
    # The sections of a pegged order go by its type.
    value = "VOL" if path == "order_type" else value
    changed: Any = replace(part, **{name: value})
    parts: dict[str, Any] = {owner: changed}
    return replace(base, **parts) if owner else changed
