"""Which executions count, and what they cost.

Owns IB's rule of correction: the digits after the last point of an execution id number the
versions of one fill, and the highest one replaces all others, whenever it is heard. Every version
stays known, so a lower one that comes late changes nothing. Two reports that contradict each other
under one id are a conflict for a person; until it is cleared, the larger quantity counts.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from backstay.domain.figures import plain
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import CommissionReported, ExecutionReported

_Numbered = TypeVar("_Numbered", ExecutionReported, CommissionReported)


def execution_id_parts(exec_id: str) -> tuple[str, int]:
    """The part of an execution id that names the fill, and the number of its version.

    `0000e0d5.5f3a.01.02` replaces `0000e0d5.5f3a.01.01`; an id that ends in no number is a fill of
    its own, in version 0.
    """
    prefix, _, version = exec_id.rpartition(".")
    if prefix and version.isascii() and version.isdigit():
        return prefix, int(version)
    return exec_id, 0


@dataclass(frozen=True, slots=True)
class ExecutionHistory:
    """All that is known of one fill: its versions and their costs, the one that stands last."""

    prefix: str
    versions: tuple[ExecutionReported, ...]
    costs: tuple[CommissionReported, ...]

    @property
    def standing(self) -> ExecutionReported | None:
        """The version that counts, or None while only a commission tells of the fill."""
        return self.versions[-1] if self.versions else None

    @property
    def quantity(self) -> Decimal:
        """How much the fill counts for."""
        return self.standing.quantity if self.standing else Decimal(0)

    @property
    def largest_quantity(self) -> Decimal:
        """The most that any version counted for: a status may have been told before a correction,
        so this much of what it claims is explained.
        """
        return max((version.quantity for version in self.versions), default=Decimal(0))

    @property
    def commission(self) -> CommissionReported | None:
        """The last cost heard of. A bust costs nothing but what is reported for itself."""
        cost = self.costs[-1] if self.costs else None
        if cost and self.standing and not self.standing.quantity:
            return cost if _version(cost) >= _version(self.standing) else None
        return cost

    @property
    def conflicts(self) -> tuple[str, ...]:
        """What stands under one id in two ways, in words for a person."""
        fills = sorted(
            {(fill.quantity, fill.price, fill.side.value) for fill in _like_the_last(self.versions)}
        )
        costs = sorted({(cost.amount, cost.currency) for cost in _like_the_last(self.costs)})
        told = []
        if len(fills) > 1:
            ways = (f"{side} {plain(size)} at {plain(price)}" for size, price, side in fills)
            told.append(f"execution {self.versions[-1].exec_id}: {' or '.join(ways)}")
        if len(costs) > 1:
            ways = (f"{plain(amount)} {currency}" for amount, currency in costs)
            told.append(f"commission of {self.costs[-1].exec_id}: {' or '.join(ways)}")
        return tuple(told)


def execution_histories(facts: OrderFacts) -> tuple[ExecutionHistory, ...]:
    """The fills that `facts` speak of, in the sequence of their prefixes."""
    versions: defaultdict[str, list[ExecutionReported]] = defaultdict(list)
    costs: defaultdict[str, list[CommissionReported]] = defaultdict(list)
    for report in facts.reports:
        if isinstance(report, ExecutionReported):
            versions[execution_id_parts(report.exec_id)[0]].append(report)
        elif isinstance(report, CommissionReported):
            costs[execution_id_parts(report.exec_id)[0]].append(report)
    return tuple(
        ExecutionHistory(
            prefix,
            tuple(sorted(versions[prefix], key=_fill_precedence)),
            tuple(sorted(costs[prefix], key=_cost_precedence)),
        )
        for prefix in sorted({*versions, *costs})
    )


def _version(report: ExecutionReported | CommissionReported) -> int:
    return execution_id_parts(report.exec_id)[1]


def _fill_precedence(fill: ExecutionReported) -> tuple[Any, ...]:
    """By version; the rest only makes a contradiction come out the same every time."""
    content = (fill.quantity, fill.price, fill.side, fill.executed_at)
    return (_version(fill), *content, fill.perm_id, fill.order_id, fill.exec_id)


def _cost_precedence(cost: CommissionReported) -> tuple[Any, ...]:
    return (_version(cost), cost.amount, cost.currency, cost.exec_id)


def _like_the_last(reports: tuple[_Numbered, ...]) -> tuple[_Numbered, ...]:
    """The reports of the same version as the last one."""
    return tuple(report for report in reports if _version(report) == _version(reports[-1]))
