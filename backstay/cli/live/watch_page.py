"""The table of `backstay trade watch`: a line for each leg, and what a person has to see in red.

On a narrow terminal what is least asked for is left out; a plan id that is too long is cut, a
figure never is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

from rich.text import Text

from backstay.cli.live.header import age_text, header
from backstay.cli.live.watch_report import Unguarded, WatchReport, WatchRow
from backstay.domain.edge.live import Distance, LegPhase, LiveLeg, StopStanding
from backstay.domain.edge.session import SessionState
from backstay.domain.figures import plain, total
from backstay.domain.orders.intent import Stop, StopLimit
from backstay.domain.ticks.freshness import SILENCE_MAX
from backstay.domain.ticks.levels import Crossing
from backstay.lab.words import cents, count

PLAN_MIN = 10
_NARROW, _WIDE, _WIDEST = 76, 100, 120
_GAPS = (2, 1)
"""How far columns stand apart: as far as there is room for the whole of every plan id."""

_UNKNOWN, _OLD, _BEFORE_COSTS = "?", "~", "*"
_TENTH = Decimal("0.1")
_CENT = Decimal("0.01")
_STATES = {
    LegPhase.UNKNOWN.value: "bold red",
    LegPhase.LEAVING.value: "yellow",
    LegPhase.HELD.value: "bold red",
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
    """All of it; with a height, as many lines of each block as fit, and how many are left out."""
    head = [*header(report.account, report.kind, report.edge), *_silences(report, width)]
    head += _bounded(list(_unguarded(report, width)), height)
    table = list(_table(report, width))
    tail = _bounded(list(_remarked(report, width)), height)
    tail += _footer(report)
    room = len(table) if height is None else max(height - len(head) - len(tail) - 4, 2)
    if len(table) > room:
        left_out = count(len(table) - room, "line")
        table = [*table[:room], Text(f"{left_out} more; make the terminal higher", "dim")]
    lines = head
    for block in (table, tail):
        if block:
            lines += [Text(), *block]
    return lines


def _bounded(lines: list[Text], height: int | None) -> list[Text]:
    """What takes no more than a quarter of the page, and how much there is besides."""
    room = len(lines) if height is None else max(height // 4, 2)
    if len(lines) <= room:
        return lines
    left_out = count(len(lines) - room + 1, "line")
    return [*lines[: room - 1], Text(f"and {left_out} more like these", lines[room - 1].style)]


def _silences(report: WatchReport, width: int) -> Iterator[Text]:
    if report.edge_trouble:
        yield from _told(f"nothing here is live: {report.edge_trouble}", width, "bold red")
    if report.engine_trouble:
        yield from _told(f"trades may be missing: {report.engine_trouble}", width, "bold red")
    if report.edge is not None and report.edge.session.state is not SessionState.READY:
        since = f"{report.edge.session.since:%H:%M:%S} UTC"
        yield from _told(
            f"what stands here was told before {since}, and may have changed", width, "red"
        )
    if report.edge is not None and not report.holdings_known:
        yield from _told("what is held is not known: it was not read completely yet", width, "red")


def _unguarded(report: WatchReport, width: int) -> Iterator[Text]:
    """What is open and looked after by nobody; it stands above everything else."""
    for each in report.unguarded:
        name, what = each.plan_id or each.trade, each.symbol or f"contract {each.con_id}"
        stop = _stop_words(each)
        text = f"{name}: nobody guards its {plain(each.quantity)} {what}; {stop}"
        yield from _told(text, width, "bold red")
    for entry in report.booked:
        name = entry.plan_id or entry.trade
        text = f"{name}: it had entered {plain(entry.entered)} by the account's book"
        yield from _told(f"{text}; what is left of it nobody can say", width, "bold red")


def _stop_words(held: Unguarded) -> str:
    if held.stop is None:
        return "only the account's book knows it; no stop was found"
    if not held.stop:
        return "no stop stands at the broker"
    covered = "" if held.stop >= abs(held.quantity) else f" for {plain(held.stop)} of them"
    return f"only the stop at the broker does{covered}"


def _told(text: str, width: int, style: str) -> Iterator[Text]:
    for line in wrap(text, width):
        yield Text(line, style)


# --- the table ---


def _table(report: WatchReport, width: int) -> Iterator[Text]:
    rows = report.rows
    if not rows:
        if not report.edge_trouble and not report.missing:
            yield Text("nothing is at work")
        return
    columns = _columns(width)
    cells = [[column.cell(row) for column in columns] for row in rows]
    sizes = [
        max(len(column.name), *(len(line[place]) for line in cells))
        for place, column in enumerate(columns)
    ]
    names = [row.plan_id or row.trade for row in rows]
    longest = max(len("plan"), *map(len, names))
    rooms = [width - sum(sizes) - gap * len(sizes) for gap in _GAPS]
    gap = next((gap for gap, room in zip(_GAPS, rooms, strict=True) if room >= longest), _GAPS[-1])
    layout = _Layout(columns, sizes, max(min(rooms[-1], longest), PLAN_MIN), " " * gap)
    yield layout.line(Text("plan", "dim"), [Text(column.name, "dim") for column in columns])
    for name, line in zip(names, cells, strict=True):
        yield layout.line(Text(name), line)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns stand; the plan's is the first."""

    columns: Sequence[_Column]
    sizes: Sequence[int]
    plan: int
    gap: str

    def line(self, name: Text, cells: Sequence[Text]) -> Text:
        """One line of the table."""
        name.truncate(self.plan, overflow="ellipsis", pad=True)
        for cell, column, size in zip(cells, self.columns, self.sizes, strict=True):
            name.append(self.gap)
            space = " " * (size - len(cell))
            if column.is_right:
                name.append(space)
            name.append_text(cell)
            if not column.is_right:
                name.append(space)
        name.rstrip()
        return name


def _columns(width: int) -> list[_Column]:
    """On less than the width of a page distances are left out, and naked time, which is told in
    words below while there is any.
    """
    is_wide, is_narrow = width >= _WIDE, width < _NARROW
    words = _WIDE_WORDS if is_wide else _NARROW_WORDS
    first = [
        _Column("what", lambda row: Text(f"{row.side} {row.symbol}".strip())),
        _Column("state", lambda row: Text(row.state, _STATES.get(row.state, ""))),
        _Column("filled", _filled, is_right=True),
    ]
    price = [_Column("price", _price, is_right=True)] if is_wide else []
    if width >= _WIDEST:
        price.insert(0, _Column("open", _open, is_right=True))
    stop = [_Column("stop", _stop, is_right=True)]
    if not is_narrow:
        stop.append(_Column("to go", _away, is_right=True))
    stop.append(_Column("broker" if is_narrow else "at broker", lambda row: _at_broker(row, words)))
    where = [_Column("at", _broker_price, is_right=True)] if is_wide else []
    last = [_Column("P&L", _profit, is_right=True)]
    if not is_narrow:
        last.insert(0, _Column("naked", _naked, is_right=True))
    return [*first, *price, *stop, *where, *last]


def _filled(row: WatchRow) -> Text:
    if row.filled is None and row.quantity is None:
        return Text(_UNKNOWN if row.live is None else "")
    filled = _UNKNOWN if row.filled is None else plain(row.filled)
    quantity = _UNKNOWN if row.quantity is None else plain(row.quantity)
    return Text(f"{filled}/{quantity}")


def _open(row: WatchRow) -> Text:
    return Text("" if row.live is None else plain(row.live.open))


def _price(row: WatchRow) -> Text:
    if row.live is None:
        return Text()
    if row.live.price is None:
        return Text(_UNKNOWN)
    return _dated(row, Text(_price_text(row.live.price.price)))


def _is_old(row: WatchRow) -> bool:
    """Whether what follows from its price may be so no more."""
    return row.price_age is not None and row.price_age >= SILENCE_MAX.total_seconds()


def _dated(row: WatchRow, figure: Text) -> Text:
    """A figure that follows from a price, marked where that is old."""
    return figure.append(_OLD, "yellow") if _is_old(row) else figure


def _price_text(price: Decimal) -> str:
    """A price with its cents, and with more where it has more: so they stand below each other."""
    is_finer = price != price.quantize(_CENT)
    return plain(price) if is_finer else f"{price.quantize(_CENT)}"


def _stop(row: WatchRow) -> Text:
    """The engine's stop; of an entry that waits, the level that it waits for."""
    leg = row.live
    if leg is None:
        return Text()
    if leg.trigger is not None:
        sign = ">" if leg.trigger.when is Crossing.ABOVE else "<"
        return Text(
            sign + _price_text(leg.trigger.level), "red" if leg.trigger.is_missed else "cyan"
        )
    return Text("" if leg.stop is None else _price_text(leg.stop.stop))


def _away(row: WatchRow) -> Text:
    """How far the price has to go, to that or to the stop at the broker."""
    leg = row.live
    if leg is None:
        return Text()
    if leg.trigger is not None:
        return _distance(row, leg.trigger.distance, "cyan")
    if leg.stop is not None:
        return _distance(row, leg.stop.distance, "")
    return _distance(row, leg.at_broker.distance, "") if leg.open else Text()


def _distance(row: WatchRow, away: Distance | None, style: str) -> Text:
    if away is None:
        return Text(_UNKNOWN)
    return _dated(row, Text(f"{away.percent:.2f}%", "red" if away.percent <= 0 else style))


def _at_broker(row: WatchRow, words: dict[StopStanding, str]) -> Text:
    if row.live is None:
        return Text()
    standing = row.live.at_broker.standing
    return Text(words.get(standing, standing.value), _STANDINGS.get(standing, "dim"))


def _broker_price(row: WatchRow) -> Text:
    terms = None if row.live is None else row.live.at_broker.terms
    return Text(_price_text(terms.trigger) if isinstance(terms, Stop | StopLimit) else "")


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
    figure = _money(leg)
    return _dated(row, figure) if leg.open and figure.plain != _UNKNOWN else figure


def _money(leg: LiveLeg) -> Text:
    known = leg.profit.after_costs
    amount = leg.profit.before_costs if known is None else known
    if amount is None:
        return Text(_UNKNOWN)
    style = "green" if amount > 0 else "red" if amount < 0 else ""
    return Text(cents(amount) + ("" if known is not None else _BEFORE_COSTS), style)


# --- what stands below it ---


def _remarked(report: WatchReport, width: int) -> Iterator[Text]:
    """What is said of single trades and positions, the worst first."""
    told = {each.trade for each in report.unguarded}
    said = [each for row in report.rows for each in _remarks(row, is_told=row.trade in told)]
    for each in report.foreign:
        what = each.symbol or f"contract {each.con_id}"
        text = f"{plain(each.quantity)} {what}: held outside of all our trades, and not touched"
        said.append((text, "yellow"))
    for text, style in sorted(said, key=lambda one: "red" not in one[1]):
        yield from _told(text, width, style)


def _footer(report: WatchReport) -> Iterator[Text]:
    for name in report.missing:
        yield Text(f"{name}: no trade of this name is at work", "red")
    with_legs = {row.trade for row in report.rows if row.live is not None}
    is_all = not report.more and all(each.trade in with_legs for each in report.unguarded)
    yield from _sums(report.rows, is_all=is_all)
    if report.more:
        yield Text("there are more than these; name the ones that you want to see", "dim")
    if any(_is_before_costs(row) for row in report.rows):
        yield Text(f"{_BEFORE_COSTS} before commissions that were not told yet", "dim")
    ages = [row.price_age for row in report.rows if row.price_age is not None and _is_old(row)]
    if ages:
        oldest = age_text(float(max(ages)))
        yield Text(f"{_OLD} by a price of which nothing was heard; for {oldest} at most", "yellow")


def _remarks(row: WatchRow, *, is_told: bool) -> Iterator[tuple[str, str]]:
    """`is_told` where it stands above already that nobody guards it."""
    name, leg = row.plan_id or row.trade, row.live
    if leg is not None:
        naked, is_virtual = leg.naked, leg.at_broker.standing is StopStanding.VIRTUAL
        if naked.quantity and not is_virtual:
            for_so_long = age_text(float(naked.seconds))
            text = f"{name}: {plain(naked.quantity)} {leg.symbol} naked for {for_so_long}"
            yield text, "bold red"
        if leg.phase is LegPhase.HELD and not is_told:
            is_covered = leg.at_broker.standing in {StopStanding.ACKNOWLEDGED, StopStanding.EXIT}
            rest = "only the stop at the broker does" if is_covered else "nor does a stop anywhere"
            yield f"{name}: no guard watches it; {rest}", "bold red"
    if row.why:
        yield f"{name}: {row.why}", "yellow"


def _sums(rows: Sequence[WatchRow], *, is_all: bool) -> Iterator[Text]:
    """What it comes to, by currency; where a part is unknown there is no sum. `is_all` unless there
    is more that has no row.
    """
    filled = [(row, row.live) for row in rows if row.live is not None and row.live.filled]
    if len(filled) < 2:  # noqa: PLR2004
        return
    for currency in sorted({leg.profit.currency for _, leg in filled}):
        parts = [(row, leg) for row, leg in filled if leg.profit.currency == currency]
        profits = [leg.profit for _, leg in parts]
        known = [
            each.before_costs if each.after_costs is None else each.after_costs for each in profits
        ]
        amounts = [each for each in known if each is not None]
        text = cents(total(amounts)) if len(amounts) == len(known) else _UNKNOWN
        if text != _UNKNOWN:
            text += _BEFORE_COSTS if any(_is_before_costs(row) for row, _ in parts) else ""
            text += _OLD if any(leg.open and _is_old(row) for row, leg in parts) else ""
        yield Text(f"P&L of {'all' if is_all else 'what is shown'}: {text} {currency}")


def _is_before_costs(row: WatchRow) -> bool:
    profit = None if row.live is None or not row.live.filled else row.live.profit
    return profit is not None and profit.after_costs is None and profit.before_costs is not None
