"""Every execution of the account, corrections applied.

Whose an execution is, is asked anew each time: a reference may become known after it. What it cost
waits here for it, and it for what it cost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.broker.news import CommissionNews, ExecutionNews
from backstay.domain.edge.snapshot import BookedExecution
from backstay.domain.figures import total
from backstay.domain.ids import IntentKey, parse_order_ref
from backstay.domain.orders.executions import execution_histories, execution_id_parts
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import CommissionReported, ExecutionReported

ORPHANS_MAX = 5_000

KeyOf = Callable[[int], IntentKey | None]
"""Whose a permanent id is."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What an execution has changed: the signed quantity that its contract's sum grew by."""

    news: ExecutionNews
    change: Decimal


class _Fill:
    def __init__(self) -> None:
        self.news: ExecutionNews | None = None
        self.facts = OrderFacts()
        self.standing: ExecutionReported | None = None
        self.cost: CommissionReported | None = None

    def hear(self, report: ExecutionReported | CommissionReported) -> None:
        self.facts = self.facts.with_reports(report)
        (history,) = execution_histories(self.facts)
        self.standing, self.cost = history.standing, history.commission

    @property
    def signed(self) -> Decimal:
        standing = self.standing
        return standing.side.signed(standing.quantity) if standing else Decimal(0)


class Fills:
    """The executions of one account."""

    def __init__(self, dropped: Callable[[], None], orphans_max: int = ORPHANS_MAX) -> None:
        self._dropped = dropped
        self._orphans_max = orphans_max
        self._fills: dict[str, _Fill] = {}
        self._of_contract: dict[int, set[str]] = {}
        self._orphans: dict[str, None] = {}

    def execute(self, news: ExecutionNews) -> Booked:
        """Book an execution, or another version of one."""
        prefix, _ = execution_id_parts(news.report.exec_id)
        fill = self._fills.setdefault(prefix, _Fill())
        before = fill.signed
        fill.hear(news.report)
        fill.news = fill.news or news
        self._orphans.pop(prefix, None)
        self._of_contract.setdefault(news.con_id, set()).add(prefix)
        return Booked(news, fill.signed - before)

    def charge(self, news: CommissionNews) -> ExecutionNews | None:
        """Book a cost; the execution that it belongs to, if it is known."""
        prefix, _ = execution_id_parts(news.report.exec_id)
        if prefix not in self._fills:
            while len(self._orphans) >= self._orphans_max:
                oldest = next(iter(self._orphans))
                del self._orphans[oldest], self._fills[oldest]
                self._dropped()
            self._orphans[prefix] = None
        fill = self._fills.setdefault(prefix, _Fill())
        fill.hear(news.report)
        return fill.news

    def costs(self, exec_id: str) -> tuple[CommissionReported, ...]:
        """What was told of the cost of an execution, in all its versions."""
        fill = self._fills.get(execution_id_parts(exec_id)[0])
        reports = fill.facts.reports if fill else ()
        return tuple(report for report in reports if isinstance(report, CommissionReported))

    def since(self, con_id: int, at: datetime) -> Decimal:
        """What executions since `at` have done to a contract's position.

        Their stamps are cut to the second, so one from within the second of `at` counts.
        """
        first = at.replace(microsecond=0)
        fills = (self._fills[prefix] for prefix in self._of_contract.get(con_id, ()))
        return total(
            fill.signed for fill in fills if fill.standing and fill.standing.executed_at >= first
        )

    def just_then(self, con_id: int, at: datetime) -> tuple[Decimal, ...]:
        """What each of those that have the very second of `at` as their stamp has done to it."""
        second = at.replace(microsecond=0)
        fills = (self._fills[prefix] for prefix in sorted(self._of_contract.get(con_id, ())))
        return tuple(
            fill.signed
            for fill in fills
            if fill.standing and fill.standing.executed_at == second and fill.signed
        )

    def of_others(self, con_id: int, key_of: KeyOf) -> Decimal:
        """What all that stand and are nobody's of ours have done to a contract's position."""
        fills = (self._fills[prefix] for prefix in self._of_contract.get(con_id, ()))
        return total(
            fill.signed for fill in fills if fill.news and owner_of(fill.news, key_of) is None
        )

    def booked(self, key_of: KeyOf) -> tuple[BookedExecution, ...]:
        """All that stand, by the ids of their fills."""
        found = []
        for prefix in sorted(self._fills):
            fill = self._fills[prefix]
            if fill.news is not None and (standing := fill.standing):
                key = owner_of(fill.news, key_of)
                found.append(BookedExecution(fill.news.con_id, key, standing, fill.cost))
        return tuple(found)

    def forget(self, before: datetime) -> None:
        """Forget what was executed before then."""
        for prefix, fill in list(self._fills.items()):
            if fill.news and fill.standing and fill.standing.executed_at < before:
                del self._fills[prefix]
                of_contract = self._of_contract[fill.news.con_id]
                of_contract.discard(prefix)
                if not of_contract:
                    del self._of_contract[fill.news.con_id]


def owner_of(news: ExecutionNews, key_of: KeyOf) -> IntentKey | None:
    """Whose an execution is: its reference decides, and without one its permanent id."""
    if news.order_ref:
        return parse_order_ref(news.order_ref)
    return key_of(news.report.perm_id)
