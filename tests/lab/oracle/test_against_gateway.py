"""What a whole gateway records is clean, through faults and a restart; and not by looking away."""

from decimal import Decimal
from json import loads
from pathlib import Path

import pytest

from backstay.gateway.faults.plan import Plan, rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.lab.oracle.oracle import Oracle
from tests.gateway.account.stage import NOON_NS

CLIENT = 7
MISCHIEF: Plan = (
    rule("execution-corrected", probability=0.2, price_by="-0.01", quantity_by="3"),
    rule("execution-busted", probability=0.1),
    rule("fill-after-cancel", probability=0.5, share="0.5"),
    rule("manual-order", every="40s", count=3, symbol="MSFT", quantity=50),
    rule("manual-close", at="+90s"),
)


class Story:
    """Orders of every kind on a gateway that keeps a record and a file."""

    def __init__(self, seed: int, path: Path) -> None:
        self.lines: list[str] = []
        self.oracle = Oracle()
        self._settings = Settings(seed=seed)
        self._path = path
        self._order_id = 0
        self.gateway = self._begin(NOON_NS)

    def live(self) -> None:
        """Place, change, cancel, wait; judged after each turn."""
        for number in range(1, 31):
            self._place(number)
            if number % 3 == 0:
                self._change()
            if number % 5 == 0:
                with self.gateway.turn():
                    self.gateway.exchange.cancel(CLIENT, self._order_id)
            for _ in range(4):
                self.gateway.advance(self.gateway.now_ns + SECOND_NS)
                self.expect_clean()

    def restart(self) -> None:
        """Another process goes on with the file and the record."""
        before = (self.gateway.exchange.state(), self.gateway.accounts.state())
        self.gateway.stop()
        self.gateway = self._begin(self.gateway.now_ns)
        assert (self.gateway.exchange.state(), self.gateway.accounts.state()) == before
        self.expect_clean()

    def expect_clean(self) -> None:
        assert [str(each) for each in self.oracle.verdict()] == []

    def _begin(self, now_ns: int) -> Gateway:
        outlets = Outlets(audit=self._hear)
        store = Store.open(self._path)
        return Gateway(self._settings, now_ns, plan=MISCHIEF, store=store, outlets=outlets)

    def _hear(self, line: str) -> None:
        self.lines.append(line)
        self.oracle.read(line)

    def _place(self, number: int) -> None:
        self._order_id += 1
        symbol = ("AAPL", "MSFT", "SPY")[number % 3]
        contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
        (instrument, *_) = self.gateway.market.find(contract)
        touch = self.gateway.market.quote(instrument.con_id).last or Decimal(100)
        limit = (touch * (Decimal("0.999") if number % 4 else Decimal("1.01"))).quantize(
            Decimal("0.01")
        )
        order = Order(
            action="SELL" if number % 7 == 0 else "BUY",
            quantity=Decimal(20 * number),
            order_type="LMT" if number % 2 else "MKT",
            limit_price=limit if number % 2 else None,
            tif="DAY",
            order_ref=f"bs1:T7K2M9QX:0:EN:{self._order_id}",
        )
        with self.gateway.turn():
            self.gateway.exchange.place(CLIENT, self._order_id, contract, order)

    def _change(self) -> None:
        for held in self.gateway.exchange.open_orders()[:1]:
            order = held.order
            with self.gateway.turn():
                self.gateway.exchange.place(CLIENT, order.order_id, held.contract, order)
            if order.order_id != self._order_id:
                with self.gateway.turn():
                    self.gateway.exchange.cancel(CLIENT, order.order_id)


@pytest.fixture(params=range(3))
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    told = Story(request.param, tmp_path / "gateway.state")
    told.live()
    told.restart()
    told.live()
    # What there is in the end is said once more, so that the last change of all can be missed too.
    with told.gateway.turn():
        told.gateway.accounts.announce()
    told.expect_clean()
    told.gateway.stop()
    return told


def test_the_record_of_a_gateway_is_clean_and_no_line_of_money_can_be_missing(
    story: Story,
) -> None:
    told = [loads(line) for line in story.lines]
    kinds = {line["what"] for line in told}
    assert kinds == {"order", "execution", "correction", "position", "cash", "fault"}
    matters = [
        number
        for number, line in enumerate(told)
        if line["what"] not in {"order", "fault"}
        and line.get("reason") != "opening"
        and line.get("amount") != "0"
    ]
    for missing in matters[:: max(1, len(matters) // 40)]:
        oracle = Oracle()
        for line in (*story.lines[:missing], *story.lines[missing + 1 :]):
            oracle.read(line)
        assert oracle.verdict(), f"nobody misses {story.lines[missing]}"
