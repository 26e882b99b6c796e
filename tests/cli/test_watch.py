"""`backstay trade watch`: the engine's word and the edge's together, and who is silent."""

import asyncio
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from activities.ports import Description, Engine, EngineSilentError, Trades, Wanted
from backstay.cli.trade_line import TradeLine
from backstay.cli.watch_page import page
from backstay.cli.watch_report import (
    NOT_AT_EDGE,
    EdgeWord,
    EngineTrade,
    EngineWord,
    WatchReport,
    codes_at_edge,
    engine_word,
    report_of,
)
from backstay.domain.edge.live import BrokerStop, EngineStop, LegPhase, LiveLeg, StopStanding
from backstay.domain.edge.session import SessionReport, SessionState
from backstay.domain.ids import trade_id
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sides import Side
from backstay.domain.trade.naming import read_name
from backstay.domain.trade.standing import Doing
from tests.cli.live_samples import (
    ACCOUNT,
    GUARDED,
    MISSING,
    NOW,
    OTHER,
    OTHER_TRADE,
    PLAN,
    TRADE,
    WAITING,
    away,
    live_page,
    roster_file,
    served,
    settings_file,
)
from tests.cli.typed import Typed, typed

SILENT_ENGINE = "127.0.0.1:1: no engine answers here: Connection refused"
GONE = "no broker worker answers here; is `backstay up` running?"
HEADER = " PAPER  DU1234567  session ready  broker 15:00:02 UTC  last tick 0.4 s ago"


def line(plan_id: str, doing: Doing | None, **more: Any) -> TradeLine:
    """What a trade says of itself, or that it does not."""
    return TradeLine(
        plan_id=plan_id,
        trade=trade_id(ACCOUNT, plan_id),
        workflow_id=f"trade:{ACCOUNT}:{plan_id}",
        symbol="AAPL",
        side="buy",
        state="validated",
        doing="" if doing is None else doing.value,
        why="",
        started_at=NOW,
        closed_at=None,
        answered=doing is not None,
        **more,
    )


def trade(plan_id: str, found: TradeLine | None = None) -> EngineTrade:
    return EngineTrade(plan_id, trade_id(ACCOUNT, plan_id), "AAPL", "buy", found)


def report(engine: EngineWord, edge: EdgeWord, *names: str) -> WatchReport:
    read = [read_name(name) for name in names]
    return report_of(ACCOUNT, AccountKind.PAPER, read, engine, edge)


def shown(found: WatchReport, width: int = 80, height: int | None = None) -> list[str]:
    return [text.plain for text in page(found, width, height)]


def live(*legs: LiveLeg, **edge: Any) -> EdgeWord:
    return EdgeWord(live_page(*legs, **edge))


BOTH = EngineWord((trade(PLAN), trade(OTHER)))


# --- two words, one report ---


def test_what_is_live_gets_the_name_of_its_plan_from_the_engine() -> None:
    found = report(BOTH, live(GUARDED, WAITING))
    assert [(row.plan_id, row.trade, row.state) for row in found.rows] == [
        (PLAN, TRADE, "guarding"),
        (OTHER, OTHER_TRADE, "waiting"),
    ]
    assert found.rows[0].live == GUARDED
    assert not found.nobody_answers


def test_a_trade_of_which_the_edge_has_nothing_is_shown_by_what_it_says_itself() -> None:
    queued = trade("early", line("early", Doing.QUEUED, quantity=Decimal(5), filled=Decimal(0)))
    lost = trade("lost", line("lost", Doing.GUARDING))
    mute = trade("mute", line("mute", None))
    found = report(EngineWord((queued, lost, mute)), live())
    assert [(row.plan_id, row.state, row.quantity, row.why) for row in found.rows] == [
        ("early", "queued", Decimal(5), ""),
        ("lost", "guarding", None, NOT_AT_EDGE),
        ("mute", "no answer", None, ""),
    ]
    without_edge = report(EngineWord((lost,)), EdgeWord(trouble="gone"))
    assert without_edge.rows[0].why == ""


def test_without_the_engine_the_book_and_what_was_typed_name_the_plans() -> None:
    edge = live(GUARDED, WAITING)
    silent = EngineWord(trouble="gone")
    assert [row.plan_id for row in report(silent, edge).rows] == ["", ""]
    by_book = EngineWord(plan_ids=(OTHER,), trouble="gone")
    assert [row.plan_id for row in report(by_book, edge).rows] == ["", OTHER]
    assert [row.plan_id for row in report(silent, edge, PLAN).rows] == [PLAN]
    assert [row.plan_id for row in report(silent, edge, TRADE).rows] == [""]


def test_only_what_was_named_is_shown_and_what_nobody_knows_is_said() -> None:
    found = report(BOTH, live(GUARDED, WAITING), TRADE.lower(), "nowhere")
    assert [row.plan_id for row in found.rows] == [PLAN]
    assert found.missing == ("nowhere",)
    assert shown(found)[-1] == "nowhere: no trade of this name is at work"


def test_that_there_are_more_is_said() -> None:
    cut = EdgeWord(replace(live_page(GUARDED), total=900))
    assert report(BOTH, cut).more
    assert report(replace(BOTH, more=True), live(GUARDED)).more
    assert not report(BOTH, live(GUARDED)).more
    assert "there are more than these" in shown(report(BOTH, cut))[-1]


def test_nobody_answers_only_if_both_are_silent() -> None:
    silent = EdgeWord(trouble="gone")
    assert not report(BOTH, silent).nobody_answers
    assert not report(EngineWord(trouble="gone"), live()).nobody_answers
    assert report(EngineWord(trouble="gone"), silent).nobody_answers


# --- what is seen ---


NARROW = """\
plan               what      state    filled    stop to go at broker naked   P&L
aapl-breakout-0312 buy AAPL  guarding  81/81  187.00 2.20% stands      0.8 93.77
tsla-breakdown-03… sell TSLA waiting    0/60 <240.00 1.96% -             0
"""
WIDE = """\
plan                 what       state     filled   price     stop  to go  at broker         at  n
aapl-breakout-0312   buy AAPL   guarding   81/81  191.20   187.00  2.20%  acknowledged  183.26
tsla-breakdown-0312  sell TSLA  waiting     0/60  244.80  <240.00  1.96%  -
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
    assert lines[:2] == [
        " LIVE: REAL MONEY  U1234567  session degraded  broker time unknown  last tick 59 min ago",
        "session degraded: the gateway has lost IB",
    ]
    assert "no tick yet" in shown(report(BOTH, live(last_tick_at=None)))[0]


# --- the engine's word ---


@dataclass
class FakeEngine:
    """An engine with some trades; it says how they stand only where it is asked to."""

    plans: tuple[str, ...]
    asked: list[str]

    async def trades(self, account: str, wanted: Wanted, limit: int) -> Trades:
        assert wanted.running
        assert limit >= len(self.plans)
        found = [
            Description(
                workflow_id=f"trade:{account}:{plan}",
                run_id="run",
                kind_of_workflow="Trade",
                status="running",
                started_at=NOW,
                closed_at=None,
                account=account,
                symbol="AAPL",
                state="validated",
                summary="",
                side="buy",
            )
            for plan in self.plans
        ]
        return Trades(tuple(found), more=True)

    async def standing(self, workflow_id: str) -> Any:
        self.asked.append(workflow_id)
        raise EngineSilentError("no worker")


def test_only_trades_of_which_the_edge_has_nothing_are_asked() -> None:
    engine = FakeEngine((PLAN, OTHER), [])
    at_edge = codes_at_edge(live(GUARDED, replace(WAITING, phase=LegPhase.OVER)))
    word = asyncio.run(engine_word(cast(Engine, engine), ACCOUNT, at_edge))
    assert engine.asked == [f"trade:{ACCOUNT}:{OTHER}"]
    assert [(each.plan_id, each.trade) for each in word.trades] == [
        (PLAN, TRADE),
        (OTHER, OTHER_TRADE),
    ]
    assert word.more
    assert word.trades[0].line is None
    assert word.trades[1].line is not None
    assert not word.trades[1].line.answered


# --- what is typed ---


def watch(config: str, *words: str) -> Typed:
    return typed("trade", "watch", "--config", config, *words)


@pytest.fixture
def config(tmp_path: Path) -> str:
    return settings_file(tmp_path)


def test_the_worker_is_found_by_the_roster_and_by_edge(config: str, tmp_path: Path) -> None:
    with served(live_page(GUARDED)) as place:
        roster_file(tmp_path, place)
        by_roster = watch(config)
        by_edge = watch(config, "--edge", place, "--once")
    assert by_roster == by_edge
    assert by_roster.exit_code == 0
    assert by_roster.err == ""
    assert by_roster.lines[0] == HEADER
    assert by_roster.lines[1] == f"trades may be missing: {SILENT_ENGINE}"
    assert by_roster.lines[4].split()[:4] == [TRADE, "buy", "AAPL", "guarding"]


def test_nobody_at_all_is_three(config: str) -> None:
    found = watch(config)
    assert found.exit_code == 3
    assert found.lines == [
        " PAPER  DU1234567",
        f"nothing here is live: 127.0.0.1:2: {GONE}",
        f"trades may be missing: {SILENT_ENGINE}",
    ]


def test_a_name_that_nobody_knows_is_one(config: str) -> None:
    with served(live_page(GUARDED)) as place:
        found = watch(config, "nowhere", "--edge", place)
        known = watch(config, PLAN, "nowhere", "--edge", place)
    assert (found.exit_code, known.exit_code) == (1, 0)
    assert found.lines[-1] == "nowhere: no trade of this name is at work"


def test_json_is_one_document_with_everything_that_is_known(config: str) -> None:
    with served(live_page(GUARDED)) as place:
        found = watch(config, "--json", "--edge", place)
    document = json.loads(found.out)
    assert document["account"] == ACCOUNT
    assert document["engine_trouble"] == SILENT_ENGINE
    (row,) = document["rows"]
    assert row["live"]["naked"] == {"unit_seconds": "0.82", "quantity": "0", "seconds": "0"}
    assert row["live"]["at_broker"]["standing"] == "acknowledged"


GARBAGE = [
    (b"not json", 200, "its answer can't be read by this build"),
    (b'{"edge": {}}', 200, "its answer can't be read by this build"),
    (None, 200, "what answers here is no broker worker of this build"),
    (b"sorry", 500, "it answers 500"),
]


@pytest.mark.parametrize(("body", "status", "text"), GARBAGE)
def test_an_answer_that_is_none_is_one_line(
    config: str, body: bytes | None, status: int, text: str
) -> None:
    with served(body, status=status) as place:
        found = watch(config, "--edge", place)
    assert found.exit_code == 3
    assert found.lines[1] == f"nothing here is live: {place}: {text}"


def test_the_worker_of_another_account_is_not_believed(config: str) -> None:
    with served(live_page(GUARDED, account="DU7654321")) as place:
        found = watch(config, "--edge", place)
    assert found.exit_code == 3
    text = f"{place}: it serves DU7654321, and the settings are for {ACCOUNT}"
    assert " ".join(found.lines[1:3]).startswith(f"nothing here is live: {text}")


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """Somebody who takes a call, says this, and leaves it at that or hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            caller, _ = server.accept()
            held.append(caller)
            caller.recv(1000)
            caller.sendall(answer)
            if answer:
                caller.close()

        thread = threading.Thread(target=take)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()
        for each in held:
            each.close()


@pytest.mark.parametrize(
    ("answer", "text"),
    [(b"", "no answer within 2 s"), (b"SSH-2.0-OpenSSH\r\n", "it answers with no HTTP")],
)
def test_who_is_slow_or_speaks_otherwise_is_one_line(config: str, answer: bytes, text: str) -> None:
    with listening(answer) as place:
        found = watch(config, "--edge", place)
    assert found.exit_code == 3
    assert found.lines[1] == f"nothing here is live: {place}: {text}"


def test_on_a_terminal_it_is_redrawn_until_ctrl_c_and_ends_with_zero(config: str) -> None:
    with served(live_page(GUARDED)) as place:
        parent, child = pty.openpty()
        program = Path(sys.executable).with_name("backstay")
        words = [str(program), "trade", "watch", "--config", config, "--edge", place]
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        process = subprocess.Popen(words, stdin=child, stdout=child, stderr=child, env=environment)
        os.close(child)
        seen = b""
        until = time.monotonic() + 30
        while seen.count(b"guarding") < 2 and time.monotonic() < until:
            seen += os.read(parent, 65_536)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        os.close(parent)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen).decode()
    assert "session ready" in text
    assert "Traceback" not in text
