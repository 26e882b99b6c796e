"""Who hears what of a read, and in which order.

The news of one read are taken in first; only then is it told what they amount to, and only after
that is any quote of the same read looked at.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from backstay.broker.clock.broker_clock import BrokerClock
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.feeds.feeds import SharedFeeds
from backstay.broker.health import Sign
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.news import ErrorNews, News, OrderNews, PositionNews, StampNews, UnreadNews
from backstay.broker.session.session import BrokerSession
from backstay.broker.unread import Unread

SETTLE_EVERY_SECONDS = 1.0

PositionChanged = Callable[[int], None]
"""Told the contract of which the broker has told another position."""


@dataclass(slots=True)
class Hearing:
    """Hands the news on to whoever they are for."""

    client_id: int
    session: BrokerSession
    feeds: SharedFeeds
    desk: OrderDesk
    clock: BrokerClock
    inbox: BrokerInbox
    numbers: IdNumbers
    unread: Unread
    positions: tuple[PositionChanged, ...]
    _positions_told: set[int] = field(default_factory=set)

    def hear(self, news: News) -> None:
        """Something was read."""
        match news:
            case ErrorNews(subject_id=subject):
                self.session.hear(news)
                self.feeds.on_error(news)
                if subject > 0 and not self.numbers.is_request(subject):
                    self.desk.on_error(news)
            case StampNews():
                self.clock.heard(news)
            case UnreadNews():
                self.session.hear(news)
                self.unread.hear(news)
            case PositionNews():
                self.inbox.hear(news)
                self._positions_told.add(news.con_id)
            case OrderNews():
                self.inbox.hear(news)
                if news.client_id == self.client_id:
                    self.numbers.heard(news.report.order_id)
            case _:
                self.inbox.hear(news)

    def settle(self) -> None:
        """The facts of a read are in: tell what they amount to, before any quote of it."""
        self.inbox.settle()
        told, self._positions_told = self._positions_told, set()
        for con_id in sorted(told):
            for changed in self.positions:
                changed(con_id)

    async def settle_on_time(self, sign: Sign) -> None:
        """What has to stand for a while before it is told is told although nothing is read."""
        while True:
            await asyncio.sleep(SETTLE_EVERY_SECONDS)
            sign()
            self.settle()
