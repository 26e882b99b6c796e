"""What nobody here sent, or what nothing has named yet.

Owns reports that can't be attributed: of foreign orders, and of our own before anything has said
whose they are. They wait under their permanent id or, for as long as the session lasts, under their
order id; there is room for so many, and the oldest make place.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.wire import Now
from backstay.broker.inbox.record import perm_id_of
from backstay.broker.news import OrderNews
from backstay.domain.edge.snapshot import ForeignOrder
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import BrokerReport, OrderReported
from backstay.domain.orders.view import OrderView, view_of

KEPT_MAX = 5_000

Name = tuple[int, int]
"""A permanent id and 0, or 0 and an order id of ours."""

_UNIT = Decimal(1)


class _Stranger:
    def __init__(self) -> None:
        self.reports: list[BrokerReport] = []
        self.order_ids: set[int] = set()
        self.shown: OrderNews | None = None
        self.shown_at: datetime | None = None
        self.heard_at: datetime | None = None

    def view(self) -> OrderView | None:
        if self.shown is None:
            return None
        self.reports = list(OrderFacts().with_reports(*self.reports).reports)
        described = self.shown.report
        quantity = described.quantity or _UNIT
        return view_of(OrderFacts().with_reports(*self.reports), described.side, quantity)


class Strangers:
    """Reports that wait for an owner; the described ones among them are foreign orders."""

    def __init__(self, now: Now, dropped: Callable[[], None], kept_max: int = KEPT_MAX) -> None:
        self._now = now
        self._dropped = dropped
        self._kept_max = kept_max
        self._kept: dict[Name, _Stranger] = {}
        self._under: dict[int, set[Name]] = {}

    def keep(self, report: BrokerReport, order_id: int) -> None:
        """Have a report wait; `order_id` is one of ours in this session, or 0."""
        stranger = self._at(_name(report, order_id))
        stranger.reports.append(report)
        if order_id:
            stranger.order_ids.add(order_id)
            self._under.setdefault(order_id, set()).add(_name(report, order_id))

    def show(self, news: OrderNews, report: OrderReported) -> bool:
        """A foreign order is described, its order id left out in `report` if it is no id of ours;
        whether it is a new one.
        """
        name = _name(report, report.order_id)
        nameless = self._take((0, report.order_id)) if report.perm_id and report.order_id else None
        stranger = self._at(name)
        if nameless is not None:
            stranger.reports.extend(nameless.reports)
            stranger.shown = stranger.shown or nameless.shown
        is_new = stranger.shown is None
        stranger.reports.append(report)
        stranger.shown, stranger.shown_at = news, self._now()
        return is_new

    def knows(self, perm_id: int) -> bool:
        """Whether anything waits under a permanent id."""
        return (perm_id, 0) in self._kept

    def claim_perm_id(self, perm_id: int) -> tuple[BrokerReport, ...]:
        """Give out what waits under a permanent id, now that it has an owner."""
        return _reports(self._take((perm_id, 0)))

    def claim_order_id(self, order_id: int, *, named: bool) -> tuple[BrokerReport, ...]:
        """Give out what waits under an order id of ours and is no foreign order; what has a
        permanent id as well only if it may be `named` by the order id.
        """
        names = sorted(self._under.get(order_id, ()))
        claimed = [
            name for name in names if self._kept[name].shown is None and (named or not name[0])
        ]
        return tuple(report for name in claimed for report in _reports(self._take(name)))

    def begin_session(self) -> None:
        """Order ids mean nothing any more: what waits under nothing else can have no owner."""
        for name in [name for name in self._kept if not name[0]]:
            self._take(name)
        self._under.clear()
        for stranger in self._kept.values():
            stranger.order_ids.clear()

    def listed(self, asked_at: datetime) -> None:
        """All living orders were listed: a foreign one that was not among them is gone."""
        gone = [
            name
            for name, stranger in self._kept.items()
            if stranger.shown_at is not None and stranger.shown_at < asked_at
        ]
        for name in gone:
            self._take(name)

    def forget(self, before: datetime) -> None:
        """Forget what was last heard of before then."""
        for name, stranger in list(self._kept.items()):
            if stranger.heard_at is not None and stranger.heard_at < before:
                self._take(name)

    def living(self) -> Iterator[tuple[OrderNews, OrderView]]:
        """The foreign orders that may still fill, in the order of their ids."""
        for name in sorted(self._kept):
            stranger = self._kept[name]
            view = stranger.view()
            if stranger.shown is not None and view is not None and not view.is_terminal:
                yield stranger.shown, view

    def _at(self, name: Name) -> _Stranger:
        known = self._kept.get(name)
        if known is None:
            while len(self._kept) >= self._kept_max:
                self._take(next(iter(self._kept)))
                self._dropped()
            known = self._kept[name] = _Stranger()
        known.heard_at = self._now()
        return known

    def _take(self, name: Name) -> _Stranger | None:
        stranger = self._kept.pop(name, None)
        for order_id in stranger.order_ids if stranger else ():
            under = self._under.get(order_id, set())
            under.discard(name)
            if not under:
                self._under.pop(order_id, None)
        return stranger


def foreign_order(news: OrderNews, view: OrderView) -> ForeignOrder:
    """A foreign order as the snapshot shows it; what was claimed to be filled counts as filled."""
    described = news.report
    life = view.instances[-1]
    return ForeignOrder(
        perm_id=described.perm_id,
        order_id=described.order_id,
        client_id=news.client_id,
        con_id=news.con_id,
        order_ref=news.order_ref,
        side=described.side,
        quantity=described.quantity,
        filled=view.filled + view.unbooked,
        terms=described.terms,
        status=life.status,
    )


def _reports(stranger: _Stranger | None) -> tuple[BrokerReport, ...]:
    return tuple(stranger.reports) if stranger else ()


def _name(report: BrokerReport, order_id: int) -> Name:
    perm_id = perm_id_of(report)
    return (perm_id, 0) if perm_id else (0, order_id)
