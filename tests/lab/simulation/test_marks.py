"""The catalogue of what a whole run reaches: whole, and nothing in it that can't be reached."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.lifecycle import (
    TRANSITIONS,
    Happened,
    Lifecycle,
    LifecycleEvent,
    Refused,
    TradeState,
    apply,
)
from backstay.domain.trade import progress
from backstay.gateway.faults.names import CATALOGUE
from backstay.lab.simulation import marks
from backstay.lab.simulation.scenario import (
    Act,
    ByHand,
    Crash,
    Cue,
    Deed,
    EngineRestart,
    Halt,
    Print,
    Rival,
    Role,
)

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
SIZE = 3
CUE = Cue(0.0)
UNSENT = (ArmPhase.WAITING, ArmPhase.MISSED, ArmPhase.EXPIRED, ArmPhase.WITHDRAWN)


def reports() -> Iterator[Any]:
    """Every report of an entry for three, as far as the lifecycle reads it."""
    for phase in ArmPhase:
        for filled in range(1 if phase in UNSENT else SIZE + 1):
            yield SimpleNamespace(phase=phase, at=AT, entry=SimpleNamespace(filled=Decimal(filled)))


class Walk:
    """Every edge that any sequence of reports takes a trade over."""

    def __init__(self) -> None:
        self.edges: set[marks.Edge] = set()

    def step(self, lifecycle: Lifecycle, event: LifecycleEvent) -> Lifecycle:
        answer = apply(lifecycle, event)
        if not isinstance(answer, Refused):
            self.edges.add((lifecycle.state, answer.lifecycle.state))
        return replace(answer.lifecycle, refusals=(), refusals_count=0)

    def end(self, lifecycle: Lifecycle, filled: Decimal) -> None:
        ends = (Happened.CLOSED, Happened.ESCALATED) if filled else (Happened.CANCELLED,)
        for happened in ends:
            self.step(lifecycle, LifecycleEvent(happened, AT))

    def all(self) -> set[marks.Edge]:
        created = Lifecycle(hedge_first=False)
        for happened in (Happened.REJECTED, Happened.CANCELLED):
            self.step(created, LifecycleEvent(happened, AT))
        left = [self.step(created, LifecycleEvent(Happened.VALIDATED, AT))]
        seen: set[Lifecycle] = set()
        while left:
            before = left.pop()
            if before in seen:
                continue
            seen.add(before)
            for report in reports():
                after = before
                for event in progress._events(before, report, Decimal(SIZE)):
                    after = self.step(after, event)
                if report.phase.is_final:
                    self.end(after, report.entry.filled)
                else:
                    left.append(after)
        return self.edges


def test_what_a_trade_can_be_led_over_is_the_catalogue_and_one_edge_that_is_explained() -> None:
    rare = {(TradeState.RISK_PARTIAL, TradeState.COMPLETED)}
    assert Walk().all() == set(marks.EDGES) | rare
    assert rare <= set(marks.EXCLUDED)


def test_every_edge_of_the_table_is_in_the_catalogue_or_excluded_with_a_reason() -> None:
    hedge_only = {(TradeState.RISK_SUBMITTED, TradeState.CLOSED)}
    table = {
        edge
        for left, events in TRANSITIONS.items()
        for edge in ((left, transition.to) for transition in events.values())
        if "hedge" not in marks.edge_mark(edge)
    }
    hedge_only.add((TradeState.RISK_SUBMITTED, TradeState.RISK_SUBMITTED))
    assert table - hedge_only == {*marks.EDGES, *marks.EXCLUDED}
    assert not set(marks.EDGES) & set(marks.EXCLUDED)
    assert all(marks.EXCLUDED.values())


def test_each_fault_of_the_gateway_and_each_mark_stands_in_it_once() -> None:
    assert {fault.name for fault in CATALOGUE} <= set(marks.ALL)
    assert len(set(marks.ALL)) == len(marks.ALL)


def test_what_was_not_reached_is_missing_in_the_sequence_of_the_catalogue() -> None:
    assert marks.missing(marks.ALL) == ()
    first, second, *rest = marks.ALL
    assert marks.missing(rest) == (first, second)
    assert marks.missing(["something else", *marks.ALL[1:]]) == (first,)


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (marks.strike_mark(Crash(CUE, Role.BROKER, 1.0)), "broker crash"),
        (marks.strike_mark(Rival(CUE, 1.0, is_cut_off=True)), "rival"),
        (marks.strike_mark(EngineRestart(CUE, 1.0)), "engine restart"),
        (marks.hand_mark(Act(CUE, 0, Deed.MOVE_STOP)), "asked: move_stop"),
        (marks.hand_mark(ByHand(CUE, "AAPL", "close")), "by hand: close"),
        (marks.move_mark(Halt(1.0, "AAPL", 5.0)), "halt"),
    ],
)
def test_what_goes_wrong_has_a_name_of_the_catalogue(mark: str, expected: str) -> None:
    assert mark == expected
    assert mark in marks.FAULTS


def test_a_price_is_no_mark() -> None:
    assert marks.move_mark(Print(1.0, "AAPL", Decimal(190))) is None


def at(state: TradeState, filled: int = 0) -> Lifecycle:
    return Lifecycle(hedge_first=False, state=state, risk_filled=Decimal(filled))


def test_between_two_sights_of_a_trade_lie_all_edges_that_one_report_brings() -> None:
    assert marks.edges_between(at(TradeState.VALIDATED), at(TradeState.COMPLETED, 5)) == (
        "validated -> risk submitted",
        "risk submitted -> risk filled",
        "risk filled -> completed",
    )


def test_a_trade_that_only_books_takes_the_edge_to_itself() -> None:
    partial = at(TradeState.RISK_PARTIAL, 1)
    assert marks.edges_between(partial, at(TradeState.RISK_PARTIAL, 2)) == (
        "risk partial -> risk partial",
    )
    assert marks.edges_between(partial, partial) == ()


def test_a_way_that_nobody_knows_is_told_as_it_was_seen() -> None:
    """It is in no catalogue, and so it is seen."""
    found = marks.edges_between(at(TradeState.CLOSED), at(TradeState.CREATED))
    assert found == ("closed -> created",)
