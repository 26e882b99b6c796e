"""From the broker's answers to a prospect: the price, the size, and everything that is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

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
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.limits.facts import AccountKind, Margin, Touch, TriggerPrice
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit
from backstay.domain.plan.complaints import Complaint
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session
from backstay.domain.ticks.quotes import Flaw
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import NoProspect, Prospect, ProspectAnswer, Seen
from backstay.domain.trade.prospecting import (
    Appraisal,
    appraise,
    not_listed,
    prospect_of,
    query_of,
    sessions_ahead,
    underlying_query,
    unmeasured,
    waits_for_quote,
)
from tests.domain.plan.documents import EXPIRES, EXPIRY, GONE, option_trade, trade, trade_of

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
CENT = PriceGrid.uniform(Decimal("0.01"))
STOCK = Instrument(1, "AAPL", "SMART", "USD", Decimal(1), CENT, "America/New_York")
CALL = OptionTerms(EXPIRY, Decimal(180), Right.CALL)
OPTION = Instrument(2, "NVDA", "SMART", "USD", Decimal(100), CENT, "America/New_York", CALL)
RATES = ExchangeRates("USD")
MARGIN = Margin(Decimal(5000), Decimal(100_000))
PREVIEWED = Previewed(MARGIN, Decimal(1))
AT_ONCE = {"entry.trigger": GONE, "entry.limit_offset": Decimal("0.05")}
AT_LIMIT = {"entry.trigger": GONE, "entry.limit_offset": GONE, "entry.limit": Decimal("190.10")}
AT_MARKET = {"entry.trigger": GONE, "entry.limit_offset": GONE, "entry.order": "MKT"}


def session(day: int, month: int = 11) -> Session:
    """The regular hours of a day in New York's winter."""
    opens = datetime(2026, month, day, 14, 30, tzinfo=UTC)
    return Session(opens, opens + timedelta(hours=6.5))


CALENDAR = Calendar(
    regular=(session(20), session(23), session(24), session(3, 12), session(4, 12)),
    extended=(),
    covers_from=datetime(2026, 11, 20, 5, 0, tzinfo=UTC),
    covers_until=datetime(2026, 12, 5, 5, 0, tzinfo=UTC),
)
FOUND = Resolved(STOCK, CALENDAR)


def order(changes: Mapping[str, object] | None = None) -> TradeOrder:
    """The good trade with changes."""
    return TradeOrder(trade_of(trade(changes)), "DU1234567")


def touch(
    flaw: Flaw | None = None, bid: str | None = "189.98", ask: str | None = "190.02"
) -> Touch:
    """What is quoted."""
    prices = [None if price is None else Decimal(price) for price in (bid, ask)]
    return Touch(prices[0], prices[1], NOW, flaw)


def market(**changes: Any) -> MarketFacts:
    """The market in regular hours, with changes."""
    facts = MarketFacts(
        at=NOW,
        account_kind=AccountKind.PAPER,
        phase=MarketPhase.REGULAR,
        trading_day=DAY,
        rates=RATES,
        touch=touch(),
        position=Decimal(7),
    )
    return replace(facts, **changes)


def appraised(
    changes: Mapping[str, object] | None = None, *, lines: bool = True, **facts: Any
) -> Appraisal:
    """The good trade with changes, where it works."""
    found = appraise(order(changes), FOUND, market(**facts), None, lines_are_left=lines)
    assert isinstance(found, Appraisal), found
    return found


def said(
    changes: Mapping[str, object] | None = None, *, lines: bool = True, **facts: Any
) -> list[str]:
    """What is said of the good trade with changes, where it does not work."""
    found = appraise(order(changes), FOUND, market(**facts), None, lines_are_left=lines)
    assert isinstance(found, NoProspect), found
    assert found.at == facts.get("at", NOW)
    assert found.seen is not None
    assert found.seen.market == market(**facts)
    return [str(complaint) for complaint in found.complaints]


# --- what is asked ---


def test_a_stock_is_asked_for_by_every_key_of_the_plan() -> None:
    planned = order({"instrument.primary_exchange": "NASDAQ"}).plan.instrument
    assert query_of(planned) == InstrumentQuery("AAPL", "SMART", "USD", None, "NASDAQ")


def test_an_option_is_asked_for_by_its_terms_and_its_class() -> None:
    planned = trade_of(option_trade({"instrument.trading_class": "NVDA1"})).instrument
    assert query_of(planned) == InstrumentQuery("NVDA", option=CALL, trading_class="NVDA1")


def test_the_stock_behind_an_option_is_asked_for_by_its_id() -> None:
    planned = trade_of(option_trade()).instrument
    found = Resolved(OPTION, CALENDAR, underlying_con_id=77)
    assert underlying_query(planned, found) == InstrumentQuery("NVDA", con_id=77)
    assert underlying_query(planned, replace(found, underlying_con_id=None)) is None


def test_there_is_nothing_behind_a_stock() -> None:
    found = Resolved(STOCK, CALENDAR, underlying_con_id=77)
    assert underlying_query(order().plan.instrument, found) is None


# --- what was answered ---


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("option.strike", "instrument.strike"),
        ("option.expiry", "instrument.expiry"),
        ("symbol", "instrument.symbol"),
        ("trading_class", "instrument.trading_class"),
    ],
)
def test_what_is_not_listed_is_told_at_its_key_of_the_plan(field: str, path: str) -> None:
    text = "187.25 is not listed for AAPL 2026-12-18; nearest are 185 and 190"
    answer = not_listed(Unresolvable(field, "187.25", ("185", "190"), text), NOW)
    assert [str(each) for each in answer.complaints] == [f"{path}: {text}"]
    assert answer.at == NOW


def test_a_stop_by_range_needs_a_range() -> None:
    by_range = order({"stop.price": GONE, "stop.atr": Decimal("1.5")})
    answer = unmeasured(by_range, NotAnswered("AAPL: 3 daily bars are too few", NOW), NOW)
    text = "1.5; no average true range is known: AAPL: 3 daily bars are too few"
    assert answer == NoProspect((Complaint(("stop", "atr"), text),), NOW)


def test_a_stop_by_range_lies_that_range_away() -> None:
    by_range = order({"stop.price": GONE, "stop.atr": Decimal(2)})
    found = appraise(by_range, FOUND, market(), Decimal("1.25"), lines_are_left=True)
    assert isinstance(found, Appraisal)
    assert found.sized.stops.stop == Decimal("187.55")


# --- the price that the size is reckoned at ---


def test_an_entry_that_waits_is_sized_at_its_trigger_whatever_the_market_does() -> None:
    for phase in MarketPhase:
        found = appraised(phase=phase, touch=None)
        assert found.reference == TriggerPrice(Decimal("190.00"))
        assert found.sized.entry_price == Decimal("190.05")
        assert found.sized.quantity == Decimal(81)
        assert found.not_before is None


@pytest.mark.parametrize(
    ("side", "changes", "price"),
    [
        ("buy", {}, "190.07"),
        ("sell", {"stop.price": Decimal(193), "target": GONE}, "189.93"),
    ],
)
def test_an_entry_at_once_is_sized_where_its_side_trades(
    side: str, changes: dict[str, object], price: str
) -> None:
    found = appraised(AT_ONCE | {"side": side} | changes)
    assert found.reference == touch()
    assert found.sized.entry_price == Decimal(price)
    assert found.entry.terms == Limit(Decimal(price))
    assert found.entry.quantity == found.sized.quantity
    assert found.not_before is None


@pytest.mark.req("X.9")
@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (None, "AAPL has no good quote"),
        (
            touch(Flaw.NOT_REAL_TIME),
            "the quote of AAPL is not real-time; only real-time prices decide",
        ),
        (touch(Flaw.HALTED), "the quote of AAPL is halted"),
        (touch(Flaw.CROSSED), "the quote of AAPL is crossed"),
        (touch(ask=None), "nobody quotes AAPL where a buy would trade"),
    ],
)
def test_an_entry_at_once_needs_a_good_quote_of_its_side(quote: Touch | None, why: str) -> None:
    assert said(AT_ONCE, touch=quote) == [f"entry: {why}"]
    assert waits_for_quote(order(AT_ONCE), market(touch=quote))


def test_one_side_is_enough_if_it_is_the_right_one() -> None:
    assert appraised(AT_ONCE, touch=touch(bid=None)).sized.entry_price == Decimal("190.07")


def test_no_quote_is_waited_for_where_none_is_needed_or_none_can_come() -> None:
    assert not waits_for_quote(order(AT_ONCE), market())
    assert not waits_for_quote(order(), market(touch=None))
    assert not waits_for_quote(order(AT_ONCE), market(touch=None, phase=MarketPhase.CLOSED))


# --- a market that is not open ---

BEFORE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPENS = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
BEGINS = "the regular hours of AAPL begin at 2026-11-23T14:30:00Z"


@pytest.mark.req("S1.12")
@pytest.mark.parametrize("phase", [MarketPhase.CLOSED, MarketPhase.EXTENDED, MarketPhase.UNKNOWN])
def test_an_entry_at_once_is_refused_while_the_market_is_closed(phase: MarketPhase) -> None:
    why = f'entry.if_closed: "refuse"; {BEGINS}'
    assert said(AT_LIMIT, at=BEFORE, phase=phase) == [why]


@pytest.mark.req("S1.12")
@pytest.mark.parametrize("phase", [MarketPhase.CLOSED, MarketPhase.EXTENDED])
def test_an_entry_with_a_limit_waits_for_the_open_if_the_plan_says_so(phase: MarketPhase) -> None:
    queued = AT_LIMIT | {"entry.if_closed": "queue"}
    found = appraised(queued, at=BEFORE, phase=phase, touch=None)
    assert found.not_before == OPENS
    assert found.reference == TriggerPrice(Decimal("190.10"))
    assert found.sized.entry_price == Decimal("190.10")


@pytest.mark.req("S1.12")
@pytest.mark.parametrize("changes", [AT_MARKET, AT_ONCE])
def test_an_entry_without_a_limit_of_its_own_does_not_wait_for_the_open(
    changes: dict[str, object],
) -> None:
    queued = changes | {"entry.if_closed": "queue"}
    why = "until then only a limit says how much it is; give entry.limit"
    (text,) = said(queued, at=BEFORE, phase=MarketPhase.CLOSED)
    assert text == f'entry.if_closed: "queue"; {BEGINS}, {why}'


def test_what_would_wait_for_an_open_that_nobody_knows_is_refused() -> None:
    after = datetime(2026, 12, 4, 22, 0, tzinfo=UTC)
    queued = AT_LIMIT | {"entry.if_closed": "queue"}
    why = "the regular hours of AAPL are over, and when the next begin is not known"
    assert said(queued, at=after, phase=MarketPhase.CLOSED) == [f"entry: {why}"]


# --- what keeps a plan from working ---


def test_a_day_that_the_calendar_does_not_know_is_no_day_to_trade() -> None:
    why = 'instrument.symbol: "AAPL"; the broker does not say when it trades now'
    assert said(trading_day=None) == [why]


@pytest.mark.req("X.9")
def test_without_a_data_line_nothing_is_admitted() -> None:
    why = 'instrument.symbol: "AAPL"; no market data line is left for it'
    assert said(lines=False, touch=None) == [why]


@pytest.mark.req("X.9")
def test_a_contract_that_is_quoted_has_its_line_though_no_other_is_left() -> None:
    assert appraised(lines=False).sized.quantity == Decimal(81)


def test_a_plan_that_is_late_and_does_not_fit_is_told_both() -> None:
    changes = {"size.risk": Decimal(1)}
    late, small = said(changes, at=EXPIRES)
    assert late == (
        "entry.trigger.expires: 2026-11-23T20:55:00Z is past; it is 2026-11-23T20:55:00Z"
    )
    assert small.startswith("size.risk: 1; ")


@pytest.mark.parametrize("changes", [{"trading_day": None}, {"touch": None}, {}])
def test_that_a_plan_is_late_is_always_told_first(changes: dict[str, Any]) -> None:
    complaints = said(at=EXPIRES, lines=False, **changes)
    assert complaints[0].startswith("entry.trigger.expires: ")


def test_a_late_entry_at_once_is_told_of_its_market_too() -> None:
    changes = AT_ONCE | {"entry.expires": NOW}
    late, quote = said(changes, touch=None)
    assert late.startswith("entry.expires: ")
    assert quote == "entry: AAPL has no good quote"


# --- what the broker says of the entry ---


def answered(preview: PreviewAnswer, underlying: Instrument | None = None) -> ProspectAnswer:
    """The prospect of the good trade."""
    return prospect_of(appraised(), underlying, preview)


def test_a_prospect_holds_what_admission_rests_on() -> None:
    prospect = answered(PREVIEWED, STOCK)
    assert isinstance(prospect, Prospect)
    assert (prospect.instrument, prospect.underlying) == (STOCK, STOCK)
    assert prospect.sized == appraised().sized
    assert prospect.facts.account_kind is AccountKind.PAPER
    assert prospect.facts.phase is MarketPhase.REGULAR
    assert prospect.facts.trading_day == DAY
    assert prospect.facts.rates == RATES
    assert prospect.facts.reference == TriggerPrice(Decimal("190.00"))
    assert prospect.facts.margin == MARGIN
    assert (prospect.position, prospect.at) == (Decimal(7), NOW)
    assert (prospect.asked.position, prospect.asked.at) == (Decimal(7), NOW)
    assert prospect.not_before is None


def test_a_prospect_tells_what_it_was_taken_from() -> None:
    prospect = answered(PREVIEWED)
    assert isinstance(prospect, Prospect)
    assert prospect.seen == Seen(STOCK, prospect.sessions, market(), PREVIEWED)
    silent = answered(NotAnswered("what would it tie up", NOW))
    assert isinstance(silent, Prospect)
    assert silent.preview is None
    assert replace(silent, market=None).seen is None


def test_an_entry_that_waits_for_the_open_says_until_when() -> None:
    queued = AT_LIMIT | {"entry.if_closed": "queue"}
    found = appraised(queued, at=BEFORE, phase=MarketPhase.CLOSED)
    prospect = prospect_of(found, None, PREVIEWED)
    assert isinstance(prospect, Prospect)
    assert prospect.not_before == OPENS


@pytest.mark.req("S4.7")
def test_a_margin_that_the_broker_does_not_tell_stays_unknown() -> None:
    prospect = answered(NotAnswered("what would it tie up", NOW))
    assert isinstance(prospect, Prospect)
    assert prospect.facts.margin is None


def test_an_entry_that_the_broker_would_refuse_is_none() -> None:
    refused = answered(PreviewRefused(201, "Order rejected - reason: no trading permission"))
    text = "the broker would refuse it (201): Order rejected - reason: no trading permission"
    seen = Seen(STOCK, CALENDAR.regular[1:4], market())
    assert refused == NoProspect((Complaint(("entry",), text),), NOW, seen)


def test_both_answers_survive_the_journey() -> None:
    adapter: TypeAdapter[ProspectAnswer] = TypeAdapter(ProspectAnswer)
    for answer in (answered(PREVIEWED, STOCK), answered(PreviewRefused(201, "no"))):
        assert adapter.validate_json(adapter.dump_json(answer)) == answer


# --- the hours ahead ---


def test_the_hours_that_run_and_those_of_ten_days_are_ahead() -> None:
    assert sessions_ahead(CALENDAR, NOW) == (session(23), session(24), session(3, 12))


def test_hours_are_over_at_their_close_and_ahead_until_ten_days_before_their_opening() -> None:
    closes = session(23).closes_at
    tick = timedelta(microseconds=1)
    assert session(23) in sessions_ahead(CALENDAR, closes - tick)
    assert session(23) not in sessions_ahead(CALENDAR, closes)
    first = session(4, 12).opens_at - timedelta(days=10)
    assert session(4, 12) not in sessions_ahead(CALENDAR, first)
    assert session(4, 12) in sessions_ahead(CALENDAR, first + tick)
