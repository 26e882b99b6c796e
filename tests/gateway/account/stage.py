"""What the tests of the accounts stand on: a market that says what it is told to, and fills."""

from dataclasses import replace
from decimal import Decimal

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event
from backstay.gateway.market.words import Instrument, Quote
from backstay.gateway.messages.replies import PriceStep
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution, Side
from backstay.gateway.values.order import Order

ACCOUNT = "DU1"
OTHER = "DU2"
NOON_NS = 1_795_540_000_000_000_000  # 2026-11-24, New York's morning

AAPL = Contract(con_id=1, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
MSFT = replace(AAPL, con_id=2, symbol="MSFT")


def option(con_id: int, right: str, strike: int | str, expiry: str = "20261218") -> Contract:
    return Contract(
        con_id=con_id,
        symbol="AAPL",
        sec_type="OPT",
        expiry=expiry,
        strike=Decimal(strike),
        right=right,
        multiplier="100",
        exchange="SMART",
        currency="USD",
    )


def instrument(contract: Contract) -> Instrument:
    return Instrument(
        contract=contract,
        calendar="US",
        long_name=contract.symbol,
        market_name="NMS",
        order_types="LMT,MKT,STP",
        valid_exchanges="SMART",
        market_rule_id=26,
        steps=(PriceStep(Decimal(0), Decimal("0.01")),),
        under_con_id=AAPL.con_id if contract.sec_type == "OPT" else 0,
    )


class Board:
    """A market of which the tests write the prices."""

    def __init__(self, *contracts: Contract) -> None:
        self._instruments = {each.con_id: instrument(each) for each in contracts}
        self._quotes: dict[int, Quote] = {}

    def instrument(self, con_id: int) -> Instrument | None:
        return self._instruments.get(con_id)

    def quote(self, con_id: int) -> Quote:
        return self._quotes.get(con_id, Quote(0))

    def show(self, contract: Contract, last: str, bid: str = "", ask: str = "") -> None:
        self._quotes[contract.con_id] = Quote(
            0,
            bid=Decimal(bid) if bid else None,
            ask=Decimal(ask) if ask else None,
            last=Decimal(last) if last else None,
        )


class Stage:
    """Accounts with a market, an agenda and ears."""

    def __init__(self, *contracts: Contract, cash: str = "100000", now_ns: int = NOON_NS) -> None:
        self.agenda = Agenda(now_ns)
        self.board = Board(*(contracts or (AAPL, MSFT)))
        self.told: list[Event] = []
        self.settings = Settings(
            accounts=(AccountSettings(ACCOUNT, Decimal(cash)), AccountSettings(OTHER, Decimal(500)))
        )
        self.accounts = self.begin()

    def begin(self) -> Accounts:
        return Accounts(self.agenda, self.board, self.settings, self.told.append)

    def trade(self, contract: Contract, quantity: str, price: str, number: int = 0) -> Execution:
        """Book an order that fills at once and whole; sold when `quantity` is negative."""
        execution = fill(quantity, price, number or len(self.told) + 1)
        self.accounts.book(contract, execution)
        return execution

    def figure(self, key: str, currency: str = "USD") -> str:
        """One account value; money of the account is in its currency."""
        found = [
            figure.value
            for figure in self.accounts.values(ACCOUNT)
            if figure.key == key and figure.currency in {currency, ""}
        ]
        assert len(found) == 1, f"{key}: {found}"
        return found[0]


def fill(quantity: str, price: str, number: int = 1, account: str = ACCOUNT) -> Execution:
    """The only fill of an order."""
    amount = Decimal(quantity)
    return Execution(
        exec_id=f"0000e0d5.{number:08x}.01.01",
        time_ns=NOON_NS,
        account=account,
        exchange="ISLAND",
        side=Side.BOUGHT if amount > 0 else Side.SOLD,
        shares=abs(amount),
        price=Decimal(price),
        perm_id=1000 + number,
        client_id=7,
        order_id=number,
        cum_quantity=abs(amount),
        average_price=Decimal(price),
    )


def order(action: str, quantity: str, limit: str = "") -> Order:
    return Order(
        action=action,
        quantity=Decimal(quantity),
        order_type="LMT" if limit else "MKT",
        limit_price=Decimal(limit) if limit else None,
    )
