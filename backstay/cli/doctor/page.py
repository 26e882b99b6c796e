"""The page of `backstay doctor`: a checklist, and below each trouble what to do about it."""

from itertools import groupby

from backstay.cli.screen import INDENT, Cell, Screen
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import TradingMode
from backstay.lab.words import count
from workers.examining.findings import Examination, Finding, Outcome, Stake, Verdict

_OUTCOME_WIDTH = len(Outcome.NOT_REACHED)
_SUBJECT_WIDTH = len("paper or live")
_GAPS_WIDTH = 2 * len(INDENT)
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.NOTED: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.NOT_REACHED: "dim",
}
_LAST_WORDS = {
    Verdict.NO_SETTINGS: "the settings can't be used",
    Verdict.NOT_CONNECTED: "not connected to the broker",
    Verdict.FAILED: "something is not as it should be",
    Verdict.WELL: "all is well",
}


def show(examination: Examination, screen: Screen) -> None:
    """The page."""
    stake = examination.stake
    if stake is not None:
        screen.line(_stake(stake), "bold red" if _is_armed(stake) else "bold")
        screen.line()
    for area, findings in groupby(examination.findings, key=lambda finding: finding.area):
        patient = examination.patient
        at = f" {patient.host}:{patient.port}" if area == "broker" else ""
        screen.line(f"{area}{at}", "bold")
        for finding in findings:
            _show_finding(finding, screen)
    screen.line()
    screen.line(_summary(examination))


def _stake(stake: Stake) -> str:
    kind = stake.kind.upper()
    if _is_armed(stake):
        return f"{kind} account {stake.account}, ARMED: its orders are real money"
    return f"{kind} account {stake.account}, trading {stake.trading}"


def _is_armed(stake: Stake) -> bool:
    is_live = stake.kind is AccountKind.LIVE and stake.trading is TradingMode.LIVE
    return is_live and stake.is_armed


def _show_finding(finding: Finding, screen: Screen) -> None:
    rest = screen.width - len(INDENT) - _OUTCOME_WIDTH - _SUBJECT_WIDTH - _GAPS_WIDTH
    style = _STYLES[finding.outcome]
    is_unseen = finding.outcome is Outcome.NOT_REACHED
    screen.row(
        [
            Cell(finding.outcome, _OUTCOME_WIDTH, style),
            Cell(finding.subject, _SUBJECT_WIDTH),
            Cell(finding.found, rest, "dim" if is_unseen else ""),
        ],
        INDENT,
    )
    if finding.remedy:
        blank = Cell("", _OUTCOME_WIDTH), Cell("", _SUBJECT_WIDTH)
        screen.row([*blank, Cell(finding.remedy, rest, "yellow")], INDENT)


def _summary(examination: Examination) -> str:
    outcomes = [finding.outcome for finding in examination.findings]
    steps = count(len(outcomes), "step")
    told = [
        f"{outcomes.count(outcome)} {outcome}"
        for outcome in (Outcome.FAILED, Outcome.NOTED, Outcome.NOT_REACHED)
        if outcome in outcomes
    ]
    rest = f", {', '.join(told)}" if told else ""
    return f"{_LAST_WORDS[examination.verdict]}: {steps}{rest}"
