"""One run, told from its journal, with what went wrong and what was found each at its place."""

import sys
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from importlib import import_module

from backstay.cli.screen import Screen, print_json
from backstay.cli.simulate.document import StoryDocument, story_document
from backstay.cli.stories.telling_page import show_line
from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.describing import described
from backstay.lab.simulation.journal import Journal
from backstay.lab.simulation.outcome import Outcome
from backstay.lab.simulation.player import Stage, outcome_of, scenario_of
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.telling import Line, names_of, story_of
from backstay.lab.words import clock_text, count, elapsed_text

_TROUBLE, _FOUND = "!", ">>"


def tell(case: Case, stage_name: str, *, as_json: bool) -> Outcome:
    """Play it here, tell it, and say what came of it."""
    stage: Stage = import_module(stage_name)
    scenario, journal = scenario_of(case.job, stage), Journal(keeps=True)
    with redirect_stdout(sys.stderr):
        # Whatever a library prints is no part of the story.
        outcome = outcome_of(stage, scenario, journal)
    lines = tuple(story_of(journal.entries, outcome.findings, names_of(scenario)))
    if as_json:
        print_json(StoryDocument, story_document(outcome, lines, scenario.begins))
    else:
        _show(case, scenario, lines, outcome)
    return outcome


def _since(begins: datetime, at: datetime) -> str:
    """When it was, from the beginning: to the millisecond, and after hours to the second."""
    elapsed = at - begins
    if elapsed < timedelta(hours=1):
        return f"+{elapsed.total_seconds():.3f}"
    return f"+{clock_text(elapsed)}"


def _show(case: Case, scenario: Scenario, lines: tuple[Line, ...], outcome: Outcome) -> None:
    screen = Screen()
    screen.line(case.name, "bold")
    screen.facts(described(scenario))
    screen.line()
    for line in lines:
        at = _since(scenario.begins, line.event.at)
        mark = _FOUND if line.is_found else _TROUBLE if line.is_trouble else ""
        style = "bold red" if line.is_found else "yellow" if line.is_trouble else ""
        show_line(f"{mark:2}{at:>10}", line.event, screen, style)
    screen.line()
    seen = sum(fault.count for fault in outcome.faults)
    lasted = elapsed_text(timedelta(seconds=outcome.virtual_seconds))
    crashes = "1 crash" if outcome.crashes == 1 else f"{outcome.crashes} crashes"
    screen.line(
        f"{count(outcome.fills, 'fill')}, {count(seen, 'fault')} with an effect, {crashes},"
        f" {count(outcome.events, 'broker event')} in {lasted}"
    )
    if outcome.findings:
        broken = ", ".join(dict.fromkeys(finding.law for finding in outcome.findings))
        screen.line(f"Broken: {broken}.", "bold red")
    else:
        screen.line("No law was broken.", "bold green")
