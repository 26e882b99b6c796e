"""What is held besides what is at work: in red where nobody guards it, and told from foreign."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backstay.accounts.file import AccountFile, create
from backstay.accounts.state import TradeRecord
from backstay.cli.live import watch_run
from backstay.cli.live.booked import BookedEntry, booked_entries
from backstay.cli.live.watch_page import page
from backstay.cli.live.watch_report import EdgeWord, EngineWord, WatchReport, report_of
from backstay.domain.edge.held import HeldPosition, Unattended
from backstay.domain.edge.live import LegPhase, LiveLeg, LivePage
from backstay.domain.ids import Purpose
from backstay.domain.limits.claims import Claim
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sides import Side
from backstay.domain.trade.naming import read_name
from tests.cli.live_samples import (
    ACCOUNT,
    EDGE,
    GUARDED,
    MISSING,
    OTHER,
    OTHER_TRADE,
    PLAN,
    TRADE,
    key,
    served,
    settings_file,
)
from tests.cli.typed import typed
from tests.cli.watch_words import BOTH, shown, trade
from workers.reading import read_settings


def position(quantity: int, *unattended: Unattended, foreign: int = 0, **more: Any) -> HeldPosition:
    """A contract that is held."""
    found = HeldPosition(
        265598, "AAPL", Decimal(quantity), Decimal(0), (), unattended, Decimal(foreign)
    )
    return replace(found, **more)


def nobody(quantity: int, stop: int, trade: str = TRADE) -> Unattended:
    return Unattended(trade, Decimal(quantity), Decimal(stop))


def booked(entered: int, trade: str = OTHER_TRADE, con_id: int = 265598) -> BookedEntry:
    return BookedEntry(trade, {TRADE: PLAN, OTHER_TRADE: OTHER}[trade], con_id, Decimal(entered))


def report(
    *positions: HeldPosition,
    legs: tuple[LiveLeg, ...] = (),
    book: tuple[BookedEntry, ...] = (),
    names: tuple[str, ...] = (),
    engine: EngineWord = BOTH,
) -> WatchReport:
    edge = EdgeWord(LivePage(EDGE, len(legs), legs, positions))
    read = [read_name(name) for name in names]
    return report_of(ACCOUNT, AccountKind.PAPER, read, engine, edge, book)


def red(found: WatchReport, width: int = 100, height: int | None = None) -> list[str]:
    return [text.plain for text in page(found, width, height) if text.style == "bold red"]


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("open_", "stop", "words"),
    [
        (100, 100, "nobody guards its 100 AAPL; only the stop at the broker does"),
        (-50, 50, "nobody guards its -50 AAPL; only the stop at the broker does"),
        (100, 40, "nobody guards its 100 AAPL; only the stop at the broker does for 40 of them"),
        (100, 0, "nobody guards its 100 AAPL; no stop stands at the broker"),
    ],
)
def test_what_nobody_guards_stands_above_all_in_red(open_: int, stop: int, words: str) -> None:
    found = report(position(open_, nobody(open_, stop)))
    assert red(found) == [f"{PLAN}: {words}"]
    assert shown(found, 100)[1] == f"{PLAN}: {words}"


def test_the_same_is_said_once_where_its_leg_is_shown_too() -> None:
    leg = replace(GUARDED, phase=LegPhase.HELD, stop=None)
    found = report(position(81, nobody(81, 81)), legs=(leg,))
    assert sum("guard" in line for line in shown(found, 100)) == 1


@pytest.mark.req("X.1")
def test_a_position_that_is_held_without_a_stop_is_not_said_to_have_one() -> None:
    leg = replace(MISSING, phase=LegPhase.HELD, stop=None)
    assert f"{PLAN}: no guard watches it; nor does a stop anywhere" in red(report(legs=(leg,)))
    leg = replace(GUARDED, phase=LegPhase.HELD, stop=None)
    said = red(report(legs=(leg,)))
    assert said == [f"{PLAN}: no guard watches it; only the stop at the broker does"]


def test_what_no_trade_explains_is_foreign_and_told_below() -> None:
    found = report(position(30, foreign=30), legs=(GUARDED,))
    assert shown(found, 100)[-1] == "30 AAPL: held outside of all our trades, and not touched"
    assert red(found) == []
    nameless = position(30, foreign=30, symbol="", con_id=7)
    assert shown(report(nameless), 100)[-1].startswith("30 contract 7: held outside")


@pytest.mark.req("X.1")
def test_what_only_the_book_explains_is_no_foreign_position() -> None:
    found = report(position(100, foreign=100), book=(booked(70),))
    text = "only the account's book knows it; no stop was found"
    assert red(found) == [f"{OTHER}: nobody guards its 70 AAPL; {text}"]
    assert [each.quantity for each in found.foreign] == [30]
    assert found.unguarded[0].by_book


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(position(100, foreign=100, con_id=1), id="another contract"),
        pytest.param(position(-100, foreign=-100), id="the other side"),
        pytest.param(position(140, foreign=100, trades=(OTHER_TRADE,)), id="looked after"),
        pytest.param(
            position(140, nobody(40, 40, OTHER_TRADE), foreign=100), id="shown by its orders"
        ),
    ],
)
def test_the_book_explains_nothing_else(held: HeldPosition) -> None:
    found = report(held, book=(booked(70),))
    assert [each.quantity for each in found.foreign] == [held.foreign]
    assert not any(each.by_book for each in found.unguarded)


def test_with_names_only_what_is_of_those_trades() -> None:
    held = position(181, nobody(81, 81), nobody(50, 50, OTHER_TRADE), foreign=50)
    found = report(held, names=(PLAN,))
    assert [each.trade for each in found.unguarded] == [TRADE]
    assert (found.foreign, found.missing) == ((), ())


def test_what_is_held_is_not_known_before_it_was_read() -> None:
    unread = report_of(ACCOUNT, AccountKind.PAPER, (), BOTH, EdgeWord(LivePage(EDGE, 0, (), None)))
    text = "what is held is not known: it was not read completely yet"
    assert shown(unread, 100)[1] == text
    assert not unread.holdings_known


@pytest.mark.req("X.1")
def test_where_the_edge_is_silent_the_book_says_what_had_been_entered() -> None:
    silent = EdgeWord(trouble="gone")
    found = report_of(
        ACCOUNT, AccountKind.PAPER, (), BOTH, silent, (booked(-40), booked(81, TRADE))
    )
    assert red(found) == [
        "nothing here is live: gone",
        f"{OTHER}: it had entered -40 by the account's book; what is left of it nobody can say",
        f"{PLAN}: it had entered 81 by the account's book; what is left of it nobody can say",
    ]
    named = report_of(
        ACCOUNT,
        AccountKind.PAPER,
        [read_name(PLAN)],
        BOTH,
        silent,
        (booked(-40), booked(81, TRADE)),
    )
    assert [each.trade for each in named.booked] == [TRADE]
    assert report(book=(booked(-40),)).booked == ()


def test_many_are_cut_and_counted_so_that_the_table_keeps_its_room() -> None:
    held = position(1000, *(nobody(10, 10, f"0000000{place}") for place in range(9)))
    asking = tuple(replace(GUARDED, why=f"reason {place}") for place in range(40))
    lines = shown(report(held, legs=asking), 80, 24)
    assert len(lines) <= 24
    assert "and 4 lines more like these" in lines
    assert sum("guarding" in line for line in lines) >= 2
    assert len(red(report(held), 80)) == 9


# --- prices of which nothing is heard any more ---


def aged(age: int, **more: Any) -> LiveLeg:
    assert GUARDED.price is not None
    heard_at = EDGE.at.fromtimestamp(EDGE.at.timestamp() - age, EDGE.at.tzinfo)
    return replace(GUARDED, price=replace(GUARDED.price, heard_at=heard_at), **more)


@pytest.mark.parametrize(("age", "is_marked"), [(9, False), (10, True), (200, True), (-5, False)])
def test_figures_by_an_old_price_are_marked(age: int, is_marked: bool) -> None:
    lines = shown(report(legs=(aged(age),)), 120)
    price, away, profit = (
        ("191.20~", "2.20%~", "93.77~") if is_marked else ("191.20", "2.20%", "93.77")
    )
    assert {price, away, profit} <= set(lines[3].split())
    assert ("~" in lines[-1]) is is_marked


def test_how_old_prices_are_is_told_and_the_sum_is_marked() -> None:
    lines = shown(report(legs=(aged(200), replace(GUARDED, trade=OTHER_TRADE))), 120)
    assert lines[-2:] == [
        "P&L of all: 187.54~ USD",
        "~ by a price of which nothing was heard; for 3 min at most",
    ]


def test_what_is_not_open_any_more_depends_on_no_price() -> None:
    over = aged(200, open=Decimal(0), phase=LegPhase.OVER)
    assert shown(report(legs=(over,)), 80)[3].endswith(" 93.77")


def test_a_sum_of_figures_before_costs_is_marked_too() -> None:
    told = replace(GUARDED.profit, after_costs=None, costs_known=False)
    lines = shown(report(legs=(GUARDED, replace(GUARDED, trade=OTHER_TRADE, profit=told))), 120)
    assert lines[-2] == "P&L of all: 188.54* USD"


def test_a_sum_is_never_called_that_of_all_while_something_has_no_row() -> None:
    legs = (GUARDED, replace(GUARDED, trade=OTHER_TRADE))
    cut = replace(report(legs=legs), more=True)
    assert "P&L of what is shown: 187.54 USD" in shown(cut, 120)
    lost = report(position(10, nobody(10, 10, "0000000Z")), legs=legs)
    assert "P&L of what is shown: 187.54 USD" in shown(lost, 120)
    told = report(position(81, nobody(81, 81)), legs=legs)
    assert "P&L of all: 187.54 USD" in shown(told, 120)


# --- a narrow terminal ---


def test_sixty_columns_have_room_for_what_is_won_or_lost() -> None:
    found = report(legs=(GUARDED, MISSING), engine=EngineWord((trade(PLAN),)))
    lines = shown(found, 60)
    assert lines[2:5] == [
        "plan        what     state    filled   stop broker       P&L",
        "aapl-break… buy AAPL guarding  81/81 187.00 stands     93.77",
        "aapl-break… buy AAPL guarding  81/81 187.00 missing -120.40*",
    ]
    assert f"{PLAN}: 81 AAPL naked for 3.2 s" in lines


# --- the book ---


def claim(trade: str, side: Side, filled: int, *, purpose: Purpose = Purpose.ENTRY) -> Claim:
    return Claim(
        key(purpose, trade=trade),
        265598,
        side,
        Decimal(100),
        Decimal(1),
        Decimal(0),
        Decimal(filled),
    )


def test_what_open_trades_have_entered_is_read_from_the_book(tmp_path: Path) -> None:
    settings = read_settings(Path(settings_file(tmp_path)), {})
    assert booked_entries(settings) == ()
    settings.book.parent.mkdir()
    create(settings.book, ACCOUNT)
    file = AccountFile(settings.book, ACCOUNT)
    bought, sold = claim(TRADE, Side.BUY, 81), claim(OTHER_TRADE, Side.SELL, 40)
    with file.transaction() as connection:
        state = file.state(connection)
        book = state.book
        for each in (bought, sold, claim("0000000Z", Side.BUY, 0)):
            book = book.with_claim(each)
        file.keep(connection, replace(state, book=book))
        for trade, plan_id in ((TRADE, PLAN), (OTHER_TRADE, OTHER), ("0000000Z", "unfilled")):
            file.keep_record(connection, TradeRecord(trade, plan_id))
    file.close()
    found = sorted(booked_entries(settings), key=lambda each: each.plan_id)
    assert found == [booked(81, TRADE), booked(-40)]


def test_the_book_is_asked_only_where_the_edge_leaves_something_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_run, "booked_entries", lambda _: (booked(70, TRADE),))
    config = settings_file(tmp_path)
    text = f"{PLAN}: nobody guards its 70 AAPL"
    for held, is_asked in ((position(100, foreign=100), True), (position(100), False)):
        with served(LivePage(EDGE, 0, (), (held,))) as place:
            found = typed("trade", "watch", "--config", config, "--edge", place)
        assert (text in found.out) is is_asked
    silent = typed("trade", "watch", "--config", config)
    assert f"{PLAN}: it had entered 70 by the account's book" in silent.out
