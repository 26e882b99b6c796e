"""Short sales that are held until shares are found: which are, when, and for how long."""

import pytest

from backstay.gateway.faults.plan import rule
from tests.gateway.faults.worlds import World, held, placing


def test_a_short_sale_is_denied_the_borrow_before_it_is_placed_and_found_shares_later() -> None:
    world = World(rule("held-for-locate", nth=2, delay="30s"))
    done_when_handled: list[int] = []
    peer = world.join(handle=lambda _: done_when_handled.append(len(world.exchange.done)))
    done_when_handled.clear()
    for order_id, action in ((5, "SELL"), (6, "BUY"), (7, "SELL")):
        peer.passage.receive(placing(order_id, action=action))
    peer.passage.dropped()
    assert done_when_handled == [0, 0, 1]
    assert world.struck == [("held-for-locate", "order 7 ref")]
    world.pass_time(29.999)
    assert world.exchange.done == [("deny borrow", 1)]
    world.pass_time(0.001)
    assert world.exchange.done == [("deny borrow", 1), ("locate", 1)]


def test_shares_for_a_short_sale_may_never_be_found() -> None:
    world = World(rule("held-for-locate", then="never"))
    world.join().passage.receive(placing(5, action="SELL"))
    world.pass_time(3600)
    assert world.exchange.done == [("deny borrow", 1)]


def test_what_is_no_new_short_sale_is_denied_no_borrow() -> None:
    world = World(rule("held-for-locate"))
    world.exchange.living = (held(order_id=5),)
    peer, other = world.join(), world.join(client=2, conn=2)
    peer.passage.receive(placing(5, action="SELL"))
    peer.passage.receive(placing(6, action="SELL", what_if=True))
    other.passage.receive(placing(8, action="SELL"))
    peer.passage.receive(placing(9))
    assert (world.exchange.done, world.struck) == ([], [])
    assert (len(peer.handled), len(other.handled)) == (3, 1)


@pytest.mark.parametrize("name", ["placement-swallowed", "order-rejected"])
def test_a_short_sale_that_is_not_placed_is_denied_no_borrow(name: str) -> None:
    world = World(rule("held-for-locate"), rule(name))
    world.join().passage.receive(placing(7, action="SELL"))
    assert (world.exchange.done, world.names()) == ([], [name])


def test_an_order_of_nobody_is_denied_no_borrow() -> None:
    world = World(rule("held-for-locate"))
    peer = world.join(client=None)
    peer.passage.receive(placing(5, action="SELL"))
    assert (world.exchange.done, len(peer.handled)) == ([], 1)
