"""`backstay rehearse`: the trading rules, carried through a scripted tape."""

from pathlib import Path

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson
from backstay.cli.plan.file import read_plan
from backstay.cli.screen import Screen, print_json
from backstay.cli.stories.rehearse_page import show
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.trade import TradePlan
from backstay.lab.rehearsal.program import Rehearsal, rehearsal_of

EPILOG = """\b
Examples:
  backstay rehearse
  backstay rehearse --json

\b
Exit codes:
  0  every check of the rehearsal holds
  1  one fails
  2  wrong usage, or an example is no plan
"""

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BREAKOUT = "aapl-breakout.toml"
CONDOR = "spx-condor.toml"


def rehearse(*, as_json: AsJson = False) -> None:
    """Play the rules alone on a scripted tape: a breakout, an iron condor, a plan with mistakes.

    Nothing is connected and nothing is sent: prices, fills and every word of the broker come from a
    script. The plans are examples/aapl-breakout.toml and examples/spx-condor.toml; their targets
    and time exits are not played.
    """
    breakout, condor = _example(BREAKOUT), _example(CONDOR)
    if not isinstance(breakout, TradePlan) or not isinstance(condor, GroupPlan):
        raise _unplayable("the first example is of a single trade, the second of a group")
    rehearsal = rehearsal_of(breakout, condor)
    if as_json:
        print_json(Rehearsal, rehearsal)
    else:
        show(rehearsal, Screen())
    raise typer.Exit(Exit.DONE if rehearsal.summary.holds else Exit.NEGATIVE)


def _example(name: str) -> TradePlan | GroupPlan:
    try:
        return read_plan(EXAMPLES / name)
    except PlanRefusedError as refused:
        raise _unplayable(*(f"{name}: {one}" for one in refused.complaints)) from None


def _unplayable(*reasons: str) -> typer.Exit:
    errors = Screen(errors=True)
    for reason in reasons:
        errors.line(reason)
    return typer.Exit(Exit.BAD_INPUT)
