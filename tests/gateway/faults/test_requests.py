"""Requests on their way in: what reaches the client's handler, and what is said instead."""

from dataclasses import replace

import pytest

from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.messages.replies import NO_REQUEST, CurrentTime, Notice
from backstay.gateway.messages.requests import (
    CancelAll,
    CancelOrder,
    PlaceOrder,
    Request,
    RequestCurrentTime,
    RequestExecutions,
    RequestMarketDataType,
    RequestPositions,
    StartApi,
)
from backstay.gateway.profile import PESSIMISTIC
from backstay.gateway.values.state import Status
from tests.gateway.faults.worlds import ONE, START_NS, Peer, World, held, placing, status

READ_ONLY = (
    "Error validating request.-'bR' : cause - The API interface is currently in Read-Only mode."
)


def test_a_swallowed_order_is_not_placed_and_nothing_is_said() -> None:
    world = World(rule("placement-swallowed", nth=2))
    peer = world.join()
    for order_id in (5, 6, 7):
        peer.passage.receive(placing(order_id))
    assert peer.handled == [placing(5), placing(7)]
    assert peer.wire.take() == []
    assert world.struck == [("placement-swallowed", "order 6 ref")]


def test_the_nth_order_is_rejected() -> None:
    world = World(rule("order-rejected", nth=3, code=202, text="no"))
    peer = world.join()
    for order_id in (5, 6, 7, 8):
        peer.passage.receive(placing(order_id))
    assert peer.handled == [placing(5), placing(6), placing(8)]
    assert peer.wire.take() == [Notice(7, 202, "no")]


def test_a_rejection_has_ibs_code_and_words() -> None:
    peer = World(rule("order-rejected")).join()
    peer.passage.receive(placing(5))
    (said,) = peer.wire.take()
    text = "Order rejected - reason:The order was rejected by the exchange."
    assert said == Notice(5, 201, text)


@pytest.mark.parametrize("name", ["placement-swallowed", "order-rejected"])
def test_a_modify_and_a_what_if_are_no_new_orders(name: str) -> None:
    world = World(rule(name))
    world.exchange.living = (held(order_id=5, client=1), held(order_id=6, client=2))
    peer = world.join()
    preview = placing(9, what_if=True)
    peer.passage.receive(placing(5))
    peer.passage.receive(preview)
    peer.passage.receive(placing(6))
    assert peer.handled == [placing(5), preview]
    assert world.names() == [name]


def test_more_than_the_freeze_quantity_is_rejected_also_by_a_modify() -> None:
    world = World(rule("freeze-quantity", above=100))
    world.exchange.living = (held(order_id=7),)
    peer = world.join()
    just, over, modify = (
        placing(5, quantity=100),
        placing(6, quantity=101),
        placing(7, quantity=101),
    )
    for request in (just, over, modify):
        peer.passage.receive(request)
    text = "Order rejected - reason:The order size exceeds the freeze quantity of 100."
    assert peer.handled == [just]
    assert peer.wire.take() == [Notice(6, 201, text), Notice(7, 201, text)]


def test_a_freeze_quantity_can_strike_rarely() -> None:
    peer = World(rule("freeze-quantity", above=1, nth=2)).join()
    for order_id in (5, 6, 7):
        peer.passage.receive(placing(order_id))
    assert peer.handled == [placing(5), placing(7)]


@pytest.mark.parametrize(("age_seconds", "is_refused"), [(0, True), (0.499, True), (0.5, False)])
def test_a_modify_is_refused_within_its_time_only(age_seconds: float, is_refused: bool) -> None:
    world = World(rule("fast-modify-refused", within="500ms"))
    world.exchange.living = (held(order_id=5, changed_ns=START_NS),)
    peer = world.join()
    world.pass_time(age_seconds)
    peer.passage.receive(placing(5))
    assert peer.handled == ([] if is_refused else [placing(5)])
    assert peer.wire.take() == ([Notice(5, 103, "Duplicate order id")] if is_refused else [])


def test_a_modify_can_leave_a_second_perm_id_behind() -> None:
    world = World(rule("second-perm-id", nth=2))
    exchange = world.exchange
    exchange.living = (held(900, order_id=5),)
    changed = held(900, order_id=5)
    done_when_handled: list[int] = []

    def handle(request: Request) -> None:
        if not isinstance(request, PlaceOrder):
            return
        done_when_handled.append(len(exchange.done))
        if request.order.limit_price:
            order = replace(changed.order, limit_price=request.order.limit_price)
            exchange.known[900] = replace(changed, order=order)
        elif request.order_id == 5:
            exchange.known[900] = changed

    peer = world.join(handle=handle)
    for request in (
        placing(5, limit_price=ONE),
        placing(5),
        placing(4, limit_price=ONE),
        placing(5, limit_price=ONE + ONE),
    ):
        peer.passage.receive(request)
    assert len(peer.handled) == 4
    assert exchange.done == [("fork", 900)]
    assert done_when_handled[-1] == 0


def test_a_modify_of_what_is_gone_leaves_nothing() -> None:
    world = World(rule("second-perm-id"))
    world.exchange.living = (held(900, order_id=5),)
    world.join().passage.receive(placing(5))
    assert (world.exchange.done, world.struck) == ([], [])


def test_a_refused_cancel_leaves_the_order_alone() -> None:
    peer = World(rule("cancel-refused", nth=1)).join()
    peer.passage.receive(CancelOrder(5))
    peer.passage.receive(CancelOrder(5))
    assert peer.handled == [CancelOrder(5)]
    text = "Cancel attempted when order is not in a cancellable state."
    assert peer.wire.take() == [Notice(5, 161, text)]


def test_an_unanswered_cancel_is_carried_out_later_also_when_the_client_has_gone() -> None:
    world = World(rule("cancel-unanswered", delay="30s"))
    peer = world.join(client=4)
    peer.passage.receive(CancelOrder(5))
    peer.passage.dropped()
    world.pass_time(29.999)
    assert world.exchange.done == []
    world.pass_time(0.001)
    assert world.exchange.done == [("cancel", 4, 5)]
    assert (peer.handled, peer.wire.take()) == ([], [])


def test_an_unanswered_cancel_can_be_lost() -> None:
    world = World(rule("cancel-unanswered", then="never"))
    peer = world.join()
    peer.passage.receive(CancelOrder(5))
    world.pass_time(3600)
    assert (peer.handled, world.exchange.done) == ([], [])


def test_a_read_only_api_refuses_what_would_change_something() -> None:
    world = World(rule("read-only", between=["+10s", "+20s"]))
    peer = world.join()
    peer.passage.receive(placing(4))
    world.pass_time(10)
    for request in (placing(5), CancelOrder(5), CancelAll(), RequestPositions()):
        peer.passage.receive(request)
    world.pass_time(10)
    peer.passage.receive(placing(6))
    assert peer.handled == [placing(4), RequestPositions(), placing(6)]
    refused = [Notice(5, 321, READ_ONLY)] * 2 + [Notice(NO_REQUEST, 321, READ_ONLY)]
    assert peer.wire.take() == refused


def test_who_tells_of_an_order_that_a_read_only_api_refuses_names_it() -> None:
    world = World(rule("read-only"))
    peer = world.join()
    peer.passage.receive(placing(5, order_ref="bs1:AAAAAAAA:0:XS:1"))
    peer.passage.receive(CancelOrder(5))
    assert world.struck == [
        ("read-only", "order 5 bs1:AAAAAAAA:0:XS:1"),
        ("read-only", "order 5"),
    ]


def test_all_is_cancelled_where_nothing_forbids_it() -> None:
    peer = World(rule("cancel-refused")).join()
    peer.passage.receive(CancelAll())
    assert peer.handled == [CancelAll()]


def test_a_request_of_a_kind_is_never_answered() -> None:
    world = World(rule("request-unanswered", kinds=["reqExecutions"], nth=1))
    peer = world.join()
    for _ in range(2):
        peer.passage.receive(RequestPositions())
        peer.passage.receive(RequestExecutions(3))
    world.pass_time(3600)
    assert peer.handled == [RequestPositions(), RequestPositions(), RequestExecutions(3)]
    assert world.struck == [("request-unanswered", "reqExecutions of client 1")]


@pytest.mark.parametrize("name", ["request-unanswered", "answers-slow"])
def test_what_asks_for_nothing_is_always_carried_out(name: str) -> None:
    peer = World(rule(name)).join()
    given = RequestMarketDataType(3), placing(5), CancelOrder(5)
    for request in given:
        peer.passage.receive(request)
    assert peer.handled == list(given)


def test_a_slow_answer_lets_others_pass() -> None:
    world = World(rule("answers-slow", kinds=["reqPositions"], delay="5s"))
    peer = world.join()
    peer.passage.receive(RequestPositions())
    peer.passage.receive(RequestCurrentTime())
    world.pass_time(4.999)
    assert peer.handled == [RequestCurrentTime()]
    world.pass_time(0.001)
    assert peer.handled == [RequestCurrentTime(), RequestPositions()]


def test_a_slow_answer_comes_to_nobody_once_the_client_has_gone() -> None:
    world = World(rule("answers-slow"))
    peer = world.join()
    peer.passage.receive(RequestPositions())
    peer.passage.dropped()
    world.pass_time(60)
    assert peer.handled == []


@pytest.mark.parametrize(
    ("plan", "handled", "said"),
    [
        (rule("reset-before-frame", nth=2), 1, ["reset: before a frame was read"]),
        (
            rule("reset-before-frame", kinds=["placeOrder"], nth=1),
            1,
            ["reset: before a frame was read"],
        ),
        (rule("reset-mid-frame", kinds=["in"], nth=2), 1, ["reset: after half a frame"]),
        (
            rule("reset-after-frame", kinds=["placeOrder"]),
            2,
            ["answer", "reset: after a frame was carried out"],
        ),
    ],
    ids=["before", "before one kind", "mid", "after"],
)
def test_a_reset_stands_where_it_was_planned(plan: Rule, handled: int, said: list[str]) -> None:
    world = World(plan)
    given = RequestPositions(), placing(5), RequestPositions()
    peers: list[Peer] = []

    def handle(request: Request) -> None:
        if request == given[1]:
            peers[0].wire.said.append("answer")

    peers.append(Peer(world, 1, handle))
    for request in given:
        peers[0].passage.receive(request)
    assert peers[0].handled == list(given[:handled])
    assert peers[0].wire.take() == said
    peers[0].passage.send(CurrentTime(1))
    assert peers[0].wire.take() == []


def test_a_half_open_socket_is_silent_and_deaf_until_it_is_noticed() -> None:
    world = World(rule("half-open", nth=2, lasting="60s"))
    peer = world.join()
    peer.passage.receive(RequestPositions())
    peer.passage.receive(placing(5))
    peer.passage.receive(StartApi(1))
    assert world.names() == ["half-open"]
    peer.passage.send(status(5, Status.FILLED))
    world.pass_time(59.999)
    assert (peer.handled, peer.wire.take()) == ([], [])
    world.pass_time(0.001)
    assert peer.wire.take() == ["closed: half open for too long"]


def test_a_client_id_that_connects_again_can_find_its_ids_rolled_back() -> None:
    world = World(rule("ids-roll-back", kinds=["reconnect"], by=5))
    done_when_handled: list[int] = []
    first = world.join(client=1, conn=1)
    world.join(client=2, conn=2)
    first.passage.dropped()
    assert world.exchange.done == []
    again = Peer(world, 3, lambda _: done_when_handled.append(len(world.exchange.done)))
    again.passage.receive(StartApi(1))
    assert world.exchange.done == [("roll back", 5)]
    assert done_when_handled == [1]


def test_a_client_id_can_linger_after_its_connection() -> None:
    world = World(rule("client-id-lingers", client=1, lasting="30s"))
    first, other, intruder = world.join(1, 1), world.join(2, 2), world.join(1, 3)
    intruder.passage.dropped()
    other.passage.dropped()
    assert world.front.done == []
    first.passage.dropped()
    assert world.front.done == [("linger", 1, 30_000_000_000)]


def test_a_connection_that_is_refused_a_lingering_id_makes_it_linger_no_longer() -> None:
    world = World(rule("client-id-lingers"), rule("ids-roll-back"))
    world.join(1, 1).passage.dropped()
    done = world.front.done[:]
    world.front.claimed.append(1)
    world.join(1, 2).passage.dropped()
    assert (world.front.done, world.exchange.done) == (done, [])
    world.front.claimed.clear()
    world.join(1, 3).passage.dropped()
    assert (world.front.done, world.exchange.done) == (done * 2, [("roll back", 10)])


def test_a_connection_that_never_said_who_it_is_leaves_nothing() -> None:
    world = World(rule("client-id-lingers"))
    world.join(client=None).passage.dropped()
    assert world.front.done == []


def unread(seed: int, count: int = 6) -> list[Request]:
    """What of so many orders is handled when the connection drops right behind them."""
    world = World(profile=PESSIMISTIC, seed=seed)
    peer = world.join()
    for order_id in range(count):
        peer.passage.receive(placing(order_id))
    assert peer.handled == []
    peer.passage.dropped()
    world.pass_time(10)
    return peer.handled


def test_what_was_written_just_before_a_drop_may_be_read_up_to_any_frame() -> None:
    orders = [placing(order_id) for order_id in range(6)]
    read = [unread(seed) for seed in range(100)]
    assert all(found == orders[: len(found)] for found in read)
    assert {len(found) for found in read} == set(range(7))
    assert unread(3) == unread(3)


def test_what_was_read_in_time_is_not_in_doubt() -> None:
    world = World(profile=PESSIMISTIC)
    peer = world.join()
    peer.passage.receive(RequestPositions())
    peer.passage.receive(placing(5))
    peer.passage.receive(RequestCurrentTime())
    assert peer.handled == [RequestPositions()]
    world.pass_time(0.000_999)
    assert peer.handled == [RequestPositions()]
    world.pass_time(0.000_001)
    peer.passage.dropped()
    assert peer.handled == [RequestPositions(), placing(5), RequestCurrentTime()]


def test_in_the_easy_profile_everything_that_arrived_was_read() -> None:
    peer = World(rule("cancel-refused")).join()
    peer.passage.receive(placing(5))
    assert peer.handled == [placing(5)]
    peer.passage.dropped()
    peer.passage.receive(placing(6))
    assert peer.handled == [placing(5)]


def test_a_reset_loses_what_stood_behind_it() -> None:
    world = World(rule("reset-before-frame", kinds=["placeOrder"]), profile=PESSIMISTIC)
    peer = world.join()
    for order_id in (5, 6):
        peer.passage.receive(placing(order_id))
    world.pass_time(1)
    peer.passage.dropped()
    assert (peer.handled, peer.wire.take()) == ([], ["reset: before a frame was read"])


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_read_behind_a_frame_that_breaks_off_while_last_words_are(seed: int) -> None:
    world = World(rule("reset-before-frame", nth=2), profile=PESSIMISTIC, seed=seed)
    peer = world.join()
    for order_id in range(6):
        peer.passage.receive(placing(order_id))
    peer.passage.dropped()
    assert peer.handled == []
