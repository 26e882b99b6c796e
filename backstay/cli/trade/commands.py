"""`backstay trade`: hand plans in, see how the trades stand, steer them."""

import typer

from backstay.cli.live import watch
from backstay.cli.trade import listing as trade_list
from backstay.cli.trade import show
from backstay.cli.trade import steering as trade_steer
from backstay.cli.trade import submit as trade_submit
from backstay.cli.usage import OneLineGroup

trade = typer.Typer(
    cls=OneLineGroup, help="Trades: hand one in, list, show, steer.", no_args_is_help=True
)
trade.command("submit", epilog=trade_submit.EPILOG)(trade_submit.submit)
trade.command("list", epilog=trade_list.EPILOG)(trade_list.list_trades)
trade.command("show", epilog=show.EPILOG)(show.show)
trade.command("watch", epilog=watch.EPILOG)(watch.watch)
trade.command("cancel", epilog=trade_steer.CANCEL_EPILOG)(trade_steer.cancel)
trade.command("close", epilog=trade_steer.CLOSE_EPILOG)(trade_steer.close)
trade.command("move-stop", epilog=trade_steer.MOVE_STOP_EPILOG)(trade_steer.move_stop)
trade.command("break-even", epilog=trade_steer.BREAK_EVEN_EPILOG)(trade_steer.break_even)
trade.command("tighten-trail", epilog=trade_steer.TIGHTEN_TRAIL_EPILOG)(trade_steer.tighten_trail)
trade.command("enter", epilog=trade_steer.ENTER_EPILOG)(trade_steer.enter)
trade.command("declare-absent", epilog=trade_steer.DECLARE_ABSENT_EPILOG)(
    trade_steer.declare_absent
)
