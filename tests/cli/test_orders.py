"""`backstay orders`: what is known of each order, and what can be done of an unknown one."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from activities.ports import Engine
from backstay.accounts import file
from backstay.accounts.store import AccountStore
from backstay.cli.live.orders_by_engine import unknown_trades
from backstay.cli.live.orders_page import page
from backstay.cli.live.orders_report import OrdersReport, UnknownTrade, from_edge, from_engine
from backstay.domain.edge.looking import Doubt, NotSeen
from backstay.domain.edge.ordered import (
    Inquiry,
    KnownOrder,
    OrdersPage,
    OrderState,
    StrangeOrder,
)
from backstay.domain.edge.snapshot import ForeignOrder
from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Market, StopLimit
from backstay.domain.sides import Side
from backstay.domain.trade.naming import read_name
from backstay.domain.trade.standing import Doing
from tests.accounts.cases import request
from tests.cli.live_samples import (
    ACCOUNT,
    EDGE,
    NOW,
    OTHER,
    OTHER_TRADE,
    PLAN,
    TRADE,
    key,
    served,
    settings_file,
)
from tests.cli.typed import Typed, typed
from tests.cli.watch_words import GONE, HEADER, SILENT_ENGINE, FakeEngine, line
from tests.domain.limits.samples import SETTINGS

ENTRY = KnownOrder(
    key=key(Purpose.ENTRY),
    con_id=265598,
    symbol="AAPL",
    order_ids=(1,),
    perm_ids=(1200000001,),
    side=Side.BUY,
    quantity=Decimal(81),
    filled=Decimal(81),
    average_price=Decimal("190.03"),
    terms=Limit(Decimal("190.05")),
    state=OrderState.OVER,
    end=OrderEnd.FILLED,
    sent_at=NOW,
)
STOP = replace(
    ENTRY,
    key=key(Purpose.PROTECT),
    side=Side.SELL,
    filled=Decimal(0),
    average_price=None,
    terms=StopLimit(Decimal("183.26"), Decimal("174.09")),
    state=OrderState.WORKING,
    end=None,
)
DOUBTS = NotSeen(key(Purpose.ENTRY, trade=OTHER_TRADE), (), (Doubt.LOOKED_TOO_SOON,))
UNKNOWN = replace(
    ENTRY,
    key=key(Purpose.ENTRY, trade=OTHER_TRADE),
    symbol="TSLA",
    perm_ids=(),
    filled=Decimal(0),
    state=OrderState.UNKNOWN,
    end=None,
    unknown_since=NOW,
    inquiry=Inquiry(NOW + timedelta(seconds=2), 4, NOW + timedelta(seconds=17), DOUBTS),
)
FOREIGN = StrangeOrder(
    "AAPL",
    ForeignOrder(
        1200000777, 0, 0, 265598, "", Side.SELL, Decimal(5), Decimal(0), Market(), "Submitted"
    ),
)


def orders_page(*orders: KnownOrder, foreign: tuple[StrangeOrder, ...] = ()) -> OrdersPage:
    unknown = sum(order.state is OrderState.UNKNOWN for order in orders)
    return OrdersPage(EDGE, NOW, len(orders) + len(foreign), unknown, orders, foreign)


def report(
    found: OrdersPage, name: str = "", *, only_unknown: bool = False, plans: Any = (PLAN, OTHER)
) -> OrdersReport:
    read = read_name(name) if name else None
    return from_edge(ACCOUNT, AccountKind.PAPER, found, plans, read, only_unknown=only_unknown)


def shown(found: OrdersReport, width: int = 80, *, only_unknown: bool = False) -> list[str]:
    return [text.plain for text in page(found, width, only_unknown=only_unknown)]


def typed_orders(config: str, *words: str) -> Typed:
    return typed("orders", "--config", config, *words)


@pytest.fixture
def config(tmp_path: Path) -> str:
    return settings_file(tmp_path)


ORDERS = """\
plan                order   what          terms                  filled  state
aapl-breakout-0312  0:PR:1  sell 81 AAPL  STP 183.26 LMT 174.09  0       working
aapl-breakout-0312  0:EN:1  buy 81 AAPL   LMT 190.05             81      over: filled
"""
STRANGE = """\
orders of somebody else; they are never touched
from  order            what         terms  filled  state
TWS   perm 1200000777  sell 5 AAPL  MKT    0       Submitted
"""
TROUBLE = f"""\
bs1:{OTHER_TRADE}:0:EN:1: nobody can tell what became of it
  sent      2026-11-23 15:00:02 UTC, by this process
  last sign 2026-11-23 15:00:02 UTC
  asked     4 times since 15:00:04, last 15:00:19
  answer    not shown; it may have existed: only one look, or two too close together
  you       look in TWS for the reference bs1:{OTHER_TRADE}:0:EN:1
            if it is not there, neither among the orders nor the trades:
            backstay trade declare-absent {OTHER} --by NAME --reason TEXT
"""


def test_the_orders_and_those_of_others_stand_apart() -> None:
    lines = shown(report(orders_page(STOP, ENTRY, foreign=(FOREIGN,))), 100)
    expected = [HEADER, "", *ORDERS.splitlines(), "", *STRANGE.splitlines(), ""]
    assert lines == [*expected, "no order is unknown"]


def test_on_a_narrow_terminal_the_name_gives_way_and_no_figure_does() -> None:
    lines = shown(report(orders_page(STOP, ENTRY)), 80)
    assert max(map(len, lines)) <= 80
    assert lines[3].endswith("0:PR:1  sell 81 AAPL  STP 183.26 LMT 174.09  0       working")
    assert lines[3].startswith("aapl-breakou…")


def test_of_an_unknown_order_everything_is_told_that_helps() -> None:
    found = report(orders_page(UNKNOWN, STOP, ENTRY), only_unknown=True)
    assert [order.key for order in found.orders] == [UNKNOWN.key]
    lines = shown(found, 100, only_unknown=True)
    assert lines[4:] == ["", *TROUBLE.splitlines(), "", "1 order is unknown"]


@pytest.mark.parametrize("purpose", [Purpose.PROTECT, Purpose.EXIT_STOP])
def test_only_an_entry_can_be_declared_absent(purpose: Purpose) -> None:
    stop = replace(STOP, key=key(purpose), state=OrderState.UNKNOWN, unknown_since=NOW)
    lines = shown(report(orders_page(stop)), 100)
    assert not any("declare-absent" in each for each in lines)
    assert "  asked     with each complete reading; none explains it" in lines
    named = f"  you       look in TWS for the reference {stop.key} (permanent id 1200000001)"
    assert named in lines


def test_what_another_process_has_sent_and_what_was_said_is_told() -> None:
    old = replace(UNKNOWN, sent_at=None, unknown_since=None, text="201: no margin")
    lines = shown(report(orders_page(old)), 100)
    assert "  sent      if at all, by another process than the one that runs now" in lines
    assert "  said      201: no margin" in lines
    assert not any("last sign" in each for each in lines)


def test_a_trade_can_be_named() -> None:
    found = report(orders_page(UNKNOWN, STOP, ENTRY, foreign=(FOREIGN,)), PLAN)
    assert [order.key.trade for order in found.orders] == [TRADE, TRADE]
    assert (found.unknown, found.others) == (0, ())
    by_code = report(orders_page(UNKNOWN, STOP, ENTRY), OTHER_TRADE)
    assert (by_code.unknown, [order.key for order in by_code.orders]) == (1, [UNKNOWN.key])


def test_that_there_are_more_is_said() -> None:
    cut = replace(orders_page(STOP), total=900)
    assert shown(report(cut))[-1] == "there are more than these; name a trade with --trade"


@pytest.mark.parametrize(
    ("only_unknown", "text"), [(True, "no order is unknown"), (False, "there is no order")]
)
def test_that_there_is_nothing_is_said(only_unknown: bool, text: str) -> None:
    found = report(orders_page(), only_unknown=only_unknown)
    assert shown(found, only_unknown=only_unknown) == [HEADER, "", text]


def test_several_unknown_orders_are_counted() -> None:
    twin = replace(UNKNOWN, key=key(Purpose.ENTRY, 2, OTHER_TRADE))
    assert shown(report(orders_page(UNKNOWN, twin)))[-1] == "2 orders are unknown"


# --- without the edge ---

LOST = UnknownTrade(OTHER, OTHER_TRADE, "TSLA", "sell", "the broker does not say what became of it")


def test_without_the_edge_the_engine_knows_which_entries_are_unknown() -> None:
    found = from_engine(ACCOUNT, AccountKind.PAPER, "gone", (LOST,), "", None)
    assert shown(found) == [
        " PAPER  DU1234567",
        "the broker worker is silent: gone",
        "",
        f"{OTHER}: nobody can tell what became of its entry",
        f"  trade     {OTHER_TRADE}, sell TSLA",
        "  said      the broker does not say what became of it",
        f"  you       look in TWS for references that begin with bs1:{OTHER_TRADE}:0:EN",
        "            if it is not there, neither among the orders nor the trades:",
        f"            backstay trade declare-absent {OTHER} --by NAME --reason TEXT",
        "",
        "1 order is unknown",
    ]
    assert not found.cannot_tell
    other = from_engine(ACCOUNT, AccountKind.PAPER, "gone", (LOST,), "", read_name(PLAN))
    assert (other.trades, other.cannot_tell) == ((), True)


def test_without_the_edge_that_the_engine_knows_of_none_tells_nothing() -> None:
    found = from_engine(ACCOUNT, AccountKind.PAPER, "gone", (), "", None)
    assert found.cannot_tell
    assert shown(found)[-1] == "of orders that are sent only the broker worker could tell"


def test_the_engine_is_asked_which_trades_wait_to_learn_of_their_entry() -> None:
    class Telling(FakeEngine):
        pass

    engine = Telling((PLAN, OTHER), [])
    lines = {PLAN: line(PLAN, Doing.GUARDING), OTHER: line(OTHER, Doing.UNKNOWN)}

    async def line_of(_: Any, found: Any, *__: Any) -> Any:
        return lines[found.workflow_id.rpartition(":")[2]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backstay.cli.live.orders_by_engine.line_of", line_of)
        found = asyncio.run(unknown_trades(cast(Engine, engine), ACCOUNT))
    assert [(each.plan_id, each.trade) for each in found] == [(OTHER, OTHER_TRADE)]


# --- what is typed ---


@pytest.mark.parametrize(
    ("orders", "exit_code"), [((), 0), ((STOP, ENTRY), 0), ((UNKNOWN, STOP), 1)]
)
@pytest.mark.parametrize("words", [(), ("--unknown",)])
def test_the_exit_code_says_whether_any_is_unknown(
    config: str, words: tuple[str, ...], orders: tuple[KnownOrder, ...], exit_code: int
) -> None:
    with served(orders=orders_page(*orders)) as place:
        found = typed_orders(config, "--edge", place, *words)
    assert (found.exit_code, found.err) == (exit_code, "")
    assert found.lines[0] == HEADER


def test_json_is_one_document(config: str) -> None:
    with served(orders=orders_page(UNKNOWN, STOP)) as place:
        found = typed_orders(config, "--edge", place, "--unknown", "--json")
    document = json.loads(found.out)
    assert found.exit_code == document["unknown"] == 1
    (order,) = document["orders"]
    assert order["inquiry"]["times"] == 4
    assert order["inquiry"]["answer"]["kind"] == "not seen"
    assert document["page"]["total"] == 2


def test_the_book_knows_what_a_plan_is_called(config: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file.create(tmp_path / "data" / "accounts.sqlite", ACCOUNT)

    async def admit() -> None:
        store = AccountStore(tmp_path / "data" / "accounts.sqlite", ACCOUNT)
        await store.admit(request(TRADE, plan_id=PLAN), SETTINGS)
        await store.close()

    asyncio.run(admit())
    with served(orders=orders_page(STOP, ENTRY)) as place:
        found = typed_orders(config, "--edge", place, "--json")
    assert json.loads(found.out)["plan_ids"] == [[TRADE, PLAN]]


def test_nobody_to_ask_is_three(config: str) -> None:
    found = typed_orders(config)
    assert found.exit_code == 3
    assert found.lines == [
        " PAPER  DU1234567",
        f"the broker worker is silent: 127.0.0.1:2: {GONE}",
        f"the engine is silent: {SILENT_ENGINE}",
        "",
        "of orders that are sent only the broker worker could tell",
    ]


def test_an_answer_that_is_none_is_one_line(config: str) -> None:
    with served(orders=b"{}") as place:
        found = typed_orders(config, "--edge", place)
    assert found.exit_code == 3
    assert found.lines[1].endswith("its answer can't be read by this build")
