"""What the facts about an order amount to.

Owns the answers that decisions rest on: does it stand, can it still fill, is it over, what has it
filled. A view is a pure function of the facts and of what was meant to be bought or sold, so equal
facts always give equal answers. It refuses to guess: a word it does not know proves nothing.

Fills are counted from executions and from nothing else. What any other report claims beyond them is
`unbooked`, a reason to ask again; that nothing is unbooked is no proof that nothing is missing,
which only the position can show.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from backstay.domain.checks import check_above_zero
from backstay.domain.figures import total
from backstay.domain.orders.executions import ExecutionHistory, execution_histories
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd, OrderInstance, instances_of
from backstay.domain.orders.reports import (
    CancelRefused,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    OrderStatus,
    RejectionReported,
    StatusReported,
)
from backstay.domain.sides import Side

_KNOWN_WORDS = frozenset(status.value for status in OrderStatus)


@dataclass(frozen=True, slots=True)
class CommissionTotal:
    """What the executions of one order cost in one currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order of `quantity` as the broker has it. `executions` are those that count, a bust with
    a quantity of 0; `missing_executions` are known by their commission alone.

    `sent_at` is when it left, `acknowledged_at` when the broker was first heard to have it: told by
    whoever has sent it, and None for everybody else. `ended_at` is when its end was proven: told by
    whoever has sent it or heard of it before, and None for everybody else; what is the same by all
    that was heard is the same, whoever was there.
    """

    side: Side
    quantity: Decimal
    instances: tuple[OrderInstance, ...]
    executions: tuple[ExecutionReported, ...]
    missing_executions: tuple[str, ...]
    commissions: tuple[CommissionTotal, ...]
    rejection: RejectionReported | None
    cancel_refused: CancelRefused | None
    unknown_statuses: tuple[str, ...]
    conflicts: tuple[str, ...]
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        check_above_zero("the quantity of an order", self.quantity)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the broker is known to have had the order, now or once."""
        return any(instance.is_acknowledged for instance in self.instances)

    @property
    def is_working(self) -> bool:
        """Whether the order stands at the broker, able to fill, as far as was heard last."""
        return any(instance.is_working for instance in self.instances)

    @property
    def is_cancelling(self) -> bool:
        """Whether a cancel is under way that may still lose against a fill."""
        return any(instance.is_cancelling for instance in self.instances)

    @property
    def is_terminal(self) -> bool:
        """Whether every life of the order is proven to be over. Fills may still be missing."""
        return bool(self.instances) and all(instance.end for instance in self.instances)

    @property
    def is_doubtful(self) -> bool:
        """Whether some life of the order was said to work after it was proven over: ask again."""
        return any(instance.is_doubtful for instance in self.instances)

    @property
    def is_settled(self) -> bool:
        """Whether the order is over, undoubted, and no fill is known to be missing."""
        is_complete = not self.unbooked and not self.missing_executions
        return self.is_terminal and is_complete and not self.is_doubtful

    @property
    def end(self) -> OrderEnd | None:
        """How the order ended; mixed if its lives ended differently, None while one may live."""
        if not self.is_terminal:
            return None
        ends = {instance.end for instance in self.instances}
        return ends.pop() if len(ends) == 1 else OrderEnd.MIXED

    @property
    def proven_at(self) -> datetime | None:
        """When the last of its lives was proven over; None while one may live, and where executions
        alone prove it.
        """
        moments = [instance.proven_at for instance in self.instances]
        known = [at for at in moments if at is not None]
        is_known = self.is_terminal and len(known) == len(moments)
        return max(known) if is_known else None

    @property
    def filled(self) -> Decimal:
        """What the executions add up to, corrections applied."""
        return total(execution.quantity for execution in self.executions)

    @property
    def average_price(self) -> Decimal | None:
        """What one filled unit was worth on average, before commissions."""
        if not self.filled:
            return None
        return total(fill.quantity * fill.price for fill in self.executions) / self.filled

    @property
    def unfilled(self) -> Decimal:
        """What of the quantity has not been executed."""
        return max(self.quantity - self.filled, Decimal(0))

    @property
    def overfilled(self) -> Decimal:
        """What has been executed beyond the quantity: always an incident."""
        return max(self.filled - self.quantity, Decimal(0))

    @property
    def remaining(self) -> Decimal:
        """The most that can still fill; the whole quantity while nothing was heard of the order."""
        if not self.instances:
            return self.quantity
        return total(instance.remaining for instance in self.instances)

    @property
    def working(self) -> Decimal:
        """What of it stands at the broker, able to fill, as far as was heard last."""
        return total(instance.remaining for instance in self.instances if instance.is_working)

    @property
    def unbooked(self) -> Decimal:
        """What was claimed as filled and never reported as an execution."""
        return total(instance.unbooked for instance in self.instances)

    @property
    def perm_ids(self) -> tuple[int, ...]:
        """Every permanent id that the order is known to have had."""
        return tuple(instance.perm_id for instance in self.instances if instance.perm_id)

    @property
    def surviving_perm_ids(self) -> tuple[int, ...]:
        """The permanent ids under which it may still live."""
        alive = (instance for instance in self.instances if instance.end is None)
        return tuple(instance.perm_id for instance in alive if instance.perm_id)

    @property
    def order_ids(self) -> tuple[int, ...]:
        """Every order id under which it is known to have lived."""
        return tuple(sorted({name for instance in self.instances for name in instance.order_ids}))


def view_of(
    facts: OrderFacts,
    side: Side,
    quantity: Decimal,
    *,
    sent_at: datetime | None = None,
    acknowledged_at: datetime | None = None,
) -> OrderView:
    """What `facts` amount to for an order meant to trade `quantity` on `side`."""
    histories = execution_histories(facts)
    instances = instances_of(facts, histories, quantity)
    standing = (history.standing for history in histories if history.standing)
    executions = sorted(standing, key=lambda fill: (fill.executed_at, fill.exec_id))
    rejections = [report for report in facts.reports if isinstance(report, RejectionReported)]
    refusals = [report for report in facts.reports if isinstance(report, CancelRefused)]
    return OrderView(
        side=side,
        quantity=quantity,
        instances=instances,
        executions=tuple(executions),
        missing_executions=tuple(
            history.costs[-1].exec_id for history in histories if not history.versions
        ),
        commissions=_commissions(histories),
        rejection=min(rejections, key=lambda told: (told.received_at, told.code), default=None),
        cancel_refused=max(refusals, key=lambda told: (told.received_at, told.code), default=None),
        unknown_statuses=_unknown_statuses(facts),
        conflicts=(
            *(told for history in histories for told in history.conflicts),
            *_on_the_wrong_side(executions, side),
            *_working_without_a_name(instances),
        ),
        sent_at=sent_at,
        acknowledged_at=acknowledged_at,
    )


def _commissions(histories: Iterable[ExecutionHistory]) -> tuple[CommissionTotal, ...]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for cost in (history.commission for history in histories):
        if cost:
            totals[cost.currency] += cost.amount
    return tuple(CommissionTotal(currency, totals[currency]) for currency in sorted(totals))


def _unknown_statuses(facts: OrderFacts) -> tuple[str, ...]:
    words = {
        report.status
        for report in facts.reports
        if isinstance(report, OrderReported | StatusReported | CompletedReported)
    }
    return tuple(sorted(words - _KNOWN_WORDS))


def _on_the_wrong_side(executions: Iterable[ExecutionReported], side: Side) -> Iterator[str]:
    for fill in executions:
        if fill.side is not side:
            yield f"execution {fill.exec_id} is a {fill.side.value} in an order to {side.value}"


def _working_without_a_name(instances: Iterable[OrderInstance]) -> Iterator[str]:
    for instance in instances:
        if instance.is_working and not instance.perm_id:
            yield f"order {instance.order_ids[0]} is {instance.status} without a permanent id"
