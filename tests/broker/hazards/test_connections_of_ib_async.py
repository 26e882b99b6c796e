"""What ib_async makes of bytes and connections, and what the edge does: hazards 11 to 13."""

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pkgutil import walk_packages
from typing import Any

import pytest
from ib_async.client import Client

from backstay import domain
from backstay.broker.line.framing import Framing
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from tests.broker.hazards.twice import AAPL, Ours, Script, frame, told_twice


class Counted(bytes):
    """Bytes that count how many of them are copied by slicing."""

    copied = 0

    def __radd__(self, before: bytes) -> "Counted":
        return Counted(bytes(before) + bytes(self))

    def __add__(self, after: object) -> "Counted":
        assert isinstance(after, bytes)
        return Counted(bytes(self) + bytes(after))

    def __getitem__(self, part: object) -> "bytes | int":  # type: ignore[override]
        piece = bytes(self)[part]  # type: ignore[call-overload]
        if isinstance(piece, int):
            return piece
        Counted.copied += len(piece)
        return Counted(piece)


def copies_of_script(data: bytes) -> float:
    """How often ib_async copies each byte of one read."""

    class Deaf:
        """Hears nothing."""

    client: Any = Client(Deaf())  # type: ignore[no-untyped-call]
    client._serverVersion = client.decoder.serverVersion = 178
    client._apiReady = True
    Counted.copied = 0
    client._onSocketHasData(Counted(data))
    return Counted.copied / len(data)


def copies_of_ours(data: bytes) -> float:
    """How often the line copies each byte of one read."""
    Counted.copied = 0
    for _ in Framing().messages(Counted(data)):
        pass
    return Counted.copied / len(data)


@pytest.mark.parametrize(
    ("copies", "is_quadratic"), [(copies_of_script, True), (copies_of_ours, False)]
)
def test_a_burst_in_one_read_costs_no_more_for_each_byte(
    copies: Callable[[bytes], float], is_quadratic: bool
) -> None:
    """11: ib_async copies all that is left of a read for each message in it."""
    message = frame(999, "x" * 60)
    few, many = copies(message * 100), copies(message * 1600)
    assert (many > 10 * few) is is_quadratic


OUTAGE = rule("upstream-lost", at="+10s", lasting="20s", then="lost")


@pytest.mark.req("S1.4")
@told_twice(OUTAGE, script=(1, "PendingSubmit", "nowhere"), ours=(0, "working", "Submitted"))
async def test_nothing_is_sent_into_an_outage(trader: Script | Ours) -> tuple[int, str, str]:
    """12: 1100 is a remark to ib_async: what is sent then may be nowhere, and nothing says so."""
    if isinstance(trader, Ours):
        # The price is known, so that nothing but the outage keeps the order back.
        await trader.look_on()
    await trader.stage.sleep(10.5)
    ticket = await trader.buy()
    await trader.stage.sleep(5)
    placed_into_it = trader.stage.placed().count(ticket.ref)
    await trader.stage.sleep(60)
    standing = trader.stage.standing().get(ticket.ref, "nowhere")
    return placed_into_it, trader.word(ticket), standing


@pytest.mark.req("S0.1", "S1.4")
@told_twice(OUTAGE, script=("Submitted", Decimal(0)), ours=("over", Decimal(100)))
async def test_a_fill_in_an_outage_is_told_after_it(trader: Script | Ours) -> tuple[str, Decimal]:
    """12: after 1101 nobody tells what has filled meanwhile, unless somebody asks."""
    ticket = await trader.buy()
    await trader.stage.sleep(15)
    trader.stage.trade("94.90")
    await trader.stage.sleep(25)
    assert trader.stage.position() == 100
    return trader.word(ticket), ticket.heard


@pytest.mark.req("S3.7")
@told_twice(rule("stream-dead", at="+10s"), script=False, ours=True)
async def test_a_stream_that_has_died_is_noticed(trader: Script | Ours) -> bool:
    """12: after 2103 and 2104 a stream can stay silent, and ib_async never asks again."""
    if isinstance(trader, Script):
        await trader.ib.qualifyContractsAsync(AAPL)
        ticker = trader.ib.reqMktData(AAPL)
        await trader.stage.sleep(100)
        trader.stage.trade("101.20")
        await trader.stage.sleep(60)
        return bool(ticker.last == 101.2)
    trigger = Trigger(Decimal(101), Crossing.ABOVE)
    seat = await trader.seat()
    ticket = await trader.arm(seat.arm(limit="101.50", stop=None, trigger=trigger))
    await trader.stage.sleep(90)
    trader.stage.trade("100.10")
    await trader.stage.sleep(10)
    trader.stage.trade("101.20")
    await trader.stage.sleep(60)
    return trader.filled(ticket) == 100


@pytest.mark.req("S1.4")
@told_twice(rule("half-open", at="+10s", lasting="60s"), script="connected", ours="down")
async def test_a_half_open_connection_is_found_out(trader: Script | Ours) -> str:
    """12: ib_async asks for no sign of life, so it is connected to nobody and doesn't know."""
    await trader.stage.sleep(10)
    said = []
    for _ in range(20):
        await trader.stage.sleep(1)
        if isinstance(trader, Script):
            said.append("connected" if trader.ib.isConnected() else "down")
        else:
            said.append(trader.edge.health().session.state.value)
    return "down" if "down" in said else said[-1]


PURE = tuple(module.name for module in walk_packages(domain.__path__, "backstay.domain."))


@pytest.mark.parametrize(
    ("modules", "is_imported"), [(("backstay.broker.edge",), True), (PURE, False)]
)
def test_what_workflows_import_does_not_bring_ib_async(
    modules: tuple[str, ...], is_imported: bool
) -> None:
    """13: ib_async can't be imported inside a workflow's sandbox."""
    program = f"import sys, {', '.join(modules)}; print('ib_async' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(is_imported)
