"""What open trades have entered, by the account's book.

It is asked where neither a leg nor an order at the edge explains what is held: the day after, the
broker names the executions of an entry no more, and a worker that has just begun knows no trade.
"""

from dataclasses import dataclass
from decimal import Decimal

from workers.config import Settings

BUSY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """What an open trade has entered in a contract, below zero if it was sold. How much of it has
    left again, the book learns when the trade is over.
    """

    trade: str
    plan_id: str
    con_id: int
    entered: Decimal


def booked_entries(settings: Settings) -> tuple[BookedEntry, ...]:
    """The entries of all open trades; none where the book can't be read."""
    # The book takes a quarter of a second to import.
    from backstay.accounts.errors import AccountsError  # noqa: PLC0415
    from backstay.accounts.file import AccountFile  # noqa: PLC0415

    try:
        file = AccountFile(settings.book, settings.account, BUSY_SECONDS)
        try:
            with file.transaction(writes=False) as connection:
                held = [
                    claim
                    for claim in file.state(connection).book.claims
                    if claim.takes_risk and claim.filled
                ]
                codes = {claim.key.trade for claim in held}
                records = [file.record(connection, code) for code in codes]
        finally:
            file.close()
    except (AccountsError, OSError):
        return ()
    plans = {each.trade: each.plan_id for each in records if each is not None}
    entered: dict[tuple[str, int], Decimal] = {}
    for claim in held:
        name = claim.key.trade, claim.con_id
        entered[name] = entered.get(name, Decimal(0)) + claim.side.signed(claim.filled)
    return tuple(
        BookedEntry(trade, plans.get(trade, ""), con_id, quantity)
        for (trade, con_id), quantity in sorted(entered.items())
    )
