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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from activities.ports import Engine
from backstay.cli.live.watch_report import (
    NOT_AT_EDGE,
    EdgeWord,
    EngineWord,
    codes_at_edge,
    engine_word,
)
from backstay.domain.edge.live import LegPhase
from backstay.domain.trade.standing import Doing
from tests.cli.live_samples import (
    ACCOUNT,
    GUARDED,
    OTHER,
    OTHER_TRADE,
    PLAN,
    TRADE,
    WAITING,
    live_page,
    roster_file,
    served,
    settings_file,
)
from tests.cli.typed import Typed, typed
from tests.cli.watch_words import (
    BOTH,
    GONE,
    HEADER,
    SILENT_ENGINE,
    FakeEngine,
    line,
    live,
    report,
    shown,
    trade,
)

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


# --- the engine's word ---


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
        for _ in range(200):
            seen += os.read(parent, 65_536)
            if seen.count(b"guarding") > 1:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        os.close(parent)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen).decode()
    assert "session ready" in text
    assert "Traceback" not in text
