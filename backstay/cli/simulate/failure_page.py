"""How a failure is shown: what was broken, how to see it again, and how little it takes."""

from pathlib import Path

from backstay.cli.screen import INDENT, Screen
from backstay.lab.simulation.describing import described
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.report import Failure, Report, Shrunk, seconds_into
from backstay.lab.simulation.scenario import SCENARIO, Scenario
from backstay.lab.words import count

SHOWN_MAX = 10
FINDINGS_SHOWN_MAX = 3


def show_failures(report: Report, kept: tuple[Path, ...], screen: Screen) -> None:
    """The first of them, then those that were made small. `kept` are the files of the latter."""
    for failure in report.failures[:SHOWN_MAX]:
        _show_failure(failure, screen)
    if len(report.failures) > SHOWN_MAX:
        others = ", ".join(each.case.name for each in report.failures[SHOWN_MAX:])
        screen.line(f"and {len(report.failures) - SHOWN_MAX} more: {others}")
        screen.line()
    for place, small in enumerate(report.shrunk):
        _show_shrunk(small, kept[place] if kept else None, screen)


def keep(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write each scenario that was made small to a file of its own; the folder is there."""
    files = []
    for small in report.shrunk:
        name = f"{small.finding.law}-{small.case.name}".lower()
        safe = "".join(each if each.isalnum() else "-" for each in name)
        file = folder / f"{safe}.json"
        file.write_bytes(SCENARIO.dump_json(small.scenario, indent=2) + b"\n")
        files.append(file)
    return tuple(files)


def when_text(finding: Finding, scenario: Scenario | None) -> str:
    """When it was found, if anybody knows."""
    if scenario is None or (seconds := seconds_into(finding, scenario)) < 0:
        return ""
    return f"+{seconds:.3f} s  "


def _show_failure(failure: Failure, screen: Screen) -> None:
    screen.line(failure.case.name, "bold red")
    for finding in failure.findings[:FINDINGS_SHOWN_MAX]:
        screen.line(f"{INDENT}{when_text(finding, failure.scenario)}{finding}", "red")
    if len(failure.findings) > FINDINGS_SHOWN_MAX:
        screen.line(f"{INDENT}and {len(failure.findings) - FINDINGS_SHOWN_MAX} more")
    screen.line(f"{INDENT}backstay simulate {failure.case.again} --trace", "dim")
    screen.line()


def _show_shrunk(small: Shrunk, file: Path | None, screen: Screen) -> None:
    tries = count(small.tries, "run")
    screen.line(f"{small.case.name}, made small in {tries}", "bold")
    screen.line(f"{INDENT}{when_text(small.finding, small.scenario)}{small.finding}", "red")
    screen.facts(described(small.scenario))
    if file is None:
        screen.line(f"{INDENT}backstay simulate {small.case.again} --keep FOLDER", "dim")
    else:
        screen.line(f"{INDENT}backstay simulate --scenario {file} --trace", "dim")
    screen.line()
