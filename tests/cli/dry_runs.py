"""What a dry run is answered in the tests of its command, and the page of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.ports import Differs, Same
from backstay.cli.screen import Screen
from backstay.cli.trade.dry_run_page import show
from backstay.cli.trade.dry_run_report import StartedBefore, foretold
from backstay.domain.limits.facts import AccountKind
from backstay.domain.plan.complaints import Complaint
from backstay.domain.sessions.calendar import MarketPhase, Session
from backstay.domain.trade.dry_run import DryRunReport, Unanswered, Unworkable
from backstay.domain.trade.prospect import NoProspect
from tests.domain.trade.dry_runs import MARKET, ORDER, foreseen, seen_prospect
from tests.domain.trade.samples import NOW

FOUND = foreseen()
SILENT = Unanswered(ORDER, "no trades worker takes calls: none is running")
RUNNING = Same("trade:DU1234567:aapl-test", "run", "running")
OVER = replace(RUNNING, status="failed")
ANOTHER = Differs("trade:DU1234567:aapl-test", "run", "running", ("size", "stop"))

NOT_LISTED = Complaint(("instrument", "symbol"), '"AAPL" is not listed')


def unworkable(*complaints: Complaint, phase: MarketPhase | None = None) -> Unworkable:
    """A plan that does not work; with a phase, the broker has shown a market in it."""
    seen = None
    if phase is not None:
        opens = NOW + timedelta(hours=23.5)
        market = replace(MARKET, phase=phase, touch=None, account_kind=AccountKind.LIVE)
        prospect = replace(
            seen_prospect(ORDER),
            market=market,
            sessions=(Session(opens, opens + timedelta(hours=6.5)),),
        )
        seen = replace(prospect, preview=None).seen
    return Unworkable(ORDER, NoProspect(complaints, NOW, seen))


def page(
    report: DryRunReport, capsys: pytest.CaptureFixture[str], before: StartedBefore | None = None
) -> str:
    """What is printed."""
    show(foretold(report, before), Screen())
    return capsys.readouterr().out
