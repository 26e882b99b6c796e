"""The page of a dry run: what the broker and the account say of a plan, and the end of it.

What says no comes first of all, in its own words, and before any figure of a trade that will not
be; of a rule that agrees the name is enough, with its figure and its bound where it compares two,
and orders of which the same is said share a line. The last line is the sentence that everything
above amounts to.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from activities.ports import Differs, Same
from backstay.cli.plan.facts import (
    Fact,
    entry_facts,
    labelled,
    size_facts,
    time_exit_facts,
    ways_out,
)
from backstay.cli.screen import INDENT, LABEL_WIDTH, Cell, Screen
from backstay.cli.trade.dry_run_report import Foretold, Outcome
from backstay.domain.edge.contracts import Previewed
from backstay.domain.edge.market import MarketFacts
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.codes import RefusalCode, Verdict
from backstay.domain.limits.facts import AccountKind, Margin, Touch, TriggerPrice
from backstay.domain.limits.kill import Halt
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import MarketPhase, Session
from backstay.domain.trade.dry_run import Foreseen, Unanswered, Unworkable
from backstay.domain.trade.preflight import Preflight, RoomTaken
from backstay.domain.trade.prospect import Prospect, Seen
from backstay.lab.words import (
    cents,
    count,
    instant_text,
    instrument_text,
    order_text,
    query_text,
    short,
)

_NAMES = {
    Purpose.ENTRY: "the entry",
    Purpose.PROTECT: "the stop at the broker",
    Purpose.EXIT_STOP: "the first exit by the stop",
    Purpose.EXIT_MANUAL: "the first exit by hand, or by a kill",
    Purpose.EXIT_TARGET: "the first exit at a target",
}
_ENDS = {
    Outcome.ADMITTED: "bold green",
    Outcome.SAME: "bold",
    Outcome.REFUSED: "bold red",
    Outcome.UNFIT: "bold red",
    Outcome.UNANSWERED: "bold yellow",
}
_TELLING = {
    RefusalCode.ORDER_VALUE,
    RefusalCode.POSITION_LIMIT,
    RefusalCode.EXPOSURE_CAP,
    RefusalCode.OPEN_TRADES,
    RefusalCode.DAILY_LIMIT,
    RefusalCode.MARGIN,
    RefusalCode.EXCEEDS_POSITION,
}
_ASKED_WHEN_DUE = {RefusalCode.SESSION_CLOSED, RefusalCode.STALE_DATA}
_REF_WIDTH = len("bs1:6PMWYKXY:0:EN:1")
_GAP = 2


def show(told: Foretold, screen: Screen) -> None:
    """The page."""
    _show_head(told, screen)
    match told.report:
        case Foreseen() as foreseen:
            _show_foreseen(told, foreseen, screen)
        case Unworkable(order=order, prospect=prospect):
            screen.facts(_seen(prospect.seen))
            screen.facts(entry_facts(order.plan))
            screen.facts(_started(told))
            screen.line()
            _show_refused(screen, [str(each) for each in prospect.complaints])
        case Unanswered():
            screen.facts(_started(told))
    screen.line()
    screen.paragraph(told.sentence, _ENDS[told.outcome])


def _show_head(told: Foretold, screen: Screen) -> None:
    order = told.report.order
    plan = order.plan
    screen.line(f"{plan.id}: {plan.side} {query_text(plan.instrument)}", "bold")
    screen.line("dry run: nothing is sent, and nothing reserved", "dim")
    screen.line()
    where, style = f"{order.trade} in {order.account}", ""
    if not isinstance(told.report, Unanswered):
        seen = told.report.prospect.seen
        if seen is not None:
            is_live = seen.market.account_kind is AccountKind.LIVE
            where += ", LIVE" if is_live else ", paper"
            style = "bold red" if is_live else ""
        where += f", as of {told.report.prospect.at:%Y-%m-%d %H:%M:%S} UTC"
    rest = screen.width - len(INDENT) - LABEL_WIDTH - _GAP
    screen.row([Cell("trade", LABEL_WIDTH, "dim"), Cell(where, rest, style)], INDENT)


def _show_foreseen(told: Foretold, foreseen: Foreseen, screen: Screen) -> None:
    plan, prospect, preflight = foreseen.order.plan, foreseen.prospect, foreseen.preflight
    is_new = told.started_before is None
    if not is_new:
        screen.facts(_started(told))
        screen.line()
    elif preflight.refusals:
        _show_refused(screen, list(_refusals(preflight)))
        screen.line()
    screen.facts(_seen(prospect.seen))
    screen.facts(entry_facts(plan))
    screen.facts(size_facts(plan, prospect.sized, _basis(foreseen)))
    screen.facts(_cost(prospect))
    if told.terms is not None:
        screen.facts(ways_out(plan, prospect.sized, told.terms))
    screen.facts(time_exit_facts(plan.time_exit))
    screen.line()
    if is_new:
        # What a new trade would meet is no matter where there would be none.
        _show_orders(screen, [each.intent for each in preflight.orders])
        screen.line()
    screen.facts(_account(preflight))
    if is_new and (agreed := list(_agreed(foreseen))):
        screen.line()
        screen.facts(labelled("agreed", agreed))


# --- what the broker says ---


def _seen(seen: Seen | None) -> Iterator[Fact]:
    if seen is None:
        return
    yield from _contract(seen.instrument)
    yield from _hours(seen)
    yield from _market(seen)


def _contract(contract: Instrument) -> Iterator[Fact]:
    what = f"{contract.symbol} {contract.type}"
    if contract.option is not None:
        terms = contract.option
        what += f" {terms.expiry} {plain(terms.strike)} {terms.right}"
    yield "contract", f"{what}, {contract.exchange}, {contract.currency}, con id {contract.con_id}"
    yield "", f"multiplier {plain(contract.multiplier)}, {_ticks(contract.grid)}"


def _ticks(grid: PriceGrid) -> str:
    first, *others = grid.bands
    text = f"ticks of {plain(first.increment)}"
    return text + "".join(
        f", {plain(band.increment)} from {plain(band.low_edge)} on" for band in others
    )


def _hours(seen: Seen) -> Iterator[Fact]:
    phase, now = seen.market.phase, seen.market.at
    running = next((each for each in seen.sessions if each.holds(now)), None)
    ahead: tuple[Session, ...] = tuple(each for each in seen.sessions if each.opens_at > now)
    texts = {
        MarketPhase.REGULAR: "regular hours now",
        MarketPhase.EXTENDED: "extended hours now",
        MarketPhase.CLOSED: "closed now",
        MarketPhase.UNKNOWN: "not known: the broker does not say when it trades now",
    }
    until = f", until {instant_text(running.closes_at)}" if running is not None else ""
    yield "hours", texts[phase] + until
    if ahead:
        begin, finish = instant_text(ahead[0].opens_at), instant_text(ahead[0].closes_at)
        yield "", f"next from {begin} to {finish}"


def _market(seen: Seen) -> Iterator[Fact]:
    market = seen.market
    yield "market", _touch(market)
    if market.position:
        yield "", f"the account holds {plain(market.position)} of it"


def _touch(market: MarketFacts) -> str:
    touch = market.touch
    if touch is None:
        is_closed = market.phase is MarketPhase.CLOSED
        return "no quote: it is closed" if is_closed else "no good quote has come"
    bid = "no bid" if touch.bid is None else f"bid {touch.bid}"
    ask = "no ask" if touch.ask is None else f"ask {touch.ask}"
    state = "good" if touch.flaw is None else f"{touch.flaw}: it decides nothing"
    return f"{bid}, {ask}, heard at {touch.heard_at:%H:%M:%S} UTC, {state}"


def _basis(foreseen: Foreseen) -> str:
    plan, reference = foreseen.order.plan, foreseen.prospect.facts.reference
    if isinstance(reference, Touch):
        side = "bid" if plan.side.sign < 0 else "ask"
        return f"the {side}, {_price(reference.price_for(plan.side))}"
    price = None if reference is None else reference.price_for(plan.side)
    return f"{'the limit' if plan.entry.trigger is None else 'the trigger'}, {_price(price)}"


def _price(price: Decimal | None) -> str:
    return "unknown" if price is None else f"{price}"


def _cost(prospect: Prospect) -> Iterator[Fact]:
    base, told = prospect.facts.rates.base, prospect.preview
    yield "margin", _margin(prospect.facts.margin, told, base)
    if told is None:
        return
    yield "cost", _commission(told)
    if told.warning:
        yield "warning", told.warning


def _margin(margin: Margin | None, told: Previewed | None, base: str) -> str:
    if margin is None:
        return "unknown: the broker has not said what the entry would tie up"
    kept = None if told is None else told.maintenance
    maintenance = "unknown" if kept is None else f"{cents(kept)} {base}"
    return (
        f"{cents(margin.required)} {base} initial, {maintenance} maintenance;"
        f" {cents(margin.available)} {base} are free"
    )


def _commission(told: Previewed) -> str:
    money = told.commission_currency and f" {told.commission_currency}"
    if told.commission is not None:
        return f"{cents(told.commission)}{money} commission for the entry"
    if told.commission_max is not None:
        return f"at most {cents(told.commission_max)}{money} commission for the entry"
    return "commission unknown: the broker has not said"


# --- the orders, and what the account says of them ---


def _show_orders(screen: Screen, intents: list[OrderIntent]) -> None:
    rest = screen.width - len(INDENT) - LABEL_WIDTH - _REF_WIDTH - _GAP * 2
    for number, intent in enumerate(intents):
        cells = [
            Cell("" if number else "orders", LABEL_WIDTH, "dim"),
            Cell(intent.order_ref, _REF_WIDTH),
            Cell(f"{_name(intent.key)}: {_order(intent)}", rest),
        ]
        screen.row(cells, INDENT)


def _order(intent: OrderIntent) -> str:
    """The order as it would leave; of an exit that nobody can price yet, as far as it is known."""
    if intent.key.purpose in (Purpose.EXIT_MANUAL, Purpose.EXIT_TARGET):
        most = f"{intent.side} at most {plain(intent.quantity)}"
        return f"{most} {instrument_text(intent.instrument)}, priced by the market of that moment"
    return f"{order_text(intent)}, {_kept(intent)}"


def _kept(intent: OrderIntent) -> str:
    until = f" {instant_text(intent.good_till)}" if intent.good_till is not None else ""
    outside = ", at all hours" if intent.outside_regular_hours else ""
    return f"{intent.time_in_force}{until}{outside}"


def _name(key: IntentKey) -> str:
    if key.purpose is Purpose.PROTECT and key.leg:
        return f"the stop of part {key.leg}, if its exit has to wait"
    if key.purpose is Purpose.EXIT_TARGET and key.leg:
        return f"the first exit of part {key.leg}, at its target"
    return _NAMES[key.purpose]


def _account(preflight: Preflight) -> Iterator[Fact]:
    kill = preflight.kill
    yield "kill", f"{kill.text}, epoch {kill.epoch}"
    yield "halts", "; ".join(map(_halt, preflight.halts)) or "none"
    yield from _room(preflight.room)


def _halt(halt: Halt) -> str:
    return halt.reason + (halt.symbol and f" ({halt.symbol})")


def _room(room: RoomTaken) -> Iterator[Fact]:
    money = room.base_currency and f" {room.base_currency}"
    now = f"{cents(room.exposure)}{money} now"
    taken, left = f"{now}, {cents(room.exposure_with)} with it", room.exposure_left
    if left is None:
        yield "exposure", f"{now}; no limits say how much there may be"
    elif left < 0:
        yield "exposure", f"{taken}, {cents(-left)} over the {cents(_bound(room))} that may be"
    else:
        yield "exposure", f"{taken}; {cents(left)} of {cents(_bound(room))} would be left"
    trades = f"{count(room.open_trades, 'trade')} now"
    if room.open_trades_max is not None:
        trades += f", {room.open_trades_with} with it; at most {room.open_trades_max}"
    yield "open", trades


def _bound(room: RoomTaken) -> Decimal:
    return room.exposure_max or Decimal(0)


def _started(told: Foretold) -> Iterator[Fact]:
    match told.started_before:
        case Same(status=status):
            yield "before", f"this plan was started before; the engine has it as {status}"
        case Differs(status=status, tables=tables):
            yield "before", f"another plan was started under this id; the engine has it as {status}"
            yield "", f"they differ in: {', '.join(tables)}"
        case None:
            return
        case _ as never:
            assert_never(never)


def _refusals(preflight: Preflight) -> Iterator[str]:
    for refusal in preflight.refusals:
        keys = ", ".join(short(key) for key in refusal.keys)
        whom = "every order" if len(refusal.keys) == len(preflight.orders) else keys
        yield f"{refusal.verdict.line} ({whom or 'the whole trade'})"


def _show_refused(screen: Screen, texts: list[str]) -> None:
    rest = screen.width - len(INDENT) - LABEL_WIDTH - _GAP
    for label, text in labelled("REFUSED", texts):
        screen.row([Cell(label, LABEL_WIDTH, "bold red"), Cell(text, rest, "red")], INDENT)


def _agreed(foreseen: Foreseen) -> Iterator[str]:
    """The rules that say yes, if any do, and the orders of which they say so."""
    waits = isinstance(foreseen.prospect.facts.reference, TriggerPrice)
    said: dict[str, list[str]] = {}
    for judgement in foreseen.preflight.orders:
        names = [_agreement(each, waits=waits) for each in judgement.verdicts if each.passed]
        if names:
            of_all = f"{len(names)} of {count(len(judgement.verdicts), 'rule')}"
            text = f"{of_all}: {', '.join(names)}"
            said.setdefault(text, []).append(short(judgement.intent.key))
    yield from (f"{', '.join(keys)}  {text}" for text, keys in said.items())


def _agreement(verdict: Verdict, *, waits: bool) -> str:
    """The rule, with how much of how much where that tells what is left; of one that is asked
    again when the entry is due, that it is.
    """
    if waits and verdict.code in _ASKED_WHEN_DUE:
        return f"{verdict.code} (asked when it is due)"
    measured, bound = verdict.measured, verdict.bound
    if verdict.code not in _TELLING or measured is None or bound is None:
        return verdict.code
    return f"{verdict.code} {plain(measured)} of {plain(bound)}"
