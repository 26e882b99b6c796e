"""The shell over TCP: real sockets of this machine, and what their clients see."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from backstay.gateway.server import shell as shells
from backstay.gateway.server import tcp
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Link
from backstay.gateway.server.tcp import Port, TcpServer
from tests.gateway.server.scripted import Ear, ScriptedGateway, close, reset

MS = 1_000_000


class House:
    """A scripted gateway on a port of this machine."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.gateway = ScriptedGateway()
        self.told: list[str] = []
        self.port = Port(host, 0)
        self.server = TcpServer(self.gateway, self.port, lambda text, _: self.told.append(text))
        self.number = int(self.port.address.rpartition(":")[2])

    async def client(self) -> Ear:
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_connection(Ear, "127.0.0.1", self.number)
        return ear

    async def turn(self, client: Ear) -> None:
        """Have the gateway take a turn, so that the server notices what is new."""
        said = client.all + b"."
        client.transport.write(b".")
        await client.hears(said)


@asynccontextmanager
async def serving() -> AsyncIterator[House]:
    house = House()
    ready = asyncio.get_running_loop().create_future()
    served = asyncio.create_task(house.server.serve(BrokerClock(0), ready.set_result))
    assert await ready == house.port.address
    try:
        yield house
    finally:
        house.server.stop()
        async with asyncio.timeout(10):
            await served


def on_real_time(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(main)


def test_port_0_picks_one_and_the_address_says_which() -> None:
    house = House()
    host, _, port = house.port.address.partition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0
    house.server.stop()
    asyncio.run(house.server.serve(BrokerClock(0)))
    assert house.gateway.stops == 1


def test_an_address_of_version_6_is_written_in_brackets() -> None:
    try:
        house = House("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert house.port.address.startswith("[::1]:")
    house.server.stop()
    asyncio.run(house.server.serve(BrokerClock(0)))


def test_a_port_that_somebody_listens_at_can_not_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="Address already in use"):
            Port("127.0.0.1", port)


def test_a_port_that_refuses_is_not_free_for_others_and_one_that_is_closed_is() -> None:
    async def main() -> None:
        port = Port("127.0.0.1", 0)
        place = "127.0.0.1", int(port.address.rpartition(":")[2])
        await port.listen(Ear)
        port.refuse()
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(place)
        port.close()
        with socket.socket() as other:
            other.bind(place)

    on_real_time(main())


def test_before_it_serves_and_after_a_client_is_refused() -> None:
    async def main() -> None:
        house = House()
        with pytest.raises(ConnectionRefusedError):
            await house.client()
        house.server.stop()
        await house.server.serve(BrokerClock(0))
        with pytest.raises(ConnectionRefusedError):
            await house.client()

    on_real_time(main())


def test_hundreds_of_clients_are_served() -> None:
    async def main() -> None:
        async with serving() as house:
            clients = [await house.client() for _ in range(200)]
            for number, client in enumerate(clients):
                client.transport.write(b"client %d" % number)
            for number, client in enumerate(clients):
                await client.hears(b"client %d" % number)
            for client in clients:
                client.transport.close()
            assert len(house.gateway.talks) == 200

    on_real_time(main())


def test_bytes_leave_without_delay() -> None:
    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            await house.turn(client)
            link: Any = house.gateway.talks[0].link
            sock = link._transport.get_extra_info("socket")
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
            client.transport.close()

    on_real_time(main())


def test_what_is_due_is_done_when_its_time_has_come() -> None:
    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            link = await latest_link(house, client)
            house.gateway.at(house.gateway.now_ns + 20 * MS, lambda: link.write(b"due"))
            client.transport.write(b".")
            await client.hears(b"..due")
            client.transport.close()

    on_real_time(main())


async def latest_link(house: House, client: Ear) -> Link:
    await house.turn(client)
    return house.gateway.talks[-1].link


def test_a_close_by_the_gateway_is_an_end_and_a_reset_is_a_reset() -> None:
    async def main() -> None:
        async with serving() as house:
            for end, kind in ((close, type(None)), (reset, ConnectionResetError)):
                client = await house.client()
                link = await latest_link(house, client)
                house.gateway.at(house.gateway.now_ns, partial(end, link))
                client.transport.write(b"x")
                assert isinstance(await client.ends_with(), kind)

    on_real_time(main())


def test_a_client_that_resets_is_lost_with_a_reason() -> None:
    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            await house.turn(client)
            shells.forget(client.transport)
            client.transport.abort()
            await client.ends_with()
            other = await house.client()
            await house.turn(other)
            (reason,) = house.gateway.talks[0].lost_by
            assert reason == "the connection broke: [Errno 104] Connection reset by peer"
            other.transport.close()

    on_real_time(main())


def test_while_the_gateway_does_not_accept_its_port_refuses_and_stays_its_own() -> None:
    async def main() -> None:
        async with serving() as house:
            stays = await house.client()
            await house.turn(stays)
            house.gateway.accepting = False
            await house.turn(stays)
            for _ in range(2):
                with pytest.raises(ConnectionRefusedError):
                    await house.client()
            await house.turn(stays)
            house.gateway.accepting = True
            await house.turn(stays)
            returns = await house.client()
            await house.turn(returns)
            stays.transport.close()
            returns.transport.close()

    on_real_time(main())


def test_a_client_that_does_not_read_is_given_up_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shells, "PENDING_BYTES_MAX", 1_000_000)

    async def main() -> None:
        async with serving() as house:
            slow, quick = await house.client(), await house.client()
            await house.turn(slow)
            await house.turn(quick)
            slow.transport.pause_reading()
            talk = house.gateway.talks[0]
            while not talk.lost_by:
                talk.link.write(b"x" * 500_000)
                await asyncio.sleep(0)
            (reason,) = talk.lost_by
            assert reason.startswith("the client doesn't read, ")
            await house.turn(quick)
            quick.transport.close()
            slow.transport.abort()

    on_real_time(main())


def test_stopping_says_goodbye_and_waits_for_it_to_be_read() -> None:
    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            link = await latest_link(house, client)
            link.write(b"x" * 3_000_000)
            house.server.stop()
            assert await client.ends_with() is None
            assert len(client.all) == 3_000_001
        assert house.gateway.stops == 1

    on_real_time(main())


def test_stopping_does_not_wait_for_a_client_that_never_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tcp, "STOP_SECONDS_MAX", 0.01)
    monkeypatch.setattr(shells, "CLOSING_SECONDS_MAX", 3600.0)

    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            link = await latest_link(house, client)
            client.transport.pause_reading()
            link.write(b"x" * 8_000_000)
        client.transport.abort()

    on_real_time(main())


def test_a_client_that_reads_too_slowly_to_be_closed_in_order_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shells, "CLOSING_SECONDS_MAX", 0.01)

    async def main() -> None:
        async with serving() as house:
            client = await house.client()
            link = await latest_link(house, client)
            client.transport.pause_reading()
            link.write(b"x" * 8_000_000)
            link.close()
            async with asyncio.timeout(10):
                await house.gateway.talks[0].over.wait()
            assert house.gateway.talks[0].lost_by == ["the gateway has closed it"]
            client.transport.abort()

    on_real_time(main())
