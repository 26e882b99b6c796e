"""`backstay trade`: hand plans in, see how the trades stand, steer them."""

import typer

from backstay.cli.later import Later, group_of

_STEERING = "backstay.cli.trade.steering"

COMMANDS = (
    Later(
        "submit",
        "Have a plan carried out, in the account of the settings.",
        "backstay.cli.trade.submit",
    ),
    Later(
        "list",
        "List the trades of the account: those that run, or all.",
        "backstay.cli.trade.listing",
        called="list_trades",
    ),
    Later(
        "show",
        "Tell the life of a trade: how it stands, and what has happened to it, line by line.",
        "backstay.cli.trade.show",
    ),
    Later(
        "watch",
        "Watch the trades: filled, stops, distances, naked time, profit and loss.",
        "backstay.cli.live.watch",
    ),
    Later(
        "cancel",
        "Enter no more. What has filled stays guarded.",
        _STEERING,
        epilog="CANCEL_EPILOG",
    ),
    Later("close", "Enter no more, and leave what has filled.", _STEERING, epilog="CLOSE_EPILOG"),
    Later(
        "move-stop",
        "Move the stop; the one at the broker follows.",
        _STEERING,
        epilog="MOVE_STOP_EPILOG",
    ),
    Later(
        "break-even",
        "Move the stop to the entry's price, if that is tighter.",
        _STEERING,
        epilog="BREAK_EVEN_EPILOG",
    ),
    Later(
        "tighten-trail",
        "Shorten the distance of the trail.",
        _STEERING,
        epilog="TIGHTEN_TRAIL_EPILOG",
    ),
    Later(
        "enter",
        "Enter now: an entry that waits, or whose crossing nobody saw.",
        _STEERING,
        epilog="ENTER_EPILOG",
    ),
    Later(
        "declare-absent",
        "Say that an entry that is unknown is not at the broker: a person has looked.",
        _STEERING,
        epilog="DECLARE_ABSENT_EPILOG",
    ),
)

trade = typer.Typer(
    cls=group_of(COMMANDS), help="Trades: hand one in, list, show, steer.", no_args_is_help=True
)
