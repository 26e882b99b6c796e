"""A stock is split: its orders end, its holders have other shares, and its prices follow."""

from decimal import Decimal
from json import loads

import pytest

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.audit import Audit
from backstay.gateway.chance import Chance
from backstay.gateway.events import (
    CashChanged,
    Event,
    Executed,
    OrderChanged,
    OrderNoted,
    PositionChanged,
)
from backstay.gateway.exchange.exchange import Exchange
from backstay.gateway.market.market import Market
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from backstay.lab.oracle.oracle import Oracle
from tests.gateway.exchange.house import at

AAPL, MSFT = Contract(con_id=265598), Contract(con_id=272093)
D = Decimal


class Rooms:
    """A market that stands at 100, an exchange on it, and who holds 100 and 60 shares."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.lines: list[str] = []
        self.agenda = Agenda(at("10:00:00"))
        self.audit = Audit(self.lines.append, self.agenda)
        chance, self.settings = Chance(7), Settings(7)
        self.market = Market(self.agenda, chance)
        self.accounts = Accounts(self.agenda, self.market, self.settings, self.tell)
        self.exchange = Exchange(
            self.agenda, chance, self.market, self.accounts, self.settings, self.tell
        )
        self.market.listen(self.exchange.on_news)
        self.accounts.announce()
        self.market.start()
        for contract, shares in ((AAPL, 100), (MSFT, 60)):
            self.market.inject(
                contract.con_id,
                bid=D("99.98"), ask=D(100), bid_size=D(900), ask_size=D(900), last=D(100),
            )  # fmt: skip
            self.place(contract, "BUY", "MKT", shares)
            self.place(contract, "SELL", "STP", shares, aux_price=D(95), tif="GTC")
        self.events.clear()

    def tell(self, event: Event) -> None:
        self.audit.on_event(event)
        self.events.append(event)

    def place(self, contract: Contract, action: str, kind: str, shares: int, **more: object) -> int:
        order_id = self.exchange.next_order_id(1)
        order = Order(action=action, quantity=D(shares), order_type=kind, **more)  # type: ignore[arg-type]
        self.exchange.place(1, order_id, contract, order)
        return order_id

    def told(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def violations(self) -> list[str]:
        self.audit.flush()
        oracle = Oracle()
        for line in self.lines:
            oracle.read(line)
        return [str(each) for each in oracle.verdict()]


@pytest.mark.parametrize(("ratio", "shares", "bid", "ask"), [
    ("2", "200", "49.99", "50"), ("0.5", "50", "199.96", "200"), ("3", "300", "33.32", "33.34"),
])  # fmt: skip
def test_orders_end_positions_grow_prices_fall_and_no_money_moves(
    ratio: str, shares: str, bid: str, ask: str
) -> None:
    rooms = Rooms()
    before = rooms.accounts.position(rooms.accounts.default, AAPL.con_id)
    unrealized = rooms.accounts.pnl_single(rooms.accounts.default, AAPL.con_id).unrealized
    rooms.market.split(AAPL.con_id, D(ratio))
    (changed,) = rooms.told(OrderChanged)
    assert isinstance(changed, OrderChanged)
    assert (changed.held.contract.con_id, changed.held.status) == (AAPL.con_id, Status.CANCELLED)
    (noted,) = rooms.told(OrderNoted)
    assert isinstance(noted, OrderNoted)
    assert (noted.code, noted.text) == (202, "Order Canceled - reason:Corporate action")
    (moved,) = rooms.told(PositionChanged)
    assert isinstance(moved, PositionChanged)
    assert (moved.quantity, moved.reason, moved.ratio) == (D(shares), "split", D(ratio))
    assert moved.average_cost * moved.quantity == pytest.approx(before.average_cost * 100)
    assert rooms.told(CashChanged) == rooms.told(Executed) == []
    quote = rooms.market.quote(AAPL.con_id)
    assert (quote.bid, quote.ask) == (D(bid), D(ask))
    after = rooms.accounts.pnl_single(rooms.accounts.default, AAPL.con_id).unrealized
    assert abs(after - unrealized) <= D(shares) * D("0.02")
    assert rooms.violations() == []


def test_another_stock_and_its_orders_stay_as_they_are() -> None:
    rooms = Rooms()
    rooms.market.split(AAPL.con_id, D(2))
    (left,) = rooms.exchange.open_orders()
    assert left.contract.con_id == MSFT.con_id
    assert rooms.accounts.position(rooms.accounts.default, MSFT.con_id).quantity == 60
    assert rooms.market.quote(MSFT.con_id).bid == D("99.98")


def test_what_was_executed_in_old_shares_is_corrected_no_more_and_what_comes_after_is() -> None:
    rooms = Rooms()
    rooms.market.split(AAPL.con_id, D(2))
    rooms.agenda.advance(rooms.agenda.now_ns + SECOND_NS)
    old = rooms.exchange.executions()[0][1].exec_id
    rooms.place(AAPL, "SELL", "MKT", 80)
    new = rooms.exchange.executions()[-1][1].exec_id
    held = rooms.accounts.position(rooms.accounts.default, AAPL.con_id).quantity
    assert held == 120
    rooms.exchange.bust_execution(old)
    assert rooms.accounts.position(rooms.accounts.default, AAPL.con_id).quantity == 120
    rooms.exchange.bust_execution(new)
    assert rooms.accounts.position(rooms.accounts.default, AAPL.con_id).quantity == 200
    assert rooms.violations() == []


def test_an_order_that_a_split_has_ended_never_fills_by_any_mishap() -> None:
    rooms = Rooms()
    stop = next(each for each in rooms.exchange.open_orders() if each.contract.con_id == 265598)
    rooms.market.split(AAPL.con_id, D(2))
    rooms.exchange.fill_anyway(stop.perm_id, D(100))
    assert rooms.accounts.position(rooms.accounts.default, AAPL.con_id).quantity == 200


def test_the_accounts_after_a_split_survive_the_process() -> None:
    rooms = Rooms()
    rooms.market.split(AAPL.con_id, D(2))
    again = Accounts(rooms.agenda, rooms.market, rooms.settings, lambda _event: None)
    again.restore(rooms.accounts.state())
    assert again.positions() == rooms.accounts.positions()
    assert again.portfolio(again.default) == rooms.accounts.portfolio(again.default)


def test_the_audit_says_for_how_many_shares_one_has_become() -> None:
    rooms = Rooms()
    rooms.market.split(AAPL.con_id, D(2))
    rooms.audit.flush()
    (line,) = [each for each in map(loads, rooms.lines) if each.get("reason") == "split"]
    assert (line["what"], line["position_after"], line["ratio"]) == ("position", "200", "2")
    line["ratio"] = "3"
    oracle = Oracle()
    for each in rooms.lines:
        oracle.read(line if '"split"' in each else each)
    assert [each.rule for each in oracle.verdict()] == ["position"]
