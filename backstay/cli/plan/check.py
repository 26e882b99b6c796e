"""`backstay plan check`: read a plan and say what it will do, or every reason why it will not."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson
from backstay.cli.plan.file import read_plan
from backstay.cli.plan.page import show
from backstay.cli.plan.report import (
    PlanReport,
    TradeReport,
    group_report,
    refused_report,
    trade_report,
)
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import account_of
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.scalars import Price
from backstay.domain.plan.sizing import Unfit

EPILOG = """\b
Examples:
  backstay plan check examples/aapl-breakout.toml --account DU1234567
  backstay plan check examples/msft-now.toml --price 480
  backstay plan check examples/nvda-call.toml --atr 1.20
  backstay plan check examples/spx-condor.toml --json

\b
Exit codes:
  0  the plan works
  1  it does not work at this price
  2  wrong usage, or the file is no plan
"""

_PRICE: TypeAdapter[Decimal] = TypeAdapter(Price)


def _price(text: str) -> Decimal:
    try:
        return _PRICE.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(f"{text!r}; expected a price above 0") from None


def check(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="the plan, in TOML or JSON")],
    price: Annotated[
        Decimal | None,
        typer.Option(metavar="PRICE", parser=_price, help="size it at this price"),
    ] = None,
    atr: Annotated[
        Decimal | None,
        typer.Option(metavar="RANGE", parser=_price, help="the average true range"),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            metavar="ACCOUNT", parser=account_of, help="the account, which names the trade"
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what a plan will do, or all that is wrong with it.

    Nothing is connected and nothing is sent. What only a broker knows is not checked, and the page
    says what that is. Without --price a plan is sized at the price that it waits for.
    """
    report = _report(file, price, atr, account)
    if as_json:
        print_json(PlanReport, report)
    else:
        show(report, Screen(), Screen(errors=True))
    raise typer.Exit(_exit(report))


def _report(
    file: Path, price: Decimal | None, atr: Decimal | None, account: str | None
) -> PlanReport:
    try:
        plan = read_plan(file)
    except PlanRefusedError as refused:
        return refused_report(str(file), refused.complaints)
    if plan.account is not None and account not in (None, plan.account):
        raise typer.BadParameter(f"--account is {account}; the plan is for {plan.account} only")
    if isinstance(plan, GroupPlan):
        if price is not None or atr is not None:
            raise typer.BadParameter("--price and --atr are for the plan of a single trade")
        return group_report(str(file), plan, account or plan.account)
    return trade_report(str(file), plan, account or plan.account, price, atr)


def _exit(report: PlanReport) -> Exit:
    if not report.valid:
        return Exit.BAD_INPUT
    unfit = isinstance(report, TradeReport) and isinstance(report.sizing, Unfit)
    return Exit.NEGATIVE if unfit else Exit.DONE
