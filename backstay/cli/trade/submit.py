"""`backstay trade submit`: hand a plan in, and hear at once what becomes of it."""

from pathlib import Path
from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, ConfigFile, end, settings_of
from backstay.cli.plan.file import read_plan
from backstay.cli.screen import Screen, print_json
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from workers.config import Settings

EPILOG = """\b
Examples:
  backstay trade submit examples/aapl-breakout.toml
  backstay trade submit examples/aapl-breakout.toml --dry-run
  backstay trade submit examples/aapl-breakout.toml --json

The same id is the same trade: a plan that is handed in twice is traded once. It is watched for two
seconds, so that a refusal is told at once; --no-wait leaves that out.

With --json: outcome ("started", "same", "differs", "refused"), plan_id, code, workflow_id, differs
(the parts of the plan), and trade: how it stands, with state, doing, why, filled, quantity, left,
or null where the engine fell silent.

\b
Exit codes:
  0  it is started, or was before
  1  it was refused at once, or another plan has this id
  2  wrong usage, a file that is no plan, or settings that can't be used
  3  no engine; if it was reached, the trade may still begin
"""


def submit(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="the plan, in TOML or JSON")],
    *,
    config: ConfigFile = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="ask everything that it would ask, and send nothing")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="don't wait for what becomes of it")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Have a plan carried out, in the account of the settings."""
    settings = settings_of(config)
    plan = _plan(file, settings)
    if dry_run:
        # What asks the engine loads its library, which takes half a second.
        from backstay.cli.trade.dry_run import run_dry  # noqa: PLC0415

        raise typer.Exit(run_dry(settings, plan, as_json=as_json))

    from backstay.cli.asking import ask  # noqa: PLC0415
    from backstay.cli.trade.submit_page import show  # noqa: PLC0415
    from backstay.cli.trade.submit_report import (  # noqa: PLC0415
        WAIT_SECONDS,
        Outcome,
        Submission,
        submitted,
    )

    order = TradeOrder(plan, settings.account, settings.broker.assumed)
    seconds = 0 if no_wait else WAIT_SECONDS
    submission = ask(settings, lambda engine: submitted(engine, order, seconds))
    if as_json:
        print_json(Submission, submission)
    else:
        show(submission, Screen(), Screen(errors=True))
    is_no = submission.outcome in (Outcome.DIFFERS, Outcome.REFUSED)
    raise typer.Exit(Exit.NEGATIVE if is_no else Exit.DONE)


def _plan(file: Path, settings: Settings) -> TradePlan:
    """The plan, or the end of the command with a line for each thing that is wrong."""
    try:
        plan = read_plan(file)
    except PlanRefusedError as refused:
        # What is wrong with the file as a whole stands nowhere in the plan.
        texts = (str(each) if each.path else each.text for each in refused.complaints)
        raise end("\n".join(f"{file}: {text}" for text in texts), Exit.BAD_INPUT) from None
    if isinstance(plan, GroupPlan):
        raise end(f"{file}: a group of legs is not traded yet", Exit.BAD_INPUT)
    if plan.account not in (None, settings.account):
        text = f"account: {plan.account}; the settings are for {settings.account}"
        raise end(f"{file}: {text}", Exit.BAD_INPUT)
    return plan
