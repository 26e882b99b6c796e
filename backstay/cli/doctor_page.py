"""The page of `backstay doctor`: one line a step, and below each that failed what to do."""

from backstay.broker.doctor.findings import Diagnosis, Finding, Outcome, Verdict
from backstay.cli.screen import INDENT, Cell, Screen
from backstay.lab.words import count

_OUTCOME_WIDTH = len(Outcome.NOT_REACHED)
_STEP_WIDTH = len("paper or live")
_GAPS_WIDTH = 2 * len(INDENT)
_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.NOT_REACHED: "dim"}


def show(diagnosis: Diagnosis, screen: Screen) -> None:
    """The page."""
    patient = diagnosis.patient
    screen.line(f"{patient.host}:{patient.port} as client {patient.client_id}", "bold")
    screen.line()
    for finding in diagnosis.findings:
        _show_finding(finding, screen)
    screen.line()
    screen.line(_summary(diagnosis))


def _show_finding(finding: Finding, screen: Screen) -> None:
    rest = screen.width - len(INDENT) - _OUTCOME_WIDTH - _STEP_WIDTH - _GAPS_WIDTH
    style = _STYLES[finding.outcome]
    screen.row(
        [
            Cell(finding.outcome, _OUTCOME_WIDTH, style),
            Cell(finding.step, _STEP_WIDTH),
            Cell(finding.found or finding.question, rest, "dim" if not finding.found else ""),
        ],
        INDENT,
    )
    if finding.remedy:
        blank = Cell("", _OUTCOME_WIDTH), Cell("", _STEP_WIDTH)
        screen.row([*blank, Cell(finding.remedy, rest, "yellow")], INDENT)


def _summary(diagnosis: Diagnosis) -> str:
    outcomes = [finding.outcome for finding in diagnosis.findings]
    failed, unreached = outcomes.count(Outcome.FAILED), outcomes.count(Outcome.NOT_REACHED)
    if diagnosis.verdict is Verdict.WELL:
        return f"all is well: {count(len(outcomes), 'step')} passed"
    rest = f", {unreached} not reached" if unreached else ""
    return f"{diagnosis.verdict}: {failed} of {count(len(outcomes), 'step')} failed{rest}"
