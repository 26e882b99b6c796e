"""The kill switch of an account, and the way back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backstay.accounts.errors import NotKilledError
from backstay.accounts.killing import (
    Approach,
    halted,
    killed,
    lifted,
    notice_of,
    resumed,
    trading_day,
)
from backstay.accounts.state import TURNS_KEPT, AccountState, Killed, Resumed
from backstay.domain.incidents.resumption import (
    Allowed,
    Condition,
    NotYet,
    PositionReview,
    Preflight,
    PreflightResult,
)
from backstay.domain.limits.kill import Halt, KillMode, KillState
from tests.domain.limits.samples import ACCOUNT, DAY, NOW

STATE = AccountState(ACCOUNT)
FROZEN = killed(STATE, KillMode.FREEZE, "too many orders", "Ada", NOW)
TOMORROW = DAY + timedelta(days=1)
AFTER_A_DAY = NOW + timedelta(days=1)
COMPLETE = Approach(
    person="Grace",
    reason="a loop in the webhook, mended",
    review=PositionReview("Grace", TOMORROW, 0),
    preflight=tuple(PreflightResult(item, True, "Grace", TOMORROW) for item in Preflight),
)


@pytest.mark.req("S3.2")
def test_a_kill_raises_the_epoch_and_says_who_why_and_when() -> None:
    assert FROZEN.kill == KillState(1, KillMode.FREEZE)
    assert FROZEN.turns == (
        Killed(KillState(1, KillMode.FREEZE), KillMode.FREEZE, "too many orders", "Ada", NOW, DAY),
    )


def test_a_kill_is_never_refused_for_what_it_does_not_say() -> None:
    last = killed(STATE, KillMode.FLATTEN, "", "  ", NOW).turns[-1]

    assert (last.reason, last.by) == ("not given", "not given")


def test_a_freeze_after_a_flatten_still_flattens_and_is_kept_as_a_freeze() -> None:
    again = killed(
        killed(STATE, KillMode.FLATTEN, "a", "Ada", NOW), KillMode.FREEZE, "b", "Ada", NOW
    )

    assert again.kill == KillState(2, KillMode.FLATTEN)
    assert isinstance(again.turns[-1], Killed)
    assert again.turns[-1].mode is KillMode.FREEZE


def test_only_the_last_turns_are_kept() -> None:
    state = STATE
    for _ in range(TURNS_KEPT + 3):
        state = killed(state, KillMode.FREEZE, "again", "Ada", NOW)

    assert [turn.state.epoch for turn in state.turns] == list(range(4, TURNS_KEPT + 4))


@pytest.mark.req("S3.2")
def test_trading_goes_on_once_everything_is_done_on_a_named_persons_word() -> None:
    state, verdict = resumed(FROZEN, COMPLETE, AFTER_A_DAY, TOMORROW)

    assert verdict == Allowed(1, "Grace")
    assert state.kill == KillState(2)
    assert state.turns[-1] == Resumed(
        KillState(2), "a loop in the webhook, mended", "Grace", AFTER_A_DAY
    )


@pytest.mark.req("S3.2")
@pytest.mark.parametrize(
    ("approach", "now", "today", "condition"),
    [
        (replace(COMPLETE, person=" "), AFTER_A_DAY, TOMORROW, Condition.PERSON_NAMED),
        (replace(COMPLETE, reason=""), AFTER_A_DAY, TOMORROW, Condition.REASON_DOCUMENTED),
        (replace(COMPLETE, review=None), AFTER_A_DAY, TOMORROW, Condition.POSITIONS_VERIFIED),
        (replace(COMPLETE, preflight=()), AFTER_A_DAY, TOMORROW, Condition.PREFLIGHT_PASSED),
        (COMPLETE, AFTER_A_DAY, None, Condition.NEXT_TRADING_DAY),
        (COMPLETE, NOW + timedelta(minutes=29), TOMORROW, Condition.WAITED),
    ],
)
def test_nothing_is_resumed_while_something_is_missing(
    approach: Approach, now: datetime, today: date | None, condition: Condition
) -> None:
    state, verdict = resumed(FROZEN, approach, now, today)

    assert state == FROZEN
    assert isinstance(verdict, NotYet)
    assert condition in [missing.condition for missing in verdict.missing]


@pytest.mark.req("S3.2")
def test_the_waiting_begins_with_the_last_kill() -> None:
    again = killed(FROZEN, KillMode.FREEZE, "still", "Ada", AFTER_A_DAY)
    state, verdict = resumed(again, COMPLETE, AFTER_A_DAY + timedelta(hours=1), TOMORROW)

    assert state == again
    assert isinstance(verdict, NotYet)
    assert [missing.condition for missing in verdict.missing] == [Condition.NEXT_TRADING_DAY]


def test_where_nothing_is_killed_nothing_is_resumed() -> None:
    gone_on, _ = resumed(FROZEN, COMPLETE, AFTER_A_DAY, TOMORROW)

    for state in (STATE, gone_on):
        with pytest.raises(NotKilledError, match="is not killed"):
            resumed(state, COMPLETE, AFTER_A_DAY, TOMORROW)
        with pytest.raises(NotKilledError, match="is not killed"):
            notice_of(state)


def test_halts_stand_until_each_is_lifted() -> None:
    one, other = Halt("data lost", "AAPL"), Halt("position differs")
    state = halted(halted(STATE, one), other)

    assert lifted(state, one).book.halts == (other,)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 24, 0, 59, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 7, 23, 23, 59, 59, tzinfo=UTC), date(2026, 7, 23)),
        (datetime(2026, 7, 24, 0, 0, tzinfo=UTC), date(2026, 7, 24)),
        (datetime(2026, 11, 23, 5, 30, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_a_trading_day_ends_at_eight_in_the_evening_in_new_york(at: datetime, day: date) -> None:
    assert trading_day(at) == day
