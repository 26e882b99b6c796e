"""The small rules of the desk, each by itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.outcome import is_seen, outcome_of
from backstay.broker.desk.preview import margin_of
from backstay.broker.desk.recent_entries import RecentEntries
from backstay.broker.desk.survivors import out_of_reach
from backstay.broker.desk.wakes import Wakes
from backstay.broker.doors.wire import RequestRefusedError
from backstay.broker.translation.telling import WhatIf
from backstay.domain.edge.contracts import NotAnswered, Previewed, PreviewRefused
from backstay.domain.limits.facts import Margin
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.outcome import Accepted, Rejected, RejectionClass
from backstay.domain.orders.reports import (
    BrokerReport,
    CancelConfirmed,
    CommissionReported,
    CompletedReported,
    StatusReported,
)
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side
from tests.broker.desk.counter import Counter, play
from tests.broker.desk.samples import AAPL, ENTRY, OTHER_ENTRY, START, key

LATER = START + timedelta(seconds=1)
FIGURES = WhatIf(
    init_margin_change=Decimal(2_000),
    init_margin_after=Decimal(5_000),
    maint_margin_change=Decimal(1_500),
    maint_margin_after=None,
    equity_after=Decimal(100_000),
    commission=Decimal("1.25"),
    commission_min=None,
    commission_max=Decimal("1.5"),
    commission_currency="USD",
    warning="careful",
)


def view(*reports: BrokerReport) -> OrderView:
    return view_of(OrderFacts().with_reports(*reports), Side.BUY, Decimal(100))


def status(order_id: int, perm_id: int, word: str) -> StatusReported:
    return StatusReported(order_id, perm_id, word, Decimal(0), "", START)


@pytest.mark.req("S3.2")
def test_of_two_kill_states_the_newer_epoch_wins_however_late_the_other_is_heard() -> None:
    switch = KillSwitch()
    assert switch.state is None
    newer = KillState(2, KillMode.FREEZE)
    assert switch.heard(newer) == newer
    assert switch.heard(KillState(1)) == newer
    assert switch.heard(KillState(3)) == switch.state == KillState(3)


def test_the_last_other_entry_is_never_the_order_itself() -> None:
    entries = RecentEntries()
    mine, other, third = ENTRY.key, OTHER_ENTRY.key, key(trade="Z0000002")
    msft = replace(AAPL, symbol="MSFT", con_id=AAPL.con_id + 1)
    assert entries.last_but(AAPL, mine) is None
    entries.left("AAPL", mine, START)
    assert entries.last_but(AAPL, mine) is None
    assert entries.last_but(AAPL, other) == START
    entries.left("AAPL", other, LATER)
    assert entries.last_but(AAPL, mine) == LATER
    assert entries.last_but(AAPL, other) == START
    entries.left("AAPL", mine, LATER + timedelta(seconds=1))
    assert entries.last_but(AAPL, other) == LATER + timedelta(seconds=1)
    assert entries.last_but(AAPL, third) == LATER + timedelta(seconds=1)
    assert entries.last_but(msft, mine) is None


def test_an_entry_that_another_process_has_sent_counts_from_when_it_was_first_shown() -> None:
    entries = RecentEntries()
    mine, other = ENTRY.key, OTHER_ENTRY.key
    entries.found(AAPL.con_id, other, START)
    entries.found(AAPL.con_id, other, LATER)
    assert entries.last_but(AAPL, mine) == START
    assert entries.last_but(AAPL, other) is None
    assert entries.last_but(replace(AAPL, con_id=AAPL.con_id + 1), mine) is None
    entries.left("AAPL", key(trade="Z0000002"), LATER)
    assert entries.last_but(AAPL, mine) == LATER


def test_nothing_said_is_no_outcome() -> None:
    assert outcome_of(ENTRY.key, None, START) is None
    assert outcome_of(ENTRY.key, view(status(1, 0, "PendingSubmit")), START) is None


def test_an_order_is_accepted_once_it_has_a_name_and_whatever_becomes_of_it() -> None:
    for word in ("PreSubmitted", "Submitted", "Filled", "Cancelled", "Inactive"):
        told = outcome_of(ENTRY.key, view(status(4, 1001, word)), LATER)
        assert told == Accepted(ENTRY.key, 4, 1001, LATER)


def test_an_order_that_was_cancelled_before_it_had_a_name_was_taken_nevertheless() -> None:
    told = outcome_of(ENTRY.key, view(CancelConfirmed(4, START)), LATER)
    assert told == Accepted(ENTRY.key, 4, 0, LATER)


def test_an_order_that_is_listed_as_inactive_and_over_is_rejected_without_a_reason() -> None:
    told = outcome_of(
        ENTRY.key, view(CompletedReported(1001, "Inactive", Decimal(0), START)), LATER
    )
    assert isinstance(told, Rejected)
    assert (told.code, told.rejection, told.at) == (0, RejectionClass.OTHER, LATER)


def test_a_commission_alone_shows_that_an_order_was_there() -> None:
    assert not is_seen(None)
    assert not is_seen(view())
    assert is_seen(view(CommissionReported("0001.01", Decimal(1), "USD")))
    assert is_seen(view(status(1, 0, "PendingSubmit")))


@pytest.mark.req("X.4")
@pytest.mark.parametrize(
    ("reports", "order_ids", "beyond"),
    [
        ((status(1, 1001, "Submitted"),), (1,), ()),
        ((status(1, 1001, "Submitted"),), (), (1001,)),
        ((status(1, 1001, "Submitted"),), (2,), (1001,)),
        ((status(1, 1001, "Submitted"), status(1, 1002, "Submitted")), (1,), ()),
        ((status(1, 1001, "Cancelled"), status(1, 1002, "Submitted")), (1,), (1002,)),
        ((status(1, 1001, "Cancelled"), status(2, 1002, "Submitted")), (1, 2), ()),
        ((status(1, 1001, "Cancelled"),), (1,), ()),
        ((status(1, 0, "PendingSubmit"),), (), ()),
    ],
)
def test_a_life_is_out_of_reach_without_an_id_of_its_own_that_is_good_today(
    reports: tuple[BrokerReport, ...], order_ids: tuple[int, ...], beyond: tuple[int, ...]
) -> None:
    assert out_of_reach(view(*reports), order_ids) == beyond


def test_what_is_free_is_what_was_free_before_the_order() -> None:
    assert margin_of(FIGURES) == Margin(Decimal(2_000), Decimal(97_000))
    freeing = replace(FIGURES, init_margin_change=Decimal(-1_000))
    assert margin_of(freeing) == Margin(Decimal(0), Decimal(94_000))
    assert margin_of(replace(FIGURES, equity_after=None)) is None
    assert margin_of(replace(FIGURES, init_margin_after=None)) is None


@pytest.mark.req("S2.3")
def test_a_preview_never_reaches_the_inbox_and_guesses_nothing() -> None:
    async def story(counter: Counter) -> None:
        counter.asks.figures = FIGURES
        margin = Margin(Decimal(2_000), Decimal(97_000))
        previewed = await counter.desk.preview(ENTRY)
        assert previewed == Previewed(
            margin,
            commission_max=Decimal("1.5"),
            warning="careful",
            maintenance=Decimal(1_500),
            commission=Decimal("1.25"),
            commission_currency="USD",
        )
        counter.asks.figures = replace(FIGURES, equity_after=None)
        assert isinstance(await counter.desk.preview(ENTRY), NotAnswered)
        counter.asks.refusal = RequestRefusedError(201, "no")
        assert await counter.desk.preview(ENTRY) == PreviewRefused(201, "no")
        counter.asks.silent = {"what if"}
        assert isinstance(await counter.desk.preview(ENTRY), NotAnswered)
        assert not counter.inbox.knows(ENTRY.key)
        assert counter.lanes.lanes == []

    play(story)


def test_whoever_waits_for_news_is_woken_once_and_leaves_nothing_behind() -> None:
    async def story(_counter: Counter) -> None:
        wakes = Wakes()
        loop = asyncio.get_running_loop()
        first, second = (asyncio.ensure_future(wakes.news(ENTRY.key, 5.0)) for _ in range(2))
        other = asyncio.ensure_future(wakes.news(OTHER_ENTRY.key, 1.0))
        called_off = asyncio.ensure_future(wakes.news(ENTRY.key))
        await asyncio.sleep(0.5)
        called_off.cancel()
        await asyncio.sleep(0)
        wakes.wake(ENTRY.key)
        assert await first
        assert await second
        assert not await other
        assert loop.time() == 1
        assert wakes._waiting == {}

    play(story)
