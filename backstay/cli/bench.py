"""`backstay bench`: how fast an order follows its tick, and how fast a durable trade is."""

from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson
from backstay.cli.screen import Cell, Screen, print_json
from backstay.lab.benches.edge.figures import Report
from backstay.lab.benches.goals import Goal
from backstay.lab.benches.trade.figures import Report as TradeReport

_CODES = """\b
Exit codes:
  0  every figure is as good as it should be
  1  a figure is missed
  2  wrong usage
  3  nothing could be measured
"""
EDGE_EPILOG = f"""\b
Examples:
  backstay bench edge
  backstay bench edge --fires 80 --json

{_CODES}"""
TRADE_EPILOG = f"""\b
Examples:
  backstay bench trade
  backstay bench trade --rounds 12 --json

{_CODES}"""

FIRES = 200
FIRES_MIN = 8
ROUNDS = 30
ROUNDS_MIN = 3
_NAME, _FIGURE, _WORD = 44, 10, 9

bench = typer.Typer(help="Benches: how fast it is.", no_args_is_help=True)


@bench.command("edge", epilog=EDGE_EPILOG)
def edge(
    *,
    fires: Annotated[
        int, typer.Option(metavar="N", min=FIRES_MIN, help="how often each is measured at a rate")
    ] = FIRES,
    as_json: AsJson = False,
) -> None:
    """Measure from a tick's bytes to an order's.

    The edge beside a plain script with ib_async and a bare scanner, in turns, each in a process of
    its own on a core of its own; a thousand triggers are armed in each. It takes two minutes and
    wants a machine that has nothing else to do.
    """
    # What is measured loads the edge and ib_async, which no other command needs.
    from backstay.lab.benches.edge.runs import run  # noqa: PLC0415
    from backstay.lab.benches.trouble import BenchError  # noqa: PLC0415

    errors = Screen(errors=True)
    try:
        report = run(fires, errors.line)
    except (BenchError, OSError, RuntimeError) as error:
        errors.line(f"nothing was measured: {error}", "bold red")
        raise typer.Exit(Exit.CANNOT_TELL) from None
    if as_json:
        print_json(Report, report)
    else:
        _show(report, Screen())
    _end(report.goals)


@bench.command("trade", epilog=TRADE_EPILOG)
def trade(
    *,
    rounds: Annotated[
        int, typer.Option(metavar="N", min=ROUNDS_MIN, help="how many trades are carried through")
    ] = ROUNDS,
    as_json: AsJson = False,
) -> None:
    """Measure a trade from its plan to its watch, and from a limit's end to the last rung.

    A tuned engine, both workers as processes of their own, and the embedded gateway. A trade takes
    about four seconds; it wants a machine that has nothing else to do.
    """
    # What is measured loads the workers, which no other bench needs.
    from backstay.lab.benches.trade.rounds import run  # noqa: PLC0415
    from backstay.lab.benches.trouble import BenchError  # noqa: PLC0415

    errors = Screen(errors=True)
    try:
        report = run(rounds, errors.line)
    except (BenchError, OSError, RuntimeError, TimeoutError) as error:
        errors.line(f"nothing was measured: {str(error) or type(error).__name__}", "bold red")
        raise typer.Exit(Exit.CANNOT_TELL) from None
    if as_json:
        print_json(TradeReport, report)
    else:
        _show_spans(report, Screen())
    _end(report.goals)


def _end(goals: Sequence[Goal]) -> NoReturn:
    is_reached = all(goal.is_reached for goal in goals)
    raise typer.Exit(Exit.DONE if is_reached else Exit.NEGATIVE)


def _show_spans(report: TradeReport, screen: Screen) -> None:
    screen.line("Milliseconds", "bold")
    for span in report.spans:
        figures = f"p50 {span.p50:.0f}, p99 {span.p99:.0f}, {span.count} times"
        screen.line(f"from {span.what}: {figures}")
    screen.line()
    _show_goals(report.goals, screen)


def _show(report: Report, screen: Screen) -> None:
    screen.line("Microseconds from the tick that confirms a trigger to its order", "bold")
    heads = ("", "ticks/s", "times", "p50", "p99")
    widths = (_WORD, _FIGURE, _FIGURE, _FIGURE, _FIGURE)
    screen.row([Cell(f"{head:>{width}}", width) for head, width in zip(heads, widths, strict=True)])
    for each in report.latencies:
        figures = (each.ticks_per_second, each.count, round(each.p50), round(each.p99))
        screen.row(
            [
                Cell(each.contender, _WORD),
                *(Cell(f"{figure:>{_FIGURE},}", _FIGURE) for figure in figures),
            ]
        )
    screen.line()
    bursts = ", ".join(f"{name} {each:.1f}" for name, each in report.burst_milliseconds.items())
    screen.line(f"Milliseconds from a burst of 256 KB to its order: {bursts}")
    ticks = ", ".join(
        f"{each:.2f} with {n:,} armed" for n, each in report.tick_microseconds.items()
    )
    screen.line(f"Microseconds a tick that decides nothing: {ticks}")
    screen.line()
    _show_goals(report.goals, screen)


def _show_goals(goals: Sequence[Goal], screen: Screen) -> None:
    for goal in goals:
        said = "reached" if goal.is_reached else "MISSED"
        screen.row(
            [
                Cell(goal.what, _NAME),
                Cell(f"{goal.measured:>{_FIGURE}.2f}", _FIGURE),
                Cell(f"at most {goal.bound:g}", _FIGURE * 2),
                Cell(said, _WORD, "green" if goal.is_reached else "bold red"),
            ]
        )
