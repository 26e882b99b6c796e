"""What a person wants of a trade is asked of it, and its answer is one line."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from activities.ports import CallRefusedError, Ended, EngineSilentError, UnknownWorkflowError
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.cli.trade.steering_report import steered
from backstay.domain.edge.guards import MoveStop
from backstay.domain.edge.hands import objection_to
from backstay.domain.ids import trade_id
from backstay.domain.lifecycle import TradeState
from backstay.domain.ticks.sources import GoodPrice
from backstay.domain.trade.naming import read_name
from backstay.domain.trade.standing import Doing
from backstay.lab.virtual_time import run
from tests.accounts.cases import request
from tests.cli.scripted_engine import (
    ACCOUNT,
    Desk,
    ScriptedEngine,
    a_trade,
    desk_in,
    one_that_is_over,
)
from tests.cli.typed import Typed, typed
from tests.domain.edge.samples import GUARD
from tests.domain.limits.samples import SETTINGS
from workers.reading import read_settings

CODE = trade_id(ACCOUNT, "aapl-0312")
WORKFLOW = f"trade:{ACCOUNT}:aapl-0312"
GUARDING = "completed: guarding the position"

COMMANDS: list[tuple[list[str], str, tuple[Any, ...], str]] = [
    (["cancel"], "cancel", (), "entering no more"),
    (["close"], "close", (), "leaving"),
    (["enter"], "enter", (), "entering now"),
    (["move-stop", "188.50"], "move_stop", (Decimal("188.50"),), "the stop is at 188.5"),
    (["break-even"], "break_even", (), "the stop is at the entry's price or tighter"),
    (["tighten-trail", "0.75"], "tighten_trail", (Decimal("0.75"),), "the trail follows by 0.75"),
    (
        ["declare-absent", "--by", "Ada", "--reason", "looked in TWS"],
        "declare_absent",
        ("Ada", "looked in TWS"),
        "the entry is absent, says Ada",
    ),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return desk_in(tmp_path, monkeypatch)


def _admitted(book: Path, plan_id: str) -> None:
    """Have the book keep the name of a trade."""

    async def story() -> None:
        store = AccountStore(book, ACCOUNT)
        await store.admit(request(CODE, plan_id=plan_id), SETTINGS)
        await store.close()

    asyncio.run(story())


@dataclass
class Slow(ScriptedEngine):
    """One whose trades take their time."""

    takes_seconds: float = 0

    async def update(self, workflow_id: str, name: str, args: Sequence[Any] = ()) -> Any:
        await asyncio.sleep(self.takes_seconds)
        return await super().update(workflow_id, name, args)


def steer(desk: Desk, words: list[str], name: str = "aapl-0312", *more: str) -> Typed:
    return desk.types("trade", words[0], name, *words[1:], *more)


@pytest.mark.parametrize(("words", "update", "args", "done"), COMMANDS)
def test_what_is_wanted_is_asked_and_answered_in_one_line(
    desk: Desk, words: list[str], update: str, args: tuple[Any, ...], done: str
) -> None:
    desk.engine.knows(a_trade())
    desk.engine.answers[update] = GUARDING
    told = steer(desk, words)
    assert told == Typed(f"aapl-0312: {done}; it is completed, guarding the position\n", "", 0)
    assert desk.engine.asked[-1] == ("update", WORKFLOW, update, args)
    assert json.loads(steer(desk, words, "aapl-0312", "--json").out) == {
        "wanted": update,
        "plan_id": "aapl-0312",
        "trade": CODE,
        "workflow_id": WORKFLOW,
        "state": "completed",
        "doing": "guarding the position",
    }


@pytest.mark.parametrize(("words", "update", "args", "done"), COMMANDS)
def test_what_a_trade_refuses_is_its_own_word_in_one_line(
    desk: Desk, words: list[str], update: str, args: tuple[Any, ...], done: str
) -> None:
    desk.engine.knows(a_trade())
    desk.engine.answers[update] = CallRefusedError("what", f"{update}: too late")
    assert steer(desk, words) == Typed("", "aapl-0312: too late\n", 1)


def test_a_stop_that_would_sell_is_refused_with_the_command_that_is_meant_for_it(
    desk: Desk,
) -> None:
    desk.engine.knows(a_trade())
    price = GoodPrice(Decimal("476.02"))
    stop = MoveStop(Decimal(499))
    text = objection_to(GUARD.rules, GUARD.guarded, stop, price)
    desk.engine.answers["move_stop"] = CallRefusedError("what", text)
    line = (
        "aapl-0312: a stop at 499 is not below the price, 476.02: the position could leave at "
        "once; to leave: backstay trade close aapl-0312\n"
    )
    assert steer(desk, ["move-stop", "499"]) == Typed("", line, 1)


def test_an_answer_that_does_not_come_may_still_happen(desk: Desk) -> None:
    desk.engine.knows(a_trade())
    silent = f"update close of {WORKFLOW}: the engine has gone; it may still happen"
    desk.engine.answers["close"] = EngineSilentError(silent)
    assert steer(desk, ["close"]) == Typed("", f"{silent}\n", 3)


@pytest.mark.parametrize(("hangs", "doing"), [(True, Doing.GUARDING), (False, None)])
def test_that_no_worker_answers_is_said_while_it_is_waited_for(
    desk: Desk, hangs: bool, doing: Doing | None
) -> None:
    said: list[str] = []
    trade = a_trade(doing=doing, hangs=hangs)
    engine: Any = Slow(takes_seconds=9, answers={"close": "completed: leaving"}).knows(trade)
    settings = read_settings(desk.config, {})
    work = steered(engine, settings, read_name("aapl-0312"), "close", (), said.append)
    assert run(work, start_ns=0).doing == "leaving"
    assert said == ["aapl-0312: no worker answers; waiting for one, 15 s at most"]


def test_where_a_worker_answers_nothing_is_said_however_long_it_takes(desk: Desk) -> None:
    said: list[str] = []
    engine: Any = Slow(takes_seconds=9, answers={"close": "completed: leaving"}).knows(a_trade())
    settings = read_settings(desk.config, {})
    work = steered(engine, settings, read_name("aapl-0312"), "close", (), said.append)
    assert run(work, start_ns=0).state == "completed"
    assert said == []


def test_a_trade_that_is_over_says_how_it_ended(desk: Desk) -> None:
    desk.engine.knows(one_that_is_over(ended=Ended("failed", None, "by hand")))
    line = "aapl-0312 is over since 2026-11-23 16:05 UTC: closed, by hand\n"
    assert steer(desk, ["cancel"]) == Typed("", line, 1)
    assert not any(asked[0] == "update" for asked in desk.engine.asked)


def test_a_trade_that_ends_while_it_is_asked_says_so_as_well(desk: Desk) -> None:
    desk.engine.knows(a_trade(state=TradeState.CLOSED, doing=None))
    desk.engine.answers["close"] = UnknownWorkflowError("workflow execution already completed")
    assert steer(desk, ["close"]) == Typed("", "aapl-0312 is over: closed\n", 1)


@pytest.mark.parametrize("name", ["aapl-0312", CODE, CODE.lower(), WORKFLOW, f"bs1:{CODE}:0:EN:1"])
def test_a_trade_is_found_by_each_of_its_names(desk: Desk, name: str) -> None:
    desk.engine.knows(a_trade("msft"), a_trade())
    desk.engine.answers["cancel"] = "cancelled: over"
    assert steer(desk, ["cancel"], name).out == (
        "aapl-0312: entering no more; it is cancelled, over\n"
    )


def test_a_code_is_looked_up_in_the_book_before_any_list_is_asked_for(desk: Desk) -> None:
    (desk.folder / "data").mkdir()
    book = desk.folder / "data" / "accounts.sqlite"
    create(book, ACCOUNT)
    _admitted(book, "aapl-0312")
    desk.engine.knows(a_trade())
    desk.engine.answers["cancel"] = "cancelled: over"
    assert steer(desk, ["cancel"], CODE).exit_code == 0
    assert [asked[0] for asked in desk.engine.asked] == [
        "connect",
        "describe",
        "describe",
        "update",
    ]
    book.write_text("my letters")
    assert steer(desk, ["cancel"], CODE).exit_code == 0, "a book that can't be read is no obstacle"


def test_a_name_that_may_be_two_trades_is_ambiguous(desk: Desk) -> None:
    desk.engine.knows(a_trade(), a_trade(CODE))
    book = desk.folder / "data" / "accounts.sqlite"
    book.parent.mkdir()
    create(book, ACCOUNT)
    _admitted(book, "aapl-0312")
    assert steer(desk, ["cancel"], CODE) == Typed(
        "",
        f"{CODE} is ambiguous: it may be trade:{ACCOUNT}:{CODE} and {WORKFLOW}\n",
        1,
    )


def test_a_name_that_nothing_has_is_one_line_with_the_nearest(desk: Desk) -> None:
    desk.engine.knows(a_trade("msft-0312"), a_trade())
    assert steer(desk, ["cancel"], "aapl-0321") == Typed(
        "", f"{ACCOUNT} has no trade called aapl-0321; did you mean aapl-0312?\n", 1
    )
    assert steer(desk, ["cancel"], "zzz").err == f"{ACCOUNT} has no trade called zzz\n"
    other = "trade:DU7654321:aapl-0312"
    assert steer(desk, ["cancel"], other) == Typed(
        "", f"{other} is in DU7654321; the settings are for {ACCOUNT}\n", 1
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["cancel"], "Missing argument 'ID'"),
        (["cancel", "no name"], "'no name' names no trade; expected the id of a plan, the eight"),
        (["move-stop", "aapl-0312"], "Missing argument 'PRICE'"),
        (["move-stop", "aapl-0312", "0"], "'0'; expected a price above 0"),
        (["move-stop", "aapl-0312", "1e99"], "'1e99'; expected a price above 0"),
        (["move-stop", "aapl-0312", "--", "-3"], "'-3'; expected a price above 0"),
        (["tighten-trail", "aapl-0312", "half"], "'half'; expected a distance in price, above 0"),
        (["declare-absent", "aapl-0312", "--by", "Ada"], "Missing option '--reason'"),
        (["declare-absent", "aapl-0312", "--by", " ", "--reason", "x"], "'--by': it is empty"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(desk: Desk, words: list[str], text: str) -> None:
    told = typed("trade", words[0], "--config", str(desk.config), *words[1:])
    assert (told.out, told.exit_code) == ("", 2)
    assert text in told.err
    assert len(told.err.splitlines()) == 1
    assert desk.engine.asked == []
