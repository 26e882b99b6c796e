"""What `backstay account show` has to say, as values: read in one transaction, so that it is how
the account stood at one moment.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from backstay.accounts.file import AccountFile
from backstay.accounts.notices import KeptNote
from backstay.accounts.shelf import newest_notes
from backstay.accounts.state import AccountState, TradeRecord, Turn
from backstay.domain.ids import IntentKey
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.limits.kill import Halt, KillState
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order that room is reserved for, and what of it the book knows to be filled."""

    key: IntentKey
    con_id: int
    side: Side
    quantity: Decimal
    filled: Decimal
    ended: bool


@dataclass(frozen=True, slots=True)
class TradeLine:
    """A trade that holds something or may come to, with its orders that take a risk."""

    trade: str
    plan_id: str
    orders: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """What is taken, and of how much where there are limits; in the base currency."""

    exposure: Decimal
    exposure_max: Decimal | None
    margin_in_flight: Decimal
    open_trades: int
    open_trades_max: int | None
    base_currency: str


@dataclass(frozen=True, slots=True)
class AccountReport:
    """How the account stands. `last_turn` is who turned the kill switch last, and why."""

    account: str
    book: str
    revision: int
    kill: KillState
    last_turn: Turn | None
    halts: tuple[Halt, ...]
    room: Room
    trades: tuple[TradeLine, ...]
    foreign: tuple[ForeignHolding, ...]
    notices: tuple[KeptNote, ...]


def examine(path: Path, account: str, limits: LimitSettings | None, notices: int) -> AccountReport:
    """Read the book; AccountsError if it can't be."""
    file = AccountFile(path, account)
    try:
        with file.transaction(writes=False) as connection:
            state = file.state(connection)
            return AccountReport(
                account=account,
                book=str(path),
                revision=file.revision(connection),
                kill=state.kill,
                last_turn=state.turns[-1] if state.turns else None,
                halts=state.book.halts,
                room=_room(state, limits),
                trades=tuple(_trade(state, each) for each in file.open_records(connection)),
                foreign=state.book.foreign,
                notices=newest_notes(connection, account, notices),
            )
    finally:
        file.close()


def _room(state: AccountState, limits: LimitSettings | None) -> Room:
    return Room(
        exposure=state.book.exposure,
        exposure_max=None if limits is None else limits.exposure_max,
        margin_in_flight=state.book.margin_in_flight,
        open_trades=state.book.open_trades,
        open_trades_max=None if limits is None else limits.open_trades_max,
        base_currency="" if limits is None else limits.base_currency,
    )


def _trade(state: AccountState, record: TradeRecord) -> TradeLine:
    return TradeLine(
        record.trade,
        record.plan_id,
        tuple(
            OrderLine(
                claim.key, claim.con_id, claim.side, claim.quantity, claim.filled, claim.ended
            )
            for claim in state.book.claims
            if claim.key.trade == record.trade and claim.takes_risk
        ),
    )
