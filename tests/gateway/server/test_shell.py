"""The turns of a gateway: what is due is done first, and a fault ends one connection only."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from backstay.gateway.server import shell as shells
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Link
from backstay.gateway.server.memory import Cable, MemoryServer
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import VirtualTimeError, run, running
from tests.gateway.server.scripted import Ear, ScriptedGateway, close, echo, reset

MS = 1_000_000
SECOND = 1_000 * MS
CABLE = Cable(latency_ns=MS)


class House:
    """A scripted gateway, served in memory, and what its operator was told."""

    def __init__(self, on_bytes: Callable[[Link, bytes], None] = echo) -> None:
        self.gateway = ScriptedGateway(running().now_ns, on_bytes)
        self.told: list[tuple[str, BaseException | None]] = []
        self.net = MemoryNet(CABLE)
        self.server = self.net.serve(
            "gateway", 4002, self.gateway, lambda text, fault: self.told.append((text, fault))
        )

    async def client(self) -> Ear:
        _, ear = await self.net.connect(Ear, "gateway", 4002)
        return ear


def on_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    run(main, start_ns=0)


def test_bytes_go_to_the_conversation_and_its_answer_comes_back() -> None:
    async def main() -> None:
        house = House()
        one, two = await house.client(), await house.client()
        one.transport.write(b"one")
        two.transport.write(b"two")
        await one.hears(b"one")
        await two.hears(b"two")
        assert [talk.heard for talk in house.gateway.talks] == [b"one", b"two"]

    on_virtual_time(main())


def test_broker_time_moves_before_a_client_is_heard() -> None:
    async def main() -> None:
        house = House(lambda link, _: link.write(str(house.gateway.now_ns).encode()))
        client = await house.client()
        await asyncio.sleep(5)
        client.transport.write(b"?")
        await client.hears(str(5 * SECOND + 3 * MS).encode())

    on_virtual_time(main())


def test_what_is_due_is_done_at_its_own_nanosecond() -> None:
    async def main() -> None:
        house = House()
        client = await house.client()
        dues = [2 * SECOND + 1, 2 * SECOND + 2, 3600 * SECOND + 333_333_333]
        for due in dues:
            house.gateway.at(due)
        client.transport.write(b"a turn that finds them")
        await asyncio.sleep(4000)
        assert house.gateway.done_at == dues

    on_virtual_time(main())


def test_what_is_done_from_outside_is_a_turn_of_its_own() -> None:
    async def main() -> None:
        house = House()
        await asyncio.sleep(5)
        seen: list[int] = []

        def deed() -> None:
            seen.append(house.gateway.now_ns)
            house.gateway.at(7 * SECOND)

        house.server.act(deed)
        await asyncio.sleep(5)
        assert seen == [5 * SECOND]
        assert house.gateway.done_at == [7 * SECOND]
        house.server.stop()
        house.server.act(deed)
        assert len(seen) == 1

    on_virtual_time(main())


def test_what_is_due_and_late_is_done_in_strides_with_others_served_between() -> None:
    async def main() -> None:
        behind_ns = 0
        clock = BrokerClock(0, monotonic_ns=lambda: running().now_ns + behind_ns)
        gateway = ScriptedGateway()
        dues = [number * shells.STRIDE_NS for number in range(1, 41)]
        for due in dues:
            gateway.at(due)
        server = MemoryServer(gateway, clock)
        behind_ns = 10 * SECOND
        await asyncio.sleep(shells.STRIDE_NS / SECOND)
        done = [len(gateway.done_at)]
        while done[-1] < len(dues):
            await asyncio.sleep(0)
            done.append(len(gateway.done_at))
        assert max(later - sooner for sooner, later in pairwise(done)) <= 2
        assert gateway.done_at == dues
        server.stop()

    on_virtual_time(main())


def test_what_is_due_can_put_something_else_on_the_agenda() -> None:
    async def main() -> None:
        gateway = ScriptedGateway()
        gateway.at(SECOND, lambda: gateway.at(2 * SECOND))
        MemoryNet().serve("gateway", 4002, gateway)
        await asyncio.sleep(3)
        assert gateway.done_at == [SECOND, 2 * SECOND]

    on_virtual_time(main())


def test_a_conversation_hears_once_that_the_client_has_gone() -> None:
    async def main() -> None:
        house = House()
        gone, broken = await house.client(), await house.client()
        gone.transport.close()
        house.net.lines[1].reset()
        await asyncio.sleep(1)
        lost = [talk.lost_by for talk in house.gateway.talks]
        broke = "the connection broke: [Errno 104] Connection reset by peer"
        assert lost == [["the client has closed it"], [broke]]
        house.gateway.talks[0].link.write(b"to nobody")
        assert broken.heard == gone.heard == []

    on_virtual_time(main())


@pytest.mark.parametrize(
    ("end", "reason", "kind"),
    [
        (close, "the gateway has closed it", type(None)),
        (reset, "the gateway has reset it", ConnectionResetError),
    ],
)
def test_a_link_ends_as_the_gateway_wants_after_what_was_written(
    end: Callable[[Link], None], reason: str, kind: type
) -> None:
    async def main() -> None:
        def answer_and_end(link: Link, data: bytes) -> None:
            link.write(b"bye")
            end(link)
            end(link)
            link.write(b"and more")

        house = House(answer_and_end)
        client = await house.client()
        client.transport.write(b"bad bytes")
        client.transport.write(b"and more")
        assert isinstance(await client.ends_with(), kind)
        await asyncio.sleep(60)
        assert client.all == b"bye"
        (talk,) = house.gateway.talks
        assert (talk.heard, talk.lost_by) == (b"bad bytes", [reason])
        assert house.told == []

    on_virtual_time(main())


def test_a_link_can_end_before_its_conversation_begins() -> None:
    async def main() -> None:
        house = House()
        house.gateway.on_connect = reset
        client = await house.client()
        assert isinstance(await client.ends_with(), ConnectionResetError)
        assert house.gateway.talks[0].lost_by == ["the gateway has reset it"]

    on_virtual_time(main())


def test_a_connection_that_is_over_leaves_nothing_to_wait_for() -> None:
    async def main() -> None:
        house = House(lambda link, _: link.close())
        client = await house.client()
        client.transport.write(b"bye")
        await client.ends_with()
        await asyncio.Event().wait()

    with pytest.raises(VirtualTimeError, match="nothing is left to happen at 1970-01-01 00:00:00"):
        on_virtual_time(main())


def stumble(link: Link, data: bytes) -> None:
    if data == b"bad":
        raise KeyError("no such order")
    link.write(data)


def test_a_fault_while_a_client_is_heard_ends_its_connection_alone() -> None:
    async def main() -> None:
        house = House(stumble)
        unlucky, lucky = await house.client(), await house.client()
        unlucky.transport.write(b"bad")
        assert isinstance(await unlucky.ends_with(), ConnectionResetError)
        lucky.transport.write(b"good")
        await lucky.hears(b"good")
        reason = "a fault of the gateway, KeyError: 'no such order'"
        assert house.gateway.talks[0].lost_by == [reason]
        ((text, fault),) = house.told
        assert text == f"connection 1: {reason}"
        assert isinstance(fault, KeyError)

    on_virtual_time(main())


def test_a_fault_while_a_client_is_welcomed_leaves_nothing_behind() -> None:
    async def main() -> None:
        house = House()

        def refuse(link: Link) -> None:
            raise ValueError("no room")

        house.gateway.on_connect = refuse
        client = await house.client()
        assert isinstance(await client.ends_with(), ConnectionResetError)
        await asyncio.sleep(1)
        house.server.stop()
        assert [text for text, _ in house.told] == [
            "connection 1: a fault of the gateway, ValueError: no room"
        ]

    on_virtual_time(main())


def test_a_fault_in_what_was_due_ends_nothing() -> None:
    async def main() -> None:
        house = House()
        client = await house.client()

        def fall() -> None:
            raise ZeroDivisionError("a market without prices")

        house.gateway.at(SECOND, fall)
        house.gateway.at(SECOND)
        house.gateway.at(2 * SECOND)
        client.transport.write(b"a turn")
        await asyncio.sleep(3)
        assert house.gateway.done_at == [SECOND, SECOND, 2 * SECOND]
        client.transport.write(b", another")
        await client.hears(b"a turn, another")
        text = "what was due: a fault of the gateway, ZeroDivisionError: a market without prices"
        assert [text for text, _ in house.told] == [text]

    on_virtual_time(main())


def test_a_fault_in_what_hears_of_an_end_ends_nothing_else() -> None:
    async def main() -> None:
        house = House()
        gone, there = await house.client(), await house.client()

        def fall(reason: str) -> None:
            raise OSError("disk full")

        house.gateway.talks[0].lost = fall  # type: ignore[method-assign]
        gone.transport.close()
        await asyncio.sleep(1)
        there.transport.write(b"still here")
        await there.hears(b"still here")
        assert [text for text, _ in house.told] == [
            "connection 1, which has ended: a fault of the gateway, OSError: disk full"
        ]

    on_virtual_time(main())


def test_in_memory_a_fault_of_the_gateway_ends_the_run_unless_somebody_is_told() -> None:
    async def main() -> None:
        gateway = ScriptedGateway(on_bytes=stumble)
        net = MemoryNet()
        net.serve("gateway", 4002, gateway)
        _, client = await net.connect(Ear, "gateway", 4002)
        client.transport.write(b"bad")
        await asyncio.sleep(1)

    with pytest.raises(KeyError, match="no such order"):
        on_virtual_time(main())


def test_a_client_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shells, "PENDING_BYTES_MAX", 1000)

    async def main() -> None:
        house = House()
        slow, quick = await house.client(), await house.client()
        slow.transport.pause_reading()
        for talk in house.gateway.talks:
            for _ in range(9):
                talk.link.write(b"x" * 100)
                await asyncio.sleep(1)
            talk.link.write(b"y" * 100)
            await asyncio.sleep(1)
        assert [talk.lost_by for talk in house.gateway.talks] == [[], []]
        assert [talk.link.pending_bytes for talk in house.gateway.talks] == [1000, 0]
        house.gateway.talks[0].link.write(b"z")
        await asyncio.sleep(1)
        reason = "the client doesn't read, 1001 bytes wait for it"
        assert [talk.lost_by for talk in house.gateway.talks] == [[reason], []]
        assert house.told == []
        assert len(quick.all) == 1000

    on_virtual_time(main())


def test_a_client_beyond_all_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shells, "CONNECTIONS_MAX", 2)

    async def main() -> None:
        house = House()
        first, _ = await house.client(), await house.client()
        third = await house.client()
        assert isinstance(await third.ends_with(), ConnectionResetError)
        assert house.told == [("a client is refused: 2 are connected", None)]
        first.transport.close()
        await asyncio.sleep(1)
        fourth = await house.client()
        fourth.transport.write(b"in")
        await fourth.hears(b"in")

    on_virtual_time(main())


def test_while_the_gateway_does_not_accept_a_client_is_refused() -> None:
    async def main() -> None:
        house = House()
        stays = await house.client()
        house.gateway.accepting = False
        with pytest.raises(ConnectionRefusedError):
            await house.client()
        stays.transport.write(b"still here")
        await stays.hears(b"still here")
        house.gateway.accepting = True
        await house.client()

    on_virtual_time(main())


def test_a_client_that_slips_in_as_the_gateway_stops_accepting_is_reset() -> None:
    async def main() -> None:
        house = House()
        protocol = house.server.accept()
        assert protocol is not None
        house.gateway.accepting = False
        house.net.listen("slip", 1, lambda: protocol)
        _, client = await house.net.connect(Ear, "slip", 1)
        assert isinstance(await client.ends_with(), ConnectionResetError)
        assert house.gateway.talks == []

    on_virtual_time(main())


def test_when_it_stops_clients_hear_their_last_words_and_nothing_is_asked_any_more() -> None:
    async def main() -> None:
        house = House()
        client = await house.client()
        house.gateway.at(100 * SECOND)
        client.transport.write(b"a turn")
        await client.hears(b"a turn")
        house.server.stop()
        house.server.stop()
        assert await client.ends_with() is None
        await asyncio.sleep(200)
        gateway = house.gateway
        assert (gateway.stops, gateway.done_at, gateway.talks[0].lost_by) == (1, [], [])
        with pytest.raises(ConnectionRefusedError):
            await house.client()

    on_virtual_time(main())
