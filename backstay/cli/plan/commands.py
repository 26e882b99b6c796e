"""`backstay plan`: plans, before anything is done with them."""

import typer

from backstay.cli.later import Later, group_of

COMMANDS = (
    Later(
        "check",
        "Say what a plan will do, or all that is wrong with it.",
        "backstay.cli.plan.check",
    ),
)

plan = typer.Typer(
    cls=group_of(COMMANDS), help="Plans: what is to be traded.", no_args_is_help=True
)
