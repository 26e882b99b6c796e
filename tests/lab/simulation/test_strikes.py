"""Whatever can go wrong goes wrong in a calm story, one thing at a time: it has an effect, and the
trade comes to its end all the same.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.limits.kill import KillMode
from backstay.lab.simulation.drawing.stories import story
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.marks import hand_mark, strike_mark
from backstay.lab.simulation.playing import play
from backstay.lab.simulation.scenario import (
    Act,
    Away,
    ByHand,
    ClockStep,
    Crash,
    Cue,
    CutLines,
    Deed,
    EngineRestart,
    Evictions,
    GatewayRestart,
    Halt,
    Hand,
    Kill,
    LateTimers,
    LostReports,
    Rival,
    Role,
    Sight,
    SignalsTwice,
    Split,
    Stall,
    Strike,
)

FILLED = Cue(0.0, Sight.EXECUTION, word="EN", delay_seconds=0.05)
EARLY = Cue(1.0)

STRIKES: tuple[Strike, ...] = (
    Crash(FILLED, Role.BROKER, 0.5),
    Crash(FILLED, Role.TRADES, 0.5),
    Crash(Cue(0.0, Sight.CALL_TAKEN, word="guard", steps=5), Role.BROKER, 0.2),
    Stall(FILLED, Role.BROKER, 2.0),
    Stall(FILLED, Role.TRADES, 2.0),
    Rival(FILLED, 3.0, is_cut_off=True),
    ClockStep(FILLED, 3600.0),
    ClockStep(FILLED, -3600.0),
    EngineRestart(FILLED, 1.0),
    LostReports(Cue(0.0), 1, "arm"),
    Evictions(Cue(0.0), 20.0, 1.0),
    CutLines(FILLED),
    GatewayRestart(FILLED, 0.5),
)


@pytest.mark.parametrize("strike", STRIKES, ids=lambda strike: f"{strike_mark(strike)}")
def test_it_is_felt_and_the_trade_comes_to_its_end(strike: Strike) -> None:
    calm = story("breakout")
    outcome = play(replace(calm, strikes=(strike,)))
    assert outcome.findings == ()
    assert outcome.fills == 2
    assert strike_mark(strike) in outcome.marks
    assert outcome.crashes == isinstance(strike, Crash)


HANDS: tuple[Hand, ...] = (
    Act(EARLY, 0, Deed.CANCEL),
    Act(EARLY, 0, Deed.ENTER, times=2),
    Act(FILLED, 0, Deed.CLOSE),
    Act(FILLED, 0, Deed.BREAK_EVEN),
    Act(EARLY, 0, Deed.SUBMIT_AGAIN),
    Act(EARLY, 0, Deed.SUBMIT_CHANGED),
    Act(EARLY, 0, Deed.CANCEL_WORKFLOW),
    Kill(FILLED, KillMode.FREEZE),
    Kill(FILLED, KillMode.FLATTEN, times=2),
    ByHand(FILLED, "AAPL", "cancel", "PR"),
    ByHand(FILLED, "AAPL", "close"),
)


@pytest.mark.parametrize("hand", HANDS, ids=hand_mark)
def test_a_person_does_it_and_no_law_is_broken(hand: Hand) -> None:
    outcome = play(replace(story("breakout"), hands=(hand,)))
    assert outcome.findings == ()
    assert hand_mark(hand) in outcome.marks


def test_a_timer_that_comes_up_late_is_felt() -> None:
    """Only where somebody waits for one: here a call whose answer was lost is tried again."""
    lost, late = LostReports(Cue(0.0), 1, "admit"), LateTimers(Cue(0.0), 20.0, 0.5)
    outcome = play(replace(story("breakout"), strikes=(lost, late)))
    assert outcome.findings == ()
    assert {strike_mark(lost), strike_mark(late)} <= set(outcome.marks)


def test_a_signal_that_comes_twice_is_felt() -> None:
    calm = story("breakout")
    kill, twice = Kill(FILLED, KillMode.FREEZE), SignalsTwice(Cue(0.0), 20.0)
    outcome = play(replace(calm, hands=(kill,), strikes=(twice,)))
    assert outcome.findings == ()
    assert strike_mark(twice) in outcome.marks


def test_a_halt_ends_and_a_split_is_made() -> None:
    calm = story("breakout")
    moves = (*calm.moves, Halt(5.5, "AAPL", 1.0), Split(12.0, "AAPL", Decimal(2)))
    journal = Journal(keeps=True)
    outcome = play(replace(calm, moves=moves), journal)
    assert {"halt", "split"} <= set(outcome.marks)
    told = [entry.text for entry in journal.entries if entry.source is Source.MARKET]
    assert any("resumed" in text for text in told)


def test_while_both_are_away_nobody_sends_anything() -> None:
    calm = replace(story("breakout"), away=(Away(2.0, 4.0),))
    journal = Journal(keeps=True)
    outcome = play(calm, journal)
    assert outcome.findings == ()
    begins = calm.begins.timestamp()
    wire = (entry for entry in journal.entries if entry.source is Source.WIRE)
    assert not [each for each in wire if 2.5 < each.at_ns / 1e9 - begins < 4.0]
