"""What an account would answer if a trade asked it for room.

The same rules on the same book as at admission; nothing is kept of the question, and no room taken.
"""

from backstay.accounts.admitting import out_of_place
from backstay.accounts.state import AccountState, TradeRecord
from backstay.domain.limits.book import Book
from backstay.domain.limits.preflight import judge
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.trade.admission import AdmissionRequest
from backstay.domain.trade.preflight import KnownTrade, Preflight, RoomTaken


def preflight(
    state: AccountState,
    known: TradeRecord | None,
    request: AdmissionRequest,
    settings: LimitSettings | None,
) -> Preflight:
    """What every rule says of every order that is asked about."""
    record = known or TradeRecord(request.trade, request.plan_id)
    after, orders = judge(request.requests, state.book, settings, request.at)
    return Preflight(
        orders=orders,
        obstacle=out_of_place(state, record, request),
        kill=state.kill,
        halts=state.book.halts,
        room=_room(state.book, after, settings),
        known=None if known is None else _known(known),
        at=request.at,
    )


def _room(before: Book, after: Book, settings: LimitSettings | None) -> RoomTaken:
    return RoomTaken(
        base_currency="" if settings is None else settings.base_currency,
        exposure=before.exposure,
        exposure_with=after.exposure,
        exposure_max=None if settings is None else settings.exposure_max,
        open_trades=before.open_trades,
        open_trades_with=after.open_trades,
        open_trades_max=None if settings is None else settings.open_trades_max,
    )


def _known(record: TradeRecord) -> KnownTrade:
    settlement = record.settlement
    return KnownTrade(
        plan_id=record.plan_id,
        was_approved=bool(record.answers),
        ended_as=settlement.state if settlement is not None and record.is_over else None,
    )
