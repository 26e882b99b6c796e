"""Scenarios of a few parts, drawn by Hypothesis or written down."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from backstay.domain.limits.kill import KillMode
from backstay.gateway.faults.plan import rule
from backstay.lab.simulation.scenario import (
    Act,
    Away,
    ByHand,
    ClockStep,
    Crash,
    Cue,
    CutLines,
    Deed,
    Halt,
    Kill,
    Print,
    Role,
    Scenario,
    Sight,
    TradeAsked,
)

BEGINS = datetime(2026, 11, 23, 15, tzinfo=UTC)
PLAN = """
id = "aapl-1"
side = "buy"
instrument = { symbol = "AAPL" }
size = { quantity = 100 }
entry = { order = "MKT" }
stop = { price = 188.50 }
"""

SMALL = Scenario(
    seed=7,
    begins=BEGINS,
    profile="pessimistic",
    believed="pessimistic",
    trades=(TradeAsked(Cue(0.0), PLAN),),
    hands=(),
    moves=(),
    strikes=(),
    rules=(),
    quiet_at_seconds=60.0,
)

FULL = replace(
    SMALL,
    trades=(
        TradeAsked(Cue(0.5), PLAN),
        TradeAsked(Cue(2.0), PLAN.replace("aapl", "msft").replace("AAPL", "MSFT")),
    ),
    hands=(
        Act(Cue(20.0), 1, Deed.MOVE_STOP, Decimal("188.5"), times=2),
        Kill(Cue(30.0), KillMode.FLATTEN),
        ByHand(Cue(0.0, Sight.EXECUTION, "EN"), "AAPL", "cancel", "PR"),
    ),
    moves=(
        Print(5.25, "AAPL", Decimal("190.02")),
        Halt(9.0, "AAPL", 3.5),
        Print(14.0, "MSFT", Decimal(401), spread=Decimal("0.1")),
    ),
    strikes=(
        Crash(Cue(10.0, Sight.ORDER_READ, "EN", 2, 0.5, 17), Role.TRADES, 0.8),
        ClockStep(Cue(12.0), -3600.0),
        CutLines(Cue(0.0, Sight.STOP_STANDS)),
    ),
    rules=(
        rule("tick-crossed", probability=0.1),
        rule("status-missing", nth=2),
        rule("farm-broken", between=["+1s", "+9s"]),
    ),
    away=(Away(100.5, 200.0),),
    nightly_restart=True,
)

_SECONDS = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 2))
_CUES = st.builds(
    Cue,
    _SECONDS,
    st.sampled_from(Sight),
    st.sampled_from(["", "EN"]),
    st.integers(1, 3),
    _SECONDS,
    st.integers(0, 20),
)
_STRIKES = st.one_of(
    st.builds(Crash, _CUES, st.sampled_from(Role), _SECONDS),
    st.builds(ClockStep, _CUES, _SECONDS),
    st.builds(CutLines, _CUES),
)
_RULES = st.sampled_from(FULL.rules)
_MOVES = st.builds(
    Print, _SECONDS, st.sampled_from(["AAPL", "MSFT"]), st.integers(10, 99).map(Decimal)
)


def _many(parts: st.SearchStrategy[Any], at_most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(parts, max_size=at_most).map(tuple)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any of it."""
    count = draw(st.integers(0, 4))
    trades = tuple(TradeAsked(draw(_CUES), f'id = "trade-{n}"\n') for n in range(count))
    acts = (
        st.builds(Act, _CUES, st.integers(0, count - 1), st.sampled_from(Deed)) if count else None
    )
    kills = st.builds(Kill, _CUES, st.sampled_from(KillMode), st.integers(1, 3))
    return replace(
        SMALL,
        trades=trades,
        hands=draw(_many(kills if acts is None else st.one_of(acts, kills))),
        moves=draw(_many(_MOVES, 12)),
        strikes=draw(_many(_STRIKES)),
        rules=draw(_many(_RULES)),
        quiet_at_seconds=draw(st.floats(1, 500)),
        nightly_restart=draw(st.booleans()),
        profile=draw(st.sampled_from(["pessimistic", "pessimistic,+last_bytes_are_read"])),
    )
