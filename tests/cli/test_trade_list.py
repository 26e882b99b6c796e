"""`backstay trade list`: every trade as it stands, and nothing made up where nobody answers."""

import asyncio
import json
from pathlib import Path

import pytest

from activities.ports import Description, Ended, Engine, Wanted
from backstay.cli.trade import listing_report as trade_list_report
from backstay.cli.trade.line import TradeLine
from backstay.domain.ids import trade_id
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.accounts.cases import round_trip
from tests.cli.scripted_engine import ACCOUNT, Desk, a_trade, desk_in, one_that_is_over
from tests.cli.typed import Typed

HEAD = (
    "plan                trade     what        state                               filled   "
    "  started UTC"
)
WAITS = "validated, waiting for the trigger"
GUARDS = "risk partial, guarding the        "


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return desk_in(tmp_path, monkeypatch)


def codes(*plan_ids: str) -> list[str]:
    return [trade_id(ACCOUNT, plan_id) for plan_id in plan_ids]


def wanted(desk: Desk) -> tuple[Wanted, int]:
    """What the engine was asked for at last."""
    asked = [each for each in desk.engine.asked if each[0] == "trades"][-1]
    return asked[2], asked[3]


def test_where_nothing_runs_that_is_said(desk: Desk) -> None:
    assert desk.types("trade", "list") == Typed(f"no trade of {ACCOUNT} runs\n", "", 0)
    assert desk.types("trade", "list", "--all").out == f"{ACCOUNT} has no such trade\n"
    assert json.loads(desk.types("trade", "list", "--json").out) == {
        "account": ACCOUNT,
        "trades": [],
        "more": False,
    }


def test_running_trades_are_shown_newest_first_as_they_stand(desk: Desk) -> None:
    desk.engine.knows(
        a_trade("aapl-1", TradeState.RISK_PARTIAL, Doing.GUARDING, filled=41),
        a_trade("aapl-2", minutes=5),
    )
    one, two = codes("aapl-1", "aapl-2")
    told = desk.types("trade", "list")
    assert (told.exit_code, told.err) == (0, "")
    assert told.lines == [
        HEAD,
        f"aapl-2              {two}  buy AAPL    {WAITS}  0 / 100    11-23 14:35",
        f"aapl-1              {one}  buy AAPL    {GUARDS}  41 / 100   11-23 14:30",
        "                                          position",
    ]
    assert wanted(desk) == (Wanted(running=True), 50)


def test_what_is_over_says_how_it_ended_by_what_is_written_down(desk: Desk) -> None:
    (code,) = codes("aapl-1")
    came_to = Ended("completed", round_trip(code), "")
    unfit = Ended("failed", None, "size: 0 shares")
    killed = Ended("terminated", None, "by Ada")
    desk.engine.knows(
        one_that_is_over("aapl-1", came_to),
        one_that_is_over("aapl-2", unfit, TradeState.REJECTED),
        one_that_is_over("aapl-3", killed, TradeState.VALIDATED),
    )
    lines = desk.types("trade", "list", "--all").lines
    assert [line[42:].split("  ")[0].strip() for line in lines[1:]] == [
        "terminated: by Ada",
        "rejected: size: 0 shares",
        "closed",
    ]
    assert "100 / 100" in lines[3]
    assert "?" not in "".join(lines)


def test_a_trade_that_does_not_answer_is_shown_as_it_is_listed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trade_list_report, "ANSWERS_SECONDS", 0.05)
    silent = a_trade("aapl-1", TradeState.COMPLETED, None)
    desk.engine.knows(silent, a_trade("aapl-2", hangs=True), a_trade("aapl-3"))
    told = desk.types("trade", "list")
    assert told.exit_code == 0
    states = [line[42:76].strip() for line in told.lines[1:4]]
    assert states == [
        "validated, waiting for the trigger",
        "validated, no answer",
        "completed, no answer",
    ]
    assert [line[78:].split("  ")[0] for line in told.lines[1:4]] == ["0 / 100", "?", "?"]
    assert told.lines[4:] == ["", "2 trades did not answer: is a trades worker running?"]
    trades = json.loads(desk.types("trade", "list", "--json").out)["trades"]
    assert [each["answered"] for each in trades] == [True, False, False]
    assert trades[1]["filled"] is None


def test_all_answers_together_have_a_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(engine: Engine, found: Description) -> TradeLine:
        await asyncio.sleep(5)
        raise AssertionError(f"{found.workflow_id} was waited for")

    monkeypatch.setattr(trade_list_report, "ANSWERS_SECONDS", 0.05)
    monkeypatch.setattr(trade_list_report, "line_of", late)
    desk.engine.knows(a_trade("aapl-1"))
    assert "validated, no answer" in desk.types("trade", "list").lines[1]


def test_more_trades_than_are_asked_for_are_told(desk: Desk) -> None:
    desk.engine.knows(*(a_trade(f"aapl-{number}") for number in range(3)))
    told = desk.types("trade", "list", "--limit", "2")
    assert told.lines[3:] == ["", "there are more than these 2; see --limit"]
    assert json.loads(desk.types("trade", "list", "--limit", "2", "--json").out)["more"] is True
    assert desk.types("trade", "list", "--limit", "3").lines[4:] == []


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--all"], Wanted()),
        (["--state", "risk partial"], Wanted(running=True, state=TradeState.RISK_PARTIAL)),
        (["--state", "Risk-Partial"], Wanted(running=True, state=TradeState.RISK_PARTIAL)),
        (["--state", "closed"], Wanted(state=TradeState.CLOSED)),
        (["--symbol", "BRK B"], Wanted(running=True, symbol="BRK B")),
    ],
)
def test_the_engine_is_asked_for_what_is_wanted(
    desk: Desk, words: list[str], asked: Wanted
) -> None:
    assert desk.types("trade", "list", *words).exit_code == 0
    assert wanted(desk)[0] == asked


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--state", "open"], '\'open\'; expected one of "created", "validated", '),
        (["--symbol", "aapl"], "'aapl'; expected a symbol in capitals"),
        (["--limit", "0"], "expected 1 or more"),
        (["aapl"], "unexpected extra argument"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(desk: Desk, words: list[str], text: str) -> None:
    told = desk.types("trade", "list", *words)
    assert (told.out, told.exit_code) == ("", 2)
    assert text in told.err
    assert len(told.err.splitlines()) == 1
    assert desk.engine.asked == []
