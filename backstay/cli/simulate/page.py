"""How many runs are shown: a line while they go on, then what they have come to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import wrap

from backstay.cli.screen import INDENT, Cell, Screen
from backstay.lab.simulation.marks import ALL
from backstay.lab.simulation.report import Progress, Report
from backstay.lab.simulation.tally import Figures
from backstay.lab.words import count

EVERY_SECONDS = 10.0
"""How often it is said how far it has come, where no line can be replaced."""

_FAULT_WIDTH, _COUNT_WIDTH = 28, 9


@contextmanager
def progress_on(screen: Screen) -> Iterator[Callable[[Progress], None]]:
    """What is called shows how far it has come."""
    due = EVERY_SECONDS
    with screen.rewritten() as show:

        def hear(progress: Progress) -> None:
            nonlocal due
            if screen.is_live or progress.seconds >= due:
                due = progress.seconds + EVERY_SECONDS
                show(progress_text(progress))

        yield hear


def progress_text(progress: Progress) -> str:
    """How far it has come, in a line."""
    rate = progress.runs / progress.seconds if progress.seconds else 0.0
    return (
        f"{progress.doing}: {count(progress.runs, 'run')} in {progress.seconds:.0f} s,"
        f" {rate:.1f} a second;"
        f" {progress.events:,} broker events, {progress.crash_points:,} crash points;"
        f" {count(progress.failures, 'failure')}"
    )


def show_report(report: Report, screen: Screen, *, needs_marks: bool) -> None:
    """What they have come to. A few runs can't reach much; what they have not is left out then."""
    figures = report.figures
    screen.facts(_facts(report))
    screen.line()
    _show_faults(figures, screen)
    is_much = len(figures.marks_missing) > len(ALL) // 2
    if figures.marks_missing and (needs_marks or not is_much):
        screen.line(f"Not reached, {len(figures.marks_missing)} of {len(ALL)}", "bold")
        width = screen.width - len(INDENT)
        for line in wrap(", ".join(figures.marks_missing), width, break_on_hyphens=False):
            screen.line(f"{INDENT}{line}")
        screen.line()


def verdict(report: Report, *, needs_marks: bool) -> tuple[str, bool]:
    """The last line, and whether it is a good one."""
    failed, missing = len(report.failures), report.figures.marks_missing
    played = report.figures.runs
    runs = count(played, "run")
    text = f"A law was broken in {failed:,} of {runs}" if failed else f"No law was broken in {runs}"
    if not played:
        text = "Nothing was played"
    if needs_marks and missing:
        text += f"; {count(len(missing), 'mark')} not reached"
    if report.is_cut_short:
        text += "; time was up before the rest"
    if report.is_interrupted:
        text += "; it was told to end"
    is_good = bool(played) and not (failed or report.is_interrupted or (needs_marks and missing))
    return f"{text}.", is_good


def table(report: Report) -> Iterator[str]:
    """The figures as docs/figures.md has them."""
    figures, median = report.figures, report.figures.median
    yield "| Figure | Measured |"
    yield "|---|---|"
    rows = (
        ("runs of the whole house", f"{figures.runs:,} over {count(figures.profiles, 'profile')}"),
        ("a second", f"{report.runs_per_second:.1f} in {_processes(report)}"),
        ("virtual hours", f"{figures.virtual_hours:,.1f}"),
        ("broker events", f"{figures.events:,}"),
        ("fills", f"{figures.fills:,}"),
        ("observed faults", f"{figures.faults_seen:,} of {_sorts(figures)}"),
        ("distinct pairs of a fault and a state", f"{figures.pairs:,}"),
        ("crash points", f"{figures.crash_points:,}"),
        (
            "the median run: fills, faults, crashes",
            f"{median.fills:g}, {median.faults:g}, {median.crashes:g}",
        ),
        ("marks reached", f"{len(ALL) - len(figures.marks_missing)} of {len(ALL)}"),
        ("played again in another process, byte for byte", f"{figures.runs_played_twice:,}"),
        ("replayed by the engine's own replayer", f"{figures.runs_replayed:,}"),
        ("runs in which a law was broken", f"{len(report.failures):,}"),
    )
    for what, measured in rows:
        yield f"| {what} | {measured} |"


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    figures, median = report.figures, report.figures.median
    rate = f"{report.runs_per_second:.1f} a second in {_processes(report)}"
    yield "runs", f"{figures.runs:,} in {report.seconds:.0f} s, {rate}"
    again = f"{figures.runs_played_twice:,} played again in another process"
    yield "", f"{again}, {figures.runs_replayed:,} replayed by the engine's replayer"
    yield "broker", f"{figures.events:,} events, {figures.fills:,} fills"
    yield "", f"{figures.virtual_hours:,.1f} virtual hours, {count(figures.profiles, 'profile')}"
    yield "faults", f"{figures.faults_seen:,} with an effect, of {_sorts(figures)}"
    yield "", f"{figures.pairs:,} distinct pairs of a fault and a state"
    yield "crashes", count(figures.crash_points, "point")
    middle = f"fills {median.fills:g}, faults {median.faults:g}, crashes {median.crashes:g}"
    yield "median", f"of a run: {middle}"
    yield "reached", f"{len(ALL) - len(figures.marks_missing)} of {len(ALL)} marks"


def _sorts(figures: Figures) -> str:
    return count(len(figures.faults), "sort")


def _processes(report: Report) -> str:
    return "1 process" if report.processes == 1 else f"{report.processes} processes"


def _show_faults(figures: Figures, screen: Screen) -> None:
    if not figures.faults:
        return
    screen.line("Faults with an effect, and how many runs had them", "bold")
    half = (len(figures.faults) + 1) // 2
    for place in range(half):
        cells: list[Cell] = []
        for each in figures.faults[place::half]:
            cells += [
                Cell(each.fault, _FAULT_WIDTH),
                Cell(f"{each.count:>{_COUNT_WIDTH},}", _COUNT_WIDTH),
                Cell(f"{each.runs:>{_COUNT_WIDTH - 2},}", _COUNT_WIDTH - 2),
            ]
        screen.row(cells, INDENT)
    screen.line()
