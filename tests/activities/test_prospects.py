"""What the broker says of a plan: which questions are put, how often, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from temporalio.exceptions import ApplicationError

from activities.prospects import ProspectActivities
from backstay.broker.doors.wire import NotAnsweredError
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    PreviewAnswer,
    Previewed,
    PreviewRefused,
    ResolveAnswer,
    Resolved,
    Unresolvable,
    Volatility,
    VolatilityAnswer,
)
from backstay.domain.edge.market import MarketFacts
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from backstay.domain.ids import Purpose
from backstay.domain.instruments import Instrument, InstrumentType, OptionTerms, Right
from backstay.domain.limits.facts import AccountKind, Margin, Touch, TriggerPrice
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import NoProspect, Prospect, ProspectAnswer
from backstay.gateway.times import SECOND_NS
from backstay.lab.virtual_time import run
from tests.activities.attempts import Attempt, survived
from tests.broker.edge import stage as stages
from tests.broker.edge.stage import ACCOUNT, EDGE, START, START_NS, Stage, play
from tests.domain.edge.samples import SHARE
from tests.domain.plan.documents import EXPIRY, GONE, Document, option_trade, trade, trade_of
from tests.domain.plan.strategies import trade_documents

CALL = OptionTerms(EXPIRY, Decimal(180), Right.CALL)
OPTION = replace(SHARE, con_id=7, symbol="NVDA", multiplier=Decimal(100), option=CALL)
BEHIND = replace(SHARE, con_id=70, symbol="NVDA")
HOURS = Session(START - timedelta(minutes=30), START + timedelta(hours=6))
CALENDAR = Calendar((HOURS,), (), START - timedelta(hours=10), START + timedelta(hours=14))
QUOTE = Touch(Decimal("189.98"), Decimal("190.02"), START)
MARKET = MarketFacts(
    at=START,
    account_kind=AccountKind.PAPER,
    phase=MarketPhase.REGULAR,
    trading_day=date(2026, 11, 23),
    rates=ExchangeRates("USD"),
    touch=QUOTE,
    position=Decimal(0),
)
SILENT = NotAnswered("the contract details of AAPL", START)
UNLISTED = Unresolvable("option.strike", "187.25", ("185", "190"), "187.25 is not listed")
AT_ONCE = {"entry.trigger": GONE, "entry.limit_offset": Decimal("0.05")}
BY_RANGE = {"stop.price": GONE, "stop.atr": Decimal(2)}
MARGIN = Margin(Decimal(5000), Decimal(100_000))


@dataclass
class ScriptedEdge:
    """An edge that answers each question as the story has it."""

    found: ResolveAnswer = field(default_factory=lambda: Resolved(SHARE, CALENDAR))
    behind: ResolveAnswer = SILENT
    range: VolatilityAnswer = SILENT
    facts: MarketFacts = MARKET
    preview_answer: PreviewAnswer = field(default_factory=lambda: Previewed(MARGIN, None))
    lines_used: int = 0
    time: BrokerTime | None = field(default_factory=lambda: BrokerTime(START, 0.1))
    asked: list[object] = field(default_factory=list)

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        self.asked.append(query)
        return self.found if query.con_id is None else self.behind

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        self.asked.append((instrument, days))
        return self.range

    async def market(self, instrument: Instrument) -> MarketFacts:
        self.asked.append(instrument)
        return self.facts

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        self.asked.append(intent.key.purpose)
        return self.preview_answer

    def health(self) -> EdgeHealth:
        ready = SessionReport(SessionState.READY, START)
        return EdgeHealth(ACCOUNT, 1, ready, self.time, (), 0, 0, self.lines_used, 100, 0, None)


def order(changes: Mapping[str, object] | None = None) -> TradeOrder:
    return TradeOrder(trade_of(trade(changes)), ACCOUNT)


def prospected(
    edge: ScriptedEdge, asked: TradeOrder | None = None, number: int = 1
) -> ProspectAnswer:
    """What one attempt comes to."""
    doors = ProspectActivities(edge)
    return run(Attempt(number).run(doors.prospect, asked or order()), start_ns=START_NS)


def failure(edge: ScriptedEdge, asked: TradeOrder | None = None, number: int = 1) -> str:
    """As what kind of failure an attempt is tried again."""
    with pytest.raises(ApplicationError) as told:
        prospected(edge, asked, number)
    assert not told.value.non_retryable
    return told.value.type or ""


def complaints(answer: ProspectAnswer) -> list[str]:
    assert isinstance(answer, NoProspect), answer
    return [str(complaint) for complaint in answer.complaints]


def test_a_stock_is_asked_for_looked_at_and_previewed() -> None:
    edge = ScriptedEdge()
    prospect = prospected(edge)
    assert isinstance(prospect, Prospect)
    assert prospect.facts.margin == MARGIN
    assert prospect.underlying is None
    assert prospect.sessions == (HOURS,)
    assert edge.asked == [InstrumentQuery("AAPL"), SHARE, Purpose.ENTRY]


@pytest.mark.req("S1.6")
def test_what_is_not_listed_is_no_prospect_and_nothing_more_is_asked() -> None:
    edge = ScriptedEdge(found=UNLISTED)
    answer = prospected(edge)
    assert complaints(answer) == ["instrument.strike: 187.25 is not listed"]
    assert answer.at == START
    assert len(edge.asked) == 1


def test_a_contract_that_the_broker_says_nothing_of_is_asked_for_again() -> None:
    assert failure(ScriptedEdge(found=SILENT), number=99) == "NotAnswered"


def test_a_time_that_is_not_known_is_asked_for_again() -> None:
    assert failure(ScriptedEdge(found=UNLISTED, time=None)) == "TimeUnknown"


@pytest.mark.parametrize(
    ("behind", "underlying"), [(Resolved(BEHIND, CALENDAR), BEHIND), (UNLISTED, None)]
)
def test_an_option_comes_with_the_stock_behind_it_if_there_is_one(
    behind: ResolveAnswer, underlying: Instrument | None
) -> None:
    edge = ScriptedEdge(
        found=Resolved(OPTION, CALENDAR, underlying_con_id=70),
        behind=behind,
        facts=replace(MARKET, touch=Touch(Decimal("6.40"), Decimal("6.45"), START)),
    )
    prospect = prospected(edge, TradeOrder(trade_of(option_trade()), ACCOUNT))
    assert isinstance(prospect, Prospect)
    assert prospect.underlying == underlying
    assert edge.asked[:2] == [
        InstrumentQuery("NVDA", option=CALL),
        InstrumentQuery("NVDA", con_id=70),
    ]


def test_a_stock_behind_an_option_that_nothing_is_said_of_is_asked_for_again() -> None:
    edge = ScriptedEdge(found=Resolved(OPTION, CALENDAR, underlying_con_id=70))
    assert failure(edge, TradeOrder(trade_of(option_trade()), ACCOUNT)) == "NotAnswered"


def test_the_range_is_asked_for_where_the_stop_hangs_on_it() -> None:
    measured = Volatility(Decimal("1.25"), Decimal("1.10"), 14, date(2026, 11, 20))
    edge = ScriptedEdge(range=measured)
    prospect = prospected(edge, order(BY_RANGE))
    assert isinstance(prospect, Prospect)
    assert prospect.sized.stops.stop == Decimal("187.55")
    assert edge.asked[1] == (SHARE, 14)


@pytest.mark.parametrize("number", [1, 2])
def test_a_range_may_come_yet(number: int) -> None:
    assert failure(ScriptedEdge(), order(BY_RANGE), number) == "NotAnswered"


def test_a_range_that_never_comes_ends_the_plan() -> None:
    (text,) = complaints(prospected(ScriptedEdge(), order(BY_RANGE), 3))
    assert text.startswith("stop.atr: 2; no average true range is known: ")


UNQUOTED = replace(MARKET, touch=None)


@pytest.mark.parametrize("number", [1, 2])
def test_a_first_quote_may_come_yet(number: int) -> None:
    assert failure(ScriptedEdge(facts=UNQUOTED), order(AT_ONCE), number) == "NotAnswered"


@pytest.mark.req("X.9")
def test_a_quote_that_never_comes_ends_the_plan() -> None:
    answer = prospected(ScriptedEdge(facts=UNQUOTED), order(AT_ONCE), 3)
    assert complaints(answer) == ["entry: AAPL has no good quote"]


@pytest.mark.req("X.9")
@pytest.mark.parametrize(("used", "is_admitted"), [(99, True), (100, False), (101, False)])
def test_without_a_data_line_there_is_no_prospect(used: int, is_admitted: bool) -> None:
    answer = prospected(ScriptedEdge(facts=UNQUOTED, lines_used=used))
    assert isinstance(answer, Prospect) is is_admitted


def test_what_the_broker_would_refuse_is_no_prospect() -> None:
    edge = ScriptedEdge(preview_answer=PreviewRefused(201, "no permission"))
    text = "entry: the broker would refuse it (201): no permission"
    assert complaints(prospected(edge)) == [text]


def test_a_margin_that_is_not_told_stays_unknown() -> None:
    prospect = prospected(ScriptedEdge(preview_answer=SILENT))
    assert isinstance(prospect, Prospect)
    assert prospect.facts.margin is None


def test_an_edge_that_fails_is_asked_again() -> None:
    class FailingEdge(ScriptedEdge):
        async def market(self, instrument: Instrument) -> MarketFacts:
            raise NotAnsweredError(f"silence about {instrument.symbol}")

    assert failure(FailingEdge()) == "NotAnswered"


@settings(max_examples=50)
@given(trade_documents())
def test_every_plan_crosses_as_it_is(document: Document) -> None:
    asked = TradeOrder(trade_of(document), ACCOUNT)
    assert survived(asked, TradeOrder) == asked


# --- before the whole edge and the whole gateway ---

EXPIRES = datetime(2026, 12, 1, 20, 55, tzinfo=UTC)
AT_HUNDRED: dict[str, Any] = {
    "entry.trigger.price": Decimal("101.00"),
    "entry.trigger.expires": EXPIRES,
    "stop.price": Decimal("98.00"),
    "target": GONE,
}


def told(asked: TradeOrder, **limits: Any) -> ProspectAnswer:
    """What the stage's broker says of it."""
    answers: list[ProspectAnswer] = []

    async def story(stage: Stage) -> None:
        edge = await stage.edge(replace(EDGE, **limits))
        answers.append(await Attempt(3).run(ProspectActivities(edge).prospect, asked))
        await stage.sleep(15)
        assert edge.health().lines_used == 0

    stage = play(story)
    assert stage.orders() == []
    return answers[0]


def test_a_waiting_entry_in_a_real_market_has_a_prospect() -> None:
    prospect = told(order(AT_HUNDRED))
    assert isinstance(prospect, Prospect)
    assert prospect.instrument.symbol == "AAPL"
    assert prospect.facts.reference == TriggerPrice(Decimal("101.00"))
    assert prospect.facts.margin is not None
    assert prospect.facts.margin.available > 0
    assert prospect.facts.account_kind is AccountKind.PAPER
    assert prospect.sized.quantity == 81
    assert prospect.sessions[0].holds(prospect.at)
    assert len(prospect.sessions) > 1
    assert prospect.position == 0
    assert prospect.not_before is None


def test_an_entry_at_once_in_a_real_market_is_sized_at_its_quote() -> None:
    changes = AT_ONCE | {"stop.price": Decimal("98.00"), "target": GONE}
    prospect = told(order(changes))
    assert isinstance(prospect, Prospect)
    assert isinstance(prospect.facts.reference, Touch)
    assert prospect.sized.entry_price == Decimal("100.07")


@pytest.mark.req("S1.6")
def test_a_symbol_that_nobody_knows_is_told_at_its_key() -> None:
    (text,) = complaints(told(order(AT_HUNDRED | {"instrument.symbol": "APPL"})))
    assert text.startswith("instrument.symbol: the broker knows no stock APPL")


@pytest.mark.req("S1.6")
def test_a_strike_that_is_not_listed_is_told_with_the_nearest() -> None:
    changes = {
        "instrument.symbol": "SPY",
        "instrument.expiry": EXPIRY,
        "instrument.strike": Decimal("100.37"),
        "instrument.type": InstrumentType.OPTION.value,
    }
    (text,) = complaints(told(TradeOrder(trade_of(option_trade(changes)), ACCOUNT)))
    assert text.startswith("instrument.strike: 100.37 is not listed for SPY 2026-12-18; nearest")


def test_more_than_the_account_can_carry_is_refused_in_the_broker_s_words() -> None:
    changes = AT_HUNDRED | {"size.risk": GONE, "size.quantity": 9_000_000}
    (text,) = complaints(told(order(changes)))
    assert text.startswith("entry: the broker would refuse it (201): ")


@pytest.mark.req("X.9")
def test_an_edge_without_data_lines_has_no_prospect() -> None:
    (text,) = complaints(told(order(AT_HUNDRED), data_lines_max=0))
    assert text == 'instrument.symbol: "AAPL"; no market data line is left for it'


@pytest.mark.req("S1.12")
@pytest.mark.parametrize("choice", ["refuse", "queue"])
def test_after_the_close_a_plan_is_refused_or_waits_for_the_open(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = START + timedelta(hours=11.5)
    monkeypatch.setattr(stages, "START", evening)
    monkeypatch.setattr(stages, "START_NS", int(evening.timestamp()) * SECOND_NS)
    changes = AT_ONCE | {
        "entry.limit_offset": GONE,
        "entry.limit": Decimal("100.50"),
        "entry.if_closed": choice,
        "stop.price": Decimal("98.00"),
        "target": GONE,
    }
    answers: list[ProspectAnswer] = []

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        answers.append(await Attempt().run(ProspectActivities(edge).prospect, order(changes)))

    play(story)
    opens = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    if choice == "queue":
        (prospect,) = answers
        assert isinstance(prospect, Prospect)
        assert prospect.not_before == opens
        assert prospect.sessions[0].opens_at == opens
    else:
        (text,) = complaints(answers[0])
        assert text.endswith("the regular hours of AAPL begin at 2026-11-24T14:30:00Z")
