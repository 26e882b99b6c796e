"""The table of `backstay trade watch`: a line for each leg, and what a person has to see in red.

On a narrow terminal what is least asked for is left out; a plan id that is too long is cut, a
figure never is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.text import Text

from backstay.cli.live_header import age_text, header
from backstay.cli.watch_report import WatchReport, WatchRow
from backstay.domain.edge.live import Distance, LegPhase, LiveLeg, StopStanding
from backstay.domain.figures import plain, total
from backstay.domain.orders.intent import Stop, StopLimit
from backstay.domain.ticks.levels import Crossing
from backstay.lab.words import cents, count

PLAN_MIN = 10
_WIDE = 100
_GAP = " "
_UNKNOWN = "?"
_TENTH = Decimal("0.1")
_STATES = {
    LegPhase.UNKNOWN.value: "bold red",
    LegPhase.LEAVING.value: "yellow",
    LegPhase.HELD.value: "yellow",
    LegPhase.GUARDING.value: "green",
    LegPhase.OVER.value: "dim",
    "no answer": "yellow",
}
_STANDINGS = {
    StopStanding.MISSING: "bold red",
    StopStanding.ASLEEP: "red",
    StopStanding.VIRTUAL: "yellow",
    StopStanding.EXIT: "yellow",
    StopStanding.ACKNOWLEDGED: "green",
}
_NARROW_WORDS = {StopStanding.ACKNOWLEDGED: "stands", StopStanding.NONE: "-"}
_WIDE_WORDS = {StopStanding.NONE: "-"}


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: its name, its cell, and whether its figures stand to the right."""

    name: str
    cell: Callable[[WatchRow], Text]
    is_right: bool = False


def page(report: WatchReport, width: int, height: int | None = None) -> list[Text]:
    """All of it; with a height, as many rows as fit, and how many are left out."""
    head = [*header(report.account, report.kind, report.edge), *_silences(report), Text()]
    table = list(_table(report, width))
    tail = [Text(), *_footer(report)]
    room = len(table) if height is None else max(height - len(head) - len(tail) - 2, 2)
    if len(table) > room:
        left_out = count(len(table) - room, "line")
        table = [*table[:room], Text(f"{left_out} more; make the terminal higher", "dim")]
    return [*head, *table, *tail]


def _silences(report: WatchReport) -> Iterator[Text]:
    if report.edge_trouble:
        text = f"the edge is silent, so nothing here is live: {report.edge_trouble}"
        yield Text(text, "bold red")
    if report.engine_trouble:
        text = f"the engine is silent, so trades may be missing here: {report.engine_trouble}"
        yield Text(text, "bold red")


# --- the table ---


def _table(report: WatchReport, width: int) -> Iterator[Text]:
    rows = report.rows
    if not rows:
        if not report.edge_trouble and not report.missing:
            yield Text("nothing is at work")
        return
    columns = _columns(is_wide=width >= _WIDE)
    cells = [[column.cell(row) for column in columns] for row in rows]
    sizes = [
        max(len(column.name), *(len(line[place]) for line in cells))
        for place, column in enumerate(columns)
    ]
    plan = width - sum(sizes) - len(_GAP) * len(sizes)
    names = [row.plan_id or row.trade for row in rows]
    longest = max(len("plan"), *map(len, names))
    plan = max(min(plan, longest), PLAN_MIN)
    yield _line(Text("plan", "dim"), plan, [Text(c.name, "dim") for c in columns], columns, sizes)
    for name, line in zip(names, cells, strict=True):
        yield _line(Text(name), plan, line, columns, sizes)


def _line(
    name: Text, plan: int, cells: Sequence[Text], columns: Sequence[_Column], sizes: Sequence[int]
) -> Text:
    name.truncate(plan, overflow="ellipsis", pad=True)
    line = name
    for cell, column, size in zip(cells, columns, sizes, strict=True):
        line.append(_GAP)
        space = " " * (size - len(cell))
        if column.is_right:
            line.append(space)
        line.append_text(cell)
        if not column.is_right:
            line.append(space)
    line.rstrip()
    return line


def _columns(*, is_wide: bool) -> list[_Column]:
    words = _WIDE_WORDS if is_wide else _NARROW_WORDS
    first = [
        _Column("what", lambda row: Text(f"{row.side} {row.symbol}".strip())),
        _Column("state", lambda row: Text(row.state, _STATES.get(row.state, ""))),
        _Column("filled", _filled, is_right=True),
    ]
    price = [_Column("price", _price, is_right=True)] if is_wide else []
    stop = [
        _Column("stop", _stop, is_right=True),
        _Column("to go", _away, is_right=True),
        _Column("at broker", lambda row: _at_broker(row, words)),
    ]
    where = [_Column("at", _broker_price, is_right=True)] if is_wide else []
    last = [
        _Column("naked", _naked, is_right=True),
        _Column("P&L", _profit, is_right=True),
    ]
    return [*first, *price, *stop, *where, *last]


def _filled(row: WatchRow) -> Text:
    if row.filled is None and row.quantity is None:
        return Text(_UNKNOWN if row.live is None else "")
    filled = _UNKNOWN if row.filled is None else plain(row.filled)
    quantity = _UNKNOWN if row.quantity is None else plain(row.quantity)
    return Text(f"{filled}/{quantity}")


def _price(row: WatchRow) -> Text:
    if row.live is None:
        return Text()
    return Text(_UNKNOWN if row.live.price is None else plain(row.live.price.price))


def _stop(row: WatchRow) -> Text:
    """The engine's stop; of an entry that waits, the level that it waits for."""
    leg = row.live
    if leg is None:
        return Text()
    if leg.trigger is not None:
        sign = ">" if leg.trigger.when is Crossing.ABOVE else "<"
        return Text(sign + plain(leg.trigger.level), "red" if leg.trigger.is_missed else "cyan")
    return Text("" if leg.stop is None else plain(leg.stop.stop))


def _away(row: WatchRow) -> Text:
    """How far the price has to go, to that or to the stop at the broker."""
    leg = row.live
    if leg is None:
        return Text()
    if leg.trigger is not None:
        return _distance(leg.trigger.distance, "cyan")
    if leg.stop is not None:
        return _distance(leg.stop.distance, "")
    return _distance(leg.at_broker.distance, "") if leg.open else Text()


def _distance(away: Distance | None, style: str) -> Text:
    if away is None:
        return Text(_UNKNOWN)
    return Text(f"{away.percent:.2f}%", "red" if away.percent <= 0 else style)


def _at_broker(row: WatchRow, words: dict[StopStanding, str]) -> Text:
    if row.live is None:
        return Text()
    standing = row.live.at_broker.standing
    return Text(words.get(standing, standing.value), _STANDINGS.get(standing, "dim"))


def _broker_price(row: WatchRow) -> Text:
    terms = None if row.live is None else row.live.at_broker.terms
    return Text(plain(terms.trigger) if isinstance(terms, Stop | StopLimit) else "")


def _naked(row: WatchRow) -> Text:
    """For how many seconds something has been naked now; else quantity x seconds so far."""
    if row.live is None:
        return Text()
    naked = row.live.naked
    if naked.quantity:
        return Text(f"{naked.seconds.quantize(_TENTH)} s", "bold red")
    return Text(plain(naked.unit_seconds.quantize(_TENTH)), "" if naked.unit_seconds else "dim")


def _profit(row: WatchRow) -> Text:
    leg = row.live
    if leg is None or (leg.phase is not LegPhase.OVER and not leg.filled):
        return Text()
    return _money(leg)


def _money(leg: LiveLeg) -> Text:
    known = leg.profit.after_costs
    amount = leg.profit.before_costs if known is None else known
    if amount is None:
        return Text(_UNKNOWN)
    style = "green" if amount > 0 else "red" if amount < 0 else ""
    return Text(cents(amount) + ("" if known is not None else "*"), style)


# --- what stands below it ---


def _footer(report: WatchReport) -> Iterator[Text]:
    for row in report.rows:
        yield from _remarks(row)
    for text in report.missing:
        yield Text(f"{text}: no trade of this name is at work", "red")
    yield from _sums(report.rows)
    if report.more:
        yield Text("there are more than these; name the ones that you want to see", "dim")
    if any(_is_before_costs(row) for row in report.rows):
        yield Text("* before commissions that were not told yet", "dim")


def _remarks(row: WatchRow) -> Iterator[Text]:
    name, leg = row.plan_id or row.trade, row.live
    if (
        leg is not None
        and leg.naked.quantity
        and leg.at_broker.standing is not StopStanding.VIRTUAL
    ):
        naked = leg.naked
        for_so_long = age_text(float(naked.seconds))
        text = f"{name}: {plain(naked.quantity)} {leg.symbol} naked for {for_so_long}"
        yield Text(text, "bold red")
    if leg is not None and leg.phase is LegPhase.HELD:
        yield Text(f"{name}: no guard watches it; only the stop at the broker does", "yellow")
    if row.why:
        yield Text(f"{name}: {row.why}", "yellow")


def _sums(rows: Sequence[WatchRow]) -> Iterator[Text]:
    """What all of it comes to, by currency; where a part is unknown there is no sum."""
    legs = [row.live for row in rows if row.live is not None and row.live.filled]
    if len(legs) < 2:  # noqa: PLR2004
        return
    for currency in sorted({leg.profit.currency for leg in legs}):
        parts = [leg.profit for leg in legs if leg.profit.currency == currency]
        known = [
            each.before_costs if each.after_costs is None else each.after_costs for each in parts
        ]
        amounts = [each for each in known if each is not None]
        text = cents(total(amounts)) if len(amounts) == len(known) else _UNKNOWN
        yield Text(f"P&L of all: {text} {currency}")


def _is_before_costs(row: WatchRow) -> bool:
    profit = None if row.live is None or not row.live.filled else row.live.profit
    return profit is not None and profit.after_costs is None and profit.before_costs is not None
