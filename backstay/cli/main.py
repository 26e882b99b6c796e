"""The commands."""

import typer

from backstay.cli import (
    account,
    bench,
    demo,
    doctor,
    gateway,
    kill,
    orders,
    plan_check,
    rehearse,
    trade,
    up,
    worker,
)
from backstay.cli.program import Program
from backstay.cli.usage import OneLineGroup

app = Program(
    name="backstay",
    cls=OneLineGroup,
    help="Durable trade execution on Interactive Brokers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
plans = typer.Typer(help="Plans: what is to be traded.", no_args_is_help=True)
plans.command("check", epilog=plan_check.EPILOG)(plan_check.check)
app.add_typer(plans, name="plan")
app.command("up", epilog=up.EPILOG)(up.up)
app.command("demo", epilog=demo.EPILOG)(demo.demo)
app.command("rehearse", epilog=rehearse.EPILOG)(rehearse.rehearse)
app.command("doctor", epilog=doctor.EPILOG)(doctor.doctor)
app.add_typer(trade.trade, name="trade")
app.command("orders", epilog=orders.EPILOG)(orders.orders)
app.command("kill", epilog=kill.EPILOG)(kill.kill)
app.command("worker", epilog=worker.EPILOG)(worker.worker)
app.add_typer(account.account, name="account")
app.add_typer(gateway.gateway, name="gateway")
app.add_typer(bench.bench, name="bench")
