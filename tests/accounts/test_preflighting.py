"""What an account would answer, asked without wanting anything."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.accounts.admitting import admit
from backstay.accounts.file import create
from backstay.accounts.preflighting import preflight
from backstay.accounts.settling import settle
from backstay.accounts.state import AccountState
from backstay.accounts.store import AccountStore
from backstay.domain.limits.codes import RefusalCode
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.trade.preflight import KnownTrade, RoomTaken
from tests.accounts.cases import TIGHT, request, round_trip
from tests.domain.limits.samples import ACCOUNT, NOW, SETTINGS, TRADE

EMPTY = AccountState(ACCOUNT)


def test_a_new_trade_in_an_empty_account_meets_nothing() -> None:
    said = preflight(EMPTY, None, request(), SETTINGS)
    assert said.refusals == ()
    assert said.obstacle is None
    assert said.known is None
    assert said.at == NOW
    assert said.room == RoomTaken("USD", Decimal(0), Decimal(10_000), Decimal(100_000), 0, 1, 100)


def test_the_room_that_others_have_taken_is_told_and_what_would_be_over_it() -> None:
    full = admit(EMPTY, None, request("Z0000001", 250), TIGHT_POSITIONS).state
    said = preflight(full, None, request(), TIGHT)
    room = said.room
    assert (room.exposure, room.exposure_with) == (Decimal(25_000), Decimal(35_000))
    assert room.exposure_left == -5_000
    assert RefusalCode.EXPOSURE_CAP in [refusal.verdict.code for refusal in said.refusals]


TIGHT_POSITIONS = replace(TIGHT, share_position_max=Decimal(1000))


def test_without_limits_nothing_is_bounded_and_everything_refused() -> None:
    said = preflight(EMPTY, None, request(), None)
    (refusal,) = said.refusals
    assert refusal.verdict.code is RefusalCode.NOT_CONFIGURED
    assert said.room == RoomTaken("", Decimal(0), Decimal(0), None, 0, 0, None)


@pytest.mark.req("S3.4")
def test_a_kill_and_halts_are_told_as_they_stand() -> None:
    kill, halts = KillState(4, KillMode.FREEZE), (Halt("a difference"),)
    state = replace(EMPTY, book=replace(EMPTY.book, kill=kill, halts=halts))
    said = preflight(state, None, request(), SETTINGS)
    assert (said.kill, said.halts) == (kill, halts)
    codes = [refusal.verdict.code for refusal in said.refusals]
    assert codes == [RefusalCode.KILLED, RefusalCode.HALTED]


def test_a_trade_that_was_approved_before_is_known_and_takes_no_more_room() -> None:
    done = admit(EMPTY, None, request(), SETTINGS)
    said = preflight(done.state, done.record, request(), SETTINGS)
    assert said.known == KnownTrade(f"plan-{TRADE}", was_approved=True)
    assert said.room.exposure == said.room.exposure_with == 10_000
    assert said.refusals == ()


def test_a_trade_that_was_refused_before_is_known_and_was_not_approved() -> None:
    done = admit(EMPTY, None, request(), None)
    said = preflight(done.state, done.record, request(), SETTINGS)
    assert said.known == KnownTrade(f"plan-{TRADE}", was_approved=False)


def test_a_trade_that_is_over_is_told_so_before_anything_else() -> None:
    done = admit(EMPTY, None, request(), SETTINGS)
    settled = settle(done.state, done.record, round_trip())
    said = preflight(settled.state, settled.record, request(), SETTINGS)
    assert said.obstacle is not None
    assert said.obstacle.line == f"key_used: {TRADE} has been settled"
    assert said.known == KnownTrade(f"plan-{TRADE}", was_approved=True, ended_as=round_trip().state)
    assert said.refusals[0].verdict == said.obstacle


def test_a_name_that_belongs_to_another_plan_is_told() -> None:
    done = admit(EMPTY, None, request(), SETTINGS)
    said = preflight(done.state, done.record, request(plan_id="another"), SETTINGS)
    assert said.obstacle is not None
    assert said.obstacle.code is RefusalCode.TRADE_TAKEN


def test_nothing_is_written_by_looking(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "accounts.sqlite"
        create(path, ACCOUNT)
        store = AccountStore(path, ACCOUNT)
        before = await store.revision()
        first = await store.preflight(request(), SETTINGS)
        assert await store.preflight(request(), SETTINGS) == first
        assert await store.preflight(request(), None) != first
        assert await store.revision() == before
        assert await store.record(TRADE) is None
        await store.close()

    asyncio.run(scenario())
