"""What a person can want of a trade that runs: `backstay trade cancel`, `close`, `move-stop`, …"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer

from backstay.cli.given import AsJson, By, ConfigFile, Reason, TradeName, settings_of
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import distance_of, price_of
from backstay.domain.figures import plain
from backstay.domain.trade.naming import Name

_REST = """ID is the id of the plan, the eight characters of the trade, or the id of its workflow.

With --json: wanted, plan_id, trade (its code), workflow_id, state, doing.

\b
Exit codes:
  0  it is done, or under way
  1  there is no such trade, it is over, or it refuses; one line says why
  2  wrong usage, or settings that can't be used
  3  no engine, or no answer yet: then it may still happen
"""


def _epilog(*examples: str) -> str:
    lines = "\n".join(f"  {example}" for example in examples)
    return f"\b\nExamples:\n{lines}\n\n{_REST}"


CANCEL_EPILOG = _epilog(
    "backstay trade cancel aapl-breakout-0312",
    "backstay trade cancel 6PMWYKXY --json",
)
CLOSE_EPILOG = _epilog("backstay trade close aapl-breakout-0312")
ENTER_EPILOG = _epilog("backstay trade enter aapl-breakout-0312")
MOVE_STOP_EPILOG = _epilog("backstay trade move-stop aapl-breakout-0312 188.50")
BREAK_EVEN_EPILOG = _epilog("backstay trade break-even aapl-breakout-0312")
TIGHTEN_TRAIL_EPILOG = _epilog("backstay trade tighten-trail aapl-breakout-0312 0.75")
DECLARE_ABSENT_EPILOG = _epilog(
    'backstay trade declare-absent 6PMWYKXY --by Ada --reason "not in TWS"'
)


def cancel(name: TradeName, *, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Enter no more. What has filled stays guarded."""
    _steer(name, "cancel", "entering no more", config=config, as_json=as_json)


def close(name: TradeName, *, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Enter no more, and leave what has filled."""
    _steer(name, "close", "leaving", config=config, as_json=as_json)


def enter(name: TradeName, *, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Enter now: an entry that waits, or whose crossing nobody saw."""
    _steer(name, "enter", "entering now", config=config, as_json=as_json)


def move_stop(
    name: TradeName,
    price: Annotated[
        Decimal, typer.Argument(metavar="PRICE", parser=price_of, help="where its stop is to stand")
    ],
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Move the stop; the one at the broker follows."""
    done = f"the stop is at {plain(price)}"
    _steer(name, "move_stop", done, [price], config=config, as_json=as_json)


def break_even(name: TradeName, *, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Move the stop to the entry's price, if that is tighter."""
    done = "the stop is at the entry's price or tighter"
    _steer(name, "break_even", done, config=config, as_json=as_json)


def tighten_trail(
    name: TradeName,
    distance: Annotated[
        Decimal, typer.Argument(metavar="DISTANCE", parser=distance_of, help="from the best price")
    ],
    *,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Shorten the distance of the trail."""
    done = f"the trail follows by {plain(distance)}"
    _steer(name, "tighten_trail", done, [distance], config=config, as_json=as_json)


def declare_absent(
    name: TradeName,
    *,
    by: By,
    reason: Reason,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Say that an entry that is unknown is not at the broker: a person has looked."""
    done = f"the entry is absent, says {by}"
    _steer(name, "declare_absent", done, [by, reason], config=config, as_json=as_json)


def _steer(
    name: Name,
    wanted: str,
    done: str,
    args: Sequence[Any] = (),
    *,
    config: ConfigFile,
    as_json: bool,
) -> None:
    settings = settings_of(config)
    # What asks the engine loads its library, which takes half a second.
    from backstay.cli.asking import ask  # noqa: PLC0415
    from backstay.cli.trade.steering_report import (  # noqa: PLC0415
        ANSWER_WITHIN,
        Steered,
        steered,
    )

    report = ask(
        settings,
        lambda engine: steered(engine, settings, name, wanted, args, Screen(errors=True).line),
        ANSWER_WITHIN,
    )
    if as_json:
        print_json(Steered, report)
    else:
        text = f"{report.plan_id}: {done}; it is {report.state}, {report.doing}"
        Screen().line(text)
