"""With the real market, accounts and exchange behind it, what clients hear fits together."""

from decimal import Decimal

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.events import Event
from backstay.gateway.exchange.exchange import Exchange
from backstay.gateway.front.front import Front
from backstay.gateway.market.market import Market
from backstay.gateway.messages.data_replies import (
    HistoricalBarUpdate,
    TickOption,
    TickPrice,
)
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    CompletedOrder,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import (
    ContractDetails,
    OptionChain,
    Pnl,
    PortfolioValue,
    PositionReport,
)
from backstay.gateway.messages.requests import (
    PlaceOrder,
    RequestAccountUpdates,
    RequestAllOpenOrders,
    RequestAutoOpenOrders,
    RequestCompletedOrders,
    RequestContractDetails,
    RequestExecutions,
    RequestHistoricalBars,
    RequestMarketData,
    RequestOptionChain,
    RequestPnl,
    RequestPositions,
    StartApi,
)
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from tests.gateway.front.doubles import ONE, SECOND_NS, START_NS, Caller

AAPL = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
BUY = Order(action="BUY", quantity=Decimal(10), order_type="MKT", tif="DAY", order_ref="mine")


class Rooms:
    """The whole gateway but for its bytes."""

    def __init__(self) -> None:
        settings = Settings(accounts=(AccountSettings(ONE),))
        chance = Chance(7)
        self.agenda = Agenda(START_NS)
        self.market = Market(self.agenda, chance)
        self.accounts = Accounts(self.agenda, self.market, settings, self.tell)
        self.exchange = Exchange(
            self.agenda, chance, self.market, self.accounts, settings, self.tell
        )
        self.front = Front(self.agenda, self.market, self.exchange, self.accounts, settings)
        self.market.listen(self.front.on_news)
        self.market.listen(self.exchange.on_news)
        self.market.start()
        self._connections = 0

    def tell(self, event: Event) -> None:
        self.front.on_event(event)

    def caller(self, client_id: int) -> Caller:
        self._connections += 1
        caller = Caller(self.front, self._connections)
        caller.ask(StartApi(client_id))
        caller.heard.clear()
        return caller

    def after(self, seconds: int) -> None:
        self.agenda.advance(self.agenda.now_ns + seconds * SECOND_NS)


def test_an_order_is_told_from_its_acceptance_to_its_fill_and_can_then_be_asked_for() -> None:
    rooms = Rooms()
    caller = rooms.caller(7)
    caller.ask(RequestPositions(), PlaceOrder(1, AAPL, BUY))
    rooms.after(5)
    fill, filled = caller.all(ExecutionDetails)[-1], caller.all(OrderStatus)[-1]
    assert caller.all(OpenOrder)[0].order.order_ref == "mine"
    assert (fill.req_id, fill.execution.order_ref) == (-1, "mine")
    assert fill.execution.cum_quantity == BUY.quantity
    assert filled.status is Status.FILLED
    assert (filled.filled, filled.remaining) == (BUY.quantity, Decimal(0))
    assert caller.all(CommissionReport)[-1].commission.exec_id == fill.execution.exec_id
    assert caller.all(PositionReport)[-1].quantity == 10

    caller.ask(RequestExecutions(3), RequestCompletedOrders(), RequestAllOpenOrders())
    assert [each.execution for each in caller.all(ExecutionDetails)] == [fill.execution]
    assert [each.order.perm_id for each in caller.all(CompletedOrder)] == [filled.perm_id]
    assert caller.all(OpenOrder) == []


def test_what_is_bought_is_in_the_portfolio_and_its_profit_moves_with_the_market() -> None:
    rooms = Rooms()
    caller = rooms.caller(7)
    caller.ask(RequestAccountUpdates(subscribe=True), RequestPnl(4, ONE))
    caller.ask(PlaceOrder(1, AAPL, BUY))
    rooms.after(60)
    assert caller.all(PortfolioValue)[-1].quantity == 10
    assert len({each.unrealized for each in caller.all(Pnl)}) > 5


def test_prices_come_by_themselves_and_stop_with_the_client() -> None:
    rooms = Rooms()
    caller = rooms.caller(7)
    caller.ask(RequestMarketData(2, AAPL))
    caller.heard.clear()
    rooms.after(60)
    assert len(caller.all(TickPrice)) > 10
    caller.client.gone()
    caller.heard.clear()
    rooms.after(60)
    assert caller.heard == []


def test_what_somebody_does_in_tws_is_heard_by_client_0_alone() -> None:
    rooms = Rooms()
    zero, other = rooms.caller(0), rooms.caller(7)
    zero.ask(RequestAutoOpenOrders(bind=True))
    rooms.exchange.place_by_hand(ONE, AAPL, BUY)
    rooms.after(5)
    assert zero.all(OpenOrder)[0].order.order_id < 0
    assert len(zero.all(ExecutionDetails)) == len(zero.all(CommissionReport)) > 0
    assert other.heard == []


def test_contract_details_of_the_real_market_are_complete() -> None:
    caller = Rooms().caller(7)
    caller.ask(RequestContractDetails(3, AAPL))
    (details,) = caller.all(ContractDetails)
    assert details.contract.con_id == 265598
    assert details.liquid_hours.startswith("20251124:0930-20251124:1600;")
    rules, exchanges = details.market_rule_ids.split(","), details.valid_exchanges.split(",")
    assert len(rules) == len(exchanges)


def test_the_real_market_keeps_bars_of_every_length_up_to_date() -> None:
    rooms = Rooms()
    caller = rooms.caller(7)
    sizes = ("5 secs", "1 min", "30 mins", "1 hour", "8 hours", "1 day")
    for req_id, bar_size in enumerate(sizes):
        caller.ask(bars(req_id, bar_size))
        assert caller.codes == []
    caller.heard.clear()
    rooms.after(60)
    updates = caller.all(HistoricalBarUpdate)
    assert sorted({each.req_id for each in updates}) == list(range(len(sizes)))


def bars(req_id: int, bar_size: str) -> RequestHistoricalBars:
    duration = "60 S" if bar_size.endswith("secs") else "2 D"
    return RequestHistoricalBars(
        req_id,
        AAPL,
        "",
        bar_size,
        duration,
        use_rth=True,
        what="TRADES",
        date_format=2,
        keep_up_to_date=True,
    )


def test_an_option_of_the_chain_has_details_prices_and_greeks() -> None:
    rooms = Rooms()
    caller = rooms.caller(7)
    caller.ask(RequestOptionChain(1, "AAPL", "", "STK", 265598))
    chain = caller.all(OptionChain)[0]
    option = Contract(
        symbol="AAPL",
        sec_type="OPT",
        exchange="SMART",
        currency="USD",
        expiry=chain.expiries[1],
        strike=min(chain.strikes, key=lambda strike: abs(strike - 184)),
        right="C",
    )
    caller.ask(RequestContractDetails(2, option), RequestMarketData(3, option))
    (details,) = caller.all(ContractDetails)
    assert (details.under_con_id, details.contract.multiplier) == (265598, "100")
    (model,) = (each for each in caller.all(TickOption) if each.field == 13)
    assert Decimal("0.3") < model.delta < Decimal("0.7")
