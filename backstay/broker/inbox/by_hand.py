"""What somebody else has done in the account, told once for each order and kind.

Whose something is may be known only after it was heard, so it is told at the end of a read. What
was executed before the first complete answers, while nobody here could have told of it, is told of
as far as it is still held: there may be no stop for it, and nobody who knows of it. What has become
smaller by it is told by whoever guards that.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from backstay.broker.inbox.fills import Booked, KeyOf, owner_of
from backstay.broker.news import OrderNews
from backstay.domain.figures import plain
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.positions.answers import BrokerPosition

TellOf = Callable[[IncidentKind, int, str], None]
"""Tell something of this kind of a contract."""


class ByHand:
    """What is new of it, until it is told."""

    def __init__(self, key_of: KeyOf, tell: TellOf) -> None:
        self._key_of = key_of
        self._tell = tell
        self._orders: list[OrderNews] = []
        self._fills: list[tuple[Booked, Decimal]] = []
        self._told: set[tuple[IncidentKind, int]] = set()

    def ordered(self, news: OrderNews) -> None:
        """An order is described that was not sent from here, as far as is known."""
        self._orders.append(news)

    def executed(self, booked: Booked, held: Decimal) -> None:
        """Something was executed for anybody, with so much held before."""
        self._fills.append((booked, held))

    def settle(self) -> None:
        """Tell it, now that it is known that it was not us."""
        for news in self._orders:
            perm_id = news.report.perm_id
            if self._key_of(perm_id) is None:
                what = f"{news.report.side} {plain(news.report.quantity)}"
                text = f"an order of somebody else: {what}, reference {news.order_ref!r}"
                self._once(IncidentKind.MANUAL_ACTION, perm_id, news.con_id, text)
        for booked, held in self._fills:
            report = booked.news.report
            if owner_of(booked.news, self._key_of) is None:
                is_less = held * booked.change < 0
                what = f"{report.side} {plain(report.quantity)} at {plain(report.price)}"
                text = f"executed for somebody else: {what}, with {plain(held)} held before"
                kind = IncidentKind.MANUAL_ACTION if is_less else IncidentKind.UNEXPECTED_POSITION
                self._once(kind, report.perm_id, booked.news.con_id, text)
        self._orders.clear()
        self._fills.clear()

    def found(self, positions: Iterable[BrokerPosition], others: Callable[[int], Decimal]) -> None:
        """Everything was answered for the first time: of these positions, the `others` have
        executed so much.
        """
        for position in positions:
            held, executed = position.quantity, others(position.con_id)
            theirs = min(held, executed, key=abs)
            if held * executed > 0:
                text = f"{plain(theirs)} of {plain(held)} held were executed for somebody else"
                text = f"{text}, while nobody here could hear of it"
                self._tell(IncidentKind.UNEXPECTED_POSITION, position.con_id, text)

    def _once(self, kind: IncidentKind, perm_id: int, con_id: int, text: str) -> None:
        """Once for each order and kind."""
        if (kind, perm_id) not in self._told:
            self._told.add((kind, perm_id))
            self._tell(kind, con_id, text)
