"""Lines in memory: to a protocol their ends are what the ends of a TCP connection are."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from backstay.gateway.chance import Chance
from backstay.gateway.server.memory import PIECE_BYTES_MAX, Cable, Line
from backstay.lab.virtual_time import run, running
from tests.gateway.server.scripted import Ear

MS = 1_000_000
HERE, THERE = ("gateway", 50_001), ("gateway", 4002)


class Pair:
    """Two ears and the line between them."""

    def __init__(self, cable: Cable) -> None:
        self.line = Line(cable, HERE, THERE)
        self.client, self.server = Ear(), Ear()
        self.line.server.begin(self.server)
        self.line.client.begin(self.client)


def on_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    run(main, start_ns=0)


def test_what_is_written_at_once_arrives_at_once_after_the_latency() -> None:
    async def main() -> None:
        pair = Pair(Cable(latency_ns=3 * MS))
        pair.line.client.write(b"one")
        pair.line.client.write(bytearray(b"two"))
        assert pair.line.client.get_write_buffer_size() == 6
        await asyncio.sleep(0.0029)
        assert pair.server.heard == []
        await pair.server.hears(b"onetwo")
        assert (pair.server.heard, running().now_ns) == ([b"one", b"two"], 3 * MS)
        assert pair.line.client.get_write_buffer_size() == 0
        pair.line.server.writelines([b"a", b"b"])
        await pair.client.hears(b"ab")
        assert running().now_ns == 6 * MS

    on_virtual_time(main())


def cut_pieces(seed: int) -> tuple[list[bytes], int]:
    """How a thousand bytes arrive, and when the last of them does."""

    async def main() -> tuple[list[bytes], int]:
        pair = Pair(Cable(latency_ns=MS, cuts=Chance(seed).of("cuts")))
        sent = bytes(number % 251 for number in range(1000))
        pair.line.client.write(sent[:700])
        pair.line.client.write(sent[700:])
        await pair.server.hears(sent)
        return pair.server.heard, running().now_ns

    return run(main(), start_ns=0)


def test_dice_cut_bytes_anywhere_and_lose_none() -> None:
    pieces, ends_ns = cut_pieces(7)
    assert {1 <= len(piece) <= PIECE_BYTES_MAX for piece in pieces} == {True}
    assert len({len(piece) for piece in pieces}) > 10
    assert ends_ns > 2 * MS


def test_the_same_dice_cut_in_the_same_places_at_the_same_times() -> None:
    assert cut_pieces(7) == cut_pieces(7)
    assert cut_pieces(7) != cut_pieces(8)


def test_a_piece_is_never_earlier_than_the_one_before_it() -> None:
    def cable() -> Cable:
        return Cable(latency_ns=MS, cuts=Chance(3).of("cuts"))

    writes = [b"a" * 300, b"b" * 20, b"c" * 300]
    expected: list[tuple[int, bytes]] = []
    latest_ns, drawn = 0, cable()
    for data in writes:
        for delay_ns, piece in drawn.pieces(data):
            latest_ns = max(latest_ns, delay_ns)
            expected.append((latest_ns, piece))

    class Recorder(Ear):
        def data_received(self, data: bytes) -> None:
            arrived.append((running().now_ns, data))

    async def main() -> None:
        line = Line(cable(), HERE, THERE)
        line.server.begin(Recorder())
        line.client.begin(Ear())
        for data in writes:
            line.client.write(data)
        await asyncio.sleep(1)

    arrived: list[tuple[int, bytes]] = []
    on_virtual_time(main())
    assert arrived == expected


def test_each_end_names_itself_and_its_peer() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        for end, here, there in (
            (pair.line.client, HERE, THERE),
            (pair.line.server, THERE, HERE),
        ):
            named = end.get_extra_info("sockname"), end.get_extra_info("peername")
            assert named == (here, there)
            assert end.get_extra_info("socket") is None

    on_virtual_time(main())


def test_what_arrives_before_an_end_is_taken_is_heard_after() -> None:
    async def main() -> None:
        line = Line(Cable(latency_ns=MS), HERE, THERE)
        server, client = Ear(), Ear()
        line.server.begin(server)
        line.server.write(b"hello")
        await asyncio.sleep(1)
        line.client.begin(client)
        assert client.heard == []
        await client.hears(b"hello")

    on_virtual_time(main())


def test_a_close_arrives_after_what_was_written() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.server.write(b"last words")
        pair.line.server.close()
        assert pair.line.server.is_closing()
        pair.line.server.write(b"lost")
        assert await pair.server.ends_with() is None
        assert await pair.client.ends_with() is None
        assert (pair.client.all, pair.client.eof) == (b"last words", 1)
        assert not pair.line.stands

    on_virtual_time(main())


def test_nothing_can_be_said_after_the_word_that_nothing_will_be() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.write_eof()
        with pytest.raises(RuntimeError, match="after write_eof"):
            pair.line.client.write(b"but")

    on_virtual_time(main())


def test_an_abort_is_a_reset_to_the_peer() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.server.write(b"half a fra")
        pair.line.server.abort()
        pair.line.server.abort()
        assert await pair.server.ends_with() is None
        end = await pair.client.ends_with()
        assert (type(end), str(end)) == (
            ConnectionResetError,
            "[Errno 104] Connection reset by peer",
        )
        assert (pair.client.all, pair.client.eof) == (b"half a fra", 0)

    on_virtual_time(main())


def test_an_end_that_has_closed_hears_nothing_more() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.write(b"too late")
        pair.line.server.close()
        await pair.server.ends_with()
        await asyncio.sleep(1)
        assert pair.server.heard == []

    on_virtual_time(main())


def test_a_client_that_says_it_has_nothing_more_to_say_is_closed_by_default() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        assert pair.line.client.can_write_eof()
        pair.line.client.write_eof()
        pair.line.client.write_eof()
        assert await pair.server.ends_with() is None
        assert await pair.client.ends_with() is None
        assert (pair.server.eof, pair.client.eof) == (1, 1)

    on_virtual_time(main())


def test_ib_asyncs_way_to_disconnect_ends_both_ends_once() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.write_eof()
        pair.line.client.close()
        pair.line.client.close()
        await asyncio.sleep(1)
        assert (pair.client.ends, pair.server.ends) == ([None], [None])

    on_virtual_time(main())


def test_an_end_that_may_stay_half_closed_hears_each_end_of_the_other_once() -> None:
    class Stays(Ear):
        def eof_received(self) -> bool:
            self.eof += 1
            return True

    async def main() -> None:
        line = Line(Cable(), HERE, THERE)
        client, server = Ear(), Stays()
        line.server.begin(server)
        line.client.begin(client)
        line.client.write_eof()
        await asyncio.sleep(1)
        line.server.write(b"still talking")
        await client.hears(b"still talking")
        line.client.close()
        await asyncio.sleep(1)
        line.client.abort()
        await asyncio.sleep(1)
        assert (server.eof, server.ends, client.ends) == (1, [], [None])

    on_virtual_time(main())


def test_what_has_arrived_before_a_cut_can_still_be_read() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.pause_reading()
        pair.line.server.write(b"arrived")
        await asyncio.sleep(1)
        pair.line.cut()
        pair.line.client.resume_reading()
        await pair.client.hears(b"arrived")

    on_virtual_time(main())


def test_a_cut_line_is_half_open() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.write(b"on its way")
        pair.line.cut()
        pair.line.server.write(b"nobody hears")
        await asyncio.sleep(3600)
        assert (pair.client.heard, pair.server.heard) == ([], [])
        assert (pair.client.ends, pair.server.ends) == ([], [])
        assert pair.line.server.get_write_buffer_size() == len(b"nobody hears")
        pair.line.client.close()
        assert await pair.client.ends_with() is None
        await asyncio.sleep(3600)
        assert pair.server.ends == []
        assert pair.line.stands

    on_virtual_time(main())


def test_a_reset_line_ends_both_ends_at_once() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.write(b"on its way")
        pair.line.reset()
        pair.line.reset()
        assert isinstance(await pair.client.ends_with(), ConnectionResetError)
        assert isinstance(await pair.server.ends_with(), ConnectionResetError)
        assert pair.server.heard == []

    on_virtual_time(main())


def test_an_end_that_does_not_read_leaves_it_to_the_peer() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.pause_reading()
        assert not pair.line.client.is_reading()
        pair.line.server.write(b"one")
        pair.line.server.write(b"two")
        await asyncio.sleep(1)
        assert pair.client.heard == []
        assert pair.line.server.get_write_buffer_size() == 6
        pair.line.client.resume_reading()
        await pair.client.hears(b"onetwo")
        assert pair.line.server.get_write_buffer_size() == 0

    on_virtual_time(main())


def test_reading_can_stop_between_two_pieces() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        pair.line.client.pause_reading()
        for word in (b"one", b"two"):
            pair.line.server.write(word)
        await asyncio.sleep(1)

        def hear_once(data: bytes) -> None:
            pair.client.heard.append(data)
            pair.line.client.pause_reading()

        pair.client.data_received = hear_once  # type: ignore[method-assign]
        pair.line.client.resume_reading()
        await asyncio.sleep(1)
        assert pair.client.heard == [b"one"]

    on_virtual_time(main())


def test_streams_of_asyncio_speak_over_it() -> None:
    async def main() -> None:
        pair = Pair(Cable())
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        pair.line.client.set_protocol(protocol)
        protocol.connection_made(pair.line.client)
        assert pair.line.client.get_protocol() is protocol
        writer = asyncio.StreamWriter(pair.line.client, protocol, reader, running())
        writer.write(b"question")
        await writer.drain()
        await pair.server.hears(b"question")
        pair.line.server.write(b"answer")
        pair.line.server.close()
        assert await reader.read() == b"answer"
        writer.close()
        await writer.wait_closed()

    on_virtual_time(main())
