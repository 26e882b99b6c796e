"""Frames on their way out, the farms behind them, and the way past all of it."""

import pytest

from backstay.gateway.faults.outbound import framed
from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.replies import CurrentTime
from backstay.gateway.messages.requests import RequestPositions
from backstay.gateway.profile import PESSIMISTIC
from tests.gateway.faults.test_ticks import BID, tick
from tests.gateway.faults.worlds import Peer, World, placing

ONE, TWO, THREE = CurrentTime(1), CurrentTime(2), CurrentTime(3)


@pytest.mark.parametrize(
    ("shape", "payload"), [("unknown-id", b"9999\0001\000"), ("cut-short", b"3\0007\000")]
)
def test_garbage_comes_whole_and_before_a_reply(shape: str, payload: bytes) -> None:
    peer = World(rule("garbage-frame", shape=shape, nth=2)).join()
    peer.passage.send(ONE)
    peer.passage.send(TWO)
    assert peer.wire.take() == [ONE, framed(payload), TWO]


def test_noise_is_a_frame_of_any_bytes_the_same_for_the_same_seed() -> None:
    def noise(seed: int) -> object:
        peer = World(rule("garbage-frame"), seed=seed).join()
        peer.passage.send(ONE)
        found, reply = peer.wire.take()
        assert isinstance(found, bytes)
        assert 1 <= int.from_bytes(found[:4], "big") == len(found) - 4 <= 64
        assert reply == ONE
        return found

    assert noise(1) == noise(1) != noise(2)


def test_an_oversized_frame_announces_more_than_a_client_takes() -> None:
    peer = World(rule("oversized-frame", nth=1)).join()
    peer.passage.send(ONE)
    assert peer.wire.take() == [b"\x01\x00\x00\x004\0002\000", ONE]
    large = World(rule("oversized-frame", bytes=2**32 - 1)).join()
    large.passage.send(ONE)
    assert large.wire.take()[0] == b"\xff\xff\xff\xff4\0002\000"


def test_a_frame_can_break_off_and_nothing_comes_after_it() -> None:
    world = World(rule("reset-mid-frame", kinds=["out"], nth=2))
    peer = world.join()
    for reply in (ONE, TWO, THREE):
        peer.passage.send(reply)
    whole = peer.wire.encoded(TWO)
    first, half, ended = peer.wire.take()
    assert (first, ended) == (ONE, "closed: in the middle of a frame")
    assert isinstance(half, bytes)
    assert 0 < len(half) < len(whole)
    assert whole.startswith(half)


def test_a_tick_is_a_frame_too() -> None:
    peer = World(rule("garbage-frame", nth=1, shape="unknown-id")).join()
    peer.passage.send(tick(BID, "190"))
    assert peer.wire.take() == [framed(b"9999\0001\000"), tick(BID, "190")]


def test_with_broken_farms_no_tick_passes_and_everything_else_does() -> None:
    world = World(rule("farm-broken", at="+1s"))
    peer = world.join()
    world.passages.farms.break_down()
    world.passages.farms.break_down()
    world.passages.farms.mend()
    peer.passage.send(tick(BID, "190"))
    peer.passage.send(ONE)
    assert peer.wire.take() == [ONE]
    world.passages.farms.mend()
    peer.passage.send(tick(BID, "191"))
    assert peer.wire.take() == [tick(BID, "191")]


def test_without_a_plan_nothing_stands_in_the_way() -> None:
    peer = Peer(World(), 1)
    assert peer.passage.send == peer.wire.deliver
    assert peer.passage.receive == peer._handle
    peer.passage.dropped()


def test_without_a_plan_only_last_words_are_looked_after() -> None:
    world = World(profile=PESSIMISTIC)
    peer = Peer(world, 1)
    assert peer.passage.send == peer.wire.deliver
    peer.passage.receive(RequestPositions())
    peer.passage.receive(placing(5))
    world.pass_time(1)
    assert peer.handled == [RequestPositions(), placing(5)]


def test_a_request_before_anybody_is_there_is_a_mistake() -> None:
    world = World()
    passage = world.passages.join(1, Peer(world, 2).wire)
    with pytest.raises(AssertionError, match="RequestPositions"):
        passage.receive(RequestPositions())


def test_a_client_can_fall_half_open_by_the_clock() -> None:
    world = World(rule("half-open", at="+1s", client=2))
    first, second, nobody = world.join(1, 1), world.join(2, 2), world.join(None, 3)
    world.passages.fall_half_open(2, 1_000_000_000)
    for peer in (first, second, nobody):
        peer.passage.send(ONE)
    assert [peer.wire.take() for peer in (first, second, nobody)] == [[ONE], [], [ONE]]
    world.passages.fall_half_open(None, 1_000_000_000)
    for peer in (first, nobody):
        peer.passage.send(TWO)
    assert [peer.wire.take() for peer in (first, nobody)] == [[], [TWO]]
