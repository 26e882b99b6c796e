"""Entries and journals for the tests of positions, short enough to read in a line."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.orders.reports import CommissionReported
from backstay.domain.positions.entries import Adjustment, Cause, Entry, Execution, Revaluation
from backstay.domain.positions.journal import Journal
from backstay.domain.sides import Side

OPEN = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
STOCK = 265598
OPTION = 700001
OLD, MIDDLE, YOUNG = "TRADE001", "TRADE002", "TRADE003"


def minute(number: int) -> datetime:
    return OPEN + timedelta(minutes=number)


def executed(
    change: str, price: str, at: int = 0, *, trade: str | None = OLD, exec_id: str = ""
) -> Execution:
    """An execution `at` so many minutes after the open, with an id made from that minute."""
    side = Side.SELL if Decimal(change) < 0 else Side.BUY
    return Execution(
        exec_id or f"e{at:03}.01",
        STOCK,
        trade,
        side,
        abs(Decimal(change)),
        Decimal(price),
        minute(at),
    )


def by_hand(change: str, price: str, at: int = 0, *, exec_id: str = "") -> Execution:
    """An execution of an order that is not ours."""
    return executed(change, price, at, trade=None, exec_id=exec_id)


def adjusted(
    change: str, price: str, at: int = 0, *, cause: Cause = Cause.BY_HAND, version: int = 1
) -> Adjustment:
    side = Side.SELL if Decimal(change) < 0 else Side.BUY
    return Adjustment(
        name=f"a{at:03}",
        con_id=STOCK,
        trade=None,
        side=side,
        quantity=abs(Decimal(change)),
        price=Decimal(price),
        at=minute(at),
        cause=cause,
        estimated=True,
        version=version,
    )


def revalued(amount: str, at: int = 0) -> Revaluation:
    return Revaluation(f"r{at:03}", STOCK, Decimal(amount), minute(at))


def charged(exec_id: str, amount: str, currency: str = "USD") -> CommissionReported:
    return CommissionReported(exec_id, Decimal(amount), currency)


def journal(*entries: Entry, multiplier: str = "1") -> Journal:
    return Journal(STOCK, "USD", Decimal(multiplier)).with_entries(*entries)
