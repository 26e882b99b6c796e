"""What an hour of virtual trading leaves behind in the embedded gateway's memory.

The whole gateway in this process, without a socket: one client with a line to every stock and a
market order every ten seconds, fifty connected. The orders and executions of the day are kept, as
at IB, until midnight; nothing else may grow.
"""

import argparse
import os
import time
from collections.abc import Iterator
from decimal import Decimal

from backstay.gateway.gateway import Gateway
from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.messages.requests import PlaceOrder, Request, RequestMarketData, StartApi
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.requests import encode_request
from backstay.lab.benches.raw_client import HELLO

START_NS = 1_795_446_000 * SECOND_NS
CLIENTS = 50
MINUTES = 60
REPORT_MINUTES = 10
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEBIBYTE = 1 << 20


class _Sink:
    """A link to nowhere that counts."""

    pending_bytes = 0

    def __init__(self) -> None:
        self.written_bytes = 0

    def write(self, data: bytes) -> None:
        self.written_bytes += len(data)

    def close(self) -> None:
        raise AssertionError("the gateway has hung up")

    reset = close


def main() -> None:
    """Print a line every ten virtual minutes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--order-seconds", type=int, default=10, help="from one order to the next; 0: no orders"
    )
    order_seconds: int = parser.parse_args().order_seconds
    gateway = Gateway(Settings(seed=7, restart_at=None), START_NS)
    sinks = [_Sink() for _ in range(CLIENTS)]
    conversations = [gateway.connect(sink) for sink in sinks]
    for number, conversation in enumerate(conversations, start=1):
        conversation.receive(HELLO + _framed(StartApi(number)))
    trader = conversations[0]
    stocks = [each.con_id for each in CATALOGUE if each.sec_type == "STK"]
    for number, con_id in enumerate(stocks, start=1):
        trader.receive(_framed(RequestMarketData(number, Contract(con_id=con_id), "233")))
    orders = _orders(stocks[0])
    print(f"{'minute':>6} {'MiB':>8} {'orders':>7} {'MiB said':>9} {'real s':>7}")
    sent = 0
    began = time.perf_counter()
    for second in range(MINUTES * 60 + 1):
        gateway.advance(START_NS + second * SECOND_NS)
        if order_seconds and second % order_seconds == 0:
            sent += 1
            trader.receive(_framed(next(orders)))
        if second % (REPORT_MINUTES * 60) == 0:
            said = sinks[0].written_bytes / _MEBIBYTE
            passed = time.perf_counter() - began
            minute = second // 60
            print(f"{minute:>6} {_resident():>8.1f} {sent:>7} {said:>9.1f} {passed:>7.1f}")


def _orders(con_id: int) -> Iterator[PlaceOrder]:
    number = 0
    while True:
        number += 1
        order = Order(
            action="BUY" if number % 2 else "SELL",
            quantity=Decimal(100),
            order_type="MKT",
            tif="DAY",
            order_ref=f"bench-{number}",
        )
        yield PlaceOrder(number, Contract(con_id=con_id, exchange="SMART"), order)


def _framed(request: Request) -> bytes:
    return frame(encode_request(request))


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * _PAGE_BYTES / _MEBIBYTE


if __name__ == "__main__":
    main()
