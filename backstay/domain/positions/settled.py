"""What is held beyond what trades were settled with.

Owns whether a position is explained that was there before anybody could hear how it came about: by
what stood in the account's book before the settlements of the last days, by what each of these has
left over, by what the broker still shows of today and others tell. Each may be there or be gone,
for the book does not hear when a hand closes what a trade has left over. So everything on the side
of the position explains it, and nothing on the other side explains it away.

Where a trade is under way nothing is judged: its guard, and the audit of positions, look after all
that is held of the contract.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.edge.snapshot import BrokerSnapshot
from backstay.domain.figures import total
from backstay.domain.limits.book import Book
from backstay.domain.trade.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Beyond:
    """A position of which only a part is explained, and the trades that were settled lately in its
    contract, in the order of their settlements.
    """

    con_id: int
    held: Decimal
    explained: Decimal
    trades: tuple[str, ...]


def is_under_way(con_id: int, book: Book) -> bool:
    """Whether a trade that is not settled has been given room in a contract."""
    return any(claim.con_id == con_id for claim in book.claims)


def beyond_settlements(
    con_id: int, book: Book, settlements: Sequence[Settlement], snapshot: BrokerSnapshot
) -> Beyond | None:
    """What is held of a contract and not explained; nothing where no trade was settled in it by
    these, all the settlements of the last days.
    """
    settled = [each for each in settlements if each.con_id == con_id]
    held = total(each.quantity for each in snapshot.positions if each.con_id == con_id)
    if not settled or not held:
        return None
    parts = (
        *_kept(con_id, book, settled),
        *_filled_late(con_id, settled, snapshot),
        _executed_for_others(con_id, snapshot),
    )
    explained = min(held, total(part for part in parts if part * held > 0), key=abs)
    if explained == held:
        return None
    return Beyond(con_id, held, explained, tuple(each.trade for each in settled))


def _kept(con_id: int, book: Book, settled: Sequence[Settlement]) -> Iterator[Decimal]:
    """What the book had before these settlements, and what each of them has left over."""
    left = [total(order.signed_filled for order in each.orders) for each in settled]
    yield book.held(con_id) - total(left)
    yield from left


def _filled_late(
    con_id: int, settled: Sequence[Settlement], snapshot: BrokerSnapshot
) -> Iterator[Decimal]:
    """What each of our orders has filled beyond its settlement, as is told of the order itself."""
    booked = {order.key: order.filled for each in settled for order in each.orders}
    for own in snapshot.orders:
        late = own.order.filled - booked.get(own.key, Decimal(0))
        if own.con_id == con_id and late > 0:
            yield own.order.side.signed(late)


def _executed_for_others(con_id: int, snapshot: BrokerSnapshot) -> Decimal:
    """What hands have executed today, as is told, too."""
    return total(
        booked.execution.side.signed(booked.execution.quantity)
        for booked in snapshot.executions
        if booked.con_id == con_id and booked.key is None
    )
