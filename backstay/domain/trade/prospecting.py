"""From the broker's answers to the prospect of a trade.

Owns what the answers mean for a plan: at which price its size is reckoned, what the entry is
measured by, and everything that keeps it from working here and now, as complaints about the keys of
the plan. It asks nothing itself.

An entry at once needs an open market and a good quote of its side. Where the market is closed, the
plan chooses: to be refused, or to wait for the open. What waits is reckoned at the limit that the
plan gives, and asked about again when its time has come; without a limit nobody could say how much
it is, so it is refused.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    PreviewAnswer,
    Previewed,
    PreviewRefused,
    Resolved,
    Unresolvable,
)
from backstay.domain.edge.market import MarketFacts
from backstay.domain.instruments import Instrument, OptionTerms
from backstay.domain.limits.facts import AdmissionFacts, Reference, Touch, TriggerPrice
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.plan.complaints import Complaint, Path, instant_text, value_text
from backstay.domain.plan.entry import Entry, IfClosed
from backstay.domain.plan.instrument import InstrumentQuery as PlannedInstrument
from backstay.domain.plan.sizing import Sized, sized
from backstay.domain.plan.timing import overdue
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session, next_open
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Flaw
from backstay.domain.trade.opening import first_orders
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import NoProspect, Prospect, Seen

SESSIONS_AHEAD = timedelta(days=10)
"""How far ahead a trade is told of regular hours; the broker seldom says more."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A plan at the market of one moment: its size, and the entry that the broker is asked about.

    `not_before` is when an entry is due that waits for the open.
    """

    order: TradeOrder
    found: Resolved
    market: MarketFacts
    trading_day: date
    sized: Sized
    entry: OrderIntent
    reference: Reference
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class _Base:
    """The price that the size is reckoned at, what the entry is measured by, and when it is due."""

    price: Decimal
    reference: Reference
    not_before: datetime | None = None


def query_of(planned: PlannedInstrument) -> InstrumentQuery:
    """What the broker is asked for where a plan names `planned`."""
    return InstrumentQuery(
        symbol=planned.symbol,
        exchange=planned.exchange,
        currency=planned.currency,
        option=_option_terms(planned),
        primary_exchange=planned.primary_exchange,
        trading_class=planned.trading_class,
    )


def underlying_query(planned: PlannedInstrument, found: Resolved) -> InstrumentQuery | None:
    """What to ask for to know the stock behind an option; None where there is none to know."""
    con_id = found.underlying_con_id
    if not found.instrument.is_option or con_id is None:
        return None
    return InstrumentQuery(planned.symbol, currency=planned.currency, con_id=con_id)


def not_listed(answer: Unresolvable, at: datetime) -> NoProspect:
    """The plan names what does not exist."""
    key = answer.field.rpartition(".")[2]
    return NoProspect((Complaint(("instrument", key), answer.text),), at)


def unmeasured(order: TradeOrder, answer: NotAnswered, at: datetime) -> NoProspect:
    """The plan's stop hangs on a range that the broker does not tell."""
    text = f"{order.plan.stop.atr}; no average true range is known: {answer.question}"
    return NoProspect((Complaint(("stop", "atr"), text),), at)


def waits_for_quote(order: TradeOrder, market: MarketFacts) -> bool:
    """Whether all that is missing is a good quote, which may come any moment."""
    is_due = order.plan.entry.trigger is None and market.phase is MarketPhase.REGULAR
    return is_due and _price_now(market, order.plan.side) is None


def appraise(
    order: TradeOrder,
    found: Resolved,
    market: MarketFacts,
    average_true_range: Decimal | None,
    *,
    lines_are_left: bool,
) -> Appraisal | NoProspect:
    """The plan at this market, or everything that is wrong with it there."""
    plan = order.plan
    late = overdue(plan, market.at)
    day = market.trading_day
    seen = seen_of(found, market)
    if day is None:
        return NoProspect((*late, _unknown_hours(plan.instrument)), market.at, seen)
    if market.touch is None and not lines_are_left:
        text = f"{value_text(plan.instrument.symbol)}; no market data line is left for it"
        return NoProspect((*late, Complaint(("instrument", "symbol"), text)), market.at, seen)
    base = _base(plan.entry, plan.side, found, market)
    if isinstance(base, Complaint):
        return NoProspect((*late, base), market.at, seen)
    size = sized(plan, found.instrument, base.price, average_true_range)
    if not isinstance(size, Sized):
        return NoProspect((*late, *size.complaints), market.at, seen)
    if late:
        return NoProspect(late, market.at, seen)
    entry = first_orders(plan, order.account, found.instrument, size, order.profile).entry
    return Appraisal(order, found, market, day, size, entry, base.reference, base.not_before)


def prospect_of(
    appraisal: Appraisal, underlying: Instrument | None, preview: PreviewAnswer
) -> Prospect | NoProspect:
    """The prospect, with what the broker says of the entry. A margin that it does not tell stays
    unknown, which admission refuses.
    """
    market, found = appraisal.market, appraisal.found
    seen = seen_of(found, market)
    told = preview if isinstance(preview, Previewed) else None
    if isinstance(preview, PreviewRefused):
        text = f"the broker would refuse it ({preview.code}): {preview.text}"
        return NoProspect((Complaint(("entry",), text),), market.at, seen)
    return Prospect(
        instrument=found.instrument,
        underlying=underlying,
        sessions=seen.sessions,
        sized=appraisal.sized,
        facts=AdmissionFacts(
            account_kind=market.account_kind,
            phase=market.phase,
            trading_day=appraisal.trading_day,
            rates=market.rates,
            reference=appraisal.reference,
            margin=None if told is None else told.margin,
        ),
        position=market.position,
        at=market.at,
        not_before=appraisal.not_before,
        market=market,
        preview=told,
    )


def seen_of(found: Resolved, market: MarketFacts) -> Seen:
    """What the broker has shown of a contract."""
    return Seen(found.instrument, sessions_ahead(found.calendar, market.at), market)


def sessions_ahead(calendar: Calendar, now: datetime) -> tuple[Session, ...]:
    """The regular hours that run now or begin within the next days."""
    until = now + SESSIONS_AHEAD
    return tuple(
        each for each in calendar.regular if each.closes_at > now and each.opens_at < until
    )


def _base(entry: Entry, side: Side, found: Resolved, market: MarketFacts) -> _Base | Complaint:
    if entry.trigger is not None:
        return _Base(entry.trigger.price, TriggerPrice(entry.trigger.price))
    symbol = found.instrument.symbol
    if market.phase is not MarketPhase.REGULAR:
        return _at_the_open(entry, symbol, next_open(found.calendar, market.at))
    price = _price_now(market, side)
    if price is None or market.touch is None:
        return Complaint(("entry",), _why_no_price(symbol, side, market.touch))
    return _Base(price, market.touch)


def _at_the_open(entry: Entry, symbol: str, opens_at: datetime | None) -> _Base | Complaint:
    """An entry at once while only other hours trade, or none."""
    if opens_at is None:
        text = f"the regular hours of {symbol} are over, and when the next begin is not known"
        return Complaint(("entry",), text)
    begins = f"the regular hours of {symbol} begin at {instant_text(opens_at)}"
    if entry.if_closed is IfClosed.REFUSE:
        return Complaint(("entry", "if_closed"), f"{value_text(entry.if_closed)}; {begins}")
    if entry.limit is None:
        why = "until then only a limit says how much it is; give entry.limit"
        return Complaint(("entry", "if_closed"), f"{value_text(entry.if_closed)}; {begins}, {why}")
    return _Base(entry.limit, TriggerPrice(entry.limit), opens_at)


def _price_now(market: MarketFacts, side: Side) -> Decimal | None:
    """Where an order of `side` would trade, as far as a good quote says."""
    touch = market.touch
    return None if touch is None or touch.flaw is not None else touch.price_for(side)


def _why_no_price(symbol: str, side: Side, touch: Touch | None) -> str:
    if touch is None:
        return f"{symbol} has no good quote"
    if touch.flaw is Flaw.NOT_REAL_TIME:
        return f"the quote of {symbol} is {touch.flaw}; only real-time prices decide"
    if touch.flaw is not None:
        return f"the quote of {symbol} is {touch.flaw}"
    return f"nobody quotes {symbol} where a {side} would trade"


def _unknown_hours(planned: PlannedInstrument) -> Complaint:
    path: Path = ("instrument", "symbol")
    text = f"{value_text(planned.symbol)}; the broker does not say when it trades now"
    return Complaint(path, text)


def _option_terms(planned: PlannedInstrument) -> OptionTerms | None:
    if planned.expiry is None or planned.strike is None or planned.right is None:
        return None
    return OptionTerms(planned.expiry, planned.strike, planned.right)
