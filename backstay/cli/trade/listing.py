"""`backstay trade list`: which trades there are, and how each of them stands."""

from typing import Annotated

import typer

from backstay.cli.given import AsJson, ConfigFile, settings_of
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import symbol_of
from backstay.domain.lifecycle import TradeState

EPILOG = """\b
Examples:
  backstay trade list
  backstay trade list --all --limit 200
  backstay trade list --symbol AAPL --json
  backstay trade list --state "risk partial"

Running trades, newest first; with --all, or with a --state that is an end, those that are over as
well, and the last to end first. The list is the engine's and can be a moment behind; figures come
from the trades themselves, and a trade that does not answer says so.

With --json: account, more (there are more than --limit), and trades, each with plan_id, trade (its
code), workflow_id, symbol, side, state, doing, why, started_at, closed_at, filled, quantity, left,
answered, begun.

\b
Exit codes:
  0  listed
  2  wrong usage, or settings that can't be used
  3  no engine
"""
LIMIT = 50
LIMIT_MAX = 1000


def _state(text: str) -> TradeState:
    words = text.strip().lower().replace("-", " ").replace("_", " ")
    try:
        return TradeState(words)
    except ValueError:
        known = ", ".join(f'"{state.value}"' for state in TradeState)
        raise typer.BadParameter(f"{text!r}; expected one of {known}") from None


def list_trades(
    *,
    config: ConfigFile = None,
    every: Annotated[bool, typer.Option("--all", help="also those that are over")] = False,
    state: Annotated[
        TradeState | None,
        typer.Option(metavar="STATE", parser=_state, help="only those in this state"),
    ] = None,
    symbol: Annotated[
        str | None, typer.Option(metavar="S", parser=symbol_of, help="only those in this symbol")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=LIMIT_MAX, help="how many at most")
    ] = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List the trades of the account: those that run, or all."""
    settings = settings_of(config)
    # What asks the engine loads its library, which takes half a second.
    from activities.ports import Wanted  # noqa: PLC0415
    from backstay.cli.asking import ask  # noqa: PLC0415
    from backstay.cli.trade.listing_page import show  # noqa: PLC0415
    from backstay.cli.trade.listing_report import TradeList, trade_list  # noqa: PLC0415

    running = not every and not (state is not None and state.is_over)
    wanted = Wanted(running, state, symbol or "")
    account = settings.account
    report = ask(settings, lambda engine: trade_list(engine, account, wanted, limit))
    if as_json:
        print_json(TradeList, report)
    else:
        show(report, Screen(), running=running)
