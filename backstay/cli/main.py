"""The commands, by name and one line each; the module of one is loaded when it is meant."""

from backstay.cli.later import Later, group_of
from backstay.cli.program import Program

COMMANDS = (
    Later(
        "up",
        "Start everything, keep it alive, and show how it stands, until Ctrl-C.",
        "backstay.cli.house.up",
    ),
    Later(
        "demo",
        "Start everything on a fresh folder with a scripted market, and tell four stories.",
        "backstay.cli.stories.demo",
    ),
    Later(
        "rehearse",
        "Play the rules alone on a scripted tape: a breakout, an iron condor, a plan with "
        "mistakes.",
        "backstay.cli.stories.rehearse",
    ),
    Later(
        "simulate",
        "Play the whole house from seeds, with everything going wrong, and judge it.",
        "backstay.cli.simulate.command",
    ),
    Later(
        "doctor",
        "Say what keeps trades from being carried out, and what to do about it.",
        "backstay.cli.doctor.command",
    ),
    Later(
        "orders",
        "Show the orders of the account, and what became of each.",
        "backstay.cli.live.orders",
    ),
    Later(
        "kill",
        "Stop trading in the account: entries only, or everything.",
        "backstay.cli.account.kill",
    ),
    Later(
        "worker",
        "Carry trades out: as the worker that runs workflows, or as the one that holds the "
        "session.",
        "backstay.cli.house.worker",
    ),
    Later("plan", "Plans: what is to be traded.", "backstay.cli.plan.commands"),
    Later("trade", "Trades: hand one in, list, show, steer.", "backstay.cli.trade.commands"),
    Later(
        "account", "The book of an account: make it, look at it.", "backstay.cli.account.commands"
    ),
    Later("gateway", "Be a simulated IB Gateway, until Ctrl-C.", "backstay.cli.gateway.commands"),
    Later("bench", "Benches: how fast it is.", "backstay.cli.bench"),
)

app = Program(
    name="backstay",
    cls=group_of(COMMANDS),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def backstay() -> None:
    """Durable trade execution on Interactive Brokers."""
