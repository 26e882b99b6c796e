"""Faults for the orders of one reference: the whole gateway, spoken to in bytes."""

from decimal import Decimal
from json import loads

import pytest

from backstay.gateway.faults.names import CATALOGUE
from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.order_replies import CompletedOrder
from backstay.gateway.messages.requests import RequestCompletedOrders
from tests.gateway.faults.byte_client import ByteClient, Scene, planned

PICKED = "bs1:6PMWYKXY:0:EN"
BY_REFERENCE = [fault.name for fault in CATALOGUE if fault.picks_reference]


def day(scene: Scene, reference: str, first_client: int = 1) -> None:
    """An order that is changed and cancelled, one that fills, and one that sells short."""
    clients = [scene.join(first_client + number) for number in range(3)]
    terms = {"order_ref": reference, "quantity": Decimal(200)}
    market = {**terms, "order_type": "MKT", "limit_price": None}
    clients[0].place(1, **terms)
    scene.pass_time(0.2)
    clients[0].place(1, **terms | {"limit_price": Decimal(91)})
    clients[0].cancel(1)
    clients[1].place(1, **market)
    clients[2].place(1, **market | {"action": "SELL", "quantity": Decimal(500)})
    scene.pass_time(60)


def strikes(name: str, *references: str) -> int:
    """How often it strikes on the days of orders with these references."""
    scene = Scene(rule(name, reference=PICKED))
    for number, reference in enumerate(references):
        day(scene, reference, 10 * number + 1)
    return scene.gateway.faults.counts[name]


@pytest.mark.parametrize("name", BY_REFERENCE)
def test_a_rule_for_a_reference_strikes_its_orders_and_no_others(name: str) -> None:
    alone = strikes(name, PICKED + ":1")
    assert alone > 0
    others = ("bs1:6PMWYKXY:0:PR:1", "bs1:0CHZXPWR:0:EN:1", "a-bs1:6PMWYKXY:0:EN:1", "")
    assert strikes(name, *others) == 0


@pytest.mark.parametrize("name", ["cancel-refused", "cancel-unanswered"])
def test_a_cancel_is_about_the_order_that_the_client_means(name: str) -> None:
    scene = Scene(rule(name, reference=PICKED))
    ours, another = scene.join(1), scene.join(2)
    another.place(1, order_ref=PICKED + ":1")
    before = scene.gateway.faults.counts[name]
    ours.place(1, order_ref="mine")
    ours.cancel(1)
    ours.cancel(9)
    assert scene.gateway.faults.counts[name] == before
    another.cancel(1)
    assert scene.gateway.faults.counts[name] == before + 1


def test_a_fault_that_can_strike_by_itself_waits_for_the_order_that_is_picked() -> None:
    scene = Scene(rule("half-open", at="+1s", reference=PICKED))
    client = scene.join()
    scene.pass_time(10)
    assert scene.gateway.faults.counts["half-open"] == 0
    client.place(1, order_ref=PICKED + ":1")
    assert scene.gateway.faults.counts["half-open"] == 1


def test_a_late_order_is_placed_at_once_and_told_to_who_asks_on_another_connection() -> None:
    scene, client = planned("placement-acknowledged-late", reference=PICKED, delay="15s", count=1)
    client.place(1, order_type="MKT", limit_price=None, order_ref=PICKED + ":1")
    written = [loads(line) for line in scene.audit]
    (fault,) = [line for line in written if line["what"] == "fault"]
    assert (fault["name"], fault["ref"]) == ("placement-acknowledged-late", PICKED + ":1")
    assert written[-1]["t"] - fault["t"] == 0
    assert [line["ref"] for line in written if line["what"] == "execution"] == [PICKED + ":1"]
    assert client.all() == []
    client.leave()
    assert told(scene.join()) == ["Filled"]


def told(client: ByteClient) -> list[str]:
    """The statuses of what is over, for a client that asks."""
    client.all()
    client.ask(RequestCompletedOrders(api_only=False))
    return [completed.status.value for completed in client.heard(CompletedOrder)]
