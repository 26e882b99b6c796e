"""Every recorded history gives a timeline without a hole: each order on it was written down before
it left, left before the broker had it, and was there before it filled.
"""

from collections import defaultdict
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from activities.histories import life_of
from backstay.domain.ids import IntentKey
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import TradeFacts
from backstay.domain.trade.recounting import settlement_in, standing_of
from backstay.domain.trade.standing import Doing
from backstay.domain.trade.timeline.lines import Clock, Line, What
from backstay.domain.trade.timeline.story import timeline_of
from tests.durable.histories import load
from tests.replay.record import FOLDER

HISTORIES = sorted(FOLDER.glob("*.json"))
TRADES = [path for path in HISTORIES if ".trade-" in path.name]
STEPS = (What.WRITTEN, What.SENT, What.ACKNOWLEDGED, What.FILLED)

each_history = pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
each_trade = pytest.mark.parametrize("path", TRADES, ids=lambda path: path.stem)


def facts_in(path: Path) -> TradeFacts:
    """What is written down in one history."""
    history = load(path)
    entries = life_of(history.workflow_id, history.events).entries
    return TradeFacts(history.workflow_id, entries, is_running=False)


def whole(path: Path) -> TradeFacts:
    """What is written down of a trade, and of the ways out that are recorded with it."""
    facts, story = facts_in(path), path.name.partition(".trade-")[0]
    ways_out = [facts_in(each).entries for each in HISTORIES if f"{story}.exit-" in each.name]
    return TradeFacts(facts.workflow_id, (*facts.entries, *chain(*ways_out)), is_running=False)


def by_order(lines: tuple[Line, ...]) -> dict[IntentKey, list[Line]]:
    """The lines of each order, in their sequence."""
    found: defaultdict[IntentKey, list[Line]] = defaultdict(list)
    for line in lines:
        if line.key is not None and line.what in STEPS and "cancel" not in line.text:
            found[line.key].append(line)
    return found


@each_history
@pytest.mark.req("S1.9")
def test_each_order_was_written_down_then_sent_then_acknowledged_then_filled(path: Path) -> None:
    orders = by_order(timeline_of(facts_in(path)).lines)
    for key, lines in orders.items():
        steps = [line.what for line in lines if "modify" not in line.text]
        assert steps == sorted(steps, key=STEPS.index), key
        assert steps[0] is What.WRITTEN, key
        if What.FILLED in steps:
            assert set(steps) == set(STEPS), key


@each_history
def test_an_order_s_own_moments_never_go_back(path: Path) -> None:
    """The broker's stamps of fills are whole seconds, and the edge knows its clock to a second."""
    for lines in by_order(timeline_of(facts_in(path)).lines).values():
        told = {line.what: line.at for line in lines if line.at is not None}
        sent, acknowledged = told.get(What.SENT), told.get(What.ACKNOWLEDGED)
        filled = told.get(What.FILLED)
        if sent is not None and acknowledged is not None:
            assert sent <= acknowledged
        if sent is not None and filled is not None:
            assert sent - timedelta(seconds=2) <= filled


@each_history
def test_moments_of_the_engine_stand_in_their_sequence(path: Path) -> None:
    lines = timeline_of(facts_in(path)).lines
    moments = [line.at for line in lines if line.clock == "engine" and line.at is not None]
    assert moments == sorted(moments)


@each_trade
def test_a_timeline_names_exactly_the_orders_of_its_settlement_and_ends_as_it_says(
    path: Path,
) -> None:
    facts = facts_in(path)
    lines, settlement = timeline_of(facts).lines, settlement_in(facts)
    standing = standing_of(facts)
    assert standing is not None
    assert (standing.doing, lines[-1].what) == (Doing.OVER, What.OVER)
    sent = {line.key for line in lines if line.what is What.SENT}
    if settlement is None:
        assert sent == set()
        return
    assert {order.key for order in settlement.orders} <= sent
    assert {key.trade for key in sent if key} <= {settlement.trade}
    assert lines[-1].text.startswith(settlement.state.value)
    assert standing.lifecycle.state is settlement.state
    assert standing.entered - standing.closed == settlement.left_over
    by_key = {order.key: order for order in (standing.entry, *standing.exits) if order}
    assert {key: order.filled for key, order in by_key.items() if order.filled} == {
        order.key: order.filled for order in settlement.orders if order.filled
    }


@each_trade
def test_times_run_forward_only(path: Path) -> None:
    """All by the broker's clock, as they are shown; a stamp of whole seconds counts as its end."""
    lines = timeline_of(whole(path)).lines
    shown = [line.shown_at for line in lines if line.shown_at is not None]
    assert shown == sorted(shown)
    for line in lines:
        assert (line.at is None) == (line.shown_at is None)
        if line.at is not None and line.shown_at is not None and line.clock is Clock.BROKER:
            assert timedelta(0) <= line.shown_at - line.at < timedelta(seconds=2), line


@each_trade
def test_the_engine_s_lines_are_all_shifted_by_what_was_measured(path: Path) -> None:
    """Another process at the edge measures the broker's clock anew, to a second."""
    timeline = timeline_of(whole(path))
    shifts = {
        line.shown_at - line.at
        for line in timeline.lines
        if line.clock is Clock.ENGINE and line.at is not None and line.shown_at is not None
    }
    second = timedelta(seconds=1)
    assert all(abs(each - timeline.broker_ahead) < second for each in shifts)


@each_trade
def test_an_exit_leaves_after_the_order_before_it_is_over(path: Path) -> None:
    """Where it has no share in the group of the stop, as a pessimistic broker takes it."""
    if ".pessimistic." not in path.name:
        return
    lines = timeline_of(whole(path)).lines
    for number, exit_ in enumerate(lines):
        if exit_.what is not What.SENT or not is_exit(exit_) or exit_.key is None:
            continue
        before = {line.key for line in lines[:number] if line.what is What.SENT} - {
            line.key for line in lines[:number] if line.what in (What.ENDED, What.FILLED)
        }
        assert {key for key in before if key and key.leg == exit_.key.leg} == set()


def is_exit(line: Line) -> bool:
    """Whether it is about an order that leaves."""
    return line.key is not None and line.key.purpose.is_exit and "cancel" not in line.text


def test_of_orders_that_this_build_has_sent_every_moment_is_known() -> None:
    """One story's process dies between sending and asking; nothing else may be unknown. When an
    order was over, and when a person was told, these histories are too old to know.
    """
    unknown = {
        path.stem.partition(".")[0]
        for path in TRADES
        for line in timeline_of(facts_in(path)).lines
        if line.at is None and line.what in STEPS
    }
    assert unknown <= {"a_stop_that_fills_while_nobody_is_there_is_found"}


def test_a_worker_that_took_a_call_up_again_is_told() -> None:
    (path,) = [path for path in TRADES if path.stem.startswith("a_stop_that_fills_while")]
    texts = [line.text for line in timeline_of(facts_in(path)).lines if line.what is What.TROUBLE]
    assert texts == [
        "the broker worker was told to end; taken up again by edge/DU1234567/1/boot2.1, attempt 2"
    ]


def test_what_was_asked_by_hand_and_refused_is_told() -> None:
    (path,) = [path for path in TRADES if path.stem.startswith("a_person_s_word")]
    wishes = [each for each in facts_in(path).entries if isinstance(each, chronicle.Wish)]
    assert [(each.name, each.outcome) for each in wishes] == [
        ("declare_absent", chronicle.Outcome.REFUSED)
    ]
    assert wishes[0].args == ("Ada", "TWS shows none")
