"""Questions and their complete answers, from the real gateway through lanes and hearing."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.doors import wire
from backstay.broker.doors.wire import EdgeError, NotAnsweredError, RequestRefusedError
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.errors import OwedError, StuckError
from backstay.broker.line.numbers import REQUEST_ID_MIN, IdNumbers
from backstay.broker.line.questions import Questions
from backstay.broker.news import (
    AccountNews,
    CompletedNews,
    ExecutionNews,
    OrderNews,
    PositionNews,
    StatusNews,
)
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.ids import IntentKey, Lane, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.orders.intent import Limit, Market, OrderIntent, TimeInForce
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.lab.virtual_time import run, running
from tests.broker.line.inquiry import Lanes
from tests.broker.line.stage import START, START_NS, Asking, Stage, play

ACCOUNT = "DU1234567"


def ask(story: Callable[[Asking], Awaitable[None]], *plan: Rule) -> None:
    """A story of questions on one line."""

    async def told(stage: Stage) -> None:
        asking = Asking(stage)
        await asking.connect()
        asking.news.clear()
        await story(asking)
        assert asking.notices == []

    play(told, *plan)


async def apple(asking: Asking) -> Instrument:
    (listing,) = await asking.asks.contract_details(InstrumentQuery("AAPL"))
    return Instrument(
        con_id=listing.con_id,
        symbol="AAPL",
        exchange="SMART",
        currency="USD",
        multiplier=Decimal(1),
        grid=PriceGrid.uniform(Decimal("0.01")),
        time_zone="US/Eastern",
    )


async def an_intent(asking: Asking, terms: Market | Limit, quantity: int = 100) -> OrderIntent:
    return OrderIntent(
        key=IntentKey("ABCDEFGH", 0, Purpose.ENTRY, 1),
        account=ACCOUNT,
        instrument=await apple(asking),
        side=Side.BUY,
        quantity=Decimal(quantity),
        terms=terms,
        time_in_force=TimeInForce.DAY,
    )


def place(asking: Asking, intent: OrderIntent) -> int:
    """An order for there to be something to ask about."""
    order_id = asking.numbers.next_order_id()
    frame = asking.writing.order(intent, transmit=True).at(order_id)
    assert asking.lanes.send(Lane.ENTRY, lambda: (frame,), print)
    return order_id


def test_the_clock_is_told() -> None:
    async def story(asking: Asking) -> None:
        asks: wire.Asks = asking.asks
        assert await asks.current_time() - START < timedelta(seconds=2)

    ask(story)


def test_living_orders_are_told_to_their_end() -> None:
    async def story(asking: Asking) -> None:
        order_id = place(asking, await an_intent(asking, Limit(Decimal(95))))
        await asyncio.sleep(1)
        asking.news.clear()
        await asking.asks.open_orders()
        (order,) = [news for news in asking.news if isinstance(news, OrderNews)]
        assert order.report.order_id == order_id
        assert order.order_ref == "bs1:ABCDEFGH:0:EN:1"

    ask(story)


def test_what_is_over_and_what_it_did_is_told_to_its_end() -> None:
    async def story(asking: Asking) -> None:
        intent = await an_intent(asking, Market())
        place(asking, intent)
        await asyncio.sleep(1)
        asking.news.clear()
        await asking.asks.completed_orders()
        assert [type(news) for news in asking.news] == [CompletedNews]
        asking.news.clear()
        await asking.asks.executions()
        assert ExecutionNews in [type(news) for news in asking.news]
        asking.news.clear()
        assert await asking.asks.positions() == (intent.instrument.con_id,)
        (position,) = [news for news in asking.news if isinstance(news, PositionNews)]
        assert position.quantity == 100

    ask(story)


def test_positions_can_be_asked_for_again() -> None:
    async def story(asking: Asking) -> None:
        intent = await an_intent(asking, Market())
        assert await asking.asks.positions() == ()
        place(asking, intent)
        await asyncio.sleep(1)
        assert await asking.asks.positions() == (intent.instrument.con_id,)

    ask(story)


def test_the_account_can_be_asked_for_again() -> None:
    async def story(asking: Asking) -> None:
        for _ in range(2):
            asking.news.clear()
            await asking.asks.account(ACCOUNT)
            tags = {news.tag for news in asking.news if isinstance(news, AccountNews)}
            assert "NetLiquidation" in tags

    ask(story)


def test_the_catalogue_is_told_as_values() -> None:
    async def story(asking: Asking) -> None:
        (listing,) = await asking.asks.contract_details(InstrumentQuery("AAPL"))
        assert listing.symbol == "AAPL"
        rule_id = listing.market_rule("SMART")
        assert rule_id is not None
        assert (await asking.asks.market_rule(rule_id))[0].increment == Decimal("0.01")
        chains = await asking.asks.option_parameters(listing.con_id, "AAPL")
        terms = OptionTerms(chains[0].expiries[0], chains[0].strikes[0], Right.CALL)
        (option,) = await asking.asks.contract_details(InstrumentQuery("AAPL", option=terms))
        assert option.option == terms

    ask(story)


def test_a_contract_is_asked_for_by_its_id_where_that_is_known() -> None:
    async def story(asking: Asking) -> None:
        (listing,) = await asking.asks.contract_details(InstrumentQuery("AAPL", con_id=265598))
        assert listing.con_id == 265598
        with pytest.raises(RequestRefusedError, match="200"):
            await asking.asks.contract_details(InstrumentQuery("AAPL", con_id=1))

    ask(story)


def test_no_such_contract_is_a_refusal() -> None:
    async def story(asking: Asking) -> None:
        with pytest.raises(RequestRefusedError, match="200"):
            await asking.asks.contract_details(InstrumentQuery("NOSUCH"))

    ask(story)


def test_the_last_days_are_told_the_oldest_first() -> None:
    async def story(asking: Asking) -> None:
        bars = await asking.asks.bars(await apple(asking), 5)
        assert len(bars) == 5
        assert list(bars) == sorted(bars, key=lambda bar: bar.day)
        assert all(bar.low <= bar.open <= bar.high for bar in bars)

    ask(story)


# --- orders that only ask -------------------------------------------------------------------------


def test_an_order_that_only_asks_is_answered_and_never_placed() -> None:
    async def story(asking: Asking) -> None:
        answer = await asking.asks.what_if(await an_intent(asking, Market()))
        assert answer.init_margin_change > 0
        await asyncio.sleep(1)
        assert not any(isinstance(news, OrderNews | StatusNews) for news in asking.news)
        asking.news.clear()
        await asking.asks.open_orders()
        await asking.asks.completed_orders()
        assert asking.news == []
        assert await asking.asks.positions() == ()

    ask(story)


def test_an_order_that_only_asks_can_be_refused() -> None:
    async def story(asking: Asking) -> None:
        intent = await an_intent(asking, Market(), quantity=10_000_000)
        with pytest.raises(RequestRefusedError, match=r"^201: "):
            await asking.asks.what_if(intent)

    ask(story)


def test_orders_that_only_ask_take_ids_of_their_own() -> None:
    async def story(asking: Asking) -> None:
        intent = await an_intent(asking, Market())
        await asyncio.gather(asking.asks.what_if(intent), asking.asks.what_if(intent))
        assert asking.numbers.next_order_id() == 3

    ask(story)


# --- what goes wrong ------------------------------------------------------------------------------

Question = Callable[[Asking], Awaitable[object]]

QUESTIONS: dict[str, tuple[Question, float]] = {
    "reqCurrentTime": (lambda asking: asking.asks.current_time(), 4),
    "reqAllOpenOrders": (lambda asking: asking.asks.open_orders(), 10),
    "reqCompletedOrders": (lambda asking: asking.asks.completed_orders(), 20),
    "reqExecutions": (lambda asking: asking.asks.executions(), 15),
    "reqPositions": (lambda asking: asking.asks.positions(), 10),
    "reqAccountUpdates": (lambda asking: asking.asks.account(ACCOUNT), 10),
    "reqContractDetails": (
        lambda asking: asking.asks.contract_details(InstrumentQuery("AAPL")),
        15,
    ),
    "reqSecDefOptParams": (lambda asking: asking.asks.option_parameters(265598, "AAPL"), 20),
    "reqMarketRule": (lambda asking: asking.asks.market_rule(26), 10),
}
TOLD_APART = {"reqExecutions", "reqContractDetails", "reqSecDefOptParams", "reqMarketRule"}


@pytest.mark.parametrize("request_name", QUESTIONS)
def test_silence_is_no_answer(request_name: str) -> None:
    question, seconds = QUESTIONS[request_name]

    async def story(asking: Asking) -> None:
        at = running().time()
        with pytest.raises(NotAnsweredError, match=f"no answer in {seconds:g} s"):
            await question(asking)
        assert running().time() - at == pytest.approx(seconds)
        if request_name in TOLD_APART:
            await question(asking)
        else:
            with pytest.raises(StuckError, match="an earlier question is still owed its answer"):
                await question(asking)

    ask(story, rule("request-unanswered", nth=1, kinds=[request_name]))


@pytest.mark.parametrize("request_name", QUESTIONS)
def test_a_late_answer_is_not_taken_for_that_to_a_later_question(request_name: str) -> None:
    question, seconds = QUESTIONS[request_name]
    late = rule("answers-slow", nth=1, kinds=[request_name], delay=f"{seconds + 2:g}s")

    async def story(asking: Asking) -> None:
        with pytest.raises(NotAnsweredError):
            await question(asking)
        at = running().time()
        await question(asking)
        waited = running().time() - at
        if request_name in TOLD_APART:
            assert waited < 1
        else:
            assert 2 <= waited < 3

    ask(story, late)


@pytest.mark.parametrize("request_name", QUESTIONS)
def test_a_line_that_is_lost_ends_the_question(request_name: str) -> None:
    question, _seconds = QUESTIONS[request_name]

    async def told(stage: Stage) -> None:
        asking = Asking(stage)
        await asking.connect()
        at = running().time()
        with pytest.raises(NotAnsweredError, match=r"hung up|reset by peer"):
            await question(asking)
        assert running().time() - at < 1
        with pytest.raises(NotAnsweredError, match=r"hung up|reset by peer"):
            await question(asking)
        await asking.connect(2)
        await question(asking)

    play(told, rule("reset-before-frame", nth=1, kinds=[request_name]))


def test_questions_go_on_over_another_line_under_numbers_of_their_own() -> None:
    async def told(stage: Stage) -> None:
        asking = Asking(stage)
        await asking.connect()
        await asking.asks.executions()
        stage.net.lines[0].reset()
        await asyncio.sleep(1)
        await asking.connect()
        await asking.asks.executions()
        assert asking.numbers.next_request_id() == REQUEST_ID_MIN + 2

    play(told)


def test_many_who_look_for_orders_at_once_share_the_answers() -> None:
    async def story(asking: Asking) -> None:
        async def look() -> None:
            await asking.asks.open_orders()
            await asking.asks.completed_orders()
            await asking.asks.executions()

        at = running().time()
        await asyncio.gather(*[look() for _ in range(500)])
        assert running().time() - at < 1

    ask(story)


def test_the_clock_can_be_asked_for_while_everything_else_is_held() -> None:
    async def story(asking: Asking) -> None:
        asking.lanes.hold()
        await asking.asks.current_time()
        with pytest.raises(NotAnsweredError, match="it has waited 30 s to be sent"):
            await asking.asks.open_orders()
        asking.lanes.go_on()
        await asking.asks.open_orders()

    ask(story)


@pytest.mark.parametrize(
    ("question", "frame"),
    [
        (lambda asks: asks.open_orders(), b"16\x001\0"),
        (lambda asks: asks.completed_orders(), b"99\x000\0"),
        (lambda asks: asks.executions(), b"7\x003\x001500000000\x000\0\0\0\0\0\0\0"),
        (lambda asks: asks.positions(), b"61\x001\0"),
        (lambda asks: asks.account("DU1"), b"6\x002\x001\0DU1\0"),
        (lambda asks: asks.current_time(), b"49\x001\0"),
    ],
    ids=["open orders", "completed orders", "executions", "positions", "account", "current time"],
)
def test_everything_is_asked_for_whoever_has_placed_it(
    question: Callable[[wire.Asks], Coroutine[None, None, object]], frame: bytes
) -> None:
    async def story() -> None:
        lanes, encoder = Lanes(), Encoder()
        questions = Questions(lanes)
        asks = BrokerAsks(questions, IdNumbers(), encoder, FrameWriting(encoder))
        task = asyncio.create_task(question(asks))
        await asyncio.sleep(0)
        questions.line_lost("over")
        with pytest.raises(NotAnsweredError):
            await task
        assert lanes.left == [len(frame).to_bytes(4, "big") + frame]

    run(story(), start_ns=START_NS)


def test_a_symbol_that_would_end_its_field_is_not_asked_for() -> None:
    async def story(asking: Asking) -> None:
        with pytest.raises(ValueError, match="only printable ASCII"):
            await asking.asks.contract_details(InstrumentQuery("AA\0PL"))

    ask(story)


def test_every_error_of_a_question_is_one_of_the_edge() -> None:
    assert issubclass(StuckError, NotAnsweredError)
    assert issubclass(OwedError, NotAnsweredError)
    assert issubclass(NotAnsweredError, EdgeError)
