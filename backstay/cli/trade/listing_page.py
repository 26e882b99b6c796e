"""The page of `backstay trade list`: a row for each trade, and what could not be learnt."""

from backstay.cli.screen import Cell, Screen
from backstay.cli.trade.line import TradeLine
from backstay.cli.trade.listing_report import TradeList
from backstay.domain.figures import plain
from backstay.domain.lifecycle import TradeState
from backstay.lab.words import count

_CODE, _WHAT, _FILLED, _SINCE = 8, 10, 9, len("started UTC")
_GAPS = 2
_WIDE = 80
"""From here on there is room to say when a trade was started."""

_STYLES = {
    TradeState.REJECTED.value: "red",
    TradeState.ESCALATED.value: "bold red",
    TradeState.CANCELLED.value: "dim",
    TradeState.CLOSED.value: "dim",
}


def show(report: TradeList, screen: Screen, *, running: bool) -> None:
    """The page; `running` says that only such trades were asked for."""
    if not report.trades:
        account = report.account
        screen.line(f"no trade of {account} runs" if running else f"{account} has no such trade")
        return
    screen.row(_row(screen, "plan", "trade", "what", "state", "filled", "started UTC", style="dim"))
    for line in report.trades:
        screen.row(_line(screen, line))
    silent = sum(not line.answered and not line.is_over for line in report.trades)
    if silent:
        screen.line()
        screen.line(f"{count(silent, 'trade')} did not answer: is a trades worker running?", "red")
    if report.more:
        screen.line()
        screen.line(f"there are more than these {len(report.trades)}; see --limit")


def _line(screen: Screen, line: TradeLine) -> list[Cell]:
    what = f"{line.side} {line.symbol}".strip()
    since = f"{line.started_at:%m-%d %H:%M}"
    style = _STYLES.get(line.state, "")
    return _row(
        screen, line.plan_id, line.trade, what, _state(line), _filled(line), since, style=style
    )


def _row(screen: Screen, *texts: str, style: str) -> list[Cell]:
    plan, trade, what, state, filled, since = texts
    is_wide = screen.width >= _WIDE
    fixed = _CODE + _WHAT + _FILLED + _GAPS * 4 + (_SINCE + _GAPS) * is_wide
    rest = screen.width - fixed
    plan_width = rest * 7 // 20
    cells = [
        Cell(plan, plan_width, style),
        Cell(trade, _CODE, style),
        Cell(what, _WHAT, style),
        Cell(state, rest - plan_width, style),
        Cell(filled, _FILLED, style),
    ]
    return [*cells, Cell(since, _SINCE, style or "dim")] if is_wide else cells


def _state(line: TradeLine) -> str:
    if line.is_over:
        return line.state + (f": {line.why}" if line.why else "")
    if not line.answered:
        return f"{line.state}, no answer"
    return f"{line.state}, {line.doing}"


def _filled(line: TradeLine) -> str:
    if line.filled is None:
        return "?" if not line.is_over else ""
    return plain(line.filled) + ("" if line.quantity is None else f" / {plain(line.quantity)}")
