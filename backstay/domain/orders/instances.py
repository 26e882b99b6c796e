"""The lives of one order at the broker, and what is proven of each.

One order can live more than once: a modification sent while connectivity was lost can leave two
orders with permanent ids of their own. Owns which report is about which of them, and what counts as
proof that one is over. A report without a permanent id belongs to the one instance that shares its
order id; where several do, it proves nothing.

No later or stale report takes a proof back: what was said of an instance *last* is only advice. An
inactive order may wake up, a pending cancel may still fill, a refused cancel says nothing. A proof
goes only with what it rested on: executions that are busted, or, where it named no permanent id,
that the order id had only one life.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, assert_never

from backstay.domain.figures import total
from backstay.domain.orders.executions import ExecutionHistory
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import (
    AbsenceTold,
    BrokerReport,
    CancelConfirmed,
    CancelRefused,
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    OrderStatus,
    RejectionReported,
    StatusReported,
)


class OrderEnd(StrEnum):
    """How an order ended; of several that are proven, the first of these explains the others."""

    FILLED = "filled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ABSENT = "absent"
    """By a person's word alone."""

    MIXED = "mixed"


_ENDS: dict[str, OrderEnd] = {
    OrderStatus.FILLED: OrderEnd.FILLED,
    OrderStatus.CANCELLED: OrderEnd.CANCELLED,
    OrderStatus.API_CANCELLED: OrderEnd.CANCELLED,
}
_ENDS_OF_COMPLETED = {**_ENDS, OrderStatus.INACTIVE: OrderEnd.REJECTED}
_TAKEN: frozenset[str] = frozenset(
    {OrderStatus.PRE_SUBMITTED, OrderStatus.SUBMITTED, OrderStatus.FILLED}
)
_WORKING: frozenset[str] = frozenset(
    {OrderStatus.PRE_SUBMITTED, OrderStatus.SUBMITTED, OrderStatus.PENDING_CANCEL}
)
_PROGRESS: dict[str, int] = {status: step for step, status in enumerate(OrderStatus, start=1)}


@dataclass(frozen=True, slots=True)
class OrderInstance:
    """One life of an order. A permanent id of 0 is one that the broker has not told yet.

    `status` is the last word heard and `described` the last openOrder; both may be stale.
    `remaining` is the most that can still fill, `unbooked` what was claimed as filled and never
    reported as an execution. It is doubtful if it was said to work after it was proven over.
    `proven_at` is when its end was proven, or said again; None where its executions alone prove it.
    """

    perm_id: int
    order_ids: tuple[int, ...]
    is_acknowledged: bool
    end: OrderEnd | None
    is_doubtful: bool
    status: str
    why_held: str
    described: OrderReported | None
    executed: Decimal
    remaining: Decimal
    unbooked: Decimal
    proven_at: datetime | None = field(default=None, compare=False)

    @property
    def is_working(self) -> bool:
        """Whether it stands at the broker, able to fill, as far as was heard last."""
        return self.end is None and self.status in _WORKING

    @property
    def is_cancelling(self) -> bool:
        """Whether a cancel of it is under way, as far as was heard last."""
        return self.end is None and self.status == OrderStatus.PENDING_CANCEL


def heard_at(report: BrokerReport) -> datetime | None:
    """When a report was heard that shows that the broker has the order; None where it does not show
    that, or does not say when.
    """
    match report:
        case OrderReported() | StatusReported() if report.perm_id or report.status in _TAKEN:
            return report.received_at
        case CompletedReported():
            return report.received_at
        case _:
            return None


def instances_of(
    facts: OrderFacts, histories: Collection[ExecutionHistory], quantity: Decimal
) -> tuple[OrderInstance, ...]:
    """The lives of an order of `quantity`, the unnamed ones first, then by permanent id.

    An execution that fits several of them counts for the order and for none of its instances.
    """
    perm_ids = _perm_ids_by_order_id(facts)
    heard: defaultdict[_Home, list[BrokerReport]] = defaultdict(list)
    for report in facts.reports:
        if home := _home(report, perm_ids):
            heard[home].append(report)
    fills: defaultdict[_Home, list[ExecutionHistory]] = defaultdict(list)
    for history in histories:
        if history.standing and (home := _home(history.standing, perm_ids)):
            fills[home].append(history)
    return tuple(_instance(home, heard[home], fills[home], quantity) for home in sorted(heard))


class _Home(NamedTuple):
    """What an instance goes by: its permanent id, or while that is unknown, its order id."""

    perm_id: int
    order_id: int


class _Said(NamedTuple):
    """A word on how an instance stands; of two with one stamp, the one further along is later."""

    received_at: datetime
    progress: int
    status: str


class _Proof(NamedTuple):
    """Evidence that an instance is over."""

    end: OrderEnd
    received_at: datetime


def _ids(report: BrokerReport) -> tuple[int, int]:
    """The order id and the permanent id under which a report speaks of an instance."""
    match report:
        case OrderReported() | StatusReported() | ExecutionReported() | AbsenceTold():
            return report.order_id, report.perm_id
        case CompletedReported():
            return 0, report.perm_id
        case RejectionReported() | CancelConfirmed():
            return report.order_id, 0
        case CommissionReported() | CancelRefused():
            return 0, 0
        case _:
            assert_never(report)


def _perm_ids_by_order_id(facts: OrderFacts) -> dict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for order_id, perm_id in map(_ids, facts.reports):
        if order_id and perm_id:
            found[order_id].add(perm_id)
    return found


def _home(report: BrokerReport, perm_ids: Mapping[int, Collection[int]]) -> _Home | None:
    order_id, perm_id = _ids(report)
    if perm_id or not order_id:
        return _Home(perm_id, 0) if perm_id else None
    candidates = perm_ids.get(order_id, ())
    if len(candidates) > 1:
        return None
    return _Home(max(candidates), 0) if candidates else _Home(0, order_id)


def _instance(
    home: _Home,
    heard: Collection[BrokerReport],
    fills: Collection[ExecutionHistory],
    quantity: Decimal,
) -> OrderInstance:
    descriptions = [report for report in heard if isinstance(report, OrderReported)]
    statuses = [report for report in heard if isinstance(report, StatusReported)]
    described = max(descriptions, key=lambda told: (_said(told), told.order_id), default=None)
    held = max(statuses, key=lambda told: (_said(told), told.filled, told.why_held), default=None)
    last = max(_words(heard), default=None)
    proofs = tuple(_proofs(heard))
    size = described.quantity if described else quantity
    executed = total(fill.quantity for fill in fills)
    is_whole = executed >= max(quantity, size)
    end = _end(proofs, is_whole=is_whole)
    return OrderInstance(
        perm_id=home.perm_id,
        order_ids=tuple(sorted({order_id for order_id, _ in map(_ids, heard) if order_id})),
        is_acknowledged=home.perm_id != 0 or any(said.status in _TAKEN for said in _words(heard)),
        end=end,
        is_doubtful=not is_whole and _is_contradicted(proofs, last),
        status=last.status if last else "",
        why_held=held.why_held if held else "",
        described=described,
        executed=executed,
        remaining=max(size - executed, Decimal(0)) if end is None else Decimal(0),
        unbooked=_unbooked(heard, fills, size),
        proven_at=min((proof.received_at for proof in proofs), default=None),
    )


def _said(report: OrderReported | StatusReported | CompletedReported) -> _Said:
    return _Said(report.received_at, _PROGRESS.get(report.status, 0), report.status)


def _words(heard: Collection[BrokerReport]) -> Iterator[_Said]:
    for report in heard:
        if isinstance(report, OrderReported | StatusReported | CompletedReported):
            yield _said(report)


def _proofs(heard: Collection[BrokerReport]) -> Iterator[_Proof]:
    end: OrderEnd | None
    for report in heard:
        match report:
            case OrderReported() | StatusReported():
                end = _ENDS.get(report.status)
            case CompletedReported():
                end = _ENDS_OF_COMPLETED.get(report.status)
            case RejectionReported():
                end = OrderEnd.REJECTED
            case CancelConfirmed():
                end = OrderEnd.CANCELLED
            case AbsenceTold():
                end = OrderEnd.ABSENT
            case _:
                continue
        if end is not None:
            yield _Proof(end, report.received_at)


def _end(proofs: Collection[_Proof], *, is_whole: bool) -> OrderEnd | None:
    """How it ended, or None while nothing proves that it did."""
    proven = {proof.end for proof in proofs} | ({OrderEnd.FILLED} if is_whole else set())
    return next((end for end in OrderEnd if end in proven), None)


def _is_contradicted(proofs: Collection[_Proof], last: _Said | None) -> bool:
    """Whether the last word, later than every proof, says that it works."""
    if not proofs or last is None or last.status not in _WORKING:
        return False
    return last.received_at > max(proof.received_at for proof in proofs)


def _unbooked(
    heard: Collection[BrokerReport], fills: Collection[ExecutionHistory], size: Decimal
) -> Decimal:
    """How much more was claimed than any version of the executions explains."""
    explained = total(fill.largest_quantity for fill in fills)
    return max(_claimed(heard, size) - explained, Decimal(0))


def _claimed(heard: Collection[BrokerReport], size: Decimal) -> Decimal:
    """The most that was said to be filled. The word alone, without a number, claims it all: an
    openOrder carries none, and may be heard before the executions.
    """
    counts = [each for each in heard if isinstance(each, StatusReported | CompletedReported)]
    claims = [count.filled for count in counts]
    is_filled = any(said.status == OrderStatus.FILLED for said in _words(heard))
    is_counted = any(count.filled and count.status == OrderStatus.FILLED for count in counts)
    if is_filled and not is_counted:
        claims.append(size)
    return max(claims, default=Decimal(0))
