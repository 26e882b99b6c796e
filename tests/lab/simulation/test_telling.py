"""The story of a run: what is told of a journal, in whose words, and what is marked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from backstay.domain.ids import trade_id
from backstay.gateway.times import to_ns
from backstay.lab.simulation.drawing.names import STRIKES
from backstay.lab.simulation.journal import Entry, Source
from backstay.lab.simulation.marks import FAULTS
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.telling import _TROUBLES, Line, names_of, story_of
from tests.lab.simulation.scenarios import BEGINS, FULL

START = to_ns(BEGINS)
CODE = trade_id("DU1234567", "aapl-1")
REF = f"bs1:{CODE}:0:EN:1"
NAMES = {CODE: "aapl-1"}
RUN = "trade:DU1234567:aapl-1"


def entry(seconds: float, source: Source, line: Mapping[str, Any] | str) -> Entry:
    """The gateway's own lines have a time."""
    at_ns = START + round(seconds * 1e9)
    is_dated = source in (Source.WIRE, Source.AUDIT)
    dated = {"t": at_ns} if is_dated else {}
    text = line if isinstance(line, str) else json.dumps({**dated, **line})
    return Entry(at_ns, source, text)


def told(*entries: Entry, findings: tuple[Finding, ...] = ()) -> list[Line]:
    return list(story_of(entries, findings, NAMES))


def words(*entries: Entry) -> list[str]:
    return [f"{line.event.who}: {line.event.what}: {line.event.why}" for line in told(*entries)]


def engine(what: str, name: str = "") -> Entry:
    return entry(0, Source.ENGINE, {"run": RUN, "id": 1, "what": what, "name": name})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            engine("workflow_execution_started", "Trade"),
            "rules: the plan is handed in: aapl-1",
        ),
        (
            engine("activity_task_scheduled", "arm"),
            "rules: armed: the edge is to keep the entry ready: aapl-1",
        ),
        (engine("workflow_execution_completed"), "rules: over: aapl-1"),
        (
            entry(0, Source.HAND, {"deed": "move_stop", "plan": "aapl-1"}),
            "person: move-stop aapl-1: ",
        ),
        (
            entry(0, Source.HAND, {"deed": "close", "plan": "aapl-1", "answer": "refused: no"}),
            "person: close aapl-1: answered: refused: no",
        ),
        (
            entry(0, Source.HAND, {"what": "cancel in TWS", "symbol": "AAPL", "ref": REF}),
            f"person: cancel in TWS, AAPL: {REF}",
        ),
        (
            entry(0, Source.NOTICE, {"kind": "no stop", "subject": REF, "text": "100 are open"}),
            "person: is told: no stop: 100 are open",
        ),
        (
            entry(0, Source.STRIKE, {"what": "clock step", "seconds": -3600.0}),
            "house: the machine's clock jumps: seconds -3600.0",
        ),
        (
            entry(0, Source.MARKET, {"what": "halt", "symbol": "AAPL"}),
            "market: AAPL: trading is halted: ",
        ),
        (
            entry(0, Source.MARKET, {"what": "split", "symbol": "AAPL", "ratio": "2"}),
            "market: AAPL splits: 2 for 1: ",
        ),
    ],
)
def test_each_sort_of_line_has_words_of_its_own(given: Entry, expected: str) -> None:
    assert words(given) == [expected]


def test_an_order_is_told_from_the_wire_and_its_fill_from_the_account() -> None:
    order = {"action": "BUY", "quantity": "100", "order_type": "MKT"}
    contract = {"con_id": 1, "symbol": "AAPL"}
    ids = {"client": 0, "order_id": 5, "ref": REF}
    placed = {"dir": "in", "msg": "placeOrder", "fields": {"order": order, "contract": contract}}
    cancel = {"dir": "in", "msg": "cancelOrder", "client": 0, "order_id": 5, "ref": None}
    fill = {"what": "execution", "ref": REF, "qty": "40", "price": "190.02"}
    assert words(
        entry(1, Source.WIRE, {**placed, **ids}),
        entry(2, Source.AUDIT, fill),
        entry(3, Source.WIRE, cancel),
    ) == [
        "sent: EN:1  buy 100 AAPL MKT: goes with the stop that follows",
        "broker: EN:1  fills 40 at 190.02: 40 so far",
        "sent: EN:1  cancel: its end has to be proven first",
    ]


def test_a_way_out_is_called_by_its_trade() -> None:
    line = {"run": f"exit:{CODE}:0:1", "id": 1, "what": "workflow_execution_started"}
    given = entry(0, Source.ENGINE, {**line, "name": "Exit"})
    assert words(given) == ["rules: a way out begins: aapl-1 0:1"]


def test_where_there_are_several_trades_an_order_is_called_by_its_own() -> None:
    fill = entry(0, Source.AUDIT, {"what": "execution", "ref": REF, "qty": "1", "price": "2"})
    (line,) = story_of([fill], (), {**NAMES, "0CHZXPWR": "msft-1"})
    assert line.event.what == "aapl-1 EN:1  fills 1 at 2"


def test_a_worker_that_has_died_is_back_after_so_long() -> None:
    who = {"who": "broker"}
    assert words(
        entry(0, Source.STRIKE, {"what": "begins", **who}),
        entry(5, Source.STRIKE, {"what": "died", **who}),
        entry(5.8, Source.STRIKE, {"what": "begins", **who}),
    ) == [
        "house: the broker worker is there: ",
        "house: the broker worker died: ",
        "house: the broker worker is back: after 0.8 s",
    ]


def test_what_says_nothing_new_is_left_out() -> None:
    price = entry(0, Source.MARKET, {"what": "print", "symbol": "AAPL", "price": "190"})
    arm = engine("activity_task_scheduled", "arm")
    assert words(price, price) == ["market: AAPL 190: "]
    assert len(words(arm, arm)) == 1
    assert words(entry(0, Source.WIRE, "1 out tickPrice"), engine("timer_started")) == []


def test_what_goes_wrong_and_what_is_found_are_marked_at_their_place() -> None:
    fault = {"what": "fault", "name": "cancel-refused", "subject": "order 5", "ref": None}
    lines = told(
        entry(1, Source.AUDIT, fault),
        entry(2, Source.STRIKE, {"what": "cut lines"}),
        entry(3, Source.STRIKE, {"what": "quiet"}),
        findings=(Finding("I1", START + 2_500_000_000, "two live orders"),),
    )
    marked = [(line.event.what, line.is_trouble, line.is_found) for line in lines]
    assert marked == [
        ("cancel-refused", True, False),
        ("every connection to the gateway breaks", True, False),
        ("I1 is broken", False, True),
        ("from here on nothing goes wrong any more", False, False),
    ]


def test_every_strike_has_words_that_a_trader_understands() -> None:
    named = {mark for mark in FAULTS if mark.split(" ", 1)[-1] in STRIKES or mark in STRIKES}
    assert named <= set(_TROUBLES)


def test_plans_are_known_by_the_codes_of_their_trades() -> None:
    assert names_of(FULL) == {CODE: "aapl-1", trade_id("DU1234567", "msft-1"): "msft-1"}
