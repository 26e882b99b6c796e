"""The network in memory: who listens is reached, and the real ib_async runs on it."""

import asyncio
import logging
import struct
from collections.abc import Iterator
from functools import partial

import ib_async
import pytest

from backstay.gateway.chance import Chance
from backstay.gateway.server.memory import Cable
from backstay.gateway.times import SECOND_NS
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import VirtualTimeError, run, running
from tests.gateway.server.scripted import Ear

MS = 1_000_000


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What ib_async logs is not what is tested."""
    logger = logging.getLogger("ib_async")
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(logging.NOTSET)


class Desk(asyncio.Protocol):
    """As much of IB Gateway as it takes to be connected to, and to be asked for the time."""

    transport: asyncio.Transport

    def __init__(self, answers: bool = True) -> None:
        self.answers = answers
        self.unread = b""
        self.greeted = False
        self.asked: list[list[bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if not self.greeted:
            self.greeted = True
            assert self.unread.startswith(b"API\0"[: len(self.unread)])
        if self.unread.startswith(b"API\0"):
            self.unread = self.unread[4:]
        while len(self.unread) >= 4:
            size = struct.unpack(">I", self.unread[:4])[0]
            if len(self.unread) < 4 + size:
                break
            self.request(self.unread[4 : 4 + size])
            self.unread = self.unread[4 + size :]

    def request(self, payload: bytes) -> None:
        fields = payload.split(b"\0")
        self.asked.append(fields)
        if not self.answers:
            return
        if payload.startswith(b"v157..178"):
            self.say(b"178", b"20261123 08:30:00 EST")
        elif fields[0] == b"71":
            self.say(b"15", b"1", b"DU1234567")
            self.say(b"9", b"1", b"7")
        elif fields[0] == b"49":
            self.say(b"49", b"1", b"1795440600")

    def say(self, *fields: bytes) -> None:
        payload = b"".join(field + b"\0" for field in fields)
        self.transport.write(struct.pack(">I", len(payload)) + payload)


def test_a_client_reaches_who_listens_after_one_way_there_and_one_back() -> None:
    net = MemoryNet(Cable(latency_ns=5 * MS))
    net.listen("gateway", 4002, Ear)

    async def main() -> None:
        _, client = await running().create_connection(Ear, "gateway", 4002)
        assert running().now_ns == 10 * MS
        (line,) = net.lines
        assert client.transport is line.client
        server = line.server.get_protocol()
        assert isinstance(server, Ear)
        client.transport.write(b"hello")
        await server.hears(b"hello")

    run(main(), start_ns=0, net=net)


def test_clients_have_ports_of_their_own() -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, Ear)

    async def main() -> None:
        clients = [(await running().create_connection(Ear, "gateway", 4002))[0] for _ in range(3)]
        ports = [client.get_extra_info("sockname")[1] for client in clients]
        assert ports == [50_001, 50_002, 50_003]

    run(main(), start_ns=0, net=net)


def test_where_nobody_listens_or_will_a_client_is_refused_after_as_long() -> None:
    net = MemoryNet(Cable(latency_ns=5 * MS))
    net.listen("closed", 1, lambda: None)
    net.listen("left", 1, Ear)
    net.close("left", 1)

    async def main() -> None:
        for host in ("closed", "left", "unknown"):
            before_ns = running().now_ns
            with pytest.raises(ConnectionRefusedError) as refused:
                await running().create_connection(Ear, host, 1)
            assert str(refused.value) == f"[Errno 111] nobody listens at {host}:1"
            assert running().now_ns == before_ns + 10 * MS
        assert net.lines == ()

    run(main(), start_ns=0, net=net)


def test_an_address_has_one_listener() -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, Ear)
    with pytest.raises(ValueError, match="gateway:4002 has a listener; close it first"):
        net.listen("gateway", 4002, Ear)


def test_a_client_that_gives_up_while_it_connects_leaves_a_reset() -> None:
    net = MemoryNet(Cable(latency_ns=5 * MS))
    servers: list[Ear] = []

    def accept() -> Ear:
        servers.append(Ear())
        return servers[-1]

    net.listen("gateway", 4002, accept)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(running().create_connection(Ear, "gateway", 4002), 0.007)
        assert isinstance(await servers[0].ends_with(), ConnectionResetError)
        assert net.lines == ()

    run(main(), start_ns=0, net=net)


def test_lines_that_both_ends_have_left_are_forgotten() -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, Ear)

    async def main() -> None:
        first, _ = await running().create_connection(Ear, "gateway", 4002)
        second, _ = await running().create_connection(Ear, "gateway", 4002)
        first.close()
        await asyncio.sleep(1)
        assert [line.client for line in net.lines] == [second]

    run(main(), start_ns=0, net=net)


@pytest.mark.parametrize(("option", "value"), [("ssl", True), ("local_addr", ("x", 1))])
def test_a_connection_has_no_options(option: str, value: object) -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, Ear)

    async def main() -> None:
        await running().create_connection(Ear, "gateway", 4002, **{option: value})

    with pytest.raises(VirtualTimeError, match=f"no connection to gateway:4002, {option}: "):
        run(main(), start_ns=0, net=net)


def test_without_a_network_there_are_no_connections() -> None:
    async def main() -> None:
        await running().create_connection(Ear, "gateway", 4002)

    with pytest.raises(VirtualTimeError, match="only a memory network is within reach"):
        run(main(), start_ns=0)


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_the_real_ib_async_connects_asks_and_leaves(seed: int | None) -> None:
    cuts = None if seed is None else Chance(seed).of("cuts")
    net, desks = MemoryNet(Cable(cuts=cuts)), list[Desk]()

    def accept() -> Desk:
        desks.append(Desk())
        return desks[-1]

    net.listen("gateway", 4002, accept)

    async def main() -> None:
        ib = ib_async.IB()
        await ib.connectAsync(
            "gateway", 4002, clientId=3, timeout=5, fetchFields=ib_async.StartupFetchNONE
        )
        assert ib.client.getAccounts() == ["DU1234567"]
        assert (await ib.reqCurrentTimeAsync()).timestamp() == 1_795_440_600
        before_ns = running().now_ns
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ib.reqPositionsAsync(), 3600)
        assert running().now_ns == before_ns + 3600 * SECOND_NS
        ib.disconnect()
        await asyncio.sleep(1)
        assert net.lines == ()

    run(main(), start_ns=1_795_440_600 * SECOND_NS, net=net)
    asked = [fields[0] for fields in desks[0].asked]
    assert asked[:2] == [b"v157..178", b"71"]
    assert b"49" in asked
    assert desks[0].asked[1][2] == b"3"


def test_ib_async_gives_up_on_a_gateway_that_never_answers_when_its_hour_is_over() -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, lambda: Desk(answers=False))

    async def main() -> float:
        with pytest.raises(TimeoutError):
            await ib_async.IB().connectAsync("gateway", 4002, clientId=1, timeout=3600)
        return running().time()

    assert run(main(), start_ns=0, net=net) == pytest.approx(3600.0, abs=0.01)


def test_ib_async_hears_of_a_reset_and_not_of_a_cut() -> None:
    net = MemoryNet()
    net.listen("gateway", 4002, Desk)

    async def main() -> None:
        ib, told = ib_async.IB(), list[str]()
        ib.disconnectedEvent += lambda: told.append("disconnected")
        connect = partial(ib.connectAsync, fetchFields=ib_async.StartupFetchNONE)
        await connect("gateway", 4002, clientId=1)
        net.lines[0].cut()
        await asyncio.sleep(24 * 3600)
        assert (ib.isConnected(), told) == (True, [])
        ib.disconnect()
        await asyncio.sleep(1)
        told.clear()
        await connect("gateway", 4002, clientId=1)
        net.lines[-1].reset()
        await asyncio.sleep(1)
        assert (ib.isConnected(), told) == (False, ["disconnected"])

    run(main(), start_ns=0, net=net)


def test_two_runs_are_the_same_to_the_byte_and_the_nanosecond() -> None:
    def one() -> list[tuple[int, bytes]]:
        net, heard = MemoryNet(Cable(cuts=Chance(5).of("cuts"))), list[tuple[int, bytes]]()

        class Recorder(Desk):
            def data_received(self, data: bytes) -> None:
                heard.append((running().now_ns, data))
                super().data_received(data)

        net.listen("gateway", 4002, Recorder)

        async def main() -> None:
            ib = ib_async.IB()
            await ib.connectAsync("gateway", 4002, clientId=1, timeout=60)
            ib.disconnect()

        run(main(), start_ns=0, net=net)
        return heard

    first = one()
    assert len(first) > 5
    assert first == one()
