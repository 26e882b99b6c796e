"""The page of `backstay trade show`: how the trade stands, then its life line by line."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from backstay.cli.screen import INDENT, Cell, Screen
from backstay.cli.trade.show_report import OrderFigures, TimelineLine, TradeStory
from backstay.domain.figures import plain
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.facts import AccountKind
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.timeline.lines import Clock, What

_TIME_WIDTH = len("15:00:02.469")
_CLOCK_WIDTH = max(map(len, Clock))
_WHAT_WIDTH = max(map(len, What))
_APART_SECONDS = 1
"""By how much the clocks have to differ before a reader has to know."""

_CENT = Decimal("0.01")
_FIGURE = Decimal("0.0001")
_ENDS = frozenset(state.value for state in TradeState if state.is_over)
_STYLES = {
    What.SENT: "bold",
    What.FILLED: "green",
    What.TARGET: "cyan",
    What.STOP: "cyan",
    What.LEAVES: "yellow",
    What.BY_HAND: "magenta",
    What.KILLED: "bold red",
    What.REFUSED: "red",
    What.ALERT: "bold red",
    What.TROUBLE: "red",
    What.WRITTEN: "dim",
}


def show(story: TradeStory, screen: Screen) -> None:
    """The page."""
    kind = "LIVE" if story.account_kind is AccountKind.LIVE else "PAPER"
    head = f"{story.plan_id}: {story.side} {story.symbol}"
    screen.line(f"{head}, trade {story.trade} in {story.account}, {kind}", "bold")
    screen.line()
    screen.facts(_facts(story))
    screen.line()
    _show_timeline(story, screen)
    if story.look:
        screen.line()
        for number, page in enumerate(story.look):
            screen.line(f"{INDENT}{'look at' if not number else '':9}  {page}", "dim")


def _facts(story: TradeStory) -> Iterator[tuple[str, str]]:
    state = story.state if not story.is_running else f"{story.state}, {story.doing}"
    yield "state", state + (f": {story.why}" if story.why else "")
    if not story.is_running and story.state not in _ENDS:
        yield "", "the engine has ended it before its time"
    if story.terms.trigger:
        yield "trigger", f"once {story.terms.trigger}"
    if story.entry:
        yield "entry", story.entry
    if story.quantity is not None:
        at = "" if story.average_price is None else f" at {_price(story.average_price)}"
        yield "filled", f"{plain(story.filled)} of {plain(story.quantity)}{at}"
    if story.stop is not None:
        trail = f", {story.terms.trail}" if story.terms.trail else ""
        yield "stop", f"{plain(story.stop)}{trail}"
    for number, target in enumerate(story.terms.targets):
        yield "" if number else "targets", target
    if story.terms.time_exit:
        yield "time exit", story.terms.time_exit
    width = max((len(order.key) for order in story.exits), default=0)
    for number, order in enumerate(story.exits):
        yield "" if number else "exits", _order(order, width)
    if story.filled:
        yield "left", plain(story.left)
        yield "naked", _naked(story)
    yield from _result(story)
    for number, told in enumerate(story.told):
        yield "" if number else "alerts", told
    if abs(story.broker_ahead_seconds) >= _APART_SECONDS:
        yield "clocks", _apart(story.broker_ahead_seconds)


def _order(order: OrderFigures, width: int) -> str:
    at = "" if order.average_price is None else f" at {_price(order.average_price)}"
    asked = f"{order.key:{width}}  {order.side} {plain(order.quantity)}"
    filled = f"{plain(order.filled)} filled{at}" if order.filled else "nothing filled"
    if order.filled == order.quantity:
        return f"{asked}: all filled{at}"
    return f"{asked}: {filled}" + (f", {order.end}" if order.end is not None else "")


def _naked(story: TradeStory) -> str:
    now = f", {plain(story.naked_now)} now" if story.naked_now else ""
    return f"{plain(story.naked_seconds.quantize(_CENT))} unit seconds without a stop{now}"


def _result(story: TradeStory) -> Iterator[tuple[str, str]]:
    result = story.result
    if result is None or not any(order.filled for order in story.exits):
        return
    told = _made(result, story.currency)
    costs = ", ".join(f"{plain(each.amount)} {each.currency}" for each in result.commissions)
    told += f" before commissions of {costs}" if costs else " before commissions"
    if story.is_running and story.left:
        told += ", of what is closed"
    if result.left_over and not story.is_running:
        told += f"; {plain(result.left_over)} were closed by nobody here"
    yield "result", told


def _made(result: Settlement, currency: str) -> str:
    if result.profit is None:
        return "unknown, for at what price the entry filled can't be read,"
    return f"{plain(result.profit.quantize(_CENT))} {currency}"


def _apart(ahead: Decimal) -> str:
    span = timedelta(seconds=round(abs(ahead)))
    where = "ahead of" if ahead > 0 else "behind"
    return f"the broker's is {span} {where} the engine's; all times here are the broker's"


def _show_timeline(story: TradeStory, screen: Screen) -> None:
    """By the broker's clock throughout; its days are told as they begin."""
    today: date | None = None
    key_width = max((len(line.key) for line in story.timeline), default=0)
    for line in story.timeline:
        day = today if line.shown_at is None else line.shown_at.date()
        if day is not None and day != today:
            screen.line(f"{INDENT}{day:%A %d %B %Y} UTC", "dim")
        today = day
        _show_line(line, screen, key_width)


def _show_line(line: TimelineLine, screen: Screen, key_width: int) -> None:
    fixed = len(INDENT) + _TIME_WIDTH + _CLOCK_WIDTH + _WHAT_WIDTH + key_width + 8
    style = _STYLES.get(line.what, "")
    screen.row(
        [
            Cell(_time(line), _TIME_WIDTH, "dim"),
            Cell(line.clock, _CLOCK_WIDTH, "dim"),
            Cell(line.what, _WHAT_WIDTH, style),
            Cell(line.key, max(key_width, 1), style),
            Cell(_text(line), max(screen.width - fixed, 1), style),
        ],
        INDENT,
    )


def _time(line: TimelineLine) -> str:
    if line.shown_at is None:
        return "not known"
    if line.to_the_second:
        return f"{line.shown_at:%H:%M:%S}"
    return f"{line.shown_at:%H:%M:%S}.{line.shown_at.microsecond // 1000:03}"


def _text(line: TimelineLine) -> str:
    """What it says, and its own stamp where that is earlier than what must have come before it."""
    if line.clock is Clock.ENGINE or line.at is None or line.shown_at is None:
        return line.text
    is_told_so = abs(line.shown_at - line.at) < timedelta(seconds=_APART_SECONDS)
    return line.text if is_told_so else f"{line.text} (stamped {line.at:%H:%M:%S})"


def _price(price: Decimal) -> str:
    return plain(price.quantize(_FIGURE))
