"""The commands."""

import typer

from backstay.cli import bench, gateway
from backstay.cli.account import commands as account
from backstay.cli.account import kill
from backstay.cli.doctor import command as doctor
from backstay.cli.house import up, worker
from backstay.cli.live import orders
from backstay.cli.plan import check as plan_check
from backstay.cli.program import Program
from backstay.cli.stories import demo, rehearse
from backstay.cli.trade import commands as trade
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
