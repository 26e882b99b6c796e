"""`backstay trade show`: a trader understands a trade by reading, whoever has died."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from activities.ports import EngineSilentError
from backstay.cli.screen import Screen
from backstay.cli.trade.show_page import show
from backstay.cli.trade.show_report import TradeStory, story_from
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.plan.entry import Entry, EntryOrder
from backstay.domain.protection.naked import NakedTime
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Outcome, Retry, TradeFacts
from backstay.domain.trade.timeline.lines import What
from tests.cli.scripted_engine import ACCOUNT, Desk, a_trade, desk_in
from tests.cli.typed import Typed
from tests.domain.trade.lives import LIFE, Life, call, cost, wall, whole_life
from workers.supervising.folder import DataFolder
from workers.supervising.roster import Process, Roster, write_roster

PLAN_ID = "aapl-test"
WORKFLOW = f"trade:{ACCOUNT}:{PLAN_ID}"

STOPPED_OUT = """\
aapl-test: buy AAPL, trade ZT9FAJXY in DU1234567, PAPER

  state      closed: stop
  trigger    once last is above 100, until 2026-11-23 20:55 UTC
  entry      LMT 100.10
  filled     100 of 100 at 100.05
  stop       98
  exits      PR:1  sell 100: nothing filled, cancelled
             XS:1  sell 100: all filled at 97.5
  left       0
  naked      2.5 unit seconds without a stop
  result     -255 USD before commissions
  clocks     the broker's is 1:00:00 ahead of the engine's; all times here are the broker's

  Monday 23 November 2026 UTC
  14:59:59.000  engine  begun               buy AAPL in DU1234567: the plan aapl-test, trade
                                            ZT9FAJXY
  15:00:00.000  broker  learned             100 at 100.1, stop 98, 96.04 at the broker
  15:00:00.200  engine  admitted            the account has room for 4 orders: EN:1, PR:1, XS:1,
                                            XM:1
  15:00:00.300  engine  written       EN:1  buy 100 LMT 100.10 may leave from now on
  15:00:00.300  engine  written       PR:1  sell 100 STP 96.04 LMT 91.23 may leave from now on
  15:00:00.300  engine  waits               until last is above 100
  15:00:02.000  broker  sent          EN:1  buy 100 LMT 100.10
  15:00:02.000  broker  sent          PR:1  sell 100 STP 96.04 LMT 91.23
  15:00:02.100  broker  acknowledged  EN:1  the broker has it as 1
  15:00:02.200  broker  acknowledged  PR:1  the broker has it as 1
  15:00:03      broker  filled        EN:1  100 of 100 fill at 100.05
  15:00:03.100  engine  guarded             100 from the first share on: stop 98 on last
  15:00:03.100  engine  written       XS:1  sell 100 LMT 97.51 may leave from now on, when it is due
  15:00:09.900  broker  leaves              100 leave: the stop 98 is broken
  15:00:09.900  broker  sent          PR:1  its cancel; it is over only once that is proven
  15:00:09.950  broker  ended         PR:1  cancelled
  15:00:10.000  broker  sent          XS:1  sell 100 LMT 97.51
  15:00:10.100  engine  leaves              100 AAPL go out, led by exit:0
  15:00:10.300  broker  acknowledged  XS:1  the broker has it as 1
  15:00:10      broker  filled        XS:1  100 of 100 fill at 97.5
  15:00:11.000  broker  flat                100 of 100 are out; the broker holds 0 in all
  15:00:12.100  engine  settled             profit -255, naked for 2.5 unit seconds
  15:00:12.200  engine  over                closed: stop
"""

IN_TROUBLE = """\
aapl-test: buy AAPL, trade ZT9FAJXY in DU1234567, LIVE

  state      completed, guarding the position
  trigger    once last is above 100, until 2026-11-23 20:55 UTC
  entry      LMT 100.10
  filled     100 of 100 at 100.05
  stop       98, 1.5 behind the best price, once 1 % past the entry
  targets    103: 50 %, then the stop to break even
             105: 25 %
  time exit  2026-11-23 20:58 UTC
  left       100
  naked      2 unit seconds without a stop, 100 now
  alerts     order unknown: look for it in TWS
  clocks     the broker's is 1:00:00 ahead of the engine's; all times here are the broker's

  Monday 23 November 2026 UTC
  14:59:59.000  engine  begun               buy AAPL in DU1234567: the plan aapl-test, trade
                                            ZT9FAJXY
  15:00:00.000  broker  learned             100 at 100.1, stop 98, 96.04 at the broker
  15:00:00.200  engine  admitted            the account has room for 8 orders: EN:1, PR:1, XS:1,
                                            XM:1, 1:XT:1, 1:PR:1, 2:XT:1, 2:PR:1
  15:00:00.300  engine  written       EN:1  buy 100 LMT 100.10 may leave from now on
  15:00:00.300  engine  written       PR:1  sell 100 STP 96.04 LMT 91.23 may leave from now on
  15:00:00.300  engine  waits               until last is above 100
  not known     broker  sent          EN:1  buy 100 LMT 100.10; when it left is not known: the
                                            process that has sent it is gone
  not known     broker  acknowledged  EN:1  the broker has it as 1; since when is not known
  15:00:03      broker  filled        EN:1  100 of 100 fill at 100.05
  15:00:03.100  engine  guarded             100 from the first share on: stop 98 on last, trailing
                                            at 1.5, target 103 for 50, left at 23 November 20:58 UTC
  15:00:07.000  engine  trouble             the broker worker was lost; taken up again by
                                            edge/DU1234567/1/boot2.1, attempt 2
  15:00:08.000  engine  by hand             move-stop 99.00: refused, between two ticks
  15:00:09.000  engine  alert               order unknown: look for it in TWS
"""

CALLED_OFF = """\
aapl-test: buy AAPL, trade ZT9FAJXY in DU1234567, PAPER

  state      cancelled: called off by hand
  trigger    once last is above 100, until 2026-11-23 20:55 UTC
  entry      LMT 100.10
  filled     0 of 100
  stop       98
  clocks     the broker's is 1:00:00 ahead of the engine's; all times here are the broker's

  Monday 23 November 2026 UTC
  14:59:59.000  engine  begun               buy AAPL in DU1234567: the plan aapl-test, trade
                                            ZT9FAJXY
  15:00:00.000  broker  learned             100 at 100.1, stop 98, 96.04 at the broker
  15:00:00.200  engine  admitted            the account has room for 4 orders: EN:1, PR:1, XS:1,
                                            XM:1
  15:00:00.300  engine  written       EN:1  buy 100 LMT 100.10 may leave from now on
  15:00:00.300  engine  written       PR:1  sell 100 STP 96.04 LMT 91.23 may leave from now on
  15:00:00.300  engine  waits               until last is above 100
  15:00:03.000  engine  by hand             cancel: done
  15:00:03.000  broker  ended         EN:1  the entry is withdrawn: called off by hand
  15:00:04.100  engine  settled             nothing was traded
  15:00:04.200  engine  over                cancelled: called off by hand
"""

MORE = """
[stop.trail]
activate_pct = 1.0
distance = 1.50
[[target]]
price = 103.00
fraction = 0.5
then = "break_even"
[[target]]
price = 105.00
fraction = 0.25
[time_exit]
at = 2026-11-23T20:58:00Z
"""


def in_trouble() -> TradeFacts:
    """A position whose first broker worker was killed."""
    life = Life(MORE).admitted()
    naked = NakedTime(Decimal(2), Decimal(100), wall(0))
    naked = replace(naked, since=life.report().at)
    news = life.report(entry=life.entry(100), naked=naked)
    retry = Retry(2, "edge/DU1234567/1/boot2.1", wall(7), "WorkerLost", "gone")
    refused = chronicle.Wish(
        LIFE, wall(8), "move_stop", ("99.00",), Outcome.REFUSED, "between two ticks"
    )
    life.add(
        call(chronicle.Arming(life.agreed.arm(), news), 0.3, 3.01),
        call(chronicle.Guarding(life.guard, None), 3.1, retry=retry),
        refused,
        call(chronicle.Alerting("order unknown", "look for it in TWS"), 9, 9.1),
    )
    return life.facts()


def called_off() -> TradeFacts:
    """A trade that was taken back while it waited."""
    life = Life().admitted()
    why = "called off by hand"
    news = life.report(ArmPhase.WITHDRAWN, 3, why=why)
    life.add(
        call(chronicle.Arming(life.agreed.arm(), news), 0.3, 3.1),
        chronicle.Wish(LIFE, wall(3), "cancel", (), Outcome.DONE, "cancelled"),
    )
    return life.settled(4).facts(is_running=False)


def printed(
    facts: TradeFacts, capsys: pytest.CaptureFixture[str], kind: AccountKind = AccountKind.PAPER
) -> str:
    """The page."""
    show(story_from(facts, kind), Screen())
    return capsys.readouterr().out


def test_a_trade_that_was_stopped_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(whole_life().facts(is_running=False), capsys) == STOPPED_OUT


def test_a_position_in_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(in_trouble(), capsys, AccountKind.LIVE) == IN_TROUBLE


def test_a_trade_that_was_called_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(called_off(), capsys) == CALLED_OFF


@pytest.mark.parametrize("facts", [in_trouble, called_off, lambda: whole_life().facts()])
def test_a_story_survives_the_journey_as_json(facts: Callable[[], TradeFacts]) -> None:
    adapter = TypeAdapter(TradeStory)
    story = story_from(facts(), AccountKind.PAPER, ("http://127.0.0.1:8233/x",))
    assert adapter.validate_json(adapter.dump_json(story)) == story


def test_a_result_says_what_it_has_cost_and_what_nobody_has_closed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = story_from(whole_life().facts(is_running=False), AccountKind.PAPER)
    assert story.result is not None
    dear = replace(story.result, commissions=cost("2.00"), left_over=Decimal(5))
    show(replace(story, result=dear, timeline=()), Screen())
    expected = "  result     -255 USD before commissions of 2 USD; 5 were closed by nobody here"
    assert expected in capsys.readouterr().out.splitlines()
    show(replace(story, result=replace(dear, profit=None, left_over=Decimal(0))), Screen())
    expected = "  result     unknown, for at what price the entry filled can't be read, before"
    assert expected in capsys.readouterr().out
    show(replace(story, is_running=True, left=Decimal(40), timeline=()), Screen())
    expected = "  result     -255 USD before commissions, of what is closed"
    assert expected in capsys.readouterr().out.splitlines()


def test_a_trade_that_the_engine_has_ended_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    facts = replace(in_trouble(), is_running=False)
    assert "             the engine has ended it before its time" in printed(facts, capsys)


def test_days_are_told_as_they_begin_by_the_broker_s_clock(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = story_from(whole_life().facts(), AccountKind.PAPER)
    first = story.timeline[0]
    assert first.shown_at is not None
    later = replace(first, shown_at=first.shown_at.replace(day=24))
    unknown = replace(later, at=None, shown_at=None)
    show(replace(story, timeline=(first, later, unknown, later)), Screen())
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith(" November 2026 UTC")] == [
        "  Monday 23 November 2026 UTC",
        "  Tuesday 24 November 2026 UTC",
    ]
    behind = replace(story, broker_ahead_seconds=Decimal(-90_000), timeline=(first,))
    show(behind, Screen())
    expected = "the broker's is 1 day, 1:00:00 behind the engine's; all times here are the broker's"
    assert f"  clocks     {expected}" in capsys.readouterr().out.splitlines()


def test_clocks_that_agree_are_not_spoken_of(capsys: pytest.CaptureFixture[str]) -> None:
    story = story_from(whole_life().facts(), AccountKind.PAPER)
    show(replace(story, broker_ahead_seconds=Decimal("0.9")), Screen())
    assert "clocks" not in capsys.readouterr().out


def test_a_stamp_that_stands_later_than_it_says_is_told_beside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = story_from(whole_life().facts(), AccountKind.PAPER)
    filled = next(line for line in story.timeline if line.what is What.FILLED)
    assert filled.at is not None
    for more, end in ((0.9, ""), (3, " (stamped 15:00:03)")):
        moved = replace(filled, shown_at=filled.at + timedelta(seconds=more))
        show(replace(story, timeline=(moved,)), Screen())
        line = capsys.readouterr().out.splitlines()[-1]
        assert line.startswith(f"  {moved.shown_at:%H:%M:%S}      broker  filled        EN:1  ")
        assert line.endswith(f"  100 of 100 fill at 100.05{end}")


def test_an_entry_at_the_market_has_no_limit(capsys: pytest.CaptureFixture[str]) -> None:
    life = Life()
    plan = life.order.plan.model_copy(update={"entry": Entry(order=EntryOrder.MARKET)})
    life.order = replace(life.order, plan=plan)
    text = printed(life.admitted().facts(), capsys)
    assert "  entry      MKT\n" in text


# --- the command ---


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    built = desk_in(tmp_path, monkeypatch)
    built.engine.knows(a_trade(PLAN_ID))
    stories = {WORKFLOW: replace(whole_life().facts(is_running=False), workflow_id=WORKFLOW)}

    async def story(workflow_id: str) -> TradeFacts:
        return stories[workflow_id]

    monkeypatch.setattr(built.engine, "story", story, raising=False)
    return built


def shown(desk: Desk, *words: str) -> Typed:
    return desk.types("trade", "show", *words)


@pytest.mark.req("S1.9")
@pytest.mark.parametrize("name", [PLAN_ID, "ZT9FAJXY", WORKFLOW])
def test_a_trade_is_shown_by_any_of_its_names(desk: Desk, name: str) -> None:
    told = shown(desk, name)
    assert (told.exit_code, told.err) == (0, "")
    assert told.out == STOPPED_OUT


def test_as_json_it_is_one_document(desk: Desk) -> None:
    told = shown(desk, PLAN_ID, "--json")
    assert (told.exit_code, told.err) == (0, "")
    story = TypeAdapter(TradeStory).validate_json(told.out)
    assert (story.workflow_id, story.is_running, story.look) == (WORKFLOW, False, ())
    ends = [order.end for order in story.exits]
    assert ends == [OrderEnd.CANCELLED.value, OrderEnd.FILLED.value]


def test_it_says_where_to_look_while_the_engine_s_own_screen_is_known(desk: Desk) -> None:
    folder = desk.folder / "data"
    folder.mkdir()
    roster = Roster(Process(1, "1"), "http://127.0.0.1:8233", ())
    write_roster(DataFolder(folder).roster, roster)
    lines = shown(desk, PLAN_ID).lines
    pages = "http://127.0.0.1:8233/namespaces/default/workflows"
    assert lines[-2:] == [
        f"  look at    {pages}/trade%3A{ACCOUNT}%3A{PLAN_ID}",
        f"             {pages}/exit%3A0",
    ]


def test_a_trade_that_nobody_knows_is_one_line(desk: Desk) -> None:
    told = shown(desk, "aapl-tset")
    assert (told.exit_code, told.out) == (1, "")
    assert told.err == f"{ACCOUNT} has no trade called aapl-tset; did you mean {PLAN_ID}?\n"


def test_a_trade_without_a_beginning_is_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(workflow_id: str) -> TradeFacts:
        return TradeFacts(workflow_id, (), is_running=True)

    monkeypatch.setattr(desk.engine, "story", story, raising=False)
    told = shown(desk, PLAN_ID)
    assert (told.exit_code, told.out) == (1, "")
    assert told.err == f"{WORKFLOW}: nothing is written down of its beginning\n"


def test_an_engine_that_does_not_answer_can_not_tell(desk: Desk) -> None:
    async def story(workflow_id: str) -> TradeFacts:
        raise EngineSilentError(f"read the history of {workflow_id}: no answer yet")

    desk.engine.story = story  # type: ignore[attr-defined]
    told = shown(desk, PLAN_ID)
    assert (told.exit_code, told.out) == (3, "")
    assert told.err == f"read the history of {WORKFLOW}: no answer yet\n"
