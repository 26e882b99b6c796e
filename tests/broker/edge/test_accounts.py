"""Whose account it is, and what other people do in it."""

import asyncio
from dataclasses import replace

import pytest

from backstay.domain.edge.contracts import (
    InstrumentQuery,
)
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.limits.codes import RefusalCode
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from backstay.gateway.settings import AccountSettings, Settings
from tests.broker.edge.stage import ACCOUNT, EDGE, LIMITS, Stage, play
from tests.broker.edge.test_guards import hold
from tests.broker.edge.test_port import FAR, given, read, refusal_code, watched

OTHER_ACCOUNT = "DU7654321"


@pytest.mark.parametrize(
    ("account", "kind", "why"),
    [
        (ACCOUNT, AccountKind.LIVE, f"{ACCOUNT} is a paper account, and live is configured"),
        ("U1234567", AccountKind.LIVE, f"logged in to {ACCOUNT}, not U1234567"),
    ],
    ids=["paper for live", "another account"],
)
def test_an_edge_on_the_wrong_login_stays_down_and_says_so(
    account: str, kind: AccountKind, why: str
) -> None:
    async def story(stage: Stage) -> None:
        settings = replace(EDGE, account=account, kind=kind)
        edge = await stage.edge(settings, synced=False)
        waiting = asyncio.ensure_future(edge.resolve(InstrumentQuery("AAPL")))
        await stage.sleep(200)
        health = edge.health()
        assert health.session.state is SessionState.DOWN
        assert why in health.session.why
        assert not waiting.done()
        waiting.cancel()

    stage = play(story)
    told = stage.told("connection lost")
    assert len(told) == 1
    assert why in told[0].text
    assert read(stage, "reqPositions") == []


def test_each_edge_trades_its_own_account_and_sees_nothing_of_the_other() -> None:
    async def story(stage: Stage) -> None:
        first = await stage.edge()
        limits = replace(LIMITS, account=OTHER_ACCOUNT)
        second = await stage.edge(replace(EDGE, client_id=2, account=OTHER_ACCOUNT, limits=limits))
        await hold(first, (await stage.seat(first)).arm())
        await stage.sleep(1)
        assert [held.quantity for held in first.snapshot().positions] == [100]
        assert second.snapshot().positions == ()
        assert second.snapshot().executions == ()
        seat = await watched(stage, second)
        order = replace(seat.order(Purpose.ENTRY, 10, FAR, generation=2), account=ACCOUNT)
        answer = await second.submit(given(stage, order))
        assert refusal_code(answer) == RefusalCode.WRONG_ACCOUNT
        assert first.snapshot().account == ACCOUNT
        assert second.snapshot().account == OTHER_ACCOUNT

    accounts = (AccountSettings(ACCOUNT), AccountSettings(OTHER_ACCOUNT))
    stage = play(story, settings=Settings(seed=7, restart_at=None, accounts=accounts))
    assert stage.told("manual action") == []
    assert stage.told("unexpected position") == []


def test_client_0_adopts_what_is_placed_by_hand_and_tells_it() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(replace(EDGE, client_id=0))
        await stage.sleep(10)
        (foreign,) = edge.snapshot().foreign_orders
        assert foreign.quantity == 10
        assert foreign.side is Side.BUY
        assert foreign.order_ref == ""

    by_hand = rule("manual-order", at="+5s", symbol="AAPL", quantity=10, limit="90")
    stage = play(story, by_hand)
    assert len(read(stage, "reqAutoOpenOrders")) == 1
    assert len(stage.told("manual action")) == 1


def test_any_other_client_sees_it_at_the_next_reading() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await stage.sleep(80)
        assert len(edge.snapshot().foreign_orders) == 1

    by_hand = rule("manual-order", at="+5s", symbol="AAPL", quantity=10, limit="90")
    stage = play(story, by_hand)
    assert read(stage, "reqAutoOpenOrders") == []
    assert len(stage.told("manual action")) == 1
