"""The actor: what it does to the exchange, the front and the gateway, and when."""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from backstay.gateway.events import (
    CashChanged,
    Event,
    Executed,
    OrderChanged,
    PositionChanged,
)
from backstay.gateway.faults.mischief import Mischief, Rooms, next_local
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.messages.replies import CurrentTime
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from tests.gateway.faults.worlds import (
    AAPL,
    MSFT,
    ONE,
    ZERO,
    Accounts,
    Held,
    Host,
    Market,
    World,
    execution,
    held,
)


class Scene(World):
    """A world with the actor in it."""

    def __init__(self, *plan: Rule, seed: int = 7) -> None:
        super().__init__(*plan, seed=seed)
        self.accounts, self.host = Accounts(), Host()
        rooms = Rooms(self.exchange, Market(), self.accounts, self.front, self.host)
        self.mischief = Mischief(self.faults, self.agenda, self.passages, rooms)
        self.mischief.start()

    def tell(self, *events: Event) -> None:
        for event in events:
            self.mischief.on_event(event)

    def execute(self, exec_id: str) -> None:
        """A fill that the exchange remembers."""
        done = execution(exec_id)
        self.exchange.fills.append((AAPL, done))
        self.tell(Executed(AAPL, done))


def cancelled(perm_id: int = 900, filled: int = 0) -> OrderChanged:
    return OrderChanged(held(perm_id, status=Status.CANCELLED, filled=filled), reworded=False)


def position(quantity: int = 100, account: str = "DU1") -> PositionChanged:
    return PositionChanged(account, AAPL, Decimal(quantity), ONE)


@pytest.mark.parametrize(
    ("share", "filled", "quantity"),
    [("1", 0, 100), ("1", 30, 70), ("0.25", 0, 25), ("0.001", 0, 1)],
)
def test_a_cancelled_order_fills_all_the_same(share: str, filled: int, quantity: int) -> None:
    scene = Scene(rule("fill-after-cancel", delay="2s", share=share))
    event = cancelled(filled=filled)
    scene.exchange.known[900] = event.held
    scene.tell(event)
    scene.pass_time(1.999)
    assert scene.exchange.done == []
    scene.pass_time(0.001)
    assert scene.exchange.done == [("fill anyway", 900, Decimal(quantity))]


def test_a_cancelled_order_is_one_occasion_however_often_it_is_told() -> None:
    scene = Scene(rule("fill-after-cancel", nth=2, delay="0s"))
    scene.exchange.known = {900: held(900), 901: held(901), 902: held(902)}
    scene.tell(cancelled(900), cancelled(900), cancelled(902, filled=100), cancelled(901))
    scene.tell(OrderChanged(held(903, status=Status.FILLED), reworded=False))
    scene.pass_time(1)
    assert scene.exchange.done == [("fill anyway", 901, Decimal(100))]


def test_a_forgotten_order_fills_no_more() -> None:
    scene = Scene(rule("fill-after-cancel"))
    scene.tell(cancelled())
    scene.pass_time(60)
    assert scene.exchange.done == []


def test_only_so_many_cancelled_orders_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backstay.gateway.faults.mischief.CANCELLED_MAX", 2)
    scene = Scene(rule("fill-after-cancel"))
    for perm_id in (900, 901, 901, 902, 901, 900):
        scene.tell(cancelled(perm_id))
    struck = [subject for _, subject in scene.struck]
    assert struck == ["permId 900", "permId 901", "permId 902", "permId 900"]


def test_nothing_happens_inside_the_telling() -> None:
    scene = Scene(rule("fill-after-cancel", delay="0s"), rule("execution-busted", delay="0s"))
    scene.exchange.known[900] = held(900)
    scene.tell(cancelled())
    scene.execute("a.01")
    assert scene.exchange.done == []
    scene.pass_time(0)
    assert len(scene.exchange.done) == 2


def test_an_execution_is_corrected_in_price_and_quantity() -> None:
    plan = rule("execution-corrected", nth=2, delay="2s", price_by="-0.05", quantity_by=-3)
    scene = Scene(plan)
    scene.execute("a.01")
    scene.execute("b.01")
    scene.pass_time(2)
    expected = [("correct", "b.01", Decimal("190.20"), Decimal(7))]
    assert scene.exchange.done == expected


def test_a_correction_takes_no_more_than_there_is() -> None:
    scene = Scene(rule("execution-corrected", quantity_by=-30))
    scene.execute("a.01")
    scene.pass_time(2)
    assert scene.exchange.done == [("correct", "a.01", Decimal("190.26"), ZERO)]


def test_an_execution_is_busted() -> None:
    scene = Scene(rule("execution-busted", delay="2s"))
    scene.execute("a.01")
    scene.pass_time(2)
    assert scene.exchange.done == [("bust", "a.01")]


@pytest.mark.parametrize("name", ["execution-corrected", "execution-busted"])
def test_a_correction_is_not_corrected_and_what_is_forgotten_stays(name: str) -> None:
    scene = Scene(rule(name))
    scene.tell(Executed(AAPL, execution("a.02"), replaces="a.01"))
    assert scene.struck == []
    scene.tell(Executed(AAPL, execution("b.01")))
    scene.pass_time(60)
    assert scene.exchange.done == []
    assert scene.names() == [name]


def test_an_execution_has_one_fate() -> None:
    scene = Scene(rule("execution-corrected", delay="0s"), rule("execution-busted", delay="0s"))
    scene.execute("a.01")
    scene.pass_time(1)
    assert [name for name, *_ in scene.exchange.done] == ["correct"]


@pytest.mark.parametrize(
    ("limit", "order_type", "price"), [("0", "MKT", None), ("191.5", "LMT", Decimal("191.5"))]
)
def test_somebody_places_an_order_by_hand(
    limit: str, order_type: str, price: Decimal | None
) -> None:
    plan = rule("manual-order", at="+30s", side="SELL", quantity=50, limit=limit)
    scene = Scene(plan)
    scene.pass_time(60)
    order = Order(
        action="SELL", quantity=Decimal(50), order_type=order_type, limit_price=price, tif="DAY"
    )
    assert scene.exchange.done == [("by hand", "DU1", "AAPL", order)]
    assert scene.struck == [("manual-order", "the clock")]


def test_an_order_by_hand_names_its_account_and_needs_a_contract() -> None:
    scene = Scene(
        rule("manual-order", at="+1s", account="DU2"), rule("manual-order", at="+1s", symbol="ZZZ")
    )
    scene.pass_time(60)
    assert [(what, account) for what, account, *_ in scene.exchange.done] == [("by hand", "DU2")]


def test_somebody_closes_a_position_by_hand_when_the_time_has_come() -> None:
    scene = Scene(rule("manual-close", at="+30s", symbol="MSFT"))
    scene.accounts.held = [Held(AAPL, ONE), Held(MSFT, -ONE), Held(replace(MSFT, con_id=3), ZERO)]
    scene.pass_time(60)
    assert scene.exchange.done == [("close by hand", "DU1", 2)]


def test_which_of_several_positions_is_closed_is_a_matter_of_dice() -> None:
    def closed(seed: int) -> list[object]:
        scene = Scene(rule("manual-close", every="1s", count=20), seed=seed)
        scene.accounts.held = [Held(AAPL, ONE), Held(MSFT, ONE)]
        scene.pass_time(60)
        return [con_id for _, _, con_id in scene.exchange.done]

    assert set(closed(1)) == {1, 2}
    assert closed(1) == closed(1) != closed(2)


def test_where_nothing_is_open_nothing_is_closed() -> None:
    scene = Scene(rule("manual-close", at="+1s"), rule("manual-close", at="+1s", account="DU2"))
    scene.pass_time(60)
    assert scene.exchange.done == []


def test_a_position_is_closed_by_hand_soon_after_it_has_changed() -> None:
    scene = Scene(rule("manual-close", nth=1, delay="5s", symbol="AAPL", account="DU1"))
    scene.accounts.held = [Held(MSFT, ONE), Held(AAPL, Decimal(100))]
    other = PositionChanged("DU1", MSFT, ONE, ONE)
    scene.tell(position(0), other, position(account="DU2"), position())
    assert scene.struck == [("manual-close", "DU1 AAPL")]
    scene.pass_time(4.999)
    assert scene.exchange.done == []
    scene.pass_time(0.001)
    assert scene.exchange.done == [("close by hand", "DU1", 1)]


def test_a_position_that_is_flat_by_then_is_not_closed() -> None:
    scene = Scene(rule("manual-close", probability=1))
    scene.accounts.held = [Held(AAPL, ZERO)]
    scene.tell(position())
    scene.pass_time(60)
    assert scene.exchange.done == []


def test_what_is_no_occasion_is_heard_in_silence() -> None:
    scene = Scene(rule("manual-close", probability=1))
    scene.tell(CashChanged("DU1", "USD", ONE, ONE, "interest"), cancelled())
    Scene().tell(position())
    assert scene.struck == []


@pytest.mark.parametrize(("then", "back"), [("kept", 1102), ("lost", 1101)])
def test_the_gateway_loses_ib_and_finds_it_again(then: str, back: int) -> None:
    scene = Scene(rule("upstream-lost", at="+10s", lasting="20s", then=then))
    scene.pass_time(29.999)
    assert scene.front.done == [(1100,)]
    scene.pass_time(0.001)
    assert scene.front.done == [(1100,), (back,)]


def test_ib_is_back_when_its_last_loss_is_over() -> None:
    scene = Scene(rule("upstream-lost", every="10s", count=2, lasting="15s"))
    scene.pass_time(34.999)
    assert scene.front.done == [(1100,), (1100,)]
    scene.pass_time(0.001)
    assert scene.front.done == [(1100,), (1100,), (1102,)]


def test_a_competing_login_takes_the_data_until_the_last_one_has_gone() -> None:
    scene = Scene(rule("competing-login", every="10s", count=2, lasting="15s"))
    scene.pass_time(34.999)
    assert scene.front.done == [("compete", True)] * 2
    scene.pass_time(0.001)
    assert scene.front.done[-1] == ("compete", False)


def test_streams_die() -> None:
    scene = Scene(rule("stream-dead", at="+10s"))
    scene.pass_time(10)
    assert scene.front.done == [("streams dead",)]


def test_farms_break_and_return() -> None:
    scene = Scene(rule("farm-broken", at="+10s", lasting="30s"))
    scene.pass_time(10)
    assert scene.front.done == [
        (2103, "Market data farm connection is broken:usfarm"),
        (2105, "HMDS data farm connection is broken:ushmds"),
    ]
    assert scene.passages.farms.are_broken
    scene.pass_time(30)
    assert scene.front.done[2:] == [
        (2104, "Market data farm connection is OK:usfarm"),
        (2106, "HMDS data farm connection is OK:ushmds"),
        ("streams back",),
    ]
    assert not scene.passages.farms.are_broken


def test_farms_that_break_twice_let_streams_speak_once_both_breaks_are_over() -> None:
    breaks = (rule("farm-broken", at=at, lasting="30s") for at in ("+10s", "+20s"))
    scene = Scene(*breaks)
    scene.pass_time(49)
    assert ("streams back",) not in scene.front.done
    scene.pass_time(1)
    assert scene.front.done[-1] == ("streams back",)


def test_a_socket_falls_half_open_by_the_clock() -> None:
    scene = Scene(rule("half-open", at="+10s", client=1, lasting="5s"))
    first, second = scene.join(1, 1), scene.join(2, 2)
    scene.pass_time(10)
    for peer in (first, second):
        peer.passage.send(CurrentTime(1))
    assert [peer.wire.take() for peer in (first, second)] == [[], [CurrentTime(1)]]
    scene.pass_time(5)
    assert first.wire.take() == ["closed: half open for too long"]


def test_the_gateway_restarts_with_its_ids_rolled_back_or_not() -> None:
    scene = Scene(
        rule("nightly-restart", every="10s", count=2, down="30s"),
        rule("ids-roll-back", kinds=["restart"], nth=2, by=7),
    )
    scene.pass_time(10)
    assert (scene.host.restarts, scene.exchange.done) == ([30 * SECOND_NS], [])
    scene.pass_time(10)
    assert scene.host.restarts == [30 * SECOND_NS] * 2
    assert scene.exchange.done == [("roll back", 7)]


def test_the_gateway_restarts_every_night() -> None:
    scene = Scene()
    scene.mischief.start(time(23, 45))
    scene.pass_time(3 * 86_400)
    assert scene.host.restarts == [60 * SECOND_NS] * 3
    assert scene.struck == []


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T12:00", "2026-11-24T04:45"),
        ("2026-11-24T04:44:59", "2026-11-24T04:45"),
        ("2026-11-24T04:45", "2026-11-25T04:45"),
        ("2026-10-31T12:00", "2026-11-01T03:45"),
        ("2026-11-01T12:00", "2026-11-02T04:45"),
    ],
    ids=["later today", "in a second", "just now", "in summer", "after the clocks went back"],
)
def test_the_hour_is_new_yorks(now: str, due: str) -> None:
    def ns(text: str) -> int:
        return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))

    assert next_local(ns(now), time(23, 45)) == ns(due)
