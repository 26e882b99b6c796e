"""`backstay trade watch`: what every trade does now, redrawn twice a second."""

from typing import Annotated

import typer

from backstay.cli.completing import open_plans
from backstay.cli.engine_loop import run
from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, ConfigFile, name_of, settings_of
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import Place, place_of
from backstay.domain.trade.naming import Name

EPILOG = """\b
Examples:
  backstay trade watch
  backstay trade watch aapl-breakout-0312
  backstay trade watch --once --json
  backstay trade watch --edge 127.0.0.1:9465

\b
A line for each leg that is at work, the most urgent first.
  stop       where the engine's own stop stands; of an entry that waits,
             the level that it waits for
  to go      how far the price is from that
  at broker  the stop there: acknowledged ("stands" on a narrow page); asleep:
             it may not act before the entry is over; virtual: the plan keeps
             it off the broker's books; exit: an order that leaves stands in
             its place; missing
  naked      for how many seconds something has been unprotected now, else
             quantity x seconds so far
  ~          by a price of which nothing was heard for ten seconds or more
  *          before commissions that were not told yet

\b
What is open and guarded by nobody stands above, in red; what is held outside
of all trades stands below.

\b
What runs is the engine's word, what is live the broker worker's. If one is
silent the other is still shown. Without a terminal it prints one table and
ends, as with --once. Ctrl-C ends it.

\b
With --json: account, kind, edge (session, times), edge_trouble,
engine_trouble, rows (plan_id, trade, leg, symbol, side, state, filled,
quantity, why, live: everything that the edge knows, price_age), more,
missing, unguarded, foreign, holdings_known, booked (if the edge is silent).

\b
Exit codes:
  0  shown
  1  none of the trades that were named is at work
  2  wrong usage, or settings that can't be used
  3  neither the engine nor the broker worker answers
"""
AtEdge = Annotated[
    Place | None,
    typer.Option(
        "--edge",
        metavar="HOST:PORT",
        parser=place_of,
        help="where the broker worker shows its pages; else as the house says, or [metrics]",
    ),
]


def watch(
    names: Annotated[
        list[Name] | None,
        typer.Argument(
            metavar="[ID]...",
            parser=name_of,
            autocompletion=open_plans,
            help="ids of plans, codes of eight characters, or workflows; all without any",
        ),
    ] = None,
    *,
    config: ConfigFile = None,
    edge: AtEdge = None,
    once: Annotated[bool, typer.Option("--once", help="print one table and end")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch the trades: filled, stops, distances, naked time, profit and loss."""
    settings = settings_of(config)
    # What asks the engine loads its library, which takes half a second.
    from backstay.cli.live.watch_page import page  # noqa: PLC0415
    from backstay.cli.live.watch_report import WatchReport  # noqa: PLC0415
    from backstay.cli.live.watch_run import Watching  # noqa: PLC0415

    watching, screen = Watching(settings, names or (), edge), Screen()
    if screen.is_live and not once and not as_json:
        run(watching.redraw(screen))
        return
    report = run(watching.once())
    if as_json:
        print_json(WatchReport, report)
    else:
        screen.texts(page(report, screen.whole_width))
    if report.nobody_answers:
        raise typer.Exit(Exit.CANNOT_TELL)
    if report.missing and not report.rows:
        raise typer.Exit(Exit.NEGATIVE)
