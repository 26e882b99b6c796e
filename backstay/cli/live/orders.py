"""`backstay orders`: the orders of the account, and those of which nobody can tell."""

from typing import Annotated

import typer

from backstay.cli.completing import open_plans
from backstay.cli.engine_loop import run
from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, ConfigFile, name_of, settings_of
from backstay.cli.live.asking import EdgeSilentError, ask_orders, codes_of, edge_place
from backstay.cli.live.orders_page import page
from backstay.cli.live.orders_report import OrdersReport, from_edge, from_engine
from backstay.cli.live.watch import AtEdge
from backstay.cli.plan.names import plan_ids_of
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import Place
from backstay.domain.trade.naming import Name
from workers.config import Settings

EPILOG = """\b
Examples:
  backstay orders
  backstay orders --unknown
  backstay orders --trade aapl-breakout-0312
  backstay orders --unknown --json

\b
The orders as the broker worker knows them, the most urgent first. An order is
unknown if it has left and the broker has neither named nor refused it, or if
complete answers of the broker leave open what became of it. Each comes with
what was sent when, what was asked since, what was answered, and what you can
do. Orders of somebody else are shown and never touched. Without a broker
worker the engine is asked which trades wait to learn of their entry.

\b
With --json: account, kind, page (what the edge has said), edge_trouble,
engine_trouble, unknown (how many), orders, others, trades (by the engine),
plan_ids, more.

\b
Exit codes:
  0  no order is unknown
  1  some are
  2  wrong usage, or settings that can't be used
  3  nobody could be asked
"""


def orders(
    *,
    only_unknown: Annotated[
        bool, typer.Option("--unknown", help="only those of which nobody can tell")
    ] = False,
    name: Annotated[
        Name | None,
        typer.Option(
            "--trade",
            metavar="ID",
            parser=name_of,
            autocompletion=open_plans,
            help="only those of this trade",
        ),
    ] = None,
    config: ConfigFile = None,
    edge: AtEdge = None,
    as_json: AsJson = False,
) -> None:
    """Show the orders of the account, and what became of each."""
    settings = settings_of(config)
    report = _report(settings, edge, name, only_unknown=only_unknown)
    if as_json:
        print_json(OrdersReport, report)
    else:
        screen = Screen()
        screen.texts(page(report, screen.width, only_unknown=only_unknown))
    if report.cannot_tell:
        raise typer.Exit(Exit.CANNOT_TELL)
    if report.unknown:
        raise typer.Exit(Exit.NEGATIVE)


def _report(
    settings: Settings, edge: Place | None, name: Name | None, *, only_unknown: bool
) -> OrdersReport:
    account, kind = settings.account, settings.kind
    try:
        codes = frozenset() if name is None else codes_of(account, name)
        told = run(ask_orders(settings, edge_place(settings, edge), codes))
    except EdgeSilentError as error:
        # What asks the engine loads its library, which takes half a second.
        from backstay.cli.live.orders_by_engine import ask_engine  # noqa: PLC0415

        trades, trouble = run(ask_engine(settings))
        return from_engine(account, kind, str(error), trades, trouble, name)
    plan_ids = plan_ids_of(settings, (order.key.trade for order in told.orders))
    return from_edge(account, kind, told, plan_ids, name, only_unknown=only_unknown)
