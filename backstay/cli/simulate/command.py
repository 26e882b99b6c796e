"""`backstay simulate`: seeds, stories and kept scenarios, played in many processes and judged."""

import os
from collections.abc import Iterable
from pathlib import Path

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, end
from backstay.cli.screen import Screen, print_json
from backstay.cli.simulate import options
from backstay.cli.simulate.asking import Asked, check_together, make_folder
from backstay.cli.simulate.document import Document, document
from backstay.cli.simulate.failure_page import keep, show_failures
from backstay.cli.simulate.page import progress_on, show_report, table, verdict
from backstay.cli.simulate.run import run
from backstay.cli.simulate.story import tell
from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.enumerating import every_await
from backstay.lab.simulation.players import STAGE, PlayersError
from backstay.lab.simulation.report import Report, Terms

EPILOG = """\b
Examples:
  backstay simulate --seeds 1:200
  backstay simulate --seeds 1:5000 --only "clock step" --keep failures
  backstay simulate --seed 17 --trace
  backstay simulate --scenario failures/i1-seed-17.json --trace
  backstay simulate --story breakout --every-await --role broker

\b
Exit codes:
  0  no law was broken
  1  one was, --marks missed one, nothing was played, or it was told to end
  2  wrong usage, or a file that is no scenario
  3  nothing could be played
"""
SECONDS_PER_MINUTE = 60.0


def simulate(  # noqa: PLR0913 - one argument an option
    *,
    seeds: options.Seeds = None,
    seed: options.Seed = None,
    scenario: options.ScenarioFile = None,
    story: options.Story = None,
    every: options.EveryAwait = False,
    role: options.RoleName = None,
    step: options.Step = None,
    trace: options.Trace = False,
    only: options.Only = None,
    profile: options.ProfileWords = None,
    jobs: options.Jobs = None,
    minutes: options.Minutes = None,
    until_first: options.UntilFirst = False,
    marks: options.Marks = False,
    keep_in: options.Keep = None,
    as_table: options.Table = False,
    as_json: AsJson = False,
) -> None:
    """Play the whole house from seeds, with everything going wrong, and judge it.

    Real workflows, activities, edge, ib_async and gateway on one virtual clock; what happens is in
    the seed, and the same seed gives the same bytes. What fails is shown with its seed and with as
    little of it as it takes.
    """
    asked = Asked(
        seeds, seed, scenario, story, every, role, step, tuple(only) if only else None, profile
    )
    asked.check()
    given = {
        "--keep": keep_in is not None,
        "--jobs": jobs is not None,
        "--minutes": minutes is not None,
        "--marks": marks,
        "--table": as_table,
        "--json": as_json,
        "--until-first": until_first,
    }
    check_together(tuple(name for name, is_given in given.items() if is_given), is_traced=trace)
    if keep_in is not None:
        make_folder(keep_in)
    if trace:
        _trace(asked, as_json=as_json)
    seconds_max = None if minutes is None else minutes * SECONDS_PER_MINUTE
    terms = Terms(jobs or os.cpu_count() or 1, seconds_max, until_first=until_first, stage=STAGE)
    report = _report(asked, terms)
    if report.figures.runs and not report.failures:
        asked.check_struck(report.figures.crash_points)
    kept = keep(report, keep_in) if keep_in is not None else ()
    if as_json:
        print_json(Document, document(report, kept))
    else:
        _show(report, kept, as_table=as_table, needs_marks=marks)
    _, is_good = verdict(report, needs_marks=marks)
    raise typer.Exit(Exit.DONE if is_good else Exit.NEGATIVE)


def _trace(asked: Asked, *, as_json: bool) -> None:
    cases = () if asked.every_await else tuple(asked.cases())
    if len(cases) != 1:
        raise typer.BadParameter("--trace tells a single run: give one --seed, --scenario or story")
    outcome = tell(cases[0], STAGE, as_json=as_json)
    asked.check_struck(outcome.crashes)
    raise typer.Exit(Exit.NEGATIVE if outcome.findings else Exit.DONE)


def _report(asked: Asked, terms: Terms) -> Report:
    async def cases() -> Iterable[Case]:
        if asked.every_await:
            return await every_await(asked.stories, asked.roles, terms)
        return asked.cases()

    try:
        with progress_on(Screen(errors=True)) as hears:
            return run(cases, terms, hears)
    except PlayersError as error:
        raise end(f"nothing could be played: {error}", Exit.CANNOT_TELL) from None


def _show(report: Report, kept: tuple[Path, ...], *, as_table: bool, needs_marks: bool) -> None:
    screen = Screen()
    show_failures(report, kept, screen)
    if as_table:
        for line in table(report):
            screen.line(line)
        screen.line()
    else:
        show_report(report, screen, needs_marks=needs_marks)
    text, is_good = verdict(report, needs_marks=needs_marks)
    screen.line(text, "bold green" if is_good else "bold red")
