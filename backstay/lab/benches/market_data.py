"""How many messages about prices a second the embedded gateway gives one client.

The gateway runs as people run it, in a process of its own on one core, with fifty clients; one of
them has a hundred lines and reads from the other core. Broker time is sped up in steps, so that the
market says more and more in a second, until the gateway's core is full.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.market import Market
from backstay.gateway.messages.requests import RequestMarketData
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.lab.benches.raw_client import RawClient

START = "2026-11-23T10:00:00-05:00"
START_NS = 1_795_446_000 * SECOND_NS
SEED = 7
CLIENTS = 50
LINES = 95
WARM_UP_SECONDS = 2.0
SPEEDS = (10, 20, 40, 60, 80)
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Reading:
    """One run at one speed: what came, and how busy the gateway's core was."""

    speed: int
    messages_per_second: float
    core_share: float

    @property
    def messages_per_core_second(self) -> float:
        """What one core would say if it had nothing else to do: the figure that noise spares."""
        return self.messages_per_second / self.core_share


def main() -> None:
    """Print one line a speed, and the most that came."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each speed is read")
    seconds: float = parser.parse_args().seconds
    contracts = _contracts()
    print(f"{len(contracts)} lines to one client, {CLIENTS} clients connected")
    print(f"{'speed':>6} {'messages/s':>12} {'core':>6} {'a core alone':>13}")
    readings = [_measured(speed, seconds, contracts) for speed in SPEEDS]
    most = max(reading.messages_per_second for reading in readings)
    print(f"most: {most:,.0f} messages/s")


def _measured(speed: int, seconds: float, contracts: tuple[Contract, ...]) -> Reading:
    gateway, port = _started(speed)
    try:
        clients = [RawClient("127.0.0.1", port, number) for number in range(1, CLIENTS + 1)]
        reader = clients[0]
        for number, contract in enumerate(contracts, start=1):
            reader.send(RequestMarketData(number, contract, "233"))
        _read_for(reader, WARM_UP_SECONDS)
        busy = _cpu_seconds(gateway.pid)
        messages, elapsed = _read_for(reader, seconds)
        share = (_cpu_seconds(gateway.pid) - busy) / elapsed
        for client in clients:
            client.close()
    finally:
        gateway.send_signal(signal.SIGKILL)
        gateway.wait()
    reading = Reading(speed, messages / elapsed, share)
    whole = reading.messages_per_core_second
    print(f"{speed:>6} {messages / elapsed:>12,.0f} {share:>6.0%} {whole:>13,.0f}", flush=True)
    return reading


def _started(speed: int) -> tuple["subprocess.Popen[str]", int]:
    """A gateway on the last core, and its port; this process keeps the others."""
    cores = sorted(os.sched_getaffinity(0))
    command = [
        *(
            str(Path(sys.executable).with_name("backstay")),
            "gateway",
            "--port",
            "0",
            "--seed",
            str(SEED),
        ),
        *("--start", START, "--speed", str(speed), "--restart-at", "never"),
    ]
    gateway = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    os.sched_setaffinity(gateway.pid, {cores[-1]})
    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
    assert gateway.stdout is not None
    address = gateway.stdout.readline()
    return gateway, int(address.rpartition(":")[2])


def _read_for(reader: RawClient, seconds: float) -> tuple[int, float]:
    began = time.perf_counter()
    messages, elapsed = 0, 0.0
    while elapsed < seconds:
        messages += reader.read()
        elapsed = time.perf_counter() - began
    return messages, elapsed


def _cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        figures = stat.read().rpartition(")")[2].split()
    return (int(figures[11]) + int(figures[12])) / _TICKS_PER_SECOND


def _contracts() -> tuple[Contract, ...]:
    """Every stock, and options on them around the money until there are enough."""
    market = Market(Agenda(START_NS), Chance(SEED))
    found = [each for each in CATALOGUE if each.sec_type == "STK"]
    contracts = [Contract(con_id=stock.con_id, exchange="SMART") for stock in found]
    for stock in found:
        price = market.quote(stock.con_id).last or Decimal(100)
        for chain in market.chains(stock.con_id, stock.symbol)[:1]:
            near = sorted(chain.strikes, key=lambda strike: abs(strike - price))[:4]
            for strike in near:
                contracts.extend(_options(market, stock.symbol, chain.expiries[3], strike))
    return tuple(contracts[:LINES])


def _options(market: Market, symbol: str, expiry: str, strike: Decimal) -> list[Contract]:
    wanted = Contract(symbol=symbol, sec_type="OPT", expiry=expiry, strike=strike, exchange="SMART")
    return [Contract(con_id=each.con_id, exchange="SMART") for each in market.find(wanted)]


if __name__ == "__main__":
    main()
