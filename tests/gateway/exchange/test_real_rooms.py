"""The exchange between the real market and the real accounts, over a close and an open."""

from collections import defaultdict
from decimal import Decimal

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.events import CashChanged, Event, Executed, OrderChanged
from backstay.gateway.exchange.exchange import Exchange
from backstay.gateway.market.market import Market
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Side
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import D, at

AAPL = Contract(con_id=265598)


def night_and_day(seed: int) -> tuple[list[Event], Accounts, Exchange]:
    """Orders of every kind, placed before, in and after regular hours."""
    events: list[Event] = []
    agenda, settings, chance = Agenda(at("15:58:00")), Settings(seed), Chance(seed)
    market = Market(agenda, chance)
    accounts = Accounts(agenda, market, settings, events.append)
    exchange = Exchange(agenda, chance, market, accounts, settings, events.append)
    market.listen(exchange.on_news)
    market.start()
    for clock, day in [
        ("15:58:00", "20261123"),
        ("15:59:00", "20261123"),
        ("16:01:00", "20261123"),
        ("09:29:00", "20261124"),
        ("09:31:00", "20261124"),
    ]:
        agenda.advance(at(clock, day))
        quote = market.quote(AAPL.con_id)
        middle = ((quote.bid or D(1)) + (quote.ask or D(1))) / 2
        middle = middle.quantize(D("0.01"))
        for tif, (action, order_type, offset) in [
            ("DAY", ("BUY", "MKT", "0")),
            ("GTC", ("SELL", "STP", "-0.50")),
            ("DAY", ("SELL", "LMT", "0.30")),
            ("IOC", ("BUY", "LMT", "0.05")),
            ("GTC", ("BUY", "STP LMT", "0.20")),
        ]:
            price = middle + D(offset)
            order = Order(
                action=action,
                quantity=D(300),
                order_type=order_type,
                limit_price=price if "LMT" in order_type else None,
                aux_price=price if "STP" in order_type else None,
                tif=tif,
                outside_rth=order_type == "LMT",
            )
            exchange.place(1, exchange.next_order_id(1), AAPL, order)
        agenda.advance(agenda.now_ns + 60 * SECOND_NS)
        if clock == "16:01:00":
            exchange.cancel_all(1)
    exchange.cancel_all(1)
    agenda.advance(agenda.now_ns + 10 * SECOND_NS)
    return events, accounts, exchange


def test_orders_over_a_night_end_as_they_must_and_the_books_agree() -> None:
    events, accounts, exchange = night_and_day(3)
    filled: defaultdict[int, Decimal] = defaultdict(Decimal)
    position = D(0)
    last: dict[int, OrderChanged] = {}
    for event in events:
        if isinstance(event, Executed):
            filled[event.execution.perm_id] += event.execution.shares
            sign = 1 if event.execution.side is Side.BOUGHT else -1
            position += sign * event.execution.shares
        elif isinstance(event, OrderChanged):
            last[event.held.perm_id] = event
            assert event.held.filled == filled[event.held.perm_id]
    assert len(last) == 25
    for changed in last.values():
        held = changed.held
        assert held.status in {Status.FILLED, Status.CANCELLED}
    assert accounts.position(accounts.default, AAPL.con_id).quantity == position
    assert exchange.open_orders() == ()
    assert sum(filled.values()) > 300
    paid = sum(event.amount for event in events if isinstance(event, CashChanged))
    assert accounts.cash(accounts.default, "USD") == D(1_000_000) + paid


def test_the_same_seed_tells_the_same_story() -> None:
    assert night_and_day(5)[0] == night_and_day(5)[0]


def test_a_corrected_first_fill_still_carries_its_orders_minimum() -> None:
    events: list[Event] = []
    agenda, chance = Agenda(at("12:00:00")), Chance(7)
    market = Market(agenda, chance)
    accounts = Accounts(agenda, market, Settings(7), events.append)
    exchange = Exchange(agenda, chance, market, accounts, Settings(7), events.append)
    market.listen(exchange.on_news)
    market.inject(AAPL.con_id, bid=D("99.98"), ask=D("100.02"))
    order = Order(action="BUY", quantity=D(30), order_type="LMT", limit_price=D("99.99"), tif="DAY")
    exchange.place(1, 1, AAPL, order)
    for _ in range(3):
        market.inject(AAPL.con_id, ask=D("99.99"), ask_size=D(10))
        market.inject(AAPL.con_id, ask=D("100.02"))
    paid = D(1_000_000) - accounts.cash(accounts.default, "USD")
    assert paid == 30 * D("99.99") + D(1)
    exchange.correct_execution(exchange.executions()[0][1].exec_id, price=D("99.98"))
    assert D(1_000_000) - accounts.cash(accounts.default, "USD") == paid - D("0.10")
