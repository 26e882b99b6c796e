"""How trading is stopped, goes on, and waits.

A kill is never refused: not for a missing reason, not for a second time. Going on takes everything
that the rules of the domain ask for, counted from the kill as it was written down, so nobody can
bring a kinder one. Which trading day a kill belongs to is not left to a calendar that may be
missing: it is the day in New York, where the broker's days end.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backstay.accounts.errors import NotKilledError
from backstay.accounts.notices import Note
from backstay.accounts.state import TURNS_KEPT, AccountState, Killed, Resumed, Turn
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.incidents.resumption import (
    Allowed,
    PositionReview,
    PreflightResult,
    ResumeVerdict,
    Resumption,
    may_resume,
)
from backstay.domain.limits.kill import Halt, KillMode

DAY_ENDS = time(20)
"""When the last session of a trading day ends; the overnight one after it is the next day's."""

NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Approach:
    """What a person has done towards going on."""

    person: str
    reason: str
    review: PositionReview | None = None
    preflight: tuple[PreflightResult, ...] = ()


def killed(state: AccountState, mode: KillMode, reason: str, by: str, at: datetime) -> AccountState:
    """The account after one more kill."""
    kill = state.kill.killed(mode)
    turn = Killed(
        kill, mode, reason.strip() or NOT_GIVEN, by.strip() or NOT_GIVEN, at, trading_day(at)
    )
    return _turned(state, turn)


def notice_of(state: AccountState) -> Note:
    """What everybody has to be told of the kill that this state comes of."""
    kill = state.turns[-1] if state.turns else None
    if not isinstance(kill, Killed):
        raise NotKilledError(f"trading in {state.account} is not killed")
    stays = "" if kill.state.mode is kill.mode else f", and {kill.state.text} stays in force"
    text = f"{kill.mode.value} by {kill.by}: {kill.reason}{stays}"
    return Note(IncidentKind.KILLED, state.account, text, kill.at, f"kill:{kill.state.epoch}")


def resumed(
    state: AccountState, approach: Approach, now: datetime, today: date | None
) -> tuple[AccountState, ResumeVerdict]:
    """The account after a person has resumed trading, if everything is done that this takes."""
    last = state.turns[-1] if state.turns else None
    if not isinstance(last, Killed):
        raise NotKilledError(f"trading in {state.account} is not killed")
    verdict = may_resume(
        Resumption(
            epoch=state.kill.epoch,
            killed_at=last.at,
            killed_day=last.trading_day,
            person=approach.person,
            reason=approach.reason,
            review=approach.review,
            preflight=approach.preflight,
        ),
        now,
        today,
    )
    if not isinstance(verdict, Allowed):
        return state, verdict
    turn = Resumed(state.kill.resumed(), approach.reason.strip(), verdict.person, now)
    return _turned(state, turn), verdict


def halted(state: AccountState, halt: Halt) -> AccountState:
    """The account with one more reason for entries to wait."""
    return replace(state, book=state.book.halted(halt))


def lifted(state: AccountState, halt: Halt) -> AccountState:
    """The account after one reason to wait has ended."""
    return replace(state, book=state.book.lifted(halt))


def trading_day(at: datetime) -> date:
    """The trading day of the broker that an instant belongs to."""
    local = at.astimezone(ZoneInfo("America/New_York"))
    return local.date() + timedelta(days=1) if local.time() >= DAY_ENDS else local.date()


def _turned(state: AccountState, turn: Turn) -> AccountState:
    book = replace(state.book, kill=turn.state)
    return replace(state, book=book, turns=(*state.turns, turn)[-TURNS_KEPT:])
