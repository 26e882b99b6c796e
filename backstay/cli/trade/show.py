"""`backstay trade show`: the life of one trade, from what is written down of it."""

from backstay.cli.given import AsJson, ConfigFile, TradeName, settings_of
from backstay.cli.screen import Screen, print_json

EPILOG = """\b
Examples:
  backstay trade show aapl-breakout-0312
  backstay trade show 6PMWYKXY
  backstay trade show trade:DU1234567:aapl-breakout-0312 --json

It is read from the engine's history, so it needs no worker and no broker, and a crash leaves no gap
in it: every order was written down before it could leave. Moments are UTC and by the broker's clock
throughout; what the engine has written down by its own is shifted by the difference, which is told
where it is a second or more. What is not known any more is said to be unknown. What was asked by
hand and refused at once leaves no trace.

With --json: workflow_id, account, account_kind, plan_id, trade (its code), symbol, side, currency,
is_running, state, doing, why, terms, entry, limit, quantity, filled, average_price, stop, left,
exits, naked_seconds, naked_now, result, told, broker_ahead_seconds, look, and timeline: each line
with at (null where nobody knows it), its clock ("engine" or "broker"), shown_at (by the broker's),
what, key, text, to_the_second.

\b
Exit codes:
  0  shown
  1  there is no such trade
  2  wrong usage, or settings that can't be used
  3  no engine, or it does not answer
"""


def show(name: TradeName, *, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Tell the life of a trade: how it stands, and what has happened to it, line by line."""
    settings = settings_of(config)
    # What asks the engine loads its library, which takes half a second.
    from backstay.cli.asking import ask  # noqa: PLC0415
    from backstay.cli.trade.show_page import show as show_page  # noqa: PLC0415
    from backstay.cli.trade.show_report import TradeStory, story_of  # noqa: PLC0415

    report = ask(settings, lambda engine: story_of(engine, settings, name))
    if as_json:
        print_json(TradeStory, report)
    else:
        show_page(report, Screen())
