"""What is known of one order, whatever the sequence in which it was heard.

Owns the join of the broker's reports. It refuses to know what they amount to: that is `view`.

Facts form a join-semilattice: joining is commutative, associative and idempotent. Nothing is ever
overwritten by arriving: of two reports on one subject, one makes the other redundant only if it is
the later by its own stamp *and* claims at least as many fills. What nothing makes redundant is
kept, in one canonical sequence. So duplicates, stale reports and every permutation come to the same
facts, and the facts stay small however often the broker is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, assert_never

from backstay.domain.orders.intent import prices_of
from backstay.domain.orders.reports import (
    AbsenceTold,
    BrokerReport,
    CancelConfirmed,
    CancelRefused,
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    RejectionReported,
    StatusReported,
)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything heard of one order, as the reports that no other report makes redundant."""

    reports: tuple[BrokerReport, ...] = ()

    def __post_init__(self) -> None:
        if _essential(self.reports) != self.reports:
            raise ValueError("the reports of an order are not in their canonical form")

    def with_reports(self, *reports: BrokerReport) -> "OrderFacts":
        """These facts and more reports, which may well say nothing new. Each telling weighs
        all that is known, so what comes together is best told together.
        """
        if all(report in self.reports for report in reports):
            # As whenever the broker is asked again for executions that it has told before.
            return self
        essential = _essential((*self.reports, *reports))
        return self if essential == self.reports else _canonical(essential)

    def join(self, other: "OrderFacts") -> "OrderFacts":
        """What both know together."""
        return self.with_reports(*other.reports)


def _canonical(reports: tuple[BrokerReport, ...]) -> OrderFacts:
    """Facts of reports that were found essential just now, and are not weighed once more."""
    facts = object.__new__(OrderFacts)
    object.__setattr__(facts, "reports", reports)
    return facts


class _Weight(NamedTuple):
    """How a report compares: by its subject, and on one subject by stamp, claim and content.

    Executions and commissions are their own subjects, content and all: a correction or a
    contradiction never makes what it corrects or contradicts redundant.
    """

    subject: tuple[Any, ...]
    received_at: datetime | None = None
    claim: Decimal = Decimal(0)
    content: tuple[Any, ...] = ()


def _essential(reports: Iterable[BrokerReport]) -> tuple[BrokerReport, ...]:
    """The reports that no other one makes redundant, each once, in canonical sequence."""
    # Reports can't be compared: this would raise if two of them had one weight and were not equal.
    weighed = sorted(((_weight(report), report) for report in reports), reverse=True)
    kept: list[tuple[_Weight, BrokerReport]] = []
    for weight, report in weighed:
        # Whatever is kept by now is later, and on one subject the last one claims the most.
        later = kept[-1][0] if kept else None
        if later is None or later.subject != weight.subject or later.claim < weight.claim:
            kept.append((weight, report))
    return tuple(report for _, report in reversed(kept))


def _weight(report: BrokerReport) -> _Weight:
    match report:
        case OrderReported(order_id, perm_id, status):
            subject = (report.kind, order_id, perm_id, status)
            return _Weight(subject, report.received_at, content=_description(report))
        case StatusReported(order_id, perm_id, status, filled, why_held, at):
            return _Weight((report.kind, order_id, perm_id, status), at, filled, (why_held,))
        case CompletedReported(perm_id, status, filled, at):
            return _Weight((report.kind, perm_id, status), at, filled)
        case RejectionReported(order_id, rejection, code, text, at):
            return _Weight((report.kind, order_id, rejection, code, text), at)
        case CancelRefused(order_id, code, text, at):
            return _Weight((report.kind, order_id, code, text), at)
        case CancelConfirmed(order_id, at):
            return _Weight((report.kind, order_id), at)
        case AbsenceTold(order_id, perm_id, at):
            return _Weight((report.kind, order_id, perm_id), at)
        case ExecutionReported(exec_id, order_id, perm_id, side, quantity, price, at):
            return _Weight((report.kind, exec_id, order_id, perm_id, side, quantity, price, at))
        case CommissionReported(exec_id, amount, currency):
            return _Weight((report.kind, exec_id, amount, currency))
        case _:
            assert_never(report)


def _description(order: OrderReported) -> tuple[Any, ...]:
    """What an openOrder says beside its names, in a form that can always be compared."""
    return (
        order.side,
        order.quantity,
        (order.terms.kind, *prices_of(order.terms)) if order.terms else (),
        order.time_in_force,
        order.outside_regular_hours,
        (order.oca.name, order.oca.type) if order.oca else (),
        order.parent_order_id,
    )
