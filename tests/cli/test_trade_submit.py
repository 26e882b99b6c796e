"""`backstay trade submit`: a plan becomes a trade once, and a refusal is told at once."""

import json
from pathlib import Path

import pytest

from activities.ports import Differs, Ended, EngineSilentError, Same
from backstay.cli.trade import submit_report as trade_submit_report
from backstay.domain.ids import trade_id
from backstay.domain.lifecycle import TradeState
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.domain.trade.standing import Doing
from tests.cli.scripted_engine import ACCOUNT, PLAN, Desk, a_trade, desk_in, one_that_is_over
from tests.cli.typed import Typed, typed

CODE = trade_id(ACCOUNT, "aapl-0312")
WORKFLOW = f"trade:{ACCOUNT}:aapl-0312"
PAGE = [
    "aapl-0312 is started",
    f"  trade      {CODE}: buy AAPL",
    f"  workflow   {WORKFLOW}",
    "  state      validated, waiting for the trigger",
    "  next       backstay trade show aapl-0312",
    "             backstay trade watch",
    "             backstay trade cancel aapl-0312",
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(trade_submit_report, "WAIT_SECONDS", 0.2)
    return desk_in(tmp_path, monkeypatch)


def submit(desk: Desk, *words: str) -> Typed:
    return desk.types("trade", "submit", str(desk.plan), *words)


@pytest.mark.req("S0.1")
def test_a_plan_is_started_and_it_is_said_what_it_does_and_what_to_type_next(desk: Desk) -> None:
    desk.engine.after_start = [a_trade()]
    told = submit(desk)
    assert (told.exit_code, told.err) == (0, "")
    assert told.lines == PAGE
    order = next(asked[1] for asked in desk.engine.asked if asked[0] == "start")
    assert (order.account, order.plan.id, order.profile) == (ACCOUNT, "aapl-0312", PESSIMISTIC)


def test_it_is_started_under_what_is_assumed_of_the_broker(desk: Desk) -> None:
    desk.config.write_text(f'account = "{ACCOUNT}"\n[broker]\nprofile = "optimistic"\n')
    desk.engine.after_start = [a_trade()]
    submit(desk)
    order = next(asked[1] for asked in desk.engine.asked if asked[0] == "start")
    assert order.profile == OPTIMISTIC


def test_the_same_plan_again_is_the_same_trade(desk: Desk) -> None:
    desk.engine.starts = [Same(WORKFLOW, "run", "running")]
    desk.engine.knows(a_trade(state=TradeState.RISK_PARTIAL, doing=Doing.GUARDING, filled=41))
    told = submit(desk)
    assert (told.exit_code, told.err) == (0, "")
    assert told.lines[0] == (
        "aapl-0312 was started before, on 2026-11-23 14:30 UTC: it is the same trade"
    )
    assert told.lines[3] == "  state      risk partial, guarding the position"


def test_of_a_plan_that_was_traded_before_it_is_said_how_that_ended(desk: Desk) -> None:
    desk.engine.starts = [Same(WORKFLOW, "run", "failed")]
    ended = Ended("failed", None, "size: 0 shares for a risk of 1")
    desk.engine.knows(one_that_is_over(ended=ended, state=TradeState.REJECTED))
    told = submit(desk)
    assert told.exit_code == 0
    assert told.lines[3:] == [
        "  state      rejected, over (size: 0 shares for a risk of 1)",
        "  next       backstay trade show aapl-0312",
    ]


def test_a_trade_that_was_started_before_is_looked_at_once(desk: Desk) -> None:
    desk.engine.starts = [Same(WORKFLOW, "run", "running")]
    desk.engine.knows(a_trade(state=TradeState.CREATED, doing=Doing.LEARNING))
    assert submit(desk).exit_code == 0
    assert desk.engine.asked[-2:] == [("describe", WORKFLOW), ("standing", WORKFLOW)]
    assert len(desk.engine.asked) == 4


def test_another_plan_with_that_id_is_a_no_with_all_that_differs(desk: Desk) -> None:
    desk.engine.starts = [Differs(WORKFLOW, "run", "running", ("side", "stop"))]
    desk.engine.knows(a_trade())
    told = submit(desk)
    assert told == Typed(
        "",
        "aapl-0312: another plan was started under this id on 2026-11-23 14:30 UTC;"
        " they differ in: side, stop\n",
        1,
    )


@pytest.mark.parametrize("doing", [Doing.SETTLING, Doing.OVER, Doing.ADMITTING])
def test_a_refusal_is_told_at_once_with_its_reason(desk: Desk, doing: Doing) -> None:
    why = "order value is 60000 USD; at most 50000 USD"
    desk.engine.after_start = [a_trade(state=TradeState.REJECTED, doing=doing, why=why)]
    assert submit(desk) == Typed("", f"aapl-0312 is refused: {why}\n", 1)


def test_a_plan_that_does_not_work_is_refused_by_what_is_written_down(desk: Desk) -> None:
    ended = Ended("failed", None, "instrument.strike: 187.25 is not listed")
    desk.engine.after_start = [one_that_is_over(ended=ended, state=TradeState.REJECTED)]
    told = submit(desk)
    assert told == Typed("", "aapl-0312 is refused: instrument.strike: 187.25 is not listed\n", 1)


def test_a_trade_that_still_asks_after_the_wait_is_started_all_the_same(desk: Desk) -> None:
    desk.engine.after_start = [a_trade(state=TradeState.CREATED, doing=Doing.LEARNING)]
    told = submit(desk)
    assert told.exit_code == 0
    assert told.lines[3] == (
        "  state      created, asking the broker about the contract, the market and the margin"
    )


def test_where_nobody_carries_trades_out_that_is_said(desk: Desk) -> None:
    unheard = a_trade(state=TradeState.CREATED, doing=None)
    object.__setattr__(unheard.found, "begun", False)
    desk.engine.after_start = [unheard]
    told = submit(desk)
    assert told.exit_code == 0
    assert told.lines[3] == (
        "  state      created; no trades worker takes calls, so it begins when one runs"
    )
    assert ("standing", WORKFLOW) not in desk.engine.asked, "nobody is there who could answer"


def test_a_trade_that_has_begun_and_does_not_answer_is_told_as_such(desk: Desk) -> None:
    desk.engine.after_start = [a_trade(state=TradeState.VALIDATED, doing=None)]
    assert submit(desk).lines[3] == (
        "  state      validated; it does not answer: is a trades worker running?"
    )


def test_an_engine_that_falls_silent_once_it_has_begun_does_not_unsay_that(desk: Desk) -> None:
    desk.engine.silent = "describe: the engine has gone"
    told = submit(desk)
    assert (told.exit_code, told.err) == (0, "")
    assert told.lines == [
        "aapl-0312 is started",
        f"  trade      {CODE}",
        f"  workflow   {WORKFLOW}",
        "  state      not known: the engine has fallen silent",
        *PAGE[4:],
    ]
    assert json.loads(submit(desk, "--json").out)["trade"] is None


def test_without_a_wait_one_look_is_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trade_submit_report, "WAIT_SECONDS", 60)
    desk.engine.after_start = [a_trade(state=TradeState.CREATED, doing=Doing.LEARNING)]
    assert submit(desk, "--no-wait").exit_code == 0


def test_an_engine_that_does_not_answer_may_have_heard_it(desk: Desk) -> None:
    silent = f"start {WORKFLOW}: no answer yet; it may still happen"
    desk.engine.starts = [EngineSilentError(silent)]
    assert submit(desk) == Typed("", f"{silent}\n", 3)


def test_a_document_has_all_of_it(desk: Desk) -> None:
    desk.engine.after_start = [a_trade()]
    told = submit(desk, "--json")
    assert (told.exit_code, told.err) == (0, "")
    assert json.loads(told.out) == {
        "outcome": "started",
        "workflow_id": WORKFLOW,
        "plan_id": "aapl-0312",
        "code": CODE,
        "trade": {
            "plan_id": "aapl-0312",
            "trade": CODE,
            "workflow_id": WORKFLOW,
            "symbol": "AAPL",
            "side": "buy",
            "state": "validated",
            "doing": "waiting for the trigger",
            "why": "",
            "started_at": "2026-11-23T14:30:15Z",
            "closed_at": None,
            "filled": "0",
            "quantity": "100",
            "left": "0",
            "answered": True,
            "begun": True,
        },
        "differs": [],
    }


def test_a_document_of_a_refusal_is_one_document_and_a_no(desk: Desk) -> None:
    desk.engine.after_start = [a_trade(state=TradeState.REJECTED, doing=Doing.OVER, why="no")]
    told = submit(desk, "--json")
    assert (told.exit_code, told.err) == (1, "")
    assert json.loads(told.out)["outcome"] == "refused"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the file is empty; expected TOML or JSON"),
        (PLAN.replace("100", "-1"), "size.quantity: -1; expected a whole number of shares or"),
        (f'account = "DU7654321"\n{PLAN}', f"account: DU7654321; the settings are for {ACCOUNT}"),
        (Path("examples/spx-condor.toml").read_text(), "a group of legs is not traded yet"),
    ],
)
def test_what_can_not_be_handed_in_is_told_before_anything_is_asked(
    desk: Desk, text: str, line: str
) -> None:
    desk.plan.write_text(text)
    told = submit(desk)
    assert (told.out, told.exit_code) == ("", 2)
    assert told.err.startswith(f"{desk.plan}: {line}")
    assert len(told.err.splitlines()) == 1
    assert desk.engine.asked == []


def test_every_mistake_of_a_plan_has_a_line_of_its_own(desk: Desk) -> None:
    desk.plan.write_text(PLAN.replace("limit = 190.00", "limt = 190.00").replace("buy", "bye"))
    told = submit(desk)
    assert told.exit_code == 2
    lines = told.err.splitlines()
    assert len(lines) > 1
    assert all(line.startswith(f"{desk.plan}: ") for line in lines)


def test_a_plan_that_is_not_there_is_one_line(desk: Desk) -> None:
    desk.plan.unlink()
    assert submit(desk) == Typed("", f"{desk.plan}: there is no such file\n", 2)


def test_without_an_engine_there_is_one_line_and_soon(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    settings = tmp_path / "backstay.toml"
    settings.write_text(f'account = "{ACCOUNT}"\n[temporal]\naddress = "127.0.0.1:1"\n')
    told = typed("trade", "submit", str(tmp_path / "plan.toml"), "--config", str(settings))
    assert told == Typed(
        "",
        "127.0.0.1:1: no engine answers here: Connection refused; is `backstay up` running, or is"
        " [temporal] address another one?\n",
        3,
    )
