"""Faults of links, prices and the gateway itself, seen from the client's side, in bytes."""

import json
from decimal import Decimal
from typing import Any

from backstay.gateway.faults.names import CATALOGUE
from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.data_replies import TickPrice
from backstay.gateway.messages.order_replies import (
    ExecutionDetails,
)
from backstay.gateway.messages.replies import CurrentTime, NextValidId, Notice
from backstay.gateway.messages.requests import (
    CancelMarketData,
    RequestCurrentTime,
    RequestIds,
    RequestMarketData,
)
from backstay.gateway.profile import PESSIMISTIC
from tests.gateway.faults import test_client_orders
from tests.gateway.faults.byte_client import (
    AAPL,
    ASK,
    BID,
    Scene,
    bids,
    living,
    planned,
    show,
    streaming,
)


def test_ids_roll_back() -> None:
    scene, client = planned("ids-roll-back", by=3)
    for order_id in range(1, 6):
        client.place(order_id)
    client.ask(RequestIds())
    assert client.next_id() == 6
    client.leave()
    assert scene.join().next_id() == 3


def test_reset_before_frame() -> None:
    scene, client = planned("reset-before-frame", kinds=["placeOrder"], nth=1)
    client.place(1)
    assert (client.ended, client.all()) == ("reset", [])
    client.leave()
    assert living(scene.join()) == []


def test_reset_after_frame() -> None:
    scene, client = planned("reset-after-frame", kinds=["placeOrder"], nth=1)
    client.place(1)
    assert (client.ended, client.all()) == ("reset", [])
    client.leave()
    assert len(living(scene.join())) == 1


def test_reset_mid_frame() -> None:
    _, client = planned("reset-mid-frame", kinds=["out"], nth=6)
    client.ask(RequestCurrentTime())
    assert client.all() == []
    assert client.ended == "closed"
    assert 0 < len(client.half) < 4 + len("49|1|1795446000|")
    inward = Scene(rule("reset-mid-frame", kinds=["in"], nth=2))
    client = inward.join()
    client.place(1)
    assert client.ended == "reset"
    assert living(inward.join(2)) == []


def test_client_id_lingers() -> None:
    scene, client = planned("client-id-lingers", lasting="30s")
    client.leave()
    again = scene.join()
    assert (again.codes(), again.ended) == ([326], "closed")
    again.leave()
    scene.pass_time(30)
    assert scene.join().heard(NextValidId)


def test_half_open() -> None:
    scene, client = planned("half-open", at="+10s", lasting="60s")
    scene.pass_time(10)
    client.ask(RequestCurrentTime())
    client.place(1)
    scene.pass_time(59)
    assert (client.all(), client.ended) == ([], "")
    assert scene.join().codes() == [326]
    scene.pass_time(1)
    assert client.ended == "closed"
    client.leave()
    assert living(scene.join()) == []


def test_garbage_frame() -> None:
    _, client = planned("garbage-frame", nth=6, shape="unknown-id")
    client.ask(RequestCurrentTime())
    complaint, answer = client.all()
    assert isinstance(complaint, str)
    assert isinstance(answer, CurrentTime)


def test_oversized_frame() -> None:
    _, client = planned("oversized-frame", nth=6)
    client.ask(RequestCurrentTime())
    assert client.all() == []
    assert client.half.startswith((16_777_216).to_bytes(4, "big"))


def test_tick_none() -> None:
    _, client = streaming("tick-none", kinds=["bid"])
    fields = [tick.field for tick in client.heard(TickPrice)]
    assert BID not in fields
    assert ASK in fields


def test_tick_zero() -> None:
    _, client = streaming("tick-zero", kinds=["bid"])
    assert bids(client) == [Decimal(0)]


def test_tick_minus_one() -> None:
    _, client = streaming("tick-minus-one", kinds=["bid"])
    assert bids(client) == [Decimal(-1)]


def test_tick_nan() -> None:
    _, client = streaming("tick-nan", kinds=["bid"])
    assert [reply for reply in client.all() if isinstance(reply, str) and "NaN" in reply]


def test_tick_crossed() -> None:
    scene, client = streaming("tick-crossed", nth=1)
    assert bids(client) == [Decimal("99.98")]
    show(scene, "99.99")
    assert bids(client) == [Decimal("100.05")]


def test_tick_stale() -> None:
    scene, client = streaming("tick-stale", kinds=["bid"], nth=2, delay="10s")
    client.all()
    show(scene, "99.97")
    show(scene, "99.96")
    assert bids(client) == [Decimal("99.96")]
    scene.pass_time(10)
    assert bids(client) == [Decimal("99.97")]


def test_tick_storm() -> None:
    _, client = streaming("tick-storm", kinds=["bid"], nth=1, ticks=400)
    assert bids(client) == [Decimal("99.98")] * 400


def test_stream_dead() -> None:
    scene, client = streaming("stream-dead", at="+30s")
    scene.pass_time(30)
    assert client.codes() == [2103, 2104]
    show(scene, "99.97")
    assert client.all() == []
    client.ask(CancelMarketData(9), RequestMarketData(10, AAPL))
    scene.pass_time(1)
    assert bids(client) == [Decimal("99.97")]


def test_farm_broken() -> None:
    scene, client = streaming("farm-broken", at="+30s", lasting="30s")
    scene.pass_time(30)
    assert client.codes() == [2103, 2105]
    show(scene, "99.97")
    assert client.all() == []
    scene.pass_time(30)
    assert client.codes() == [2104, 2106]
    show(scene, "99.96")
    assert bids(client) == [Decimal("99.96")]


def test_competing_login() -> None:
    scene, client = streaming("competing-login", at="+30s", lasting="60s")
    scene.pass_time(30)
    notices = client.heard(Notice)
    assert [(notice.req_id, notice.code) for notice in notices] == [(9, 10197)]
    show(scene, "99.97")
    assert client.all() == []
    scene.pass_time(60)
    assert bids(client) == [Decimal("99.97")]


def test_upstream_lost() -> None:
    scene, client = planned("upstream-lost", at="+30s", lasting="20s")
    client.place(1, limit_price=Decimal(100))
    client.all()
    scene.pass_time(30)
    assert client.codes() == [1100]
    con_id = scene.gateway.market.find(AAPL)[0].con_id
    scene.gateway.market.inject(con_id, ask=Decimal("99.99"))
    scene.pass_time(19)
    assert client.all() == []
    scene.pass_time(2)
    heard = client.all()
    codes = [reply.code for reply in heard if isinstance(reply, Notice)]
    assert codes[0] == 1102
    assert [reply for reply in heard if isinstance(reply, ExecutionDetails)]


def test_nightly_restart() -> None:
    scene, client = planned("nightly-restart", at="+30s", down="60s")
    client.place(1)
    scene.pass_time(30)
    assert client.ended == "closed"
    client.leave()
    was_accepting = scene.gateway.accepting
    scene.pass_time(60)
    assert (was_accepting, scene.gateway.accepting) == (False, True)
    assert len(living(scene.join())) == 1


def test_every_fault_is_shown_under_its_name() -> None:
    shown = {name for name in (*globals(), *vars(test_client_orders)) if name.startswith("test_")}
    missing = {fault.name for fault in CATALOGUE} - {
        name.removeprefix("test_").replace("_", "-") for name in shown
    }
    assert missing == set()


def test_a_strike_stands_in_the_audit() -> None:
    scene, client = planned("placement-swallowed")
    client.place(1)
    lines: list[dict[str, Any]] = [json.loads(line) for line in scene.audit]
    (fault,) = [line for line in lines if line["what"] == "fault"]
    assert (fault["name"], fault["subject"], fault["ref"]) == (
        "placement-swallowed",
        "order 1 ref-1",
        "ref-1",
    )


def test_last_bytes_may_or_may_not_have_been_read() -> None:
    read: set[int] = set()
    scene = Scene(profile=PESSIMISTIC)
    for client_id in range(1, 21):
        before = len(living(scene.join(100 + client_id)))
        client = scene.join(client_id)
        for order_id in range(1, 4):
            client.place(order_id)
        client.leave()
        read.add(len(living(scene.join(200 + client_id))) - before)
    assert read == {0, 1, 2, 3}
