"""Which instruments have a market data line.

Owns the order in which lines are given and taken. A line once given is only taken for an instrument
that is guarded, or because there are fewer than were thought; whoever has none waits for the next
free one. The same demands have the same answer, whatever their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from backstay.broker.doors.market import Rank


@dataclass(frozen=True, slots=True)
class Demand:
    """One instrument for which a line is wanted.

    `rank` is the best of those who want it; None: nobody does any more, and the line only lingers.
    `since` is a running number, lower for who came first.
    """

    con_id: int
    rank: Rank | None
    since: int
    has_line: bool


def lines(demands: Iterable[Demand], budget: int) -> tuple[int, ...]:
    """The instruments that have a line, the most important first; never more than the budget."""
    return tuple(demand.con_id for demand in sorted(demands, key=_place)[: max(budget, 0)])


def _place(demand: Demand) -> tuple[bool, bool, bool, int, int, int]:
    """Guarded before all others, then who has a line already, then rank, then who came first."""
    rank = demand.rank
    lingers = rank is None
    is_guarded = rank is Rank.GUARDED
    order = 0 if rank is None else int(rank)
    return lingers, not is_guarded, not demand.has_line, order, demand.since, demand.con_id
