"""Draws and plays in place of the real ones: in no time, and wrong in whatever way is asked for.

What a run does is in its seed: the last two digits say what goes wrong.
"""

import os
import sys
import threading
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.times import to_ns
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.marks import ALL
from backstay.lab.simulation.outcome import Finding, Outcome, Seen
from backstay.lab.simulation.player import STEPS_BEFORE, Stepped
from backstay.lab.simulation.scenario import Crash, Cue, CutLines, Print, Role, Scenario
from tests.lab.simulation.scenarios import FULL, SMALL

FINDS, RAISES, DIES, HANGS, SCATTERS = 10, 20, 30, 40, 50
LOUD = 101
"""The seed with which something is printed."""

STEPS = 12
"""How many steps each worker takes; something outside changes before each third one."""

STEPS_MAX = 500
"""A crash before a later step than that never comes up."""

BAD_STEP = 7


def draw(seed: int, profile: str | None = None, only: tuple[str, ...] | None = None) -> Scenario:
    """Everything of a full one, with as many prices as the seed's last digit says."""
    prices = tuple(Print(float(n), "AAPL", Decimal(190 + n)) for n in range(seed % 10))
    strikes = FULL.strikes if only is None else ()
    return replace(FULL, seed=seed, profile=profile or FULL.profile, strikes=strikes, moves=prices)


def story(name: str) -> Scenario:
    """The only one."""
    if name != "breakout":
        raise KeyError(name)
    return replace(SMALL, seed=0)


def play(
    scenario: Scenario, journal: Journal, *, replays: bool, stepped: Stepped | None
) -> Outcome:
    """Whatever its seed says, as long as the lines are cut in it."""
    begins = to_ns(scenario.begins)
    kind = scenario.seed % 100 // 10 * 10
    is_cut = any(isinstance(strike, CutLines) for strike in scenario.strikes)
    if kind == RAISES and is_cut:
        raise ValueError(f"seed {scenario.seed} can't be played")
    if kind == DIES and is_cut:
        sys.stderr.write("out of memory\n")
        sys.stderr.flush()
        os._exit(3)
    if kind == HANGS and is_cut:
        threading.Event().wait()
    if scenario.seed == LOUD:
        sys.stdout.write("a library prints this\n")
    for step in range(1, STEPS + 1):
        if step % 3 == 0:
            journal.write(begins + step, Source.WIRE, "{}")
        for role in Role:
            if stepped is not None:
                stepped(role, step)
    scattered = os.environ.get("PYTHONHASHSEED") if kind == SCATTERS else "nothing"
    journal.write(begins + 99, Source.MARKET, f"scattered by {scattered}")
    findings = [Finding("I1", begins + 5 * 10**9, "two live orders")] * (kind == FINDS and is_cut)
    findings += [
        Finding("I11", begins, "no stop")
        for strike in scenario.strikes
        if isinstance(strike, Crash) and strike.cue == Cue(0.0, steps=BAD_STEP - STEPS_BEFORE)
    ]
    return Outcome(
        seed=scenario.seed,
        profile=scenario.profile,
        findings=tuple(findings),
        events=100,
        fills=2,
        crashes=sum(
            isinstance(each, Crash) and each.cue.steps < STEPS_MAX for each in scenario.strikes
        ),
        faults=(Seen("tick-crossed", "open", 3), Seen("cut lines", "idle", 1)),
        marks=ALL if scenario.seed == 99 else ALL[:5],
        steps=2 * STEPS,
        virtual_seconds=360.0,
        digest=journal.digest,
        is_replayed=replays,
    )
