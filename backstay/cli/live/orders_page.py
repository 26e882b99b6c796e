"""The page of `backstay orders`: a line for each order, and of an unknown one what is known of it
and what a person can do.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.text import Text

from backstay.cli.live.header import header
from backstay.cli.live.orders_report import OrdersReport, UnknownTrade
from backstay.domain.edge.ordered import KnownOrder, OrderState, StrangeOrder, answer_text
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderTerms
from backstay.domain.orders.words import terms_text
from backstay.domain.sides import Side
from backstay.lab.words import count

_GAP = "  "
_NAME_MIN = 8
_STYLES = {
    OrderState.UNKNOWN: "bold red",
    OrderState.CANCELLING: "yellow",
    OrderState.SENDING: "yellow",
    OrderState.WORKING: "green",
    OrderState.OVER: "dim",
}
Row = tuple[Text, ...]


def page(report: OrdersReport, width: int, *, only_unknown: bool) -> list[Text]:
    """All of it."""
    edge = None if report.page is None else report.page.edge
    lines = [*header(report.account, report.kind, edge)]
    for who, trouble in (
        ("broker worker", report.edge_trouble),
        ("engine", report.engine_trouble),
    ):
        told = wrap(f"the {who} is silent: {trouble}" if trouble else "", width)
        lines.extend(Text(text, "bold red") for text in told)
    lines.append(Text())
    names = dict(report.plan_ids)
    if report.orders:
        rows = [_row(order, names) for order in report.orders]
        lines += _table(("plan", "order", "what", "terms", "filled", "state"), rows, width)
    for order in report.orders:
        if order.state is OrderState.UNKNOWN:
            lines += [Text(), *_unknown(order, names)]
    for trade in report.trades:
        lines += _unknown_trade(trade)
    if report.others:
        lines += [Text(), Text("orders of somebody else; they are never touched", "bold")]
        titles = ("from", "order", "what", "terms", "filled", "state")
        lines += _table(titles, [_stranger(each) for each in report.others], width)
    return [*lines, *_end(report, only_unknown=only_unknown)]


def _end(report: OrdersReport, *, only_unknown: bool) -> Iterator[Text]:
    if report.cannot_tell:
        yield Text("of orders that are sent only the broker worker could tell", "red")
        return
    if not report.orders and not report.others and not report.trades:
        yield Text("no order is unknown" if only_unknown else "there is no order")
        return
    yield Text()
    if report.unknown:
        noun = "order is" if report.unknown == 1 else "orders are"
        yield Text(f"{report.unknown} {noun} unknown", "bold red")
    else:
        yield Text("no order is unknown", "green")
    if report.more:
        yield Text("there are more than these; name a trade with --trade", "dim")


# --- one order ---


def _row(order: KnownOrder, names: dict[str, str]) -> Row:
    key = order.key
    state = order.state.value + (f": {order.end}" if order.end is not None else "")
    return (
        Text(names.get(key.trade, key.trade)),
        Text(_short(key), "dim"),
        Text(_what(order.side, plain(order.quantity), order.symbol)),
        Text(_terms(order.terms)),
        Text(plain(order.filled)),
        Text(state, _STYLES.get(order.state, "")),
    )


def _stranger(strange: StrangeOrder) -> Row:
    order = strange.order
    who = "TWS" if order.client_id == 0 else f"client {order.client_id}"
    return (
        Text(who),
        Text(f"perm {order.perm_id}", "dim"),
        Text(
            _what(
                order.side,
                plain(order.quantity),
                strange.symbol or f"contract {order.con_id}",
            )
        ),
        Text(_terms(order.terms)),
        Text(plain(order.filled)),
        Text(order.status or "?"),
    )


def _what(side: Side, quantity: str, symbol: str) -> str:
    return f"{side} {quantity} {symbol}".strip()


def _terms(terms: OrderTerms | None) -> str:
    return "?" if terms is None else terms_text(terms)


def _short(key: IntentKey) -> str:
    return f"{key.leg}:{key.purpose.value}:{key.generation}"


def _unknown(order: KnownOrder, names: dict[str, str]) -> Iterator[Text]:
    """What was sent when, what was asked since, what was answered, and what can be done."""
    yield Text(f"{order.key}: nobody can tell what became of it", "bold red")
    if order.sent_at is not None:
        yield Text(f"  sent      {order.sent_at:%Y-%m-%d %H:%M:%S} UTC, by this process")
    else:
        yield Text("  sent      if at all, by another process than the one that runs now")
    if order.unknown_since is not None:
        yield Text(f"  last sign {order.unknown_since:%Y-%m-%d %H:%M:%S} UTC")
    if order.text:
        yield Text(f"  said      {order.text}")
    inquiry = order.inquiry
    if inquiry is None:
        yield Text("  asked     with each complete reading; none explains it")
    else:
        times = count(inquiry.times, "time")
        yield Text(
            f"  asked     {times} since {inquiry.since:%H:%M:%S}, last {inquiry.last_at:%H:%M:%S}"
        )
        yield Text(f"  answer    {answer_text(inquiry.answer)}")
    ids = ", ".join(map(str, order.perm_ids))
    named = f" (permanent id {ids})" if ids else ""
    yield Text(f"  you       look in TWS for the reference {order.key}{named}")
    if order.may_be_declared:
        name = names.get(order.key.trade, order.key.trade)
        yield from _declare(name)
    else:
        yield Text("            the edge goes on asking; nothing else takes its place meanwhile")


def _unknown_trade(trade: UnknownTrade) -> Iterator[Text]:
    yield Text(f"{trade.plan_id}: nobody can tell what became of its entry", "bold red")
    yield Text(f"  trade     {trade.trade}, {trade.side} {trade.symbol}")
    if trade.why:
        yield Text(f"  said      {trade.why}")
    yield Text(f"  you       look in TWS for references that begin with bs1:{trade.trade}:0:EN")
    yield from _declare(trade.plan_id)


def _declare(name: str) -> Iterator[Text]:
    yield Text("            if it is not there, neither among the orders nor the trades:")
    yield Text(f"            backstay trade declare-absent {name} --by NAME --reason TEXT")


# --- columns ---


def _table(titles: Sequence[str], rows: Sequence[Row], width: int) -> Iterator[Text]:
    """Columns as wide as they have to be; the name in front is cut where there is no room."""
    sizes = [
        max(len(title), *(len(row[place]) for row in rows)) for place, title in enumerate(titles)
    ]
    rest = width - sum(sizes[1:]) - len(_GAP) * (len(sizes) - 1)
    sizes[0] = min(sizes[0], max(rest, _NAME_MIN))
    yield _line([Text(title, "dim") for title in titles], sizes)
    for row in rows:
        yield _line(row, sizes)


def _line(cells: Sequence[Text], sizes: Sequence[int]) -> Text:
    line = Text()
    for cell, size in zip(cells, sizes, strict=True):
        padded = cell.copy()
        padded.truncate(size, overflow="ellipsis", pad=True)
        line.append_text(padded)
        line.append(_GAP)
    line.rstrip()
    return line
