"""How a trade and its way out read, in Markdown and in single lines.

What a person sees in the details of a workflow and beside its steps; nothing here decides.
"""

from typing import assert_never

from backstay.domain.edge.walking import Walk, WayOut
from backstay.domain.exits import events
from backstay.domain.exits.events import LadderCommand
from backstay.domain.exits.ladder import Ladder, waiting_for
from backstay.domain.exits.members import Member
from backstay.domain.figures import plain
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.words import name_of, order_text
from backstay.domain.trade.standing import TradeStanding


def page(standing: TradeStanding) -> str:
    """The standing as a short page of Markdown, for the details of a workflow."""
    lines = [f"**{standing.lifecycle.state.value}**: {standing.doing.value}"]
    if standing.why:
        lines.append(standing.why)
    terms = standing.terms
    rows = [
        ("side", f"{standing.side.value} {standing.symbol}"),
        ("trigger", terms.trigger),
        ("entry", entry_text(standing)),
        ("filled", _filled(standing)),
        ("stop", "" if standing.stop is None else plain(standing.stop)),
        ("trail", terms.trail),
        ("targets", "; ".join(terms.targets)),
        ("time exit", terms.time_exit),
        ("left", plain(standing.left) if standing.entered else ""),
        ("exits", "; ".join(_order(order) for order in standing.exits)),
        ("led by", ", ".join(standing.ways_out)),
        ("naked", _naked(standing)),
    ]
    table = [f"| {name} | {text} |" for name, text in rows if text]
    told = [f"- {text}" for text in standing.told]
    return "\n".join([*lines, "", "| | |", "|---|---|", *table, "", *told]).rstrip()


def entry_text(standing: TradeStanding) -> str:
    """The order that enters; at the market it has no limit, whatever was reckoned with."""
    order, limit = standing.terms.entry, standing.limit
    if order == "MKT" or limit is None:
        return order
    return f"{order or 'LMT'} {limit:f}"


def _filled(standing: TradeStanding) -> str:
    if standing.quantity is None:
        return ""
    of_all = f"{plain(standing.entered)} of {plain(standing.quantity)}"
    price = standing.entry.average_price if standing.entry is not None else None
    return of_all if price is None else f"{of_all} at {plain(price)}"


def _order(order: OrderSummary) -> str:
    at = "" if order.average_price is None else f" at {plain(order.average_price)}"
    return f"{name_of(order.key)} {plain(order.filled)}{at}"


def _naked(standing: TradeStanding) -> str:
    naked = standing.naked
    if naked is None:
        return ""
    seconds = plain(naked.until(standing.at))
    now = f", {plain(naked.quantity)} now" if naked.quantity else ""
    return f"{seconds} unit seconds{now}"


def ladder_page(ladder: Ladder, commands: tuple[LadderCommand, ...], *, went_alone: bool) -> str:
    """A way out: what is open, what it waits for, and each of its orders."""
    of_all = f"{plain(ladder.left)} of {plain(ladder.quantity)} open"
    lines = [f"**{of_all}**, waiting for {waiting_for(ladder).value}"]
    if commands:
        lines.append("next: " + "; ".join(command_text(command) for command in commands))
    if went_alone:
        lines.append("the edge went on alone while nobody led")
    rows = [f"| {name_of(m.key)} | {order_text(m.intent)} | {_member(m)} |" for m in ladder.members]
    told = [f"- {told.alarm.value}" for told in ladder.told]
    return "\n".join(
        [*lines, "", "| | | |", "|---|---|---|", *rows, *([""] if told else []), *told]
    )


def leave_summary(way_out: WayOut) -> str:
    """What a way out is about, in one line."""
    return f"leave {plain(way_out.quantity)} {way_out.instrument.symbol}"


def walk_summary(walk: Walk) -> str:
    """The next steps of a way out, in one line."""
    if walk.ladder is None:
        return f"begin to {leave_summary(walk.way_out)}"
    if not walk.commands:
        return f"follow {walk.way_out.key}"
    return "; ".join(command_text(command) for command in walk.commands)


def command_text(command: LadderCommand) -> str:
    """One step of a ladder, in words."""
    match command:
        case events.Send(intent):
            return f"send {name_of(intent.key)} {order_text(intent)}"
        case events.Reshape(intent):
            return f"modify {name_of(intent.key)} to {order_text(intent)}"
        case events.Cancel(key):
            return f"cancel {name_of(key)}"
        case events.AskBroker(key):
            return f"ask about {name_of(key)}"
        case events.ReadFills(key):
            return f"read the fills of {name_of(key)}"
        case events.Tell(alarm):
            return f"tell: {alarm.value}"
        case _:
            assert_never(command)


def _member(member: Member) -> str:
    return f"{member.standing.value}, {plain(member.filled)} filled"
