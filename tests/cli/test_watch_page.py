"""The live table: what a person sees, narrow and wide, and what is red."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.cli.live.watch_page import page
from backstay.cli.live.watch_report import (
    EdgeWord,
    EngineWord,
    report_of,
)
from backstay.domain.edge.live import BrokerStop, EngineStop, LegPhase, StopStanding
from backstay.domain.edge.session import SessionReport, SessionState
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sides import Side
from tests.cli.live_samples import (
    GUARDED,
    MISSING,
    NOW,
    OTHER,
    OTHER_TRADE,
    PLAN,
    WAITING,
    away,
)
from tests.cli.watch_words import BOTH, HEADER, SILENT_ENGINE, live, report, shown, trade

NARROW = """\
plan               what      state    filled    stop to go at broker naked   P&L
aapl-breakout-0312 buy AAPL  guarding  81/81  187.00 2.20% stands      0.8 93.77
tsla-breakdown-03… sell TSLA waiting    0/60 <240.00 1.96% -             0
"""
WIDE = """\
plan                 what       state     filled  open   price     stop  to go  at broker
aapl-breakout-0312   buy AAPL   guarding   81/81    81  191.20   187.00  2.20%  acknowledged
tsla-breakdown-0312  sell TSLA  waiting     0/60     0  244.80  <240.00  1.96%  -
"""


def test_the_table_fits_eighty_columns() -> None:
    lines = shown(report(BOTH, live(GUARDED, WAITING)))
    assert lines == [HEADER, "", *NARROW.splitlines()]
    assert max(map(len, lines)) <= 80


def test_a_wide_table_has_room_for_everything() -> None:
    lines = shown(report(BOTH, live(GUARDED, WAITING)), 120)
    starts = WIDE.splitlines()
    cut = [line[: len(start)] for line, start in zip(lines[2:], starts, strict=True)]
    assert cut == starts
    assert [line.split()[-2:] for line in lines[2:]] == [
        ["naked", "P&L"],
        ["0.8", "93.77"],
        ["-", "0"],
    ]


@pytest.mark.parametrize("width", [60, 70, 80, 90, 100, 120, 200])
def test_no_figure_is_ever_cut(width: int) -> None:
    big = replace(
        GUARDED,
        filled=Decimal(10_000),
        quantity=Decimal(10_000),
        profit=replace(GUARDED.profit, after_costs=Decimal("-123456.78")),
    )
    lines = shown(report(BOTH, live(big)), width)
    assert "10000/10000" in lines[3]
    assert lines[3].endswith("-123456.78")
    assert len(lines[3]) <= max(width, 82)


@pytest.mark.req("X.1")
def test_a_missing_stop_and_naked_seconds_are_red() -> None:
    texts = page(report(EngineWord((trade(PLAN),)), live(MISSING)), 80)
    row = texts[3]
    red = {row.plain[span.start : span.end] for span in row.spans if "red" in str(span.style)}
    assert {"missing", "3.2 s", "-120.40*"} == red
    assert [text.plain for text in texts[4:]] == [
        "",
        f"{PLAN}: 81 AAPL naked for 3.2 s",
        "* before commissions that were not told yet",
    ]
    assert texts[5].style == "bold red"


@pytest.mark.parametrize(
    ("standing", "narrow", "wide"),
    [
        (StopStanding.ACKNOWLEDGED, "stands", "acknowledged"),
        (StopStanding.VIRTUAL, "virtual", "virtual"),
        (StopStanding.MISSING, "missing", "missing"),
        (StopStanding.ASLEEP, "asleep", "asleep"),
        (StopStanding.EXIT, "exit", "exit"),
        (StopStanding.NONE, "-", "-"),
    ],
)
def test_the_stop_at_the_broker_has_a_word(standing: StopStanding, narrow: str, wide: str) -> None:
    leg = replace(GUARDED, at_broker=BrokerStop(standing))
    for width, word in ((80, narrow), (100, wide)):
        assert f" {word} " in shown(report(BOTH, live(leg)), width)[3]


def test_a_plan_that_keeps_its_stop_off_the_books_is_not_told_to_be_naked() -> None:
    leg = replace(MISSING, at_broker=BrokerStop(StopStanding.VIRTUAL))
    assert not any("naked for" in each for each in shown(report(BOTH, live(leg))))


def test_what_is_unknown_is_never_a_figure() -> None:
    profit = replace(GUARDED.profit, unrealised=None, after_costs=None)
    blind = replace(GUARDED, price=None, stop=EngineStop(Decimal(187), None), profit=profit)
    wide = shown(report(BOTH, live(blind)), 100)[3].split()
    assert wide[4:9] == ["81/81", "?", "187.00", "?", "acknowledged"]
    assert wide[-1] == "?"


def test_a_price_beyond_the_level_is_red() -> None:
    assert GUARDED.stop is not None
    beyond = replace(GUARDED.stop, distance=away("-1.91", "-1"))
    row = page(report(BOTH, live(replace(GUARDED, stop=beyond))), 80)[3]
    assert ("-1.00%", "red") in {
        (row.plain[span.start : span.end], str(span.style)) for span in row.spans
    }


def test_a_position_without_a_guard_and_every_reason_are_told_below() -> None:
    held = replace(GUARDED, phase=LegPhase.HELD, stop=None)
    asking = replace(WAITING, why="the price had crossed while nobody watched; a person decides")
    lines = shown(report(BOTH, live(held, asking)))
    assert lines[6:] == [
        f"{PLAN}: no guard watches it; only the stop at the broker does",
        f"{OTHER}: the price had crossed while nobody watched; a person",
        "decides",
    ]
    assert " 4.15% " in lines[3]


def test_several_positions_have_a_sum_unless_a_part_is_unknown() -> None:
    other = replace(GUARDED, trade=OTHER_TRADE, side=Side.SELL)
    assert shown(report(BOTH, live(GUARDED, other)))[-1] == "P&L of all: 187.54 USD"
    unknown = replace(other, profit=replace(other.profit, unrealised=None, after_costs=None))
    assert shown(report(BOTH, live(GUARDED, unknown)))[-1] == "P&L of all: ? USD"


def test_rows_that_do_not_fit_are_counted() -> None:
    legs = [replace(WAITING, symbol=f"S{number}") for number in range(40)]
    lines = shown(report(BOTH, live(*legs)), 80, 24)
    assert len(lines) <= 24
    assert "lines more; make the terminal higher" in "\n".join(lines)


def test_silence_is_said_in_red_and_nothing_is_made_up() -> None:
    found = report(EngineWord(trouble=SILENT_ENGINE), EdgeWord(trouble="127.0.0.1:2: gone"))
    texts = page(found, 80)
    assert [text.plain for text in texts] == [
        " PAPER  DU1234567",
        "nothing here is live: 127.0.0.1:2: gone",
        f"trades may be missing: {SILENT_ENGINE}",
    ]
    assert texts[1].style == texts[2].style == "bold red"
    assert shown(report(EngineWord(), live()))[2:] == ["nothing is at work"]


def test_a_live_account_a_stale_tick_and_a_lost_session_are_seen_at_once() -> None:
    session = SessionReport(SessionState.DEGRADED, NOW, "the gateway has lost IB")
    edge = live(session=session, last_tick_at=NOW.replace(minute=1, hour=14), time=None)
    lines = [
        text.plain
        for text in page(report_of("U1234567", AccountKind.LIVE, (), EngineWord(), edge), 100)
    ]
    assert lines[:3] == [
        " LIVE: REAL MONEY  U1234567  session degraded  broker time unknown  last tick 59 min ago",
        "session degraded: the gateway has lost IB",
        "what stands here was told before 15:00:02 UTC, and may have changed",
    ]
    assert "no tick yet" in shown(report(BOTH, live(last_tick_at=None)))[0]
