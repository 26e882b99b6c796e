"""A day at the counter: every command that steers a trade, typed against a real engine."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.ids import trade_id
from backstay.domain.trade.standing import Doing
from tests.durable.counter import Counter, opened
from tests.hanging import HANGS_AFTER_SECONDS
from tests.workflows import cast
from tests.workflows.house import ACCOUNT

pytestmark = pytest.mark.long

WAITS = "  state      validated, waiting for the trigger"


def at_a_counter(folder: Path, story: Callable[[Counter], Awaitable[None]]) -> None:
    """Tell a story; a hang is a failure."""

    async def scenario() -> None:
        async with asyncio.timeout(HANGS_AFTER_SECONDS), opened(folder) as counter:
            await story(counter)

    asyncio.run(scenario())


@pytest.mark.req("S0.1")
def test_a_plan_is_handed_in_once_and_listed(tmp_path: Path) -> None:
    async def story(counter: Counter) -> None:
        types, plan = counter.types, counter.plan("one")
        async with counter.working("one") as edge:
            await edge.reports(ArmPhase.WAITING)
            started = await types("trade", "submit", str(plan))
            assert (started.exit_code, started.err) == (0, "")
            assert started.lines[0] == "one is started"
            await counter.comes_to("one", Doing.WAITING)
            again = await types("trade", "submit", str(plan))
            assert (again.exit_code, again.lines[3]) == (0, WAITS)
            assert again.lines[0].startswith("one was started before, on ")
            plan.write_text(plan.read_text().replace("98.00", "97.00"))
            other = await types("trade", "submit", str(plan))
            assert (other.out, other.exit_code) == ("", 1)
            assert other.err.endswith("they differ in: stop\n")

            await counter.lists(1)
            listed = json.loads((await types("trade", "list", "--json")).out)
            (line,) = listed["trades"]
            assert (line["plan_id"], line["side"], line["quantity"]) == ("one", "buy", "100")
            assert (line["answered"], line["doing"]) == (True, "waiting for the trigger")

    at_a_counter(tmp_path, story)


REFUSALS = [
    (("move-stop", "one", "98.505"), "98.505 is between two ticks; nearest are 98.50 and 98.51"),
    (("tighten-trail", "one", "0.50"), "the plan has no trail"),
    (("enter", "one"), "nothing waits to enter, the trade is guarding the position"),
    (("cancel", "one"), "all 100 have filled; close leaves the position"),
    (
        ("declare-absent", "one", "--by", "Ada", "--reason", "x"),
        "nothing is unknown, the trade is guarding the position",
    ),
]


def test_a_trade_is_steered_and_left(tmp_path: Path) -> None:
    async def story(counter: Counter) -> None:
        types = counter.types
        async with counter.working("one") as edge:
            await edge.reports(ArmPhase.WAITING)
            await types("trade", "submit", str(counter.plan("one")))
            await counter.comes_to("one", Doing.WAITING)
            early = await types("trade", "move-stop", "one", "98.50")
            assert early.err == "one: nothing is guarded, the trade is waiting for the trigger\n"
            await edge.fills(100)
            await counter.comes_to("one", Doing.GUARDING, entered=100)
            moved = await types("trade", "move-stop", trade_id(ACCOUNT, "one"), "98.50")
            assert (moved.out, moved.exit_code) == (
                "one: the stop is at 98.5; it is completed, guarding the position\n",
                0,
            )
            for words, why in REFUSALS:
                refused = await types("trade", *words)
                assert (refused.out, refused.err, refused.exit_code) == ("", f"one: {why}\n", 1)
            assert (await types("trade", "break-even", "one")).exit_code == 0
            left = await types("trade", "close", f"trade:{ACCOUNT}:one")
            assert left.exit_code == 0
            assert left.out.startswith("one: leaving; it is ")

            await counter.has_ended("one")
            over = await types("trade", "close", "one")
            assert over.exit_code == 1
            assert over.err.startswith("one is over since ")
            assert over.err.endswith(" UTC: closed, closed by hand\n")
            await counter.lists(0)
            every = json.loads((await types("trade", "list", "--all", "--json")).out)
            (line,) = every["trades"]
            assert (line["state"], line["doing"], line["filled"]) == ("closed", "over", "100")

    at_a_counter(tmp_path, story)


def test_an_entry_is_called_off_and_another_is_refused_at_once(tmp_path: Path) -> None:
    async def story(counter: Counter) -> None:
        types = counter.types
        async with counter.working("two") as edge:
            await edge.reports(ArmPhase.WAITING)
            await types("trade", "submit", str(counter.plan("two")))
            await counter.comes_to("two", Doing.WAITING)
            gone = await types("trade", "cancel", "two", "--json")
            assert gone.exit_code == 0
            assert json.loads(gone.out)["wanted"] == "cancel"
            await counter.has_ended("two")
        late = counter.plan("three", cast.PLAN.replace("quantity = 100", "quantity = 20000"))
        async with counter.working("three", late.read_text()):
            refused = await types("trade", "submit", str(late))
            assert (refused.out, refused.exit_code) == ("", 1)
            assert refused.err.startswith("three is refused: ")

    at_a_counter(tmp_path, story)


@pytest.mark.req("S3.2")
def test_a_kill_reaches_the_trade_that_runs(tmp_path: Path) -> None:
    async def story(counter: Counter) -> None:
        types = counter.types
        async with counter.working("four") as edge:
            await edge.reports(ArmPhase.WAITING)
            await types("trade", "submit", str(counter.plan("four")))
            await counter.comes_to("four", Doing.WAITING)
            await counter.lists(1)
            killed = await types("kill", "freeze", "--by", "Ada", "--reason", "x", "--yes")
            assert (killed.exit_code, killed.err) == (0, "")
            assert killed.lines[0] == f"trading in {ACCOUNT} is killed: freeze, epoch 1"
            assert killed.lines[2] == "  told       1 running trade"
            await counter.has_ended("four")
            over = await types("trade", "enter", "four")
            assert over.err.endswith(" UTC: cancelled, trading is stopped: freeze, epoch 1\n")

    at_a_counter(tmp_path, story)


def test_where_nobody_carries_trades_out_and_where_the_engine_is_gone_that_is_said(
    tmp_path: Path,
) -> None:
    async def story(counter: Counter) -> None:
        types, plan = counter.types, str(counter.plan("five"))
        alone = await types("trade", "submit", plan)
        assert (alone.exit_code, alone.lines[3]) == (
            0,
            "  state      created; no trades worker takes calls, so it begins when one runs",
        )
        asked = asyncio.create_task(types("trade", "cancel", "five"))
        await asyncio.sleep(1)
        os.kill(counter.engine_pid, signal.SIGKILL)
        answer = await asked
        assert (answer.out, answer.exit_code) == ("", 3)
        # Whether it was said before that no worker answers depends on when it was asked.
        assert answer.err.splitlines()[-1] == (
            f"update cancel of trade:{ACCOUNT}:five: the engine has gone; it may still happen"
        )
        for words in (("list",), ("submit", plan), ("cancel", "five")):
            gone = await types("trade", *words)
            assert (gone.out, gone.exit_code) == ("", 3)
            assert gone.err == (
                f"{counter.address}: no engine answers here: Connection refused; is `backstay up`"
                " running, or is [temporal] address another one?\n"
            )

    at_a_counter(tmp_path, story)
