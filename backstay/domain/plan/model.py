"""A plan of either kind, as one type.

A document is a group exactly if it holds `group`. The type is what travels: a TypeAdapter of it
reads back the JSON that it wrote.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Tag

from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.trade import TradePlan

_MODELS: dict[str, type[TradePlan] | type[GroupPlan]] = {"trade": TradePlan, "group": GroupPlan}


def _kind(plan: object) -> str:
    holds_group = isinstance(plan, Mapping) and "group" in plan
    return "group" if holds_group or isinstance(plan, GroupPlan) else "trade"


def model_of(document: Mapping[str, object]) -> type[TradePlan] | type[GroupPlan]:
    """The kind of plan that `document` means to be."""
    return _MODELS[_kind(document)]


Plan = Annotated[
    Annotated[TradePlan, Tag("trade")] | Annotated[GroupPlan, Tag("group")], Discriminator(_kind)
]
