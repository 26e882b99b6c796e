"""Positions, and whether the executions explain them.

Positions and executions arrive on their own and in any order. A position that the executions have
just left is a report that lags, and what they have come to since is held; any other report is ahead
of the executions, and stands. Reports follow one another: where one has caught up, none that goes
back lags, but says that somebody else has brought the position back.

A difference counts only once it has stood for a while. It is measured from the first complete
answers on: what was held by then is taken as it is. An execution of just then may be in those
positions or not, so a difference of just its size is taken, too. What was told once is not told
again, unless it grows or shrinks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import dropwhile
from typing import NamedTuple

from backstay.broker.news import PositionNews
from backstay.domain.positions.answers import BrokerPosition

PATIENCE = timedelta(seconds=2)
PATIENCE_WITH_OURS = timedelta(seconds=10)
"""The same where orders of ours would explain it, should they have filled: news of them can come
late, and who misses any asks for them within five seconds.
"""

LAG_MAX = timedelta(seconds=5)
"""How long a report may lag behind the executions; after that it says something of its own."""

_SECOND = timedelta(seconds=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A position that the executions do not come to."""

    con_id: int
    position: Decimal
    explained: Decimal


MayFill = Callable[[int], tuple[Decimal, Decimal]]
"""The least and the most that our orders of a contract may still add to its position."""


class _Standing(NamedTuple):
    """A difference, and since when it is just that large."""

    difference: Decimal
    since: datetime


class _Left(NamedTuple):
    """A position that the executions have led away from, and when."""

    quantity: Decimal
    at: datetime


class Holdings:
    """What the account holds, and what it would hold by its executions."""

    def __init__(self) -> None:
        self._positions: dict[int, BrokerPosition] = {}
        self._named: set[int] = set()
        self._explained: dict[int, Decimal] = {}
        self._is_based = False
        self._standing: dict[int, _Standing] = {}
        self._told: dict[int, Decimal] = {}
        self._on_the_edge: dict[int, _Standing] = {}
        self._left: dict[int, list[_Left]] = {}
        """Where executions have led each position from, in turn; reports may still come to it."""

    @property
    def positions(self) -> tuple[BrokerPosition, ...]:
        """What is held, by contract."""
        held = (self._positions[con_id] for con_id in sorted(self._positions))
        return tuple(position for position in held if position.quantity)

    @property
    def is_based(self) -> bool:
        """Whether it is known what was held before anything that is told."""
        return self._is_based

    def quantity(self, con_id: int) -> Decimal:
        """The position as it was reported last."""
        held = self._positions.get(con_id)
        return held.quantity if held else _NOTHING

    def standing(self, con_id: int, now: datetime) -> Decimal:
        """What is held: as it was reported last, unless that report lags behind the executions."""
        reported = self.quantity(con_id)
        return self.explained(con_id) if self._lags(con_id, reported, now) else reported

    def untold(self, con_id: int, now: datetime) -> Decimal:
        """What of that the executions do not explain, and nobody was told of: they may come yet."""
        if not self._is_based:
            return _NOTHING
        difference = self.standing(con_id, now) - self.explained(con_id)
        return difference - self._told.get(con_id, _NOTHING) if difference else _NOTHING

    def explained(self, con_id: int) -> Decimal:
        """The position as the executions explain it."""
        return self._explained.get(con_id, _NOTHING)

    def hear(self, news: PositionNews, now: datetime) -> None:
        """A position is reported."""
        average = news.average_cost / news.multiplier if news.multiplier else news.average_cost
        self._positions[news.con_id] = BrokerPosition(news.con_id, news.quantity, average)
        self._named.add(news.con_id)
        self._follow_report(news.con_id, now)

    def execute(self, con_id: int, change: Decimal, executed_at: datetime, now: datetime) -> None:
        """An execution has changed what should be held."""
        if self._is_based:
            before, reported = self.explained(con_id), self.quantity(con_id)
            if reported == before or self._lags(con_id, reported, now):
                self._left.setdefault(con_id, []).append(_Left(before, now))
            self._explained[con_id] = before + change
            self._compare(con_id, now)
        elif now - executed_at < PATIENCE + _SECOND:
            known = self._on_the_edge.get(con_id)
            before = known.difference if known else _NOTHING
            self._on_the_edge[con_id] = _Standing(before + change, now)

    def begin_session(self) -> None:
        """What was named in an answer that never came to its end does not count."""
        self._named.clear()

    def answered(self, contracts: Iterable[int], now: datetime) -> None:
        """The positions are complete: what they do not name is flat."""
        named = self._named.intersection(contracts)
        for con_id in [con_id for con_id in self._positions if con_id not in named]:
            del self._positions[con_id]
            self._follow_report(con_id, now)
        self._named.clear()

    def base(self) -> None:
        """Everything was answered for the first time: what is held now is what we start from."""
        if not self._is_based:
            self._is_based = True
            self._explained = {position.con_id: position.quantity for position in self.positions}

    def unexplained(self, now: datetime, may_fill: MayFill) -> tuple[Unexplained, ...]:
        """What has differed for long enough, each once."""
        ripe = [
            con_id
            for con_id in sorted(self._standing)
            if now - self._standing[con_id].since >= self._patience(con_id, may_fill)
        ]
        found = []
        for con_id in ripe:
            self._told[con_id] = self._standing.pop(con_id).difference
            found.append(Unexplained(con_id, self.quantity(con_id), self.explained(con_id)))
        return tuple(found)

    def _patience(self, con_id: int, may_fill: MayFill) -> timedelta:
        sold, bought = may_fill(con_id)
        is_ours = sold <= self._standing[con_id].difference <= bought
        return PATIENCE_WITH_OURS if is_ours else PATIENCE

    def _lags(self, con_id: int, reported: Decimal, now: datetime) -> bool:
        left = self._left.get(con_id, [])
        return any(each.quantity == reported and now - each.at < LAG_MAX for each in left)

    def _follow_report(self, con_id: int, now: datetime) -> None:
        """No report after this one comes to anything that the executions had left before it."""
        reported, left = self.quantity(con_id), self._left.pop(con_id, [])
        ahead = dropwhile(lambda each: each.quantity != reported or now - each.at >= LAG_MAX, left)
        self._left[con_id] = list(ahead)
        self._compare(con_id, now)

    def _compare(self, con_id: int, now: datetime) -> None:
        if not self._is_based:
            return
        difference = self.quantity(con_id) - self.explained(con_id)
        edge = self._on_the_edge.get(con_id)
        if edge and difference == edge.difference and now - edge.since < LAG_MAX:
            self._explained[con_id] = self.quantity(con_id)
            del self._on_the_edge[con_id]
            difference = _NOTHING
        if not difference:
            self._told.pop(con_id, None)
        if difference == self._told.get(con_id, _NOTHING):
            self._standing.pop(con_id, None)
        elif con_id not in self._standing or self._standing[con_id].difference != difference:
            self._standing[con_id] = _Standing(difference, now)
